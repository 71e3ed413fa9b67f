"""Turnstiles of a ski area: is this pass good here and now, and who went up where."""
import asyncio
import os
import sqlite3
import tempfile
import threading
import time
from datetime import date, timedelta

from quart import Quart, abort, jsonify, request

from partners import Partners

DB = os.path.join(tempfile.mkdtemp(prefix="gates-"), "passes.db")
LIFTS = {"G1": "Gondola", "C4": "Crest chair", "T2": "Valley drag", "F1": "Funicular"}
ZONES = {"G1": "mountain", "C4": "mountain", "T2": "valley", "F1": "mountain"}

app = Quart(__name__)


class PassStore:
    """SQLite file of the passes; one connection a thread."""

    def __init__(self, path: str):
        self._path = path
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite3.connect(self._path)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = OFF")
        return connection

    def fill(self, count: int) -> None:
        db = self._connection()
        db.execute("CREATE TABLE passes (number TEXT PRIMARY KEY, holder TEXT, zone TEXT, valid_to TEXT, blocked INT)")
        today = date.today()
        db.executemany("INSERT INTO passes VALUES (?, ?, ?, ?, ?)", (
            (f"P{i:06d}", f"Guest {i}", ("mountain", "valley", "all")[i % 3], str(today + timedelta(days=i % 14)),
             int(i % 97 == 0)) for i in range(count)))
        db.commit()

    def find(self, number: str) -> sqlite3.Row | None:
        return self._connection().execute("SELECT * FROM passes WHERE number = ?", (number,)).fetchone()

    def block(self, number: str) -> int:
        db = self._connection()
        changed = db.execute("UPDATE passes SET blocked = 1 WHERE number = ?", (number,)).rowcount
        db.commit()
        return changed


class Passages:
    def __init__(self, keep: int = 500):
        self._keep = keep
        self._recent: list[dict] = []
        self._counts = dict.fromkeys(LIFTS, 0)
        self._number = 0

    def add(self, lift: str, number: str) -> dict:
        self._number += 1
        self._counts[lift] += 1
        passage = {"passage": self._number, "lift": lift, "pass": number, "at": round(time.time(), 3)}
        self._recent.append(passage)
        if len(self._recent) > self._keep:
            del self._recent[: -self._keep]
        return passage

    def counts(self) -> dict[str, int]:
        return dict(self._counts)

    def recent(self, lift: str, limit: int) -> list[dict]:
        return [p for p in reversed(self._recent) if p["lift"] == lift][:limit]


store = PassStore(DB)
passages = Passages()
partners = Partners()


def refusal(found: sqlite3.Row | None, lift: str) -> str | None:
    if found is None:
        return "unknown"
    if found["blocked"]:
        return "blocked"
    if found["valid_to"] < date.today().isoformat():
        return "expired"
    if found["zone"] not in ("all", ZONES[lift]):
        return "zone"
    return None


@app.before_serving
async def prepare() -> None:
    await asyncio.to_thread(store.fill, 20000)


@app.post("/lifts/<lift>/passages")
async def passage(lift: str):
    if lift not in LIFTS:
        abort(404)
    number = (await request.get_json())["pass"]
    found = await asyncio.to_thread(store.find, number)
    reason = refusal(found, lift)
    if reason:
        return jsonify({"open": False, "reason": reason}), 200
    entry = passages.add(lift, number)
    partners.announce(entry)
    return jsonify({"open": True, "passage": entry["passage"], "holder": found["holder"]}), 201


@app.get("/lifts/<lift>/passages")
async def recent(lift: str):
    if lift not in LIFTS:
        abort(404)
    return jsonify(passages.recent(lift, request.args.get("limit", 20, int)))


@app.post("/passes/<number>/block")
async def block(number: str):
    if not await asyncio.to_thread(store.block, number):
        abort(404)
    return "", 204


@app.get("/counts")
async def counts():
    return jsonify({"lifts": passages.counts(), "partners": dict(partners.sent)})


@app.get("/healthz")
async def healthz():
    return jsonify({"status": "ok"})


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
