"""Stock of hire tents over the depots of a camping outfitter."""
import itertools
import json
import os
import random
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOWNS = ["Bergen", "Flam", "Voss", "Odda", "Stryn", "Geilo"]
ITEMS = ["tent-2", "tent-4", "tent-6", "stove", "sledge"]
KEEP_MOVES = 400


class NotFound(Exception):
    pass


@dataclass
class Move:
    number: int
    item: str
    amount: int
    partner: str
    at: float


@dataclass
class Depot:
    town: str
    stock: dict[str, int]
    moves: list[Move] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def turnover(self, item: str) -> int:
        return sum(abs(move.amount) for move in self.moves if move.item == item)

    def book(self, move: Move) -> None:
        self.stock[move.item] += move.amount
        self.moves.append(move)
        if len(self.moves) > KEEP_MOVES:
            del self.moves[:-KEEP_MOVES]


class Waybills:
    """One line for each transport, for the drivers' printer."""

    def __init__(self, path: str):
        self._file = open(path, "a", buffering=1)

    def add(self, source: str, target: str, item: str, amount: int) -> None:
        self._file.write(f"{time.strftime('%F %T')} {source} -> {target}: {amount} x {item}\n")


class Outfitter:
    def __init__(self):
        self._waybills = Waybills("waybills.txt")
        dice = random.Random(17)
        self.depots = {town: Depot(town, {item: dice.randint(40, 90) for item in ITEMS}) for town in TOWNS}
        self._numbers = itertools.count(1)
        for depot in self.depots.values():
            depot.moves = [Move(0, dice.choice(ITEMS), dice.randint(1, 4), "-", 0.0) for _ in range(KEEP_MOVES)]

    def depot(self, town: str) -> Depot:
        if town not in self.depots:
            raise NotFound(town)
        return self.depots[town]

    def by_stock(self, item: str) -> list[Depot]:
        if item not in ITEMS:
            raise NotFound(item)
        return sorted(self.depots.values(), key=lambda depot: depot.stock[item])

    def move(self, source: Depot, target: Depot, item: str, amount: int) -> Move | None:
        with source.lock:
            spare = source.stock[item] - self.reserve(source, item)
            amount = min(amount, spare)
            if amount <= 0:
                return None
            self._waybills.add(source.town, target.town, item, amount)
            with target.lock:
                number, now = next(self._numbers), time.time()
                source.book(Move(number, item, -amount, target.town, now))
                arrived = Move(number, item, amount, source.town, now)
                target.book(arrived)
                return arrived

    @staticmethod
    def reserve(depot: Depot, item: str) -> int:
        """What a depot keeps for itself: more where more of it goes out."""
        return min(12, 2 + depot.turnover(item) // 50)

    def balance(self, item: str) -> list[dict]:
        """Sends from the fullest depots to the emptiest."""
        done = []
        ranked = self.by_stock(item)
        for poor, rich in zip(ranked[:2], reversed(ranked[-2:])):
            gap = rich.stock[item] - poor.stock[item]
            moved = self.move(rich, poor, item, max(1, gap * 2 // 3))
            if moved:
                done.append({"number": moved.number, "from": rich.town, "to": poor.town, "amount": moved.amount})
        return done

    def overview(self) -> dict:
        return {town: dict(depot.stock) for town, depot in self.depots.items()}


OUTFITTER = Outfitter()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def answer(self, status: int, content) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def document(self) -> dict:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")

    def do_GET(self):
        path = self.path.strip("/").split("/")
        try:
            if path == ["healthz"]:
                self.answer(200, {"status": "ok"})
            elif path == ["stock"]:
                self.answer(200, OUTFITTER.overview())
            elif path[0] == "depots" and len(path) == 2:
                depot = OUTFITTER.depot(path[1])
                self.answer(200, {"town": depot.town, "stock": depot.stock, "moves": len(depot.moves)})
            else:
                self.answer(404, {"error": "no such page"})
        except NotFound as error:
            self.answer(404, {"error": str(error)})

    def do_POST(self):
        try:
            order = self.document()
            if self.path == "/balance":
                self.answer(200, {"moves": OUTFITTER.balance(order["item"])})
            elif self.path == "/moves":
                moved = OUTFITTER.move(OUTFITTER.depot(order["from"]), OUTFITTER.depot(order["to"]), order["item"],
                                       int(order["amount"]))
                self.answer(201 if moved else 409, {"number": moved.number if moved else None})
            else:
                self.answer(404, {"error": "no such page"})
        except NotFound as error:
            self.answer(404, {"error": str(error)})
        except (KeyError, ValueError) as error:
            self.answer(400, {"error": str(error)})


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
