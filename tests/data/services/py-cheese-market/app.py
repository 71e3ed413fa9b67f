"""Catalogue of the cheese markets: what is on sale where, with prices and tasting notes."""
import os

import django
import markdown
import waitress
from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.http import Http404, JsonResponse
from django.urls import path

from cheeses import Cheese, load_cheeses, load_markets

DAY = 24 * 3600

if not settings.configured:
    settings.configure(
        SECRET_KEY=os.environ.get("SECRET_KEY", "market-dev"),
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        CACHES={
            "default": {
                "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
                "LOCATION": "market",
                "TIMEOUT": DAY,
                "KEY_PREFIX": "cheese",
            },
        },
        USE_TZ=True,
    )
    django.setup()

CHEESES = load_cheeses()
MARKETS = load_markets(CHEESES)


def euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d} €"


def age_class(months: int) -> str:
    for limit, word in ((2, "fresh"), (6, "young"), (14, "mature")):
        if months < limit:
            return word
    return "old"


def render_note(cheese: Cheese) -> str:
    return markdown.markdown(cheese.note, output_format="html")


def tasting_note(cheese: Cheese) -> str:
    """Notes change only with a new revision, so the rendered text may live long."""
    return cache.get_or_set(f"note:{cheese.code}:{cheese.revision}", lambda: render_note(cheese))


def line(cheese: Cheese) -> dict:
    return {
        "code": cheese.code,
        "name": cheese.name,
        "dairy": cheese.dairy,
        "milk": cheese.milk,
        "age": age_class(cheese.months),
        "price": euros(cheese.cents_per_kg),
        "note": tasting_note(cheese),
    }


def market_or_404(name: str) -> list[Cheese]:
    if name not in MARKETS:
        raise Http404(name)
    return [CHEESES[code] for code in MARKETS[name]]


def catalogue(request, market: str) -> JsonResponse:
    cheeses = market_or_404(market)
    milk = request.GET.get("milk")
    lines = [line(cheese) for cheese in cheeses if milk in (None, cheese.milk)]
    return JsonResponse({"market": market, "count": len(lines), "cheeses": lines})


def prices(request, market: str) -> JsonResponse:
    cheeses = market_or_404(market)
    return JsonResponse({cheese.code: euros(cheese.cents_per_kg) for cheese in cheeses})


def dairies(request, market: str) -> JsonResponse:
    def build() -> list[dict]:
        counts: dict[str, int] = {}
        for cheese in market_or_404(market):
            counts[cheese.dairy] = counts.get(cheese.dairy, 0) + 1
        return [{"dairy": dairy, "cheeses": n} for dairy, n in sorted(counts.items())]

    return JsonResponse({"dairies": cache.get_or_set(f"dairies:{market}", build, 600)})


def cheese(request, code: str) -> JsonResponse:
    if code not in CHEESES:
        raise Http404(code)
    return JsonResponse(line(CHEESES[code]))


def status(request) -> JsonResponse:
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("markets/<slug:market>/catalogue", catalogue),
    path("markets/<slug:market>/prices", prices),
    path("markets/<slug:market>/dairies", dairies),
    path("cheeses/<str:code>", cheese),
    path("status", status),
]

if __name__ == "__main__":
    waitress.serve(WSGIHandler(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=6, _quiet=True)
