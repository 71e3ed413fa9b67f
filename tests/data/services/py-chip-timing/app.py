"""Chip timing of running races: mats on the course send what they read, the service makes split times of it."""
import asyncio
import hashlib
import json
import os
import random
import statistics
import threading
import time
import uuid
from bisect import insort
from dataclasses import dataclass, field

import tornado.web
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

READS = Counter("timing_reads_total", "Reads that arrived", ["race", "mat"])
REFUSED = Counter("timing_refused_total", "Reads that were refused", ["mat", "reason"])
LAST_BATCH = Gauge("timing_last_batch_size", "Size of the last batch", ["mat"])
MAT_DELAY = Histogram("timing_read_delay_seconds", "From the mat to the service", ["mat", "batch", "wave"],
                      buckets=(.05, .1, .2, .3, .5, .75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 30, 60))
BATCH_TIME = Histogram("timing_batch_seconds", "Time to take a batch in", ["mat"])

MATS = {"START": 0.0, "KM5": 5.0, "KM10": 10.0, "KM15": 15.0, "FINISH": 21.0975}
WAVES = 16
RUNNERS = 6000
KEEP_BEST = 50


@dataclass(frozen=True)
class Read:
    chip: int
    at: float
    strength: int

    @property
    def wave(self) -> int:
        return self.chip % WAVES


@dataclass
class Board:
    """The best splits of one mat, and how many runners passed it."""
    best: list[tuple[float, int]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def passed(self, read: Read, split: float) -> None:
        self.seen.add(read.chip)
        if len(self.best) < KEEP_BEST or split < self.best[-1][0]:
            if not any(chip == read.chip for _, chip in self.best):
                insort(self.best, (split, read.chip))
                del self.best[KEEP_BEST:]


class Race:
    def __init__(self, name: str, started: float):
        self.name = name
        self.started = started
        self.boards = {mat: Board() for mat in MATS}
        self.batches = 0

    def gun_time(self, wave: int) -> float:
        return self.started + wave * 90

    def split(self, read: Read) -> float:
        return round(read.at - self.gun_time(read.wave), 2)


RACES = {name: Race(name, 1716703200.0) for name in ("valley-run", "lake-run")}


def unpack(mat: str, batch: dict) -> list[Read]:
    """The mats send a compressed form: only where the series starts, and how many reads it has."""
    rnd = random.Random(f"{mat}{batch['sent']}")
    sent = float(batch["sent"])
    return [Read(rnd.randrange(RUNNERS), sent - rnd.expovariate(0.6), rnd.randint(20, 99)) for _ in range(int(batch["reads"]))]


def strongest(reads: list[Read]) -> list[Read]:
    """A chip is read several times as it passes; the strongest read counts."""
    chosen: dict[int, Read] = {}
    for read in reads:
        if read.chip not in chosen or read.strength > chosen[read.chip].strength:
            chosen[read.chip] = read
    return sorted(chosen.values(), key=lambda read: read.at)


def signed(rows: list[dict]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row, sort_keys=True).encode())
    return digest.hexdigest()


def take_in(race: Race, mat: str, batch: dict) -> dict:
    number = uuid.uuid4().hex
    reads = strongest(unpack(mat, batch))
    board, rows = race.boards[mat], []
    for read in reads:
        if read.strength < 25:
            REFUSED.labels(mat, "weak").inc()
            continue
        split = race.split(read)
        MAT_DELAY.labels(mat, number, str(read.wave)).observe(max(0.0, batch["sent"] - read.at))
        with board.lock:
            board.passed(read, split)
        rows.append({"chip": read.chip, "split": split, "pace": round(split / 60 / MATS[mat], 2) if MATS[mat] else None})
    race.batches += 1
    READS.labels(race.name, mat).inc(len(reads))
    LAST_BATCH.labels(mat).set(len(reads))
    return {"batch": number, "taken": len(rows), "median": statistics.median(row["split"] for row in rows),
            "signature": signed(rows)}


def race_or_404(name: str) -> Race:
    if name not in RACES:
        raise tornado.web.HTTPError(404)
    return RACES[name]


class Reads(tornado.web.RequestHandler):
    async def post(self, mat: str):
        if mat not in MATS:
            raise tornado.web.HTTPError(404)
        try:
            batch = json.loads(self.request.body)
            race, count = race_or_404(batch["race"]), int(batch["reads"])
        except (ValueError, KeyError, TypeError):
            raise tornado.web.HTTPError(400) from None
        if not 0 < count <= 2000:
            raise tornado.web.HTTPError(422)
        begun = time.perf_counter()
        self.set_status(202)
        self.write(await asyncio.to_thread(take_in, race, mat, batch))
        BATCH_TIME.labels(mat).observe(time.perf_counter() - begun)


class BoardView(tornado.web.RequestHandler):
    def get(self, race: str, mat: str):
        found = race_or_404(race)
        if mat not in found.boards:
            raise tornado.web.HTTPError(404)
        board = found.boards[mat]
        self.write({"mat": mat, "passed": len(board.seen), "best": [{"chip": c, "split": s} for s, c in board.best]})


class RaceView(tornado.web.RequestHandler):
    def get(self, race: str):
        found = race_or_404(race)
        self.write({"race": found.name, "batches": found.batches, "passed": {m: len(b.seen) for m, b in found.boards.items()}})


class Metrics(tornado.web.RequestHandler):
    def get(self):
        self.set_header("content-type", CONTENT_TYPE_LATEST)
        self.write(generate_latest())


class Health(tornado.web.RequestHandler):
    def get(self):
        self.write({"status": "ok"})


async def main() -> None:
    app = tornado.web.Application([
        (r"/mats/(\w+)/reads", Reads),
        (r"/races/([\w-]+)", RaceView),
        (r"/races/([\w-]+)/(\w+)", BoardView),
        (r"/metrics", Metrics),
        (r"/healthz", Health),
    ], log_function=lambda handler: None)
    app.listen(int(os.environ["PORT"]), address="127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
