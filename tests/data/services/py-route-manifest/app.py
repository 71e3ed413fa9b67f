"""Delivery routes: the planner's stops become the manifest of a vehicle."""
import os
from dataclasses import dataclass

import uvicorn
from litestar import Litestar, get, post
from litestar.exceptions import NotFoundException

from manifests import write_manifest


@dataclass
class Departure:
    driver: str
    vehicle: str


@dataclass
class Stop:
    number: int
    name: str
    street: str
    parcels: int
    window: tuple[int, int]

    def fields(self) -> list[str]:
        return [str(self.number), self.name, self.street, str(self.parcels), "{:02d}-{:02d}".format(*self.window)]


STREETS = ("Mill Lane", "Station Road", "High Street", "Park Avenue", "Harbour View")


def plan(route: int) -> list[Stop]:
    return [Stop(n, f"Customer {route * 500 + n}", f"{STREETS[(n + route) % 5]} {1 + n % 120}", 1 + n * route % 4,
                 (8 + n // 40, 10 + n // 40)) for n in range(1, 241)]


ROUTES = {f"R-{n}": plan(n) for n in range(1, 25)}


def route_stops(route: str) -> list[Stop]:
    if route not in ROUTES:
        raise NotFoundException(f"no route {route}")
    return ROUTES[route]


@post("/routes/{route:str}/manifest", sync_to_thread=True)
def make_manifest(route: str, data: Departure) -> dict:
    stops = route_stops(route)
    written = write_manifest(route, [route, data.driver, data.vehicle], [stop.fields() for stop in stops])
    return {**written, "stops": len(stops), "parcels": sum(stop.parcels for stop in stops)}


@get("/routes/{route:str}", sync_to_thread=False)
def show_route(route: str) -> dict:
    stops = route_stops(route)
    return {"route": route, "stops": len(stops), "first": stops[0].name, "last": stops[-1].name}


@get("/healthz", sync_to_thread=False)
def healthz() -> dict:
    return {"status": "ok"}


app = Litestar([make_manifest, show_route, healthz])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
