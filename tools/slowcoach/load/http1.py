"""HTTP/1.1 as a load generator needs it: a request as bytes, and a reader of responses that
keeps only their status and size. Nothing here reads or writes a socket.

Redirects are answers like any other; bodies are counted, not kept or decompressed.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from slowcoach.core.errors import InputError
from slowcoach.core.permission import host_of
from slowcoach.load.model import Request

_HEAD_LIMIT = 64 * 1024
_LINE_LIMIT = 8 * 1024
_FIRST_FINAL_STATUS = 200
_SWITCHING = 101
_BODILESS = frozenset({204, 304})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_KEEP = "/:?#[]@!$&'()*+,;=%~"
_PORTS = {"http": 80, "https": 443}
_SENDS_BODY = frozenset({"POST", "PUT", "PATCH"})
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})


class ProtocolError(Exception):
    """The server's bytes are not an HTTP/1.x response to what was asked."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A request ready to send, and where to: `data` goes out as it is."""

    host: str
    port: int
    tls: bool
    data: bytes
    bodiless: bool
    idempotent: bool


def encode(request: Request) -> Wire:
    """Return the request's bytes and address; raises InputError for what cannot be sent."""
    host = _ascii(host_of(request.url))
    parts = urlsplit(request.url)
    method = request.method.upper()
    if not _TOKEN.fullmatch(method):
        raise InputError(f"method {request.method!r}: not an HTTP method", hint="GET, POST, ...")
    path = quote(parts.path or "/", safe=_KEEP)
    if parts.query:
        path += "?" + quote(parts.query, safe=_KEEP)
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
        if not _TOKEN.fullmatch(key) or any(c in value for c in "\r\n\0") or not _latin(value):
            raise InputError(
                f"header {key!r}: expected a name and one line of Latin-1 text",
                hint="Take line breaks and other scripts out of the header",
            )
    return [f"{key}: {value}" for key, value in merged.items()]


def _latin(value: str) -> bool:
    return all(ord(character) < 256 for character in value)  # noqa: PLR2004 - Latin-1's end


class Response(NamedTuple):
    """What is kept of a response."""

    status: int
    body_bytes: int
    keep_alive: bool


class ResponseReader:
    """Reads responses from bytes as they come, one at a time; no input or output of its own."""

    __slots__ = ("_bodiless", "_buffer", "_close", "_left", "_mode", "_size", "_status", "begun")

    def __init__(self) -> None:
        self.expect(bodiless=False)

    def expect(self, *, bodiless: bool) -> None:
        """Prepare for the next response; `bodiless` when it answers HEAD."""
        self._bodiless = bodiless
        self._buffer = b""
        self._mode = "head"
        self._left = self._size = self._status = 0
        self._close = False
        self.begun = False

    def feed(self, data: bytes) -> Response | None:
        """Take bytes; return the response once it is whole. Raises ProtocolError."""
        self.begun = True
        if self._buffer:
            data, self._buffer = self._buffer + data, b""
        while self._mode == "head":
            end = data.find(b"\r\n\r\n")
            if end < 0:
                _limit(data, _HEAD_LIMIT)
                self._buffer = data
                return None
            self._read_head(data[:end].lower())
            data = data[end + 4 :]
        if self._mode == "chunked":
            return self._response() if self._chunks(data) else None
        self._size += len(data)
        if self._mode == "until close":
            return None
        self._left -= len(data)
        if self._left < 0:
            raise ProtocolError("more bytes than the response has")
        return None if self._left else self._response()

    def end(self) -> Response | None:
        """Return the response when the end of the connection is its end, else None."""
        return self._response() if self._mode == "until close" else None

    def _response(self) -> Response:
        return Response(self._status, self._size, not self._close)

    def _read_head(self, head: bytes) -> None:
        if not head.startswith(b"http/1.") or not head[9:12].isdigit():
            raise ProtocolError("not an HTTP/1.x status line")
        self._status = status = int(head[9:12])
        if status == _SWITCHING:
            raise ProtocolError("the server switched protocols")
        if status < _FIRST_FINAL_STATUS:
            return  # 100 Continue, 103 Early Hints: the real head follows
        connection = _header(head, b"\r\nconnection:")
        self._close = b"close" in connection or (
            head.startswith(b"http/1.0") and b"keep-alive" not in connection
        )
        self._choose_body(head)

    def _choose_body(self, head: bytes) -> None:
        self._mode = "length"
        if self._bodiless or self._status in _BODILESS:
            return
        if b"chunked" in _header(head, b"\r\ntransfer-encoding:"):
            self._mode = "chunked"
            return
        length = _header(head, b"\r\ncontent-length:")
        if not length:
            self._mode, self._close = "until close", True
        elif length.isdigit():
            self._left = int(length)
        else:
            raise ProtocolError("content-length is not a number")

    def _chunks(self, data: bytes) -> bool:
        """Walk over chunks: `_left` is what remains of one with its line end, -1 in trailers."""
        at = 0
        while True:
            if self._left > 0:
                step = min(self._left, len(data) - at)
                self._left -= step
                at += step
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

    def _open_chunk(self, line: bytes) -> None:
        digits = line.split(b";", 1)[0].strip()
        try:
            size = int(digits, 16)
        except ValueError:
            size = -1
        if size < 0:
            raise ProtocolError("chunk size is not a number")
        self._size += size
        self._left = size + 2 if size else -1


def _header(head: bytes, name: bytes) -> bytes:
    """Return the value of a header in a head of small letters, b"" without it."""
    at = head.find(name)
    if at < 0:
        return b""
    start = at + len(name)
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip()


def _limit(data: bytes, limit: int) -> None:
    if len(data) > limit:
        raise ProtocolError("a head or a line has no end")
