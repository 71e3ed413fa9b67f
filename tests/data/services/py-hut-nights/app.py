"""Where on a hut-to-hut tour there are still beds."""
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

import msgspec
import uvicorn
from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException

from huts import HutClient, HutsUnavailable


class Stage(msgspec.Struct):
    number: int
    hut: str
    hours: float
    ascent: int


class Night(msgspec.Struct):
    stage: int
    hut: str
    night: date
    free: int
    fits: bool
    warnings: list[str]


class TourNights(msgspec.Struct):
    tour: str
    people: int
    possible: bool
    nights: list[Night]
    hardest: int


def make_tours() -> dict[str, list[Stage]]:
    huts = ["birk", "gams", "kar", "almsee", "nord", "schart", "ofen", "stein", "lahn", "grat", "wand", "moos", "tor", "kees"]
    tours = {}
    for name, start, step, length in (("ridge", 0, 1, 13), ("round", 3, 3, 9), ("valley", 5, 5, 6)):
        tours[name] = [Stage(n + 1, huts[(start + n * step) % len(huts)], 4.5 + (n * 7) % 4, 500 + (n * 370) % 900)
                       for n in range(length)]
    return tours


class TourBook:
    def __init__(self) -> None:
        self._tours = make_tours()

    def names(self) -> list[str]:
        return sorted(self._tours)

    def stages(self, tour: str) -> list[Stage]:
        try:
            return self._tours[tour]
        except KeyError:
            raise NotFoundException(f"no tour {tour}") from None


class Planner:
    def __init__(self, book: TourBook, huts: HutClient):
        self.book = book
        self._huts = huts

    async def _night(self, stage: Stage, on: date, people: int) -> Night:
        beds = await self._huts.beds(stage.hut, on)
        notices = await self._huts.notices(stage.hut)
        warnings = [notice.text for notice in notices if notice.level == "warning"]
        return Night(stage.number, stage.hut, on, beds.free, beds.free + beds.dormitory // 2 >= people, warnings)

    async def nights(self, tour: str, start: date, people: int) -> TourNights:
        stages = self.book.stages(tour)
        pending = [self._night(stage, start + timedelta(days=stage.number - 1), people) for stage in stages]
        nights = [await night for night in pending]
        hardest = max(stages, key=lambda stage: stage.hours * 300 + stage.ascent)
        return TourNights(tour, people, all(night.fits for night in nights), nights, hardest.number)

    async def hut(self, hut: str, night: date) -> dict:
        beds = await self._huts.beds(hut, night)
        return {"hut": hut, "night": night, "free": beds.free, "dormitory": beds.dormitory}


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    client = HutClient(f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}")
    app.state.planner = Planner(TourBook(), client)
    try:
        yield
    finally:
        await client.aclose()


def provide_planner(state: State) -> Planner:
    return state.planner


@get("/tours")
async def tours(planner: Planner) -> list[str]:
    return planner.book.names()


@get("/tours/{tour:str}/stages")
async def stages(tour: str, planner: Planner) -> list[Stage]:
    return planner.book.stages(tour)


@get("/tours/{tour:str}/nights")
async def tour_nights(tour: str, start: date, planner: Planner, people: int = 2) -> TourNights:
    return await planner.nights(tour, start, people)


@get("/huts/{hut:str}/nights/{night:date}")
async def hut_night(hut: str, night: date, planner: Planner) -> dict:
    return await planner.hut(hut, night)


@get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


def unavailable(_: Request, error: HutsUnavailable) -> Response:
    return Response({"error": "booking system unavailable", "at": str(error)}, status_code=502, media_type=MediaType.JSON)


app = Litestar(
    [tours, stages, tour_nights, hut_night, healthz],
    lifespan=[lifespan],
    dependencies={"planner": Provide(provide_planner, sync_to_thread=False)},
    exception_handlers={HutsUnavailable: unavailable},
    openapi_config=None,
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
