"""HTTP/1.1 as a load generator needs it: a request as bytes, and a reader of responses that
keeps only their status and size. Nothing here reads or writes a socket.

Redirects are answers like any other; bodies are counted, not kept or decompressed.
"""

import re
from base64 import b64encode
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from slowcoach.core.errors import InputError
from slowcoach.core.permission import host_of
from slowcoach.load.model import Request

_HEAD_LIMIT = 64 * 1024
_LINE_LIMIT = 8 * 1024
_MOST_INTERIM = 16  # answers of 1xx before the real one
_FIRST_FINAL_STATUS = 200
_SWITCHING = 101
_LINE_END = 2
_STATUS_DIGITS = 3
_BODILESS = frozenset({204, 304})
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNK = re.compile(rb"[0-9a-f]{1,15}", re.IGNORECASE)
_NOT_IN_HEADER = re.compile(r"[^\x01-\x09\x0b\x0c\x0e-\xff]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
URL_SAFE = "/:?#[]@!$&'()*+,;=%~"
_PORTS = {"http": 80, "https": 443}
_SENDS_BODY = frozenset({"POST", "PUT", "PATCH"})
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})


class ProtocolError(Exception):
    """The server's bytes are not an HTTP/1.x response to what was asked."""


class Wire(NamedTuple):
    """A request ready to send, and where to: `data` goes out as it is.

    `keep` bytes of the answer's body, and its head, are kept for who takes values from them.
    """

    host: str
    port: int
    tls: bool
    data: bytes
    bodiless: bool
    idempotent: bool
    keep: int = 0


def encode(request: Request) -> Wire:
    """Return the request's bytes and address; raises InputError for what cannot be sent."""
    host = _ascii(host_of(request.url))
    parts = urlsplit(request.url)
    method = request.method.upper()
    if not _TOKEN.fullmatch(method):
        raise InputError(f"method {request.method!r}: not an HTTP method", hint="GET, POST, ...")
    path = quote(parts.path or "/", safe=URL_SAFE)
    if parts.query:
        path += "?" + quote(parts.query, safe=URL_SAFE)
    lines = [f"{method} {path} HTTP/1.1", *_header_lines(request, method, host, parts.port)]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return Wire(
        host=host,
        port=parts.port or _PORTS[parts.scheme],
        tls=parts.scheme == "https",
        data=head + (request.body or b""),
        bodiless=method == "HEAD",
        idempotent=method in _IDEMPOTENT,
    )


def _ascii(host: str) -> str:
    """Return a host name of any script as DNS knows it."""
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise InputError(f"host {host!r}: not a host name", hint="Check the URL") from None


def _header_lines(request: Request, method: str, host: str, port: int | None) -> list[str]:
    given = {name.lower() for name in request.headers}
    name = f"[{host}]" if ":" in host else host
    own = {"Host": f"{name}:{port}" if port else name, "User-Agent": "slowcoach", "Accept": "*/*"}
    parts = urlsplit(request.url)
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        own["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    if request.body is not None or method in _SENDS_BODY:
        own["Content-Length"] = str(len(request.body or b""))
    merged = {k: v for k, v in own.items() if k.lower() not in given} | dict(request.headers)
    for key, value in merged.items():
        if not _TOKEN.fullmatch(key) or not is_header_value(value):
            raise InputError(
                f"header {key!r}: expected a name and one line of Latin-1 text",
                hint="Take line breaks and other scripts out of the header",
            )
    return [f"{key}: {value}" for key, value in merged.items()]


def is_header_value(value: str) -> bool:
    """Tell whether a text can stand in a header: one line of Latin-1."""
    return not _NOT_IN_HEADER.search(value)


class Head(NamedTuple):
    """What a response's head says: how its body ends (`mode`), its `length`, and whether the
    connection closes after it.
    """

    status: int
    mode: str
    length: int
    close: bool


_HEADS: dict[bytes, Head] = {}  # servers answer with the same head over and over
_MOST_HEADS = 256
_LONGEST_KEPT_HEAD = 2048


class ResponseReader:
    """Reads responses from bytes as they come, one at a time; no input or output of its own.

    Once `feed` or `end` returned True, `status`, `size` (of the body) and `keep_alive` tell of
    the response, and `head` and `body` hold what was to be kept.
    """

    __slots__ = (
        "_bodiless",
        "_buffer",
        "_interim",
        "_keep",
        "_left",
        "_mode",
        "begun",
        "body",
        "head",
        "keep_alive",
        "size",
        "status",
    )

    def __init__(self) -> None:
        self.head = self.body = b""
        self.status = 0
        self.expect()

    def expect(self, *, bodiless: bool = False, keep: int = 0) -> None:
        """Prepare for the next response; `bodiless` when it answers HEAD."""
        self._bodiless = bodiless
        self._keep = keep
        self._mode = "head"
        self._buffer = b""
        if self.head:
            self.head = self.body = b""
        self._left = self._interim = self.size = 0
        self.begun = False

    def feed(self, data: bytes) -> bool:
        """Take bytes; tell whether the response is whole. Raises ProtocolError."""
        self.begun = True
        if self._buffer:
            data, self._buffer = self._buffer + data, b""
        while self._mode == "head":
            end = data.find(b"\r\n\r\n")
            if end < 0:
                _limit(data, _HEAD_LIMIT)
                self._buffer = data
                return False
            self._take_head(data[:end])
            data = data[end + 4 :]
        if self._mode == "chunked":
            return self._chunks(data)
        self.size += len(data)
        if self._keep and data:
            self._keep_part(data)
        if self._mode == "until close":
            return False
        self._left -= len(data)
        if self._left < 0:
            raise ProtocolError("more bytes than the response has")
        return not self._left

    def end(self) -> bool:
        """Tell whether the end of the connection is the end of the response."""
        return self._mode == "until close"

    def _keep_part(self, data: bytes) -> None:
        self.body += data[: self._keep - len(self.body)]

    def _take_head(self, head: bytes) -> None:
        read = _HEADS.get(head)
        if read is None:
            read = _read_head(head.lower())
            if len(head) <= _LONGEST_KEPT_HEAD:
                if len(_HEADS) >= _MOST_HEADS:
                    _HEADS.clear()
                _HEADS[head] = read
        if read.status < _FIRST_FINAL_STATUS:
            self._interim += 1  # 100 Continue, 103 Early Hints: the real head follows
            if self._interim > _MOST_INTERIM:
                raise ProtocolError("answers of 1xx without end")
            return
        self.status, self._mode, self._left, close = read
        if self._bodiless:
            self._mode, self._left = "length", 0
        self.keep_alive = not (close or self._mode == "until close")
        if self._keep:
            self.head = head

    def _chunks(self, data: bytes) -> bool:
        """Walk over chunks: `_left` is what remains of one with its line end, -1 in trailers."""
        at = 0
        while True:
            if self._left > 0:
                at += self._skip(data, at)
            end = data.find(b"\r\n", at)
            if self._left > 0 or end < 0:
                self._buffer = data[at:]
                _limit(self._buffer, _LINE_LIMIT)
                return False
            line, at = data[at:end], end + 2
            if self._left == 0:
                self._open_chunk(line)
            elif not line:
                if at < len(data):
                    raise ProtocolError("more bytes than the response has")
                return True

    def _skip(self, data: bytes, at: int) -> int:
        """Pass over what has come of a chunk and return its length."""
        step = min(self._left, len(data) - at)
        if self._keep and self._left > _LINE_END:
            self._keep_part(data[at : at + min(step, self._left - _LINE_END)])
        self._left -= step
        return step

    def _open_chunk(self, line: bytes) -> None:
        digits = line.split(b";", 1)[0].strip()
        if not _CHUNK.fullmatch(digits):
            raise ProtocolError("chunk size is not a number")
        size = int(digits, 16)
        self.size += size
        self._left = size + _LINE_END if size else -1


def _read_head(head: bytes) -> Head:
    """Return what a head in small letters says; raises ProtocolError."""
    digits = head[9:12]
    if not head.startswith(b"http/1.") or not digits.isdigit() or len(digits) != _STATUS_DIGITS:
        raise ProtocolError("not an HTTP/1.x status line")
    status = int(digits)
    if status == _SWITCHING:
        raise ProtocolError("the server switched protocols")
    connection = header(head, b"connection")
    close = b"close" in connection or (
        head.startswith(b"http/1.0") and b"keep-alive" not in connection
    )
    if status < _FIRST_FINAL_STATUS or status in _BODILESS:
        return Head(status, "length", 0, close)
    if b"chunked" in header(head, b"transfer-encoding"):
        return Head(status, "chunked", 0, close)
    length = header(head, b"content-length")
    if not length:
        return Head(status, "until close", 0, True)
    if not _LENGTH.fullmatch(length):
        raise ProtocolError("content-length is not a number")
    return Head(status, "length", int(length), close)


def header(head: bytes, name: bytes) -> bytes:
    """Return the value of a header in a head of small letters, b"" without it."""
    line = b"\r\n" + name + b":"
    at = head.find(line)
    if at < 0:
        return b""
    start = at + len(line)
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip()


def _limit(data: bytes, limit: int) -> None:
    if len(data) > limit:
        raise ProtocolError("a head or a line has no end")
