"""Court hours of a tennis club."""
import hashlib
import json
import logging
import os
import threading
from datetime import date, timedelta

import django
from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from trail import logging_config

settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="court-hours",
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "app.MemberMiddleware"],
    LOGGING=logging_config(),
    USE_TZ=False,
)

COURTS = {1: "clay", 2: "clay", 3: "clay", 4: "hard", 5: "hard", 6: "hall"}
OPENS, CLOSES = 7, 22
PRICES = {"clay": 14.0, "hard": 11.0, "hall": 24.0}
EVENING_FACTOR = 1.25

who = logging.getLogger("trail.access")
what = logging.getLogger("trail.prices")


class MemberMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        number = request.headers.get("x-member") or request.GET.get("member", "guest")
        request.member = number
        response = self.get_response(request)
        if number != "guest":
            who.info("%s %s -> %d", request.method, request.path, response.status_code, extra={"member": number})
        return response


class Calendar:
    def __init__(self):
        self._guard = threading.Lock()
        self._taken: dict[tuple[int, date, int], str] = {}

    def fill(self, days: int) -> None:
        first = date(2024, 6, 1)
        for day in range(days):
            for court in COURTS:
                for hour in range(OPENS, CLOSES):
                    mark = hashlib.md5(f"{day}/{court}/{hour}".encode()).digest()[0]
                    if mark < 150:
                        self._taken[court, first + timedelta(days=day), hour] = f"M{mark % 120:03d}"

    def free_hours(self, court: int, day: date) -> list[int]:
        with self._guard:
            return [h for h in range(OPENS, CLOSES) if (court, day, h) not in self._taken]

    def take(self, court: int, day: date, hour: int, member: str) -> bool:
        with self._guard:
            return self._taken.setdefault((court, day, hour), member) == member

    def hours_of(self, member: str) -> list[tuple[int, date, int]]:
        with self._guard:
            return sorted((key for key, holder in self._taken.items() if holder == member), key=lambda k: (k[1], k[2]))


calendar = Calendar()


def price(court: int, hour: int, member: str) -> float:
    base = PRICES[COURTS[court]] * (EVENING_FACTOR if hour >= 17 else 1.0)
    return round(base * (0.8 if member.startswith("M") else 1.0), 2)


def offers(day: date, member: str, surface: str | None) -> list[dict]:
    found = []
    for court, kind in COURTS.items():
        if surface in (None, kind):
            hours = calendar.free_hours(court, day)
            found.append({"court": court, "surface": kind,
                          "hours": [{"hour": h, "price": price(court, h, member)} for h in hours]})
    cheapest = min((h["price"] for o in found for h in o["hours"]), default=None)
    what.info("%d courts offered for %s from %s", len(found), day, cheapest, extra={"member": member})
    return found


def parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404("no such day") from None


@require_GET
def free(request: HttpRequest, day: str):
    found = offers(parse_day(day), request.member, request.GET.get("surface"))
    return JsonResponse({"day": day, "courts": found})


@require_POST
def book(request: HttpRequest, day: str):
    wanted = json.loads(request.body)
    court, hour = int(wanted["court"]), int(wanted["hour"])
    if court not in COURTS or not OPENS <= hour < CLOSES:
        return JsonResponse({"error": "no such hour"}, status=422)
    if not calendar.take(court, parse_day(day), hour, request.member):
        return JsonResponse({"error": "taken"}, status=409)
    amount = price(court, hour, request.member)
    what.info("court %d on %s at %d for %.2f", court, day, hour, amount, extra={"member": request.member})
    return JsonResponse({"court": court, "hour": hour, "price": amount}, status=201)


@require_GET
def mine(request: HttpRequest):
    hours = calendar.hours_of(request.member)
    return JsonResponse({"hours": [{"court": c, "day": d.isoformat(), "hour": h} for c, d, h in hours]})


@require_GET
def health(request: HttpRequest):
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("days/<str:day>/free", free),
    path("days/<str:day>/bookings", book),
    path("mine", mine),
    path("healthz", health),
]

if __name__ == "__main__":
    import sys

    from django.core.wsgi import get_wsgi_application
    from waitress import serve

    sys.modules["app"] = sys.modules[__name__]
    django.setup(set_prefix=False)
    calendar.fill(60)
    serve(get_wsgi_application(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=16, _quiet=True)
