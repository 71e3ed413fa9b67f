"""Safe deposit boxes of a bank: visits to the vault, and the register that the auditors read."""
import itertools
import json
import os
import threading
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from flask import Flask, abort, jsonify, request
from waitress import serve

DATA = Path(os.environ.get("DATA_DIR", "protocols"))
CHECKS = ("identity document", "signature card", "mandate", "key number", "camera", "second officer")


class Protocol:
    """The protocol of one visit; it must be complete even when the branch loses its power."""

    def __init__(self, folder: Path, number: str, officer: str):
        self.number, self.officer = number, officer
        self.entries = 0
        self._copies = [open(folder / f"{number}.{kind}.jsonl", "x", encoding="utf-8") for kind in ("branch", "audit")]

    def note(self, event: str, **details) -> None:
        self.entries += 1
        moment = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        entry = {"at": moment, "entry": self.entries, "officer": self.officer, "event": event, **details}
        line = json.dumps(entry, sort_keys=True) + "\n"
        for copy in self._copies:
            copy.write(line)
            copy.flush()
            os.fsync(copy.fileno())

    def __enter__(self) -> "Protocol":
        return self

    def __exit__(self, *_) -> None:
        for copy in self._copies:
            copy.close()


@dataclass
class Box:
    number: int
    size: str
    renters: list[str]
    sealed: bool = False
    visits: list[dict] = field(default_factory=list)


class Vault:
    def __init__(self, boxes: int):
        self._boxes = {n: Box(n, ("small", "medium", "large")[n % 3], [f"C{n * 3 + k}" for k in range(1 + n % 3)])
                       for n in range(100, 100 + boxes)}
        self._guard = threading.Lock()

    def box(self, number: int) -> Box:
        return self._boxes.get(number) or abort(404)

    def enter(self, box: Box, visit: dict) -> int:
        with self._guard:
            box.visits.append(visit)
            del box.visits[:-20]
            return len(box.visits)

    def by_size(self) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for box in self._boxes.values():
            sizes[box.size] = sizes.get(box.size, 0) + 1
        return sizes


def admit(box: Box, customer: str, protocol: Protocol) -> list[str]:
    """Goes through the checks at the counter and gives back those that failed."""
    failed = []
    for check in CHECKS:
        passed = customer in box.renters if check == "mandate" else not (box.sealed and check == "key number")
        protocol.note("check", customer=customer, check=check, passed=passed)
        if not passed:
            failed.append(check)
    return failed


def list_items(items: list[dict], protocol: Protocol) -> int:
    total = 0
    for position, item in enumerate(items, 1):
        amount = int(item.get("count", 1))
        protocol.note("item shown", position=position, kind=item["kind"])
        protocol.note("item counted", position=position, count=amount, by=["officer", "customer"])
        protocol.note("item moved", position=position, moved=item.get("moved", "in"))
        total += amount if item.get("moved", "in") == "in" else -amount
    return total


app = Flask(__name__)
vault = Vault(900)
visit_numbers = itertools.count(1)


@app.post("/boxes/<int:number>/visits")
def visit(number):
    box = vault.box(number)
    asked = request.get_json()
    officer = request.headers.get("X-Officer", "desk-1")
    with Protocol(DATA, f"{number}-{os.getpid()}-{next(visit_numbers)}", officer) as protocol:
        protocol.note("visit asked", box=number, customer=asked["customer"])
        failed = admit(box, asked["customer"], protocol)
        if failed:
            protocol.note("visit refused", failed=failed)
            return jsonify(box=number, refused=failed), 403
        balance = list_items(asked.get("items", []), protocol)
        protocol.note("visit ended", balance=balance)
    visits = vault.enter(box, {"protocol": protocol.number, "officer": officer, "balance": balance})
    return jsonify(box=number, balance=balance, visits=visits, protocol=protocol.number), 201


@app.get("/boxes/<int:number>")
def show(number):
    box = vault.box(number)
    return jsonify(number=box.number, size=box.size, renters=box.renters, visits=box.visits[-5:])


@app.get("/boxes/sizes")
def sizes():
    return jsonify(vault.by_size())


@app.get("/alive")
def alive():
    return jsonify(status="ok")


if __name__ == "__main__":
    DATA.mkdir(parents=True, exist_ok=True)
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8, _quiet=True)
