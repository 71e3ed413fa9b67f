"""Moped insurance: quotes from the tariff, the rider's age and the vehicle's history."""
import os
import threading
from decimal import Decimal

import django
import requests
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

settings.configure(
    DEBUG=False,
    SECRET_KEY="moped-cover",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["app.bad_input_middleware", "django.middleware.common.CommonMiddleware"],
)

REGISTER = f"http://127.0.0.1:{os.environ.get('UPSTREAM_PORT', '')}"
BASE_RATE = {"moped": Decimal("79.00"), "scooter": Decimal("112.00"), "ebike45": Decimal("64.00")}
EXTRAS = {"theft": Decimal("31.00"), "helmet": Decimal("9.50"), "abroad": Decimal("14.00")}
NO_CLAIMS = [Decimal("1.00"), Decimal("0.92"), Decimal("0.85"), Decimal("0.80"), Decimal("0.75")]
CENT = Decimal("0.01")


class BadInput(Exception):
    pass


def bad_input_middleware(get_response):
    def middleware(request):
        return get_response(request)

    def process_exception(request, exception):
        if isinstance(exception, BadInput):
            return JsonResponse({"error": str(exception)}, status=400)
        if isinstance(exception, requests.RequestException):
            return JsonResponse({"error": "the register does not answer"}, status=502)
        return None

    middleware.process_exception = process_exception
    return middleware


class ClaimsRegister:
    def __init__(self, base: str):
        self._base = base
        self._local = threading.local()

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        return self._local.session

    def _get(self, path: str) -> dict:
        answer = self._session.get(self._base + path, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def vehicle(self, plate: str) -> dict:
        return self._get(f"/vehicles/{plate}")

    def claims_history(self, plate: str) -> dict:
        return self._get(f"/claims-history/{plate}")


register = ClaimsRegister(REGISTER)


def whole(request, name: str, low: int, high: int) -> int:
    try:
        value = int(request.GET[name])
    except (KeyError, ValueError):
        raise BadInput(f"{name} is missing or no number") from None
    if not low <= value <= high:
        raise BadInput(f"{name} is from {low} to {high}")
    return value


def plate_of(request) -> str:
    plate = request.GET.get("plate", "").upper().replace(" ", "-")
    if not 5 <= len(plate) <= 9:
        raise BadInput("plate?")
    return plate


def extras_of(request) -> list[str]:
    chosen = [name for name in request.GET.get("extras", "").split(",") if name]
    unknown = set(chosen) - set(EXTRAS)
    if unknown:
        raise BadInput(f"unknown extras: {', '.join(sorted(unknown))}")
    return chosen


def age_factor(age: int) -> Decimal:
    if age < 18:
        return Decimal("1.85")
    return Decimal("1.40") if age < 23 else Decimal("1.00")


def history_factor(history: dict) -> Decimal:
    bonus = NO_CLAIMS[min(history["free_years"], len(NO_CLAIMS) - 1)]
    damage = sum(claim["amount"] for claim in history["claims"])
    return bonus * (1 + min(Decimal(damage) / 8000, Decimal("0.5")))


def premium(kind: str, age: int, months: int, factor: Decimal, extras: list[str]) -> Decimal:
    yearly = BASE_RATE[kind] * age_factor(age) * factor + sum(EXTRAS[name] for name in extras)
    return (yearly * months / 12 + (Decimal(4) if months < 12 else 0)).quantize(CENT)


def quote(request, kind: str):
    if kind not in BASE_RATE:
        return JsonResponse({"error": "no such vehicle"}, status=404)
    plate, age, months = plate_of(request), whole(request, "age", 15, 99), whole(request, "months", 1, 12)
    extras = extras_of(request)
    vehicle = register.vehicle(plate)
    factor = history_factor(register.claims_history(plate))
    amount = premium(kind, age, months, factor, extras)
    return JsonResponse({"plate": plate, "model": vehicle["model"], "months": months, "factor": str(factor.quantize(CENT)),
                         "premium": str(amount), "extras": extras})


def tariff(request, kind: str):
    if kind not in BASE_RATE:
        return JsonResponse({"error": "no such vehicle"}, status=404)
    return JsonResponse({str(age): str(premium(kind, age, 12, Decimal(1), [])) for age in (16, 18, 23, 40)})


def healthz(request):
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("quotes/<str:kind>", quote),
    path("tariffs/<str:kind>", tariff),
    path("healthz", healthz),
]
django.setup()
application = get_wsgi_application()
