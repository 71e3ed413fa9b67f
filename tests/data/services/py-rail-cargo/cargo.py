"""Manifests of goods trains."""
import datetime as dt
import json
import os
from dataclasses import dataclass

from cheroot.wsgi import Server
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

GOODS = ("timber", "grain", "steel coils", "cars", "containers")


@dataclass(frozen=True)
class Wagon:
    number: int
    goods: str
    tonnes: float
    loaded: dt.date


FLEET = {t: [Wagon(t * 100 + w, GOODS[(t + w) % 5], 20 + w % 40, dt.date(2024, 5, 1 + w % 28)) for w in range(45)] for t in range(1, 60)}
PAPERS = [{"form": f"F-{n}", "fields": {f"f{k}": f"value {k * n}" for k in range(12)}} for n in range(30)]


def row(wagon: Wagon) -> dict:
    return {"number": wagon.number, "goods": wagon.goods, "tonnes": wagon.tonnes, "loaded": wagon.loaded, "papers": PAPERS}


def export(content) -> str:
    return json.dumps(content, indent=2, sort_keys=True, default=str)


class Cargo:
    urls = Map([Rule("/trains/<int:train>/manifest", endpoint="manifest"), Rule("/trains", endpoint="trains"),
                Rule("/healthz", endpoint="healthz")])

    def manifest(self, train):
        wagons = FLEET.get(train)
        if wagons is None:
            raise NotFound
        return {"train": train, "tonnes": sum(w.tonnes for w in wagons), "wagons": [row(w) for w in wagons]}

    def trains(self):
        return {"trains": sorted(FLEET)}

    def healthz(self):
        return {"ok": True}

    @Request.application
    def __call__(self, request):
        try:
            endpoint, values = self.urls.bind_to_environ(request.environ).match()
            return Response(export(getattr(self, endpoint)(**values)), mimetype="application/json")
        except HTTPException as error:
            return error


if __name__ == "__main__":
    Server(("127.0.0.1", int(os.environ["PORT"])), Cargo(), numthreads=8).safe_start()
