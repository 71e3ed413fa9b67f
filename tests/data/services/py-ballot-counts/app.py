"""Counts ballots by the single transferable vote and hands back the count's protocol."""
import hashlib
import io
import logging
import os
import random
import uuid
from collections import OrderedDict

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

CANDIDATES = ["Aas", "Berg", "Dahl", "Eide", "Foss", "Gran", "Holm", "Juul", "Krog"]
KEEP_RESULTS = 200
LINE = "%(levelname).1s %(name)s %(message)s"

log = logging.getLogger("count")
log.propagate = False
results: "OrderedDict[str, dict]" = OrderedDict()


class Order(BaseModel):
    station: str = Field(pattern=r"^S-\d+$")
    method: str = "stv"
    seats: int = Field(ge=1, le=8)
    papers: int = Field(ge=1, le=5000)


class Paper:
    __slots__ = ("number", "ranking", "weight")

    def __init__(self, number: int, ranking: list[str]):
        self.number = number
        self.ranking = ranking
        self.weight = 1.0

    def choice(self, standing: set[str]) -> str | None:
        return next((name for name in self.ranking if name in standing), None)


def papers_of(station: str, amount: int) -> list[Paper]:
    """The scanner's file of a polling station."""
    dice = random.Random(station)
    return [Paper(n, dice.sample(CANDIDATES, dice.randint(3, 6))) for n in range(1, amount + 1)]


def open_protocol(count: str) -> tuple[logging.Logger, io.StringIO]:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter(LINE))
    protocol = log.getChild(count)
    protocol.setLevel(logging.DEBUG)
    protocol.propagate = False
    protocol.addHandler(handler)
    return protocol, text


class Count:
    def __init__(self, papers: list[Paper], seats: int, protocol: logging.Logger):
        self.papers = papers
        self.seats = seats
        self.protocol = protocol
        self.quota = len(papers) // (seats + 1) + 1
        self.standing = set(CANDIDATES)
        self.elected: list[str] = []

    def piles(self) -> dict[str, list[Paper]]:
        piles: dict[str, list[Paper]] = {name: [] for name in self.standing}
        for paper in self.papers:
            name = paper.choice(self.standing)
            if name:
                piles[name].append(paper)
        return piles

    def transfer(self, pile: list[Paper], share: float) -> None:
        for paper in pile:
            paper.weight *= share
        for begin in range(0, len(pile), 10):
            numbers = " ".join(f"{paper.number:06d}@{paper.weight:.6f}[{'>'.join(paper.ranking)}]"
                               for paper in pile[begin:begin + 10])
            self.protocol.debug("carried on at %.4f: %s", share, numbers)

    def round(self, number: int) -> None:
        piles = self.piles()
        totals = {name: sum(paper.weight for paper in pile) for name, pile in piles.items()}
        for name, total in sorted(totals.items()):
            self.protocol.info("round %d: %s has %.4f of %d", number, name, total, self.quota)
        first = max(totals, key=lambda name: (totals[name], name))
        if totals[first] >= self.quota or len(self.standing) + len(self.elected) <= self.seats:
            self.elected.append(first)
            self.standing.discard(first)
            self.transfer(piles[first], max(0.0, totals[first] - self.quota) / max(totals[first], 1e-9))
        else:
            last = min(totals, key=lambda name: (totals[name], name))
            self.standing.discard(last)
            self.transfer(piles[last], 1.0)

    def run(self) -> list[str]:
        number = 0
        while len(self.elected) < self.seats and self.standing:
            number += 1
            self.round(number)
        self.protocol.info("elected: %s", ", ".join(self.elected))
        return self.elected


app = FastAPI()


@app.post("/counts", status_code=201)
def count(order: Order):
    if order.method != "stv":
        raise HTTPException(422, "unknown method")
    number = uuid.uuid4().hex[:12]
    protocol, text = open_protocol(number)
    elected = Count(papers_of(order.station, order.papers), order.seats, protocol).run()
    written = text.getvalue()
    result = {"count": number, "station": order.station, "elected": elected, "lines": written.count("\n"),
              "seal": hashlib.sha256(written.encode()).hexdigest(), "closing": written.splitlines()[-1]}
    results[number] = result
    while len(results) > KEEP_RESULTS:
        results.popitem(last=False)
    return result


@app.get("/counts/{number}")
def one(number: str):
    if number not in results:
        raise HTTPException(404)
    return results[number]


@app.get("/stations/{station}/first-choices")
def first_choices(station: str, papers: int = 500):
    firsts: dict[str, int] = {}
    for paper in papers_of(station, min(papers, 5000)):
        firsts[paper.ranking[0]] = firsts.get(paper.ranking[0], 0) + 1
    return firsts


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
