"""Register of streets for address forms: prefixes, spellings of old names, house numbers."""
import bisect
import gc
import logging
import os
import random
import resource
import unicodedata
from dataclasses import dataclass, field

import falcon
from cheroot.wsgi import Server

log = logging.getLogger("streets")
MEMORY_LIMIT_MB = int(os.environ.get("MEMORY_LIMIT_MB", "64"))
STEMS = ("Berg", "Bern", "Linden", "Kirch", "Markt", "Hafen", "Wiesen", "Schul", "Mühl", "Garten", "Birken", "Brücken", "Bahnhof")
ENDS = ("straße", "weg", "gasse", "platz", "allee", "ufer", "steig")


@dataclass
class Section:
    """A stretch of a street with its own postcode."""
    first: int
    last: int
    postcode: str
    side: str


@dataclass
class Street:
    number: int
    name: str
    town: int
    former: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def postcodes(self) -> list[str]:
        return sorted({section.postcode for section in self.sections})

    def houses(self) -> int:
        return sum((section.last - section.first) // 2 + 1 for section in self.sections)


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


class Register:
    def __init__(self):
        self._by_number: dict[int, Street] = {}
        self._by_town: dict[int, list[tuple[str, Street]]] = {}

    def add(self, street: Street) -> None:
        self._by_number[street.number] = street
        names = self._by_town.setdefault(street.town, [])
        names.extend((folded(name), street) for name in (street.name, *street.former))

    def finish(self) -> None:
        for names in self._by_town.values():
            names.sort(key=lambda pair: (pair[0], pair[1].number))

    def street(self, number: int) -> Street | None:
        return self._by_number.get(number)

    def starting(self, town: int, prefix: str, limit: int) -> list[Street]:
        names = self._by_town.get(town, [])
        wanted = folded(prefix)
        found: dict[int, Street] = {}
        for index in range(bisect.bisect_left(names, wanted, key=lambda pair: pair[0]), len(names)):
            name, street = names[index]
            if not name.startswith(wanted) or len(found) == limit:
                break
            found.setdefault(street.number, street)
        return list(found.values())

    def __len__(self) -> int:
        return len(self._by_number)


def load_register(streets: int) -> Register:
    rnd = random.Random(77)
    register = Register()
    for number in range(streets):
        name = f"{rnd.choice(STEMS)}{rnd.choice(ENDS)} {number % 400}"
        former = [f"Alte {name}"] if number % 6 == 0 else []
        sections = [Section(1 + 40 * k, 39 + 40 * k, f"{10000 + (number * 7 + k) % 900}", "both") for k in range(1 + number % 5)]
        register.add(Street(number, name, number % 40, former, sections))
    register.finish()
    return register


class MemoryGuard:
    """The container ends at its limit: give back what finished requests left before that happens."""

    def __init__(self, limit_mb: int):
        self._limit_kb = limit_mb * 1024

    def process_response(self, req, resp, resource_, req_succeeded):
        if resource_ is not None and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > self._limit_kb:
            self.trim(req)

    def trim(self, req) -> None:
        freed = gc.collect()
        log.debug("%s: %d objects given back", req.path, freed)


class Health:
    """Answers the balancer's question itself, before anything else is done."""

    def process_request(self, req, resp):
        if req.path == "/status":
            resp.media = {"status": "ok"}
            resp.complete = True


def brief(street: Street) -> dict:
    return {"id": street.number, "name": street.name, "former": street.former, "postcodes": street.postcodes()}


class TownStreets:
    def __init__(self, register: Register):
        self._register = register

    def on_get(self, req, resp, town):
        prefix = req.get_param("prefix", required=True)
        limit = req.get_param_as_int("limit", default=20, min_value=1, max_value=200)
        streets = self._register.starting(town, prefix, limit)
        resp.media = {"town": town, "streets": [brief(street) for street in streets]}
        resp.cache_control = ["public", "max-age=60"]


class OneStreet:
    def __init__(self, register: Register):
        self._register = register

    def _street_or_404(self, number: int) -> Street:
        street = self._register.street(number)
        if street is None:
            raise falcon.HTTPNotFound()
        return street

    def on_get(self, req, resp, number):
        street = self._street_or_404(number)
        resp.media = {**brief(street), "houses": street.houses()}

    def on_get_house(self, req, resp, number, house):
        for section in self._street_or_404(number).sections:
            if section.first <= house <= section.last:
                resp.media = {"postcode": section.postcode, "side": section.side}
                return
        raise falcon.HTTPNotFound()


def make_app() -> falcon.App:
    register = load_register(36_000)
    log.info("%d streets", len(register))
    app = falcon.App(middleware=[Health(), MemoryGuard(MEMORY_LIMIT_MB)])
    one = OneStreet(register)
    app.add_route("/towns/{town:int}/streets", TownStreets(register))
    app.add_route("/streets/{number:int}", one)
    app.add_route("/streets/{number:int}/houses/{house:int}", one, suffix="house")
    return app


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ["PORT"])), make_app(), numthreads=8)
    try:
        server.start()
    except KeyboardInterrupt:
        server.stop()
