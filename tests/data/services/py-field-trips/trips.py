"""Field trips of a school."""
import datetime as dt
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.http import Http404, HttpResponse, JsonResponse
from django.template import engines
from django.urls import path
from django.utils.formats import number_format
from django.utils.text import slugify

PLACES = ["Zoo", "Castle", "Mill", "Science Park", "Harbour", "Wetlands"]
LABEL = engines["django"].from_string("{{ t.title|title }} ({{ t.day|date:'D j M' }}, {{ t.children|length }} children)")


@dataclass
class Child:
    id: int
    name: str
    allergies: list[str] = field(default_factory=list)


@dataclass
class Trip:
    id: int
    title: str
    day: dt.date
    price: Decimal
    children: list[Child]


def trips_of(year: int) -> list[Trip]:
    out = []
    for n in range(24):
        children = [Child(n * 100 + c, f"child {c}", ["nuts"] if c % 9 == 0 else []) for c in range(12 + n % 5)]
        out.append(Trip(n, f"to the {PLACES[n % 6]}", dt.date(year, 1 + n % 12, 1 + n), Decimal("4.50") * (1 + n % 4), children))
    return out


def as_json(trip: Trip) -> dict:
    content = asdict(trip)
    content["day"] = trip.day.isoformat()
    content["price"] = number_format(trip.price, decimal_pos=2)
    content["slug"] = slugify(f"{trip.title} {trip.day}")
    content["label"] = LABEL.render({"t": trip})
    return content


def trips(request, year: int):
    if not 2000 <= year <= 2100:
        raise Http404
    return JsonResponse({"year": year, "trips": [as_json(t) for t in trips_of(year)]})


def up(request):
    return HttpResponse("up")


urlpatterns = [path("trips/<int:year>", trips), path("up", up)]
