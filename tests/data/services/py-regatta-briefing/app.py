"""Race office of a sailing club: courses, entries and the briefing that skippers read on their phones."""
import os
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from pydantic import BaseModel

HARBOUR_OFFICE = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
BEAUFORT = [1, 4, 7, 11, 17, 22, 28, 34, 41, 48, 56, 64]
WIND_LIMITS = {"finn": 25, "laser": 25, "optimist": 18, "dragon": 30}


class Leg(BaseModel):
    mark: str
    bearing: int
    miles: float


class Course(BaseModel):
    code: str
    area: str
    legs: list[Leg]

    @property
    def miles(self) -> float:
        return round(sum(leg.miles for leg in self.legs), 2)


def lay_courses() -> dict[str, Course]:
    shapes = {"olympic": [0, 225, 135, 0, 180], "windward": [0, 180, 0, 180], "trapezoid": [0, 120, 180, 0, 240]}
    courses = {}
    for shape, bearings in shapes.items():
        for number in range(1, 10):
            legs = [Leg(mark=f"{'ABCDE'[n]}{number}", bearing=b, miles=0.6 + 0.1 * ((number + n) % 5))
                    for n, b in enumerate(bearings)]
            code = f"{shape}-{number}"
            courses[code] = Course(code=code, area=f"area-{1 + number % 3}", legs=legs)
    return courses


COURSES = lay_courses()


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with httpx.AsyncClient(base_url=HARBOUR_OFFICE, timeout=5, trust_env=False) as client:
        app.state.office = client
        yield


app = FastAPI(title="Race office", lifespan=lifespan)


# --- what a handler may ask for ---

def course_of(code: str) -> Course:
    if code not in COURSES:
        raise HTTPException(404, f"no course {code}")
    return COURSES[code]


def boat_class(name: Annotated[str, Query(alias="class")] = "laser") -> str:
    if name not in WIND_LIMITS:
        raise HTTPException(422, f"unknown class {name}")
    return name


CourseDep = Annotated[Course, Depends(course_of)]
ClassDep = Annotated[str, Depends(boat_class)]


async def ask(request: Request, path: str, **params) -> dict:
    answer = await request.app.state.office.get(path, params=params)
    if answer.status_code != 200:
        raise HTTPException(502, f"harbour office: {answer.status_code} for {path}")
    return answer.json()


async def wind(request: Request, course: CourseDep) -> dict:
    reading = await ask(request, "/wind", area=course.area)
    force = sum(reading["knots"] >= limit for limit in BEAUFORT)
    return {**reading, "beaufort": force}


async def tide(request: Request, course: CourseDep) -> dict:
    return await ask(request, "/tide", area=course.area)


async def traffic(request: Request, course: CourseDep) -> list[dict]:
    ships = (await ask(request, "/traffic", area=course.area))["ships"]
    return [ship for ship in ships if ship["minutes"] < 90]


async def rescue_boats(request: Request) -> list[str]:
    boats = (await ask(request, "/rescue"))["boats"]
    return [boat["name"] for boat in boats if boat["manned"]]


async def notices(request: Request, cls: ClassDep) -> list[str]:
    found = (await ask(request, "/notices", boat_class=cls))["notices"]
    return [f"{n['number']}: {n['text']}" for n in found]


async def entries(request: Request, cls: ClassDep) -> int:
    return (await ask(request, "/entries", boat_class=cls))["count"]


# --- what skippers see ---

def signal_flags(wind: dict, traffic: list, boats: list[str], cls: str) -> list[str]:
    flags = []
    if wind["knots"] > WIND_LIMITS[cls] or len(boats) < 2:
        flags.append("AP")
    if wind["knots"] > WIND_LIMITS[cls] - 6:
        flags.append("Y")
    if traffic:
        flags.append("L")
    return flags


def legs_with_current(course: Course, tide: dict) -> list[dict]:
    lines = []
    for leg in course.legs:
        angle = abs((leg.bearing - tide["sets_to"] + 180) % 360 - 180)
        lines.append({**leg.model_dump(), "current": "with" if angle < 60 else "against" if angle > 120 else "across"})
    return lines


@app.get("/courses/{code}/briefing")
async def briefing(
    course: CourseDep,
    cls: ClassDep,
    wind: Annotated[dict, Depends(wind)],
    tide: Annotated[dict, Depends(tide)],
    traffic: Annotated[list, Depends(traffic)],
    boats: Annotated[list, Depends(rescue_boats)],
    notices: Annotated[list, Depends(notices)],
    entered: Annotated[int, Depends(entries)],
):
    return {
        "course": course.code,
        "class": cls,
        "boats": entered,
        "miles": course.miles,
        "legs": legs_with_current(course, tide),
        "wind": wind,
        "high_water": tide["high_water"],
        "flags": signal_flags(wind, traffic, boats, cls),
        "rescue": boats,
        "ships": traffic,
        "notices": notices,
    }


@app.get("/courses/{code}")
async def course(course: CourseDep):
    return {**course.model_dump(), "miles": course.miles}


@app.get("/courses/{code}/wind")
async def course_wind(wind: Annotated[dict, Depends(wind)]):
    return wind


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
