"""Pallet space: where in a network of cold stores there is room for a delivery, and what it costs to get there."""
from gevent import monkey

monkey.patch_all()

import json
import math
import os
import time
from dataclasses import dataclass

import urllib3
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer
from werkzeug.exceptions import BadGateway, BadRequest, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

WAREHOUSES = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
KM_RATE = 1.12
CLASSES = {"frozen": -18, "chilled": 4, "ambient": 18}


@dataclass(frozen=True)
class Store:
    code: str
    town: str
    x: float
    y: float
    classes: tuple[str, ...]


def load_stores() -> dict[str, Store]:
    towns = ["Aalten", "Borne", "Culemborg", "Delden", "Echt", "Franeker", "Goes", "Hulst", "IJlst", "Joure"]
    kinds = list(CLASSES)
    stores = [Store(f"W{n:02d}", towns[n % 10], n * 37 % 200, n * 61 % 180, tuple(kinds[: 1 + n % 3])) for n in range(1, 31)]
    return {store.code: store for store in stores}


class Warehouses:
    """Asks the stores' own systems how many places are free."""

    def __init__(self, base: str, parallel: int = 12):
        self.base = base
        self.http = urllib3.PoolManager(maxsize=64, retries=False, timeout=urllib3.Timeout(4))
        self.workers = Pool(parallel * 8)

    def free_places(self, store: Store, kind: str) -> dict:
        answer = self.http.request("GET", f"{self.base}/stores/{store.code}/places", fields={"class": kind})
        if answer.status != 200:
            raise BadGateway(f"{store.code} answers {answer.status}")
        return {"store": store, **json.loads(answer.data)}

    def survey(self, stores: list[Store], kind: str) -> list[dict]:
        """Asks several stores in the pool's greenlets; the answers are in the order of the stores."""
        return [self.workers.apply(self.free_places, (store, kind)) for store in stores]


def distance(store: Store, x: float, y: float) -> float:
    return math.hypot(store.x - x, store.y - y)


def nearest(stores, kind: str, x: float, y: float, count: int) -> list[Store]:
    able = [store for store in stores if kind in store.classes]
    return sorted(able, key=lambda store: distance(store, x, y))[:count]


def offer(found: dict, pallets: int, x: float, y: float) -> dict:
    store, km = found["store"], distance(found["store"], x, y)
    return {"store": store.code, "town": store.town, "free": found["free"], "km": round(km, 1),
            "price": round(km * KM_RATE + pallets * found["rate"], 2), "fits": found["free"] >= pallets}


class SpaceDesk:
    urls = Map([
        Rule("/space", endpoint="space", methods=["GET"]),
        Rule("/stores/<code>", endpoint="store", methods=["GET"]),
        Rule("/classes", endpoint="classes", methods=["GET"]),
        Rule("/healthz", endpoint="healthz", methods=["GET"]),
    ])

    def __init__(self, stores: dict[str, Store], warehouses: Warehouses):
        self.stores = stores
        self.warehouses = warehouses
        self.started = time.time()

    def space(self, request: Request) -> dict:
        try:
            kind = request.args.get("class", "chilled")
            pallets = request.args.get("pallets", 1, type=int)
            x, y = (float(request.args[k]) for k in ("x", "y"))
        except (KeyError, ValueError):
            raise BadRequest("x, y, pallets, class") from None
        if kind not in CLASSES:
            raise BadRequest("class")
        stores = nearest(self.stores.values(), kind, x, y, 9)
        offers = [offer(found, pallets, x, y) for found in self.warehouses.survey(stores, kind)]
        offers.sort(key=lambda o: (not o["fits"], o["price"]))
        return {"class": kind, "degrees": CLASSES[kind], "pallets": pallets, "offers": offers}

    def store(self, request: Request, code: str) -> dict:
        found = self.stores.get(code)
        if found is None:
            raise NotFound()
        return {"store": found.code, "town": found.town, "classes": found.classes,
                "free": {kind: self.warehouses.free_places(found, kind)["free"] for kind in found.classes}}

    def classes(self, request: Request) -> dict:
        return CLASSES

    def healthz(self, request: Request) -> dict:
        return {"status": "ok", "up": round(time.time() - self.started)}

    @Request.application
    def __call__(self, request: Request) -> Response:
        try:
            endpoint, values = self.urls.bind_to_environ(request.environ).match()
            answer = getattr(self, endpoint)(request, **values)
        except HTTPException as error:
            return Response(json.dumps({"error": error.description}), error.code, mimetype="application/json")
        return Response(json.dumps(answer), mimetype="application/json")


if __name__ == "__main__":
    desk = SpaceDesk(load_stores(), Warehouses(WAREHOUSES))
    WSGIServer(("127.0.0.1", int(os.environ["PORT"])), desk, log=None).serve_forever()
