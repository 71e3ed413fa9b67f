"""Visits of a veterinary practice: who comes when, and what it will cost."""
import contextlib
import itertools
import logging
import os
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

import mailer

log = logging.getLogger("visits")

KINDS = {
    "vaccination": {"minutes": 15, "fee": 38.0, "bring": "the vaccination card"},
    "checkup": {"minutes": 20, "fee": 52.5, "bring": "nothing"},
    "dental": {"minutes": 45, "fee": 140.0, "bring": "an animal that has not eaten since the evening before"},
}
VETS = {"moreau": (8 * 60, 12 * 60), "okafor": (9 * 60, 17 * 60), "lind": (13 * 60, 19 * 60)}


@dataclass(frozen=True)
class Animal:
    id: str
    name: str
    species: str
    keeper: str
    mail: str


@dataclass
class Visit:
    id: int
    animal: str
    vet: str
    kind: str
    day: str
    time: str
    state: str = "booked"


class Diary:
    """What is booked, a vet's day at a time. The oldest entries of a day make way once the day is full."""

    def __init__(self):
        self._days: dict[tuple[str, str], list[Visit]] = {}
        self._numbers = itertools.count(1000)

    def day(self, vet: str, day: str) -> list[Visit]:
        return self._days.setdefault((vet, day), [])

    def book(self, animal: Animal, vet: str, kind: str, day: str) -> Visit:
        opens, closes = VETS[vet]
        taken = self.day(vet, day)
        minutes = KINDS[kind]["minutes"]
        if len(taken) >= (closes - opens) // minutes:
            taken.pop(0)
        begin = opens + (next(self._numbers) % ((closes - opens) // minutes)) * minutes
        visit = Visit(next(self._numbers), animal.id, vet, kind, day, f"{begin // 60:02}:{begin % 60:02}")
        taken.append(visit)
        return visit

    def find(self, number: int) -> Visit | None:
        return next((v for visits in self._days.values() for v in visits if v.id == number), None)


ANIMALS = {
    f"a-{n}": Animal(f"a-{n}", ["Rex", "Minka", "Bubo", "Flax", "Tove"][n % 5], ["dog", "cat", "owl", "hare", "goat"][n % 5],
                     f"Keeper {n // 2}", f"keeper{n // 2}@post.example")
    for n in range(1, 160)
}
diary = Diary()


def parse_day(text: str) -> date:
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text)
    raise HTTPException(400, "day")


async def parse_booking(request: Request) -> tuple[Animal, str, str, date]:
    try:
        wish = await request.json()
        animal, vet, kind, day = ANIMALS[wish["animal"]], wish["vet"], wish["kind"], parse_day(wish["day"])
    except (ValueError, KeyError, TypeError):
        raise HTTPException(400, "booking") from None
    if vet not in VETS or kind not in KINDS:
        raise HTTPException(422, "vet or kind")
    return animal, vet, kind, day


async def confirm_by_mail(visit: Visit, template: str = "visit") -> None:
    animal = ANIMALS[visit.animal]
    message = mailer.letter(template, animal.mail, keeper=animal.keeper, animal=animal.name, day=visit.day,
                            time=visit.time, vet=visit.vet.title(), bring=KINDS[visit.kind]["bring"])
    try:
        mailer.deliver(message)
    except OSError as error:
        log.warning("mail for visit %s: %s", visit.id, error)


async def book(request: Request) -> JSONResponse:
    animal, vet, kind, day = await parse_booking(request)
    visit = diary.book(animal, vet, kind, day.isoformat())
    content = {**asdict(visit), "fee": KINDS[kind]["fee"], "bring": KINDS[kind]["bring"]}
    return JSONResponse(content, status_code=201, background=BackgroundTask(confirm_by_mail, visit))


async def cancel(request: Request) -> JSONResponse:
    visit = diary.find(request.path_params["number"])
    if visit is None:
        raise HTTPException(404)
    visit.state = "off"
    return JSONResponse(asdict(visit), background=BackgroundTask(confirm_by_mail, visit, "off"))


async def week(request: Request) -> JSONResponse:
    vet = request.path_params["vet"]
    if vet not in VETS:
        raise HTTPException(404)
    monday = parse_day(request.query_params.get("from", "2025-05-05"))
    days = [(monday + timedelta(days=n)).isoformat() for n in range(5)]
    return JSONResponse({day: [asdict(v) for v in diary.day(vet, day) if v.state == "booked"] for day in days})


async def animal(request: Request) -> JSONResponse:
    found = ANIMALS.get(request.path_params["id"])
    if found is None:
        raise HTTPException(404)
    return JSONResponse(asdict(found))


async def up(_: Request) -> PlainTextResponse:
    return PlainTextResponse("up")


app = Starlette(routes=[
    Route("/visits", book, methods=["POST"]),
    Route("/visits/{number:int}", cancel, methods=["DELETE"]),
    Route("/vets/{vet}/week", week),
    Route("/animals/{id}", animal),
    Route("/up", up),
])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
