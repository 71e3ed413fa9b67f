"""Seed swap: who offers which seeds, and when they can be sown where."""
import os
import threading
import time
from collections import Counter
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET

database = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-signing-nothing",
    USE_TZ=False,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.http.ConditionalGetMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": database.path[1:], "USER": database.username,
                           "HOST": database.hostname, "PORT": database.port, "CONN_MAX_AGE": 300}},
)
django.setup(set_prefix=False)

LAST_FROST = {4: 140, 5: 128, 6: 115, 7: 101, 8: 85, 9: 66}
BEFORE_FROST = {"tomato": 42, "squash": 21, "kale": 35, "lettuce": 28, "pea": 40, "bean": -7}
GERMINATION_LOSS = {"tomato": 0.05, "bean": 0.08, "pea": 0.09, "kale": 0.07, "squash": 0.06, "lettuce": 0.14}
PAGE = 60


class SowingCalendar:
    """For each zone and species the week in which each hardiness can be sown; made once when the service starts."""

    def __init__(self, year: int):
        self.year = year
        self._weeks: dict[tuple[int, str, int], tuple[date, date]] = {}

    def build(self) -> "SowingCalendar":
        for zone, frost in LAST_FROST.items():
            for species, before in BEFORE_FROST.items():
                for hardiness in range(1, 13):
                    self._weeks[zone, species, hardiness] = self._window(frost - before, hardiness)
        return self

    def _window(self, start: int, hardiness: int) -> tuple[date, date]:
        best, best_score = start, float("-inf")
        for day in range(1, 366):
            warmth = sum(max(0, 18 - abs(196 - d) * 0.14) for d in range(day, min(366, day + 60)))
            score = warmth - abs(day - start) * (6 + hardiness)
            if score > best_score:
                best, best_score = day, score
        first = date(self.year, 1, 1) + timedelta(days=best)
        return first, first + timedelta(days=7 + hardiness)

    def window(self, zone: int, species: str, hardiness: int) -> tuple[date, date]:
        return self._weeks[zone, species, min(hardiness, 12)]


class Views:
    """Counts who was looked at, and writes the counts down now and then."""

    def __init__(self, every: float):
        self._every = every
        self._lock = threading.Lock()
        self._counts: Counter = Counter()

    def add(self, grower: int) -> None:
        with self._lock:
            self._counts[grower] += 1

    def _take(self) -> Counter:
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return counts

    def write_down(self) -> None:
        while True:
            time.sleep(self._every)
            counts = self._take()
            if counts:
                with connection.cursor() as cursor:
                    cursor.executemany(
                        "INSERT INTO offer_views VALUES (%s, current_date, %s) "
                        "ON CONFLICT (grower_id, day) DO UPDATE SET views = offer_views.views + excluded.views",
                        sorted(counts.items()))

    def start(self) -> None:
        threading.Thread(target=self.write_down, name="views", daemon=True).start()


calendar = SowingCalendar(2026)
views = Views(every=1.0)


def rows(sql: str, *params) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]


@lru_cache(maxsize=256)
def grower_name(grower: int) -> str:
    found = rows("SELECT name FROM growers WHERE id = %s", grower)
    if not found:
        raise Http404("no such grower")
    return found[0]["name"]


def germination(species: str, saved_in: int, year: int) -> int:
    return round(100 * (1 - GERMINATION_LOSS[species]) ** max(0, year - saved_in))


def described(offer: dict, zone: int) -> dict:
    first, last = calendar.window(zone, offer["species"], offer["hardiness"])
    return {
        "variety": offer["name"],
        "species": offer["species"],
        "packets": offer["packets"],
        "germination": germination(offer["species"], offer["saved_in"], calendar.year),
        "sow": [first, last],
        "harvest": last + timedelta(days=offer["days_to_harvest"]),
        "risky": offer["hardiness"] > zone,
        "note": offer["note"] or "",
    }


def whole_number(request: HttpRequest, name: str, default: int, allowed) -> int:
    value = request.GET.get(name, str(default))
    if not value.isdigit() or int(value) not in allowed:
        raise Http404(f"{name} is out of range")
    return int(value)


@require_GET
def offers(request: HttpRequest, grower: int) -> JsonResponse:
    zone = whole_number(request, "zone", 6, LAST_FROST)
    name = grower_name(grower)
    found = rows("SELECT v.name, v.species, v.days_to_harvest, v.hardiness, o.packets, o.saved_in, o.note "
                 "FROM offers o JOIN varieties v ON v.id = o.variety_id WHERE o.grower_id = %s "
                 "ORDER BY o.variety_id LIMIT %s", grower, PAGE)
    views.add(grower)
    return JsonResponse({"grower": name, "zone": zone, "offers": [described(offer, zone) for offer in found]})


@require_GET
def variety(request: HttpRequest, variety: int) -> JsonResponse:
    found = rows("SELECT id, name, species, days_to_harvest FROM varieties WHERE id = %s", variety)
    if not found:
        raise Http404("no such variety")
    return JsonResponse(found[0])


def up(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("growers/<int:grower>/offers", offers),
    path("varieties/<int:variety>", variety),
    path("up", up),
]

if __name__ == "__main__":
    from waitress import serve

    calendar.build()
    views.start()
    serve(get_wsgi_application(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=6, _quiet=True)
