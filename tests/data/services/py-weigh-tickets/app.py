"""Weighbridge of a gravel works: tickets for lorries that leave loaded.

Ticket numbers run without a gap within a year and a series, as the tax office demands.
"""
import functools
import http.client
import json
import os
import re
import threading
import time
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MATERIALS = {"gravel-8": 17.40, "gravel-16": 16.90, "sand": 14.20, "ballast": 19.75, "topsoil": 11.30}
MAX_GROSS = 44_000
VAT = 0.19


class Refused(Exception):
    def __init__(self, status: int, reason: str):
        super().__init__(reason)
        self.status = status


class ArchiveClient:
    """Keeps one connection for each thread of the server."""

    def __init__(self, host: str, port: int):
        self._address = host, port
        self._local = threading.local()

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection(*self._address, timeout=5)
        return self._local.connection

    def put(self, name: str, document: dict) -> str:
        connection = self._connection()
        try:
            connection.request("PUT", f"/tickets/{name}", json.dumps(document).encode())
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise Refused(502, "the archive does not answer") from None
        if answer.status != 201:
            raise Refused(502, f"archive: {answer.status}")
        return json.loads(content)["receipt"]


@dataclass
class Ticket:
    number: str
    plate: str
    material: str
    net: int
    amount: float
    issued: float = field(default_factory=time.time)
    receipt: str = ""


def serialized(method):
    """One caller at a time for each instance."""
    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        with self._guard:
            return method(self, *args, **kwargs)
    return wrapper


class Series:
    """The tickets of one scale; a number is only used up when its ticket is archived."""

    def __init__(self, prefix: str, archive: ArchiveClient):
        self.prefix = prefix
        self._archive = archive
        self._guard = threading.RLock()
        self._last = 0
        self._recent: dict[str, Ticket] = {}

    def _label(self, number: int) -> str:
        return f"{self.prefix}-{time.gmtime().tm_year}-{number:06d}"

    @serialized
    def issue(self, plate: str, material: str, net: int, amount: float) -> Ticket:
        ticket = Ticket(self._label(self._last + 1), plate, material, net, amount)
        ticket.receipt = self._archive.put(ticket.number, asdict(ticket))
        self._last += 1
        self._remember(ticket)
        return ticket

    @serialized
    def _remember(self, ticket: Ticket) -> None:
        self._recent[ticket.number] = ticket
        while len(self._recent) > 200:
            del self._recent[next(iter(self._recent))]

    @serialized
    def find(self, number: str) -> Ticket | None:
        return self._recent.get(number)

    @serialized
    def summary(self) -> dict:
        tons = sum(t.net for t in self._recent.values()) / 1000
        return {"series": self.prefix, "last": self._last, "recent_tons": round(tons, 2)}


class Weighbridge:
    def __init__(self, archive: ArchiveClient):
        self.series = {scale: Series(scale.upper(), archive) for scale in ("north", "south")}
        self._tares = {f"LG-{n:03d}": 11_000 + n * 37 % 4_000 for n in range(400)}

    def weigh_out(self, scale: str, order: dict) -> Ticket:
        if scale not in self.series:
            raise Refused(404, "no such scale")
        plate, material, gross = self._checked(order)
        net = gross - self._tares[plate]
        amount = round(net / 1000 * MATERIALS[material] * (1 + VAT), 2)
        return self.series[scale].issue(plate, material, net, amount)

    def _checked(self, order: dict) -> tuple[str, str, int]:
        try:
            plate, material, gross = order["plate"], order["material"], int(order["gross"])
        except (KeyError, TypeError, ValueError):
            raise Refused(400, "plate, material and gross are needed") from None
        if plate not in self._tares:
            raise Refused(409, "this lorry was not weighed empty")
        if material not in MATERIALS:
            raise Refused(422, "no such material")
        if not self._tares[plate] < gross <= MAX_GROSS:
            raise Refused(422, "not a possible weight")
        return plate, material, gross


bridge = Weighbridge(ArchiveClient("127.0.0.1", int(os.environ["UPSTREAM_PORT"])))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _answer(self, status: int, content) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _route(self, method: str) -> tuple[int, object]:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if method == "GET" and self.path == "/healthz":
            return 200, {"status": "ok"}
        if method == "GET" and self.path == "/materials":
            return 200, MATERIALS
        match = re.fullmatch(r"/scales/(\w+)/tickets(?:/([\w-]+))?", self.path)
        if not match or match[1] not in bridge.series:
            raise Refused(404, "not found")
        if method == "POST" and match[2] is None:
            try:
                order = json.loads(body)
            except ValueError:
                raise Refused(400, "not JSON") from None
            return 201, asdict(bridge.weigh_out(match[1], order))
        series = bridge.series[match[1]]
        if match[2] is None:
            return 200, series.summary()
        ticket = series.find(match[2])
        if ticket is None:
            raise Refused(404, "no such ticket")
        return 200, asdict(ticket)

    def _serve(self) -> None:
        try:
            status, content = self._route(self.command)
        except Refused as refused:
            status, content = refused.status, {"error": str(refused)}
        self._answer(status, content)

    do_GET = do_POST = _serve

    def log_message(self, format, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


if __name__ == "__main__":
    Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
