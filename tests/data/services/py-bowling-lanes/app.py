"""Bowling alley: books lanes by the hour and holds a deposit on the guest's card."""
import http.client
import json
import os
import re
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

LANES = 18
GUESTS_A_LANE = 6
OPENING_HOURS = range(14, 24)
PRICES = {"weekday": 24.0, "weekend": 32.0}


class Refused(Exception):
    def __init__(self, status: int, reason: str):
        super().__init__(reason)
        self.status = status


@dataclass
class Booking:
    number: int
    day: date
    hour: int
    lanes: list[int]
    deposit: str
    price: float


@dataclass
class Evening:
    taken: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    bookings: int = 0

    def free(self, hour: int) -> list[int]:
        return [lane for lane in range(1, LANES + 1) if lane not in self.taken[hour]]


class Deposits:
    """The card terminal's service; a connection for each thread."""

    def __init__(self, port: int):
        self._port = port
        self._local = threading.local()

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        return self._local.connection

    def hold(self, card: str, amount: float) -> str:
        connection = self._connection()
        try:
            connection.request("POST", "/holds", json.dumps({"card": card, "amount": amount}),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            connection.close()
            raise Refused(502, "the terminal does not answer") from None
        if answer.status != 200:
            raise Refused(402, "card refused")
        return content["hold"]


class LanePlan:
    def __init__(self, deposits: Deposits):
        self._deposits = deposits
        self._lock = threading.Lock()
        self._evenings: dict[date, Evening] = defaultdict(Evening)
        self._last_number = 0

    def free(self, day: date, hour: int) -> list[int]:
        return self._evenings[day].free(hour)

    def book(self, day: date, hour: int, party: int, card: str) -> Booking:
        lanes_needed = -(-party // GUESTS_A_LANE)
        price = self.price(day) * lanes_needed
        with self._lock:
            evening = self._evenings[day]
            free = evening.free(hour)
            if len(free) < lanes_needed:
                evening.taken[hour].clear()     # the next shift's plan
                free = evening.free(hour)
            lanes = neighbours(free, lanes_needed)
            deposit = self._deposits.hold(card, round(price * 0.3, 2))
            evening.taken[hour].update(lanes)
            evening.bookings += 1
            self._last_number += 1
            return Booking(self._last_number, day, hour, lanes, deposit, price)

    @staticmethod
    def price(day: date) -> float:
        return PRICES["weekend" if day.weekday() >= 4 else "weekday"]


def neighbours(free: list[int], count: int) -> list[int]:
    for start in range(len(free) - count + 1):
        block = free[start:start + count]
        if block[-1] - block[0] == count - 1:
            return block
    return free[:count]


def parse_booking(body: bytes) -> tuple[date, int, int, str]:
    try:
        wish = json.loads(body)
        day, hour, party, card = date.fromisoformat(wish["day"]), int(wish["hour"]), int(wish["party"]), wish["card"]
    except (ValueError, KeyError, TypeError):
        raise Refused(400, "incomplete booking") from None
    if hour not in OPENING_HOURS or not 1 <= party <= 36 or not re.fullmatch(r"[a-z]-\d{3,8}", card):
        raise Refused(422, "not possible")
    return day, hour, party, card


class Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    plan: LanePlan

    def _send(self, status: int, content) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, handle) -> None:
        try:
            self._send(*handle())
        except Refused as refused:
            self._send(refused.status, {"error": str(refused)})

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/healthz":
            return self._send(200, {"status": "ok"})
        found = re.fullmatch(r"/lanes/(\d{4}-\d\d-\d\d)/(\d+)", path)
        if not found:
            return self._send(404, {"error": "not found"})
        self._answer(lambda: (200, {"free": self.plan.free(date.fromisoformat(found[1]), int(found[2]))}))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if urlsplit(self.path).path != "/lanes/bookings":
            return self._send(404, {"error": "not found"})
        self._answer(lambda: self._book(body))

    def _book(self, body: bytes):
        booking = self.plan.book(*parse_booking(body))
        return 201, {"number": booking.number, "lanes": booking.lanes, "price": booking.price, "deposit": booking.deposit,
                     "day": booking.day.isoformat(), "hour": booking.hour}

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    Desk.plan = LanePlan(Deposits(int(os.environ["UPSTREAM_PORT"])))
    ThreadingHTTPServer.request_queue_size = 64
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Desk).serve_forever()
