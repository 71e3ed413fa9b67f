"""Lots for the bidders' catalogue pages of an auction house."""
import gc
import os
import resource
import threading
import time
from collections import Counter

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound
from pyramid.request import Request
from pyramid.view import view_config
from waitress import serve

from catalogue import Catalogue, Lot, load

MEMORY_LIMIT_MB = 48
CURRENCIES = {"eur": 1.0, "usd": 1.08, "gbp": 0.85, "jpy": 163.0}


class MemoryGuard:
    """Keeps the service within what the container gets: lets go of garbage when it has grown too large."""

    def __init__(self, limit_mb: int):
        self.limit_mb = limit_mb
        self.relieved = 0
        self._guard = threading.Lock()

    @staticmethod
    def resident_mb() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def check(self) -> None:
        if self.resident_mb() > self.limit_mb:
            freed = gc.collect()
            with self._guard:
                self.relieved += freed


memory = MemoryGuard(MEMORY_LIMIT_MB)
seen: Counter[str] = Counter()


def memory_tween_factory(handler, registry):
    def tween(request: Request):
        try:
            return handler(request)
        finally:
            if request.matched_route is not None and request.matched_route.name != "health":
                memory.check()

    return tween


def usage_tween_factory(handler, registry):
    def tween(request: Request):
        begun = time.perf_counter()
        response = handler(request)
        route = request.matched_route.name if request.matched_route else "none"
        seen[f"{route}:{response.status_int}"] += 1
        response.headers["Server-Timing"] = f"app;dur={(time.perf_counter() - begun) * 1000:.1f}"
        return response

    return tween


def catalogue_of(request: Request) -> Catalogue:
    return request.registry.settings["catalogue"]


def rate(request: Request) -> float:
    try:
        return CURRENCIES[request.params.get("currency", "eur").lower()]
    except KeyError:
        raise HTTPBadRequest() from None


def brief(lot: Lot, factor: float) -> dict:
    return {"lot": lot.number, "title": f"{lot.maker}: {lot.kind}, {lot.year}", "state": lot.state,
            "estimate": [round(lot.low * factor), round(lot.high * factor)], "bid": round(lot.standing * factor)}


def whole_number(request: Request, name: str, default: int | None) -> int | None:
    text = request.params.get(name)
    if text is None:
        return default
    if not text.isdigit():
        raise HTTPBadRequest()
    return int(text)


@view_config(route_name="lots", renderer="json")
def lots(request: Request) -> dict:
    factor = rate(request)
    limit = min(whole_number(request, "limit", 24), 60)
    found = catalogue_of(request).search(request.params.get("kind"), request.params.get("maker"),
                                         whole_number(request, "upto", None), limit)
    return {"count": len(found), "lots": [brief(lot, factor) for lot in found]}


@view_config(route_name="lot", renderer="json")
def one_lot(request: Request) -> dict:
    catalogue, factor = catalogue_of(request), rate(request)
    lot = catalogue.lots.get(int(request.matchdict["number"]))
    if lot is None:
        raise HTTPNotFound()
    return {
        **brief(lot, factor),
        "sale": lot.sale,
        "bids": [{"paddle": bid.paddle, "amount": round(bid.amount * factor)} for bid in reversed(lot.bids)],
        "reserve_met": lot.fulfils(0.8),
        "provenance": [{"year": year, "where": where} for year, where in lot.provenance],
        "like": [brief(other, factor) for other in catalogue.like(lot)],
    }


@view_config(route_name="usage", renderer="json")
def usage(request: Request) -> dict:
    return {"seen": dict(seen), "relieved": memory.relieved}


@view_config(route_name="health", renderer="json")
def health(request: Request) -> dict:
    return {"status": "ok"}


def make_app():
    with Configurator(settings={"catalogue": load()}) as config:
        config.add_route("lots", "/lots")
        config.add_route("lot", r"/lots/{number:\d+}")
        config.add_route("usage", "/usage")
        config.add_route("health", "/healthz")
        config.add_tween("__main__.usage_tween_factory")
        config.add_tween("__main__.memory_tween_factory")
        config.scan("__main__")
        return config.make_wsgi_app()


if __name__ == "__main__":
    serve(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=10, _quiet=True)
