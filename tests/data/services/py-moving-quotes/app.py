"""House removals: quotes for a move from one district to another."""
import math
import os
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import cherrypy
import urllib3

DISTRICT = re.compile(r"[A-Z]\d{2}")
CUBIC_METRES_A_ROOM = Decimal("11.5")
VANS = ((12, "luton", Decimal("0.92")), (28, "seven and a half tonnes", Decimal("1.35")), (55, "eighteen tonnes", Decimal("1.90")))
CREW_HOUR = Decimal("31.00")
STAIRS = Decimal("0.06")


class RoadAtlas:
    def __init__(self, base: str):
        self._base = base
        self._http = urllib3.PoolManager(maxsize=24, timeout=urllib3.Timeout(connect=1, read=4), retries=False)

    def between(self, origin: str, destination: str) -> dict:
        answer = self._http.request("GET", f"{self._base}/road", fields={"from": origin, "to": destination})
        if answer.status != 200:
            raise cherrypy.HTTPError(502, "no answer from the atlas")
        return answer.json()


class Removal:
    """One move. What follows from its particulars is worked out when it is first asked for."""

    def __init__(self, atlas: RoadAtlas, origin: str, destination: str, rooms: int, floor: int):
        self._atlas = atlas
        self.origin = origin
        self.destination = destination
        self.rooms = rooms
        self.floor = floor

    @cached_property
    def road(self) -> dict:
        return self._atlas.between(self.origin, self.destination)

    @property
    def road_km(self) -> int:
        return self.road["km"]

    @cached_property
    def volume(self) -> Decimal:
        return self.rooms * CUBIC_METRES_A_ROOM

    @cached_property
    def van(self) -> tuple[str, Decimal, int]:
        for limit, name, rate in VANS:
            if self.volume <= limit:
                return name, rate, 1
        limit, name, rate = VANS[-1]
        return name, rate, math.ceil(self.volume / limit)

    @cached_property
    def crew(self) -> int:
        return 2 + (self.rooms > 3) + (self.floor > 3)

    @property
    def hours(self) -> Decimal:
        loading = self.volume / 9 * (1 + STAIRS * self.floor)
        return loading + Decimal(self.road_km) / 65

    def lines(self) -> list[tuple[str, Decimal]]:
        name, rate, vans = self.van
        lines = [
            (f"{vans} x {name}, {self.road_km} km", rate * vans * self.road_km),
            (f"crew of {self.crew}", CREW_HOUR * self.crew * self.hours),
        ]
        if self.road["toll"]:
            lines.append(("road toll", Decimal(str(self.road["toll"])) * vans))
        if self.road["ferry"]:
            lines.append(("ferry", Decimal("140.00") * vans))
        return lines


def money(amount: Decimal) -> str:
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


def district(value: str) -> str:
    if not DISTRICT.fullmatch(value):
        raise cherrypy.HTTPError(422, "a district is a letter and two digits")
    return value


def small_number(value: str, most: int) -> int:
    if not value.isdigit() or int(value) > most:
        raise cherrypy.HTTPError(422, f"a number up to {most}")
    return int(value)


class Desk:
    def __init__(self, atlas: RoadAtlas):
        self._atlas = atlas

    def _removal(self, origin: str, destination: str, rooms: str, floor: str) -> Removal:
        return Removal(self._atlas, district(origin), district(destination), small_number(rooms, 14), small_number(floor, 30))

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def quotes(self, origin, destination, rooms="2", floor="0"):
        removal = self._removal(origin, destination, rooms, floor)
        lines = removal.lines()
        return {
            "from": removal.origin,
            "to": removal.destination,
            "cubic_metres": str(removal.volume),
            "lines": [{"what": what, "amount": money(amount)} for what, amount in lines],
            "total": money(sum(amount for _, amount in lines)),
        }

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def vans(self, rooms="2"):
        name, rate, count = self._removal("A00", "A00", rooms, "0").van
        return {"van": name, "vans": count, "rate_per_km": str(rate)}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def health(self):
        return {"status": "ok"}


if __name__ == "__main__":
    cherrypy.config.update({
        "server.socket_host": "127.0.0.1",
        "server.socket_port": int(os.environ["PORT"]),
        "server.thread_pool": 16,
        "engine.autoreload.on": False,
        "log.screen": False,
        "environment": "production",
    })
    cherrypy.quickstart(Desk(RoadAtlas(f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}")), "/")
