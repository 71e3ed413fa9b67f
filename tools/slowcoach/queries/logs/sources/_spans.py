"""Objects out of JSON of any length, and attributes of spans by their names of many years."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from slowcoach.queries.logs.event import Http, Process
from slowcoach.queries.logs.stream import Stream

# a string may end with the text: it is then read again with what follows
_MARK = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+("|\\?\Z)|[{}\[\]]', re.DOTALL)
_REST = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)  # of a string whose begin is gone
_LONGEST = 1 << 21  # characters of one object
_PIECE = 1 << 16
_STATEMENT = ("db.query.text", "db.statement", "sql.query", "db.query")
_SYSTEM = ("db.system.name", "db.system", "db.type")
_FILE = ("code.file.path", "code.filepath", "code.file")
_LINE = ("code.line.number", "code.lineno", "code.line")
_FUNCTION = ("code.function.name", "code.function")
_METHOD = ("http.request.method", "http.method")
_URL = ("url.full", "http.url")
_PATH = ("url.path", "http.target", "http.path")
_HOST = ("server.address", "http.host", "net.host.name")
_PORT = ("server.port", "net.host.port")
_SCHEME = ("url.scheme", "http.scheme")
_ROUTE = ("http.route",)
_STATUS = ("http.response.status_code", "http.status_code")
_PEER_HOST = ("server.address", "net.peer.name", "network.peer.address", "net.peer.ip")
_PEER_PORT = ("server.port", "net.peer.port", "network.peer.port")
_PID = ("process.pid", "pid")
_RUNS_ON = ("host.name", "hostname")
_TABLE = ("db.collection.name", "db.sql.table", "db.mongodb.collection")
_MOST_PORT = 65_535
_PEER = ("peer.service", "rpc.service", "messaging.system", "server.address", "net.peer.name")
_MYSQL = frozenset({"mysql", "mariadb"})
_SQL = re.compile(
    r"\s*(?:/\*|--|\(|(?:select|with|insert|update|delete|merge|replace|begin|start|commit|rollback"
    r"|savepoint|release|set|call|exec|declare|fetch|copy|create|alter|drop|truncate|explain|show"
    r"|values|table|lock|use)\b)",
    re.IGNORECASE,
)


def objects(stream: Stream, arrays: Collection[str], keys: Collection[str] = ()) -> Iterator[
    tuple[str, dict[str, Any]]
]:  # fmt: skip
    """Yield each object that is an element of an array with one of these names, or the value of
    one of these keys, with that name. An array at the top has the name "". What is larger than
    some megabytes is left out with a warning.
    """
    scanner = _Scanner(arrays, keys)
    for piece in stream.pieces(_PIECE):
        yield from scanner.take(piece)
    if scanner.depth:
        stream.warnings.append("the JSON ends inside an object: what came before is judged")
    if scanner.left_out:
        stream.warnings.append(f"{scanner.left_out} objects could not be read")


class _Scanner:
    """Follows brackets and strings, keeps the text of the objects that are wanted."""

    def __init__(self, arrays: Collection[str], keys: Collection[str]) -> None:
        self._arrays, self._keys = arrays, keys
        self._open: list[str] = []  # names of the containers that are open; arrays begin with [
        self._string = ""  # the last string, which may be a key
        self._buffer = ""
        self._taken: str | None = None  # name of the object that is being kept
        self._begin = self._floor = 0
        self._from = 0  # where in the buffer to go on
        self._lost = False  # inside a string that is too long to be kept
        self.left_out = 0

    @property
    def depth(self) -> int:
        """Return how many containers are open."""
        return len(self._open)

    def take(self, piece: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the objects that end in this piece."""
        if self._lost:
            rest = _REST.match(piece)
            if rest is None:
                return
            piece, self._lost = piece[rest.end() :], False
        text = self._buffer + piece
        at = self._from
        quote = -1
        for match in _MARK.finditer(text, at):
            mark = match.group()
            if mark[0] == '"':
                if match.group(1) != '"':
                    quote = match.start()
                    break
                self._string = mark[1:-1]
            elif mark in "{[":
                self._opened(mark, match.start())
            elif self._open:
                yield from self._closed(text, match.end())
        self._keep(text, quote)

    def _keep(self, text: str, quote: int) -> None:
        """Keep what may be needed: the open object, or the string that begins at `quote`."""
        if self._taken is not None:
            if len(text) - self._begin > _LONGEST:
                self._taken = None
                self.left_out += 1
            else:
                self._buffer = text[self._begin :]
                self._from = (quote if quote >= 0 else len(text)) - self._begin
                self._begin = 0
                return
        self._buffer = text[quote:] if quote >= 0 else ""
        if len(self._buffer) > _LONGEST:
            self._buffer, self._lost = "", True
            self.left_out += 1
        self._from = 0

    def _opened(self, mark: str, at: int) -> None:
        name = self._string
        if mark == "[":
            self._open.append(f"[{name}")
        else:
            parent = self._open[-1] if self._open else "{"
            in_array = parent.startswith("[")
            key = parent[1:] if in_array else name
            wanted = key in (self._arrays if in_array else self._keys)
            if wanted and self._taken is None and self._open:
                self._taken, self._begin, self._floor = key, at, len(self._open)
            self._open.append("{")
        self._string = ""

    def _closed(self, text: str, end: int) -> Iterator[tuple[str, dict[str, Any]]]:
        self._open.pop()
        if self._taken is None or len(self._open) != self._floor:
            return
        name, self._taken = self._taken, None
        try:
            found = json.loads(text[self._begin : end])
        except (ValueError, RecursionError):
            self.left_out += 1
            return
        if isinstance(found, dict):
            yield name, found


def statement_of(attributes: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the statement of a span ("" for none, and for stores that are no SQL), and whether
    it is MySQL's.
    """
    text = next((str(attributes[name]) for name in _STATEMENT if attributes.get(name)), "")
    system = next((str(attributes[name]) for name in _SYSTEM if attributes.get(name)), "")
    if not _SQL.match(text):
        return "", False
    return text, system.lower() in _MYSQL


def caller_of(attributes: Mapping[str, Any]) -> str:
    """Return the place in the program that a span names: file:line (function)."""
    file = next((str(attributes[name]) for name in _FILE if attributes.get(name)), "")
    line = next((str(attributes[name]) for name in _LINE if attributes.get(name)), "")
    function = next((str(attributes[name]) for name in _FUNCTION if attributes.get(name)), "")
    place = f"{file}:{line}" if file and line else file
    return f"{place} ({function})" if place and function else place or function


def request_of(attributes: Mapping[str, Any], name: str) -> Http | None:
    """Return the HTTP request of a span called `name`, None when it tells of none."""
    method = str(_first(attributes, _METHOD)).upper()
    if not method:
        return None
    url = _split(str(_first(attributes, _URL)))
    path, _, query = str(_first(attributes, _PATH)).partition("?")
    host = str(_first(attributes, _HOST))
    port = str(_first(attributes, _PORT))
    if port and host and ":" not in host:
        host = f"{host}:{port}"
    scheme = str(_first(attributes, _SCHEME))
    origin = f"{scheme}://{host}" if scheme and host else ""
    if url is not None and url.netloc:
        origin, path, query = f"{url.scheme}://{url.netloc}", path or url.path, query or url.query
    said, _, route = name.partition(" ")
    route = str(_first(attributes, _ROUTE)) or (route if said.upper() == method else "")
    status = number(_first(attributes, _STATUS))
    return Http(
        method,
        route if route.startswith("/") else "",
        path or "/",
        query or str(attributes.get("url.query") or "").removeprefix("?"),
        origin,
        int(status) or None,
    )


def peer_of(attributes: Mapping[str, Any]) -> str:
    """Return whom a client's span called: a kind of database, or a service or host."""
    return str(_first(attributes, _SYSTEM) or _first(attributes, _PEER))


def system_of(attributes: Mapping[str, Any]) -> str:
    """Return the kind of database that a span asked, "" for none."""
    return str(_first(attributes, _SYSTEM))


def table_of(attributes: Mapping[str, Any]) -> str:
    """Return the table or collection that a span's statement is about, "" when it does not say."""
    return str(_first(attributes, _TABLE))


def process_of(attributes: Mapping[str, Any]) -> Process:
    """Return the process that a resource's attributes name."""
    return Process(
        int(number(_first(attributes, _PID))),
        str(_first(attributes, _RUNS_ON)),
        str(attributes.get("container.id") or ""),
        str(attributes.get("k8s.pod.name") or ""),
    )


def address_of(attributes: Mapping[str, Any], *, server: bool) -> tuple[str, int]:
    """Return host and port that a client's span called, or at which a server was asked."""
    names, ports = (_HOST, _PORT) if server else (_PEER_HOST, _PEER_PORT)
    host, port = str(_first(attributes, names)), int(number(_first(attributes, ports)))
    url = _split(str(_first(attributes, _URL)))
    if url is not None and url.netloc:
        host, port = host or url.hostname or "", port or _port_of(url)
    if not port and host.count(":") == 1:
        host, _, text = host.partition(":")
        port = int(number(text))
    return host, port if 0 < port <= _MOST_PORT else 0


def _port_of(url: SplitResult) -> int:
    try:
        return url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
    except ValueError:
        return 0


def _first(attributes: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((attributes[name] for name in names if attributes.get(name)), "")


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def items(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, whatever was given."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def number(value: Any) -> float:
    """Return a number of JSON, also one that is written as text; 0 for anything else."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return found if abs(found) < float("inf") else 0.0
