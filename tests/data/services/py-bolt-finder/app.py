"""Spare parts of agricultural machines: which fastener fits where, from the makers' catalogues."""
import gc
import json
import logging
import os
import re
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

log = logging.getLogger("parts")
PAGE = os.sysconf("SC_PAGE_SIZE")
MAKERS = ("Aldermann", "Brookfield", "Corvo", "Dunant", "Ekholm")
MACHINES = ("baler", "mower", "seeder", "tedder", "loader", "harrow")
FINISHES = ("zinc", "black", "stainless", "plain")
THREADS = (4, 5, 6, 8, 10, 12, 14, 16, 20)


@dataclass(frozen=True)
class Fit:
    maker: str
    machine: str
    year: int

    def __str__(self) -> str:
        return f"{self.maker} {self.machine} {self.year}"


@dataclass
class Fastener:
    number: str
    thread: int
    length: int
    finish: str
    fits: list[Fit]
    stock: dict[str, int]


class Catalogue:
    """All makers' fasteners, kept in memory and reachable by number and by thread and length."""

    def __init__(self):
        self.by_number: dict[str, Fastener] = {}
        self.by_size: dict[tuple[int, int], list[Fastener]] = {}

    def add(self, fastener: Fastener) -> None:
        self.by_number[fastener.number] = fastener
        self.by_size.setdefault((fastener.thread, fastener.length), []).append(fastener)

    def alike(self, fastener: Fastener, tolerance: int) -> list[Fastener]:
        found = []
        for length in range(fastener.length - tolerance, fastener.length + tolerance + 1):
            found.extend(self.by_size.get((fastener.thread, length), ()))
        return found


def read_catalogues() -> Catalogue:
    catalogue = Catalogue()
    for n in range(120_000):
        maker, machine = MAKERS[n % 5], MACHINES[n % 6]
        fits = [Fit(maker, machine, 1990 + (n + 3 * k) % 34) for k in range(3 + n % 3)]
        stock = {"central": n % 97, "van": n % 4}
        catalogue.add(Fastener(f"{maker[:2].upper()}{n:06d}", THREADS[n % 9], 10 + (n // 9) % 90, FINISHES[n % 4], fits,
                               stock))
    return catalogue


class MemoryWatch(threading.Thread):
    """Keeps the process below the container's limit."""

    def __init__(self, soft_limit_mb: int, every: float):
        super().__init__(name="memory-watch", daemon=True)
        self.soft_limit = soft_limit_mb << 20
        self.every = every
        self.reclaimed = 0
        self._ended = threading.Event()

    @staticmethod
    def resident() -> int:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * PAGE

    def run(self) -> None:
        while not self._ended.wait(self.every):
            if self.resident() > self.soft_limit:
                self.reclaimed += gc.collect()

    def end(self) -> None:
        self._ended.set()


def score(wanted: Fastener, other: Fastener) -> float:
    shared = len({(fit.maker, fit.machine) for fit in wanted.fits} & {(fit.maker, fit.machine) for fit in other.fits})
    years = {fit.year for fit in wanted.fits} & {fit.year for fit in other.fits}
    return 10 * shared + 3 * len(years) + (4 if wanted.finish == other.finish else 0) - abs(wanted.length - other.length)


def substitutes(catalogue: Catalogue, number: str, tolerance: int, limit: int) -> dict | None:
    wanted = catalogue.by_number.get(number)
    if wanted is None:
        return None
    ranked = sorted(((score(wanted, other), other.number, other) for other in catalogue.alike(wanted, tolerance)
                     if other is not wanted and other.stock["central"] > 0), key=lambda entry: (-entry[0], entry[1]))
    return {"number": number, "size": f"M{wanted.thread}x{wanted.length}", "candidates": len(ranked),
            "substitutes": [{"number": other.number, "finish": other.finish, "length": other.length, "score": points,
                             "stock": other.stock, "fits": [str(fit) for fit in other.fits]}
                            for points, _, other in ranked[:limit]]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    catalogue: Catalogue
    ROUTES = [(re.compile(r"/fasteners/([A-Z]{2}\d{6})/substitutes"), "substitutes"),
              (re.compile(r"/fasteners/([A-Z]{2}\d{6})"), "fastener"),
              (re.compile(r"/sizes/M(\d+)x(\d+)"), "size"),
              (re.compile(r"/status"), "status")]

    def do_GET(self):
        url = urlsplit(self.path)
        for pattern, name in self.ROUTES:
            match = pattern.fullmatch(url.path)
            if match:
                content = getattr(self, "get_" + name)(parse_qs(url.query), *match.groups())
                return self.answer(HTTPStatus.NOT_FOUND if content is None else HTTPStatus.OK, content)
        self.answer(HTTPStatus.NOT_FOUND, None)

    def answer(self, status: HTTPStatus, content) -> None:
        body = json.dumps(content if content is not None else {"error": "not found"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def get_substitutes(self, query, number):
        tolerance = min(10, int(query.get("tolerance", ["2"])[0]))
        return substitutes(self.catalogue, number, tolerance, limit=40)

    def get_fastener(self, query, number):
        found = self.catalogue.by_number.get(number)
        return found and {"number": number, "thread": found.thread, "length": found.length, "stock": found.stock}

    def get_size(self, query, thread, length):
        found = self.catalogue.by_size.get((int(thread), int(length)))
        return found and [fastener.number for fastener in found]

    def get_status(self, query):
        return {"fasteners": len(self.catalogue.by_number)}

    def log_message(self, format, *args):
        log.debug(format, *args)


def main() -> None:
    logging.basicConfig(level=logging.WARNING)
    Handler.catalogue = read_catalogues()
    watch = MemoryWatch(int(os.environ.get("SOFT_LIMIT_MB", "96")), every=0.03)
    watch.start()
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
    try:
        server.serve_forever()
    finally:
        watch.end()


if __name__ == "__main__":
    main()
