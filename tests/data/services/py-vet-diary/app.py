"""Appointments of a veterinary practice."""
import json
import os
from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from aiohttp import web

from mailer import Mailer

OPENS, CLOSES = time(8, 30), time(17, 0)
MINUTES = {"dog": 20, "cat": 20, "rabbit": 15, "tortoise": 30, "parrot": 25}
SURCHARGE = {"tortoise": 12, "parrot": 8}
VETS = ("okafor", "lindqvist", "moreau")


@dataclass
class Appointment:
    number: int
    vet: str
    owner: str
    email: str
    animal: str
    reason: str
    begins: datetime | None
    minutes: int

    @property
    def fee(self) -> int:
        return 45 + self.minutes + SURCHARGE.get(self.animal, 0)

    def public(self) -> dict:
        return {"number": self.number, "vet": self.vet, "animal": self.animal, "minutes": self.minutes, "fee": self.fee,
                "begins": self.begins.isoformat(timespec="minutes") if self.begins else "waiting list"}


@dataclass
class Diary:
    vet: str
    days: dict[date, list[Appointment]] = field(default_factory=dict)
    waiting: deque = field(default_factory=lambda: deque(maxlen=50))

    def free_at(self, day: date, minutes: int) -> datetime | None:
        booked = self.days.get(day, [])
        begins = booked[-1].begins + timedelta(minutes=booked[-1].minutes) if booked else datetime.combine(day, OPENS)
        fits = begins + timedelta(minutes=minutes) <= datetime.combine(day, CLOSES)
        return begins if fits else None

    def add(self, wanted: Appointment, day: date) -> Appointment:
        for later in range(5):
            on = day + timedelta(days=later)
            begins = self.free_at(on, wanted.minutes)
            if on.weekday() < 5 and begins:
                wanted.begins = begins
                self.days.setdefault(on, []).append(wanted)
                return wanted
        self.waiting.append(wanted)
        return wanted


DIARIES = web.AppKey("diaries", dict)
NUMBERS = web.AppKey("numbers", list)
BOOKED = web.AppKey("booked", list)
routes = web.RouteTableDef()


@web.middleware
async def errors_as_json(request: web.Request, handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return web.json_response({"error": error.reason}, status=error.status)


def diary_of(request: web.Request) -> Diary:
    try:
        return request.app[DIARIES][request.match_info["vet"]]
    except KeyError:
        raise web.HTTPNotFound(reason="no such vet") from None


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise web.HTTPBadRequest(reason="day is not a date") from None


async def wanted_appointment(request: web.Request, vet: str) -> tuple[Appointment, date]:
    try:
        body = await request.json()
        owner, email, animal = body["owner"], body["email"], body["animal"]
    except (json.JSONDecodeError, KeyError, TypeError):
        raise web.HTTPBadRequest(reason="owner, email and animal are needed") from None
    if animal not in MINUTES:
        raise web.HTTPUnprocessableEntity(reason=f"we do not treat a {animal}")
    request.app[NUMBERS][0] += 1
    number = request.app[NUMBERS][0]
    wanted = Appointment(number, vet, owner, email, animal, body.get("reason", ""), None, MINUTES[animal])
    return wanted, day_of(body.get("day"))


@routes.post("/vets/{vet}/appointments")
async def book(request: web.Request) -> web.Response:
    diary = diary_of(request)
    wanted, day = await wanted_appointment(request, diary.vet)
    booked = diary.add(wanted, day)
    for tell in request.app[BOOKED]:
        await tell(booked)
    return web.json_response(booked.public(), status=201)


@routes.get("/vets/{vet}/days/{day}")
async def one_day(request: web.Request) -> web.Response:
    found = diary_of(request).days.get(day_of(request.match_info["day"]), [])
    return web.json_response([a.public() for a in found])


@routes.get("/fees/{animal}")
async def fee(request: web.Request) -> web.Response:
    animal = request.match_info["animal"]
    if animal not in MINUTES:
        raise web.HTTPNotFound(reason="no such animal")
    return web.json_response({"animal": animal, "fee": 45 + MINUTES[animal] + SURCHARGE.get(animal, 0)})


@routes.get("/health")
async def health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def make_app() -> web.Application:
    app = web.Application(middlewares=[errors_as_json])
    mailer = Mailer("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    app[DIARIES] = {vet: Diary(vet) for vet in VETS}
    app[NUMBERS] = [1000]
    app[BOOKED] = [mailer.mail_owner]
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
