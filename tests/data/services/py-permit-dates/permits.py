"""Permits and the terms the law sets for them, which are counted in working days."""
import random
from dataclasses import dataclass
from datetime import date, timedelta

DISTRICTS = ("harbour", "mills", "castle", "meadow")
TERMS = {"new": 60, "extension": 40, "change": 30, "sign": 15}
EXTRA_FOR_MONUMENTS = 20
TODAY = date(2026, 3, 16)
FIXED = ((1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31))


def easter(year: int) -> date:
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    k, m = c // 4, (a + 11 * h) // 319
    r = (2 * e + 2 * k - c % 4 - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


class Calendar:
    """The days on which the office is closed, for as long as permits are kept."""

    def __init__(self, first: int, last: int):
        self._closed: list[date] = []
        for year in range(first, last + 1):
            self._closed += [date(year, month, day) for month, day in FIXED]
            self._closed += [easter(year) + timedelta(days) for days in (-2, 1, 39, 50, 60)]
            self._closed += [date(year, 12, day) for day in (27, 28, 29, 30)]
        self._closed.sort()

    def closed_in(self, year: int) -> list[date]:
        return [day for day in self._closed if day.year == year]

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self._closed

    def after(self, start: date, working_days: int) -> date:
        day = start
        while working_days > 0:
            day += timedelta(days=1)
            if self.is_working_day(day):
                working_days -= 1
        return day


@dataclass(frozen=True)
class Permit:
    number: str
    district: str
    kind: str
    filed: date
    complete: date
    monument: bool
    decided: date | None


CALENDAR = Calendar(2004, 2028)


def load_permits(count: int) -> dict[str, Permit]:
    rng = random.Random(88)
    kinds = list(TERMS)
    loaded = {}
    for i in range(count):
        filed = TODAY - timedelta(days=rng.randrange(1, 140))
        complete = filed + timedelta(days=rng.randrange(0, 21))
        decided = complete + timedelta(days=rng.randrange(10, 60)) if rng.random() < 0.5 else None
        number = f"B-{filed.year}-{i:05d}"
        loaded[number] = Permit(number, DISTRICTS[i % 4], rng.choice(kinds), filed, complete, i % 9 == 0, decided)
    return loaded


PERMITS = load_permits(1200)


def find(number: str) -> Permit | None:
    return PERMITS.get(number)


def open_permits(district: str, on: date) -> list[Permit]:
    return [p for p in PERMITS.values()
            if p.district == district and p.filed <= on and (p.decided is None or p.decided > on)]


def term(permit: Permit) -> int:
    return TERMS[permit.kind] + (EXTRA_FOR_MONUMENTS if permit.monument else 0)


def urgency(days_left: int) -> str:
    if days_left < 0:
        return "late"
    return "this week" if days_left < 7 else "this month" if days_left < 31 else "later"


def line(permit: Permit, on: date) -> dict:
    due = CALENDAR.after(permit.complete, term(permit))
    days_left = (due - on).days
    return {"number": permit.number, "kind": permit.kind, "filed": permit.filed, "monument": permit.monument,
            "due": due, "days_left": days_left, "urgency": urgency(days_left)}


class NoStore:
    def __init__(self, get_response):
        self._get_response = get_response

    def __call__(self, request):
        response = self._get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
