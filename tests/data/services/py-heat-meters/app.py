"""District heating: checks what the heat meters of a district sent in last night before it is billed."""
import os
import random
import threading
from collections import Counter
from dataclasses import dataclass

from cheroot.wsgi import Server
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound
from pyramid.view import view_config


class MeterError(Exception):
    """Something is wrong with a night or with one of its readings."""


class Implausible(MeterError):
    def __init__(self, meter: str, why: str):
        super().__init__(f"{meter}: {why}")
        self.meter = meter
        self.why = why




@dataclass(slots=True)
class Reading:
    meter: str
    hour: int
    kwh: float
    supply: float
    back: float
    litres: int


class FaultJournal:
    """What went wrong with the nights, for the engineers' page and the count on the check's answer."""

    def __init__(self):
        self._faults: list[tuple[str, MeterError]] = []
        self._lock = threading.Lock()

    def note(self, district: str, fault: MeterError) -> None:
        with self._lock:
            self._faults.append((district, fault))

    def recent(self, count: int) -> list[dict]:
        with self._lock:
            last = self._faults[-count:]
        return [{"district": district, "kind": type(fault).__name__, "text": str(fault)} for district, fault in reversed(last)]

    def worst_meters(self, district: str, count: int) -> list[dict]:
        with self._lock:
            faults = list(self._faults)
        by_meter = Counter(f.meter for where, f in faults if where == district and isinstance(f, Implausible))
        return [{"meter": meter, "faults": n} for meter, n in by_meter.most_common(count)]


def send_night(district: str, meters: int, seed: int) -> str:
    """The night as the concentrator delivers it: one line a meter and hour."""
    rnd = random.Random(seed)
    lines = []
    for n in range(meters):
        for hour in range(6):
            supply = rnd.uniform(72, 88)
            back = supply - rnd.uniform(18, 30)
            litres = rnd.randrange(20, 260)
            kwh = litres * (supply - back) * 1.163 / 1000
            if rnd.random() < 0.04:
                kwh *= rnd.choice((0.3, 2.4))
            lines.append(f"{district[:2].upper()}{n:05d};{hour};{kwh:.3f};{supply:.1f};{back:.1f};{litres}")
    return "\n".join(lines)


class Nights:
    def __init__(self):
        self._latest = {"east": send_night("east", 280, 3), "harbour": send_night("harbour", 60, 7)}

    def latest(self, district: str) -> str:
        if district not in self._latest:
            raise HTTPNotFound(json_body={"error": "no such district"})
        return self._latest[district]


def parse(text: str) -> list[Reading]:
    readings = []
    for line in text.splitlines():
        meter, hour, kwh, supply, back, litres = line.split(";")
        readings.append(Reading(meter, int(hour), float(kwh), float(supply), float(back), int(litres)))
    return readings


def check_reading(reading: Reading, tolerance: float) -> None:
    expected = reading.litres * (reading.supply - reading.back) * 1.163 / 1000
    if expected <= 0:
        raise Implausible(reading.meter, "flows backwards")
    if abs(reading.kwh - expected) > tolerance * expected:
        raise Implausible(reading.meter, f"{reading.kwh:.2f} kWh, {expected:.2f} expected at {reading.hour} h")


def check_night(text: str, tolerance: float, district: str, journal: FaultJournal) -> dict:
    readings = parse(text)
    good, total = 0, 0.0
    for reading in readings:
        try:
            check_reading(reading, tolerance)
        except Implausible as fault:
            journal.note(district, fault)
        else:
            good += 1
            total += reading.kwh
    return {"readings": len(readings), "good": good, "kwh": round(total, 1)}


def tolerance_of(request) -> float:
    try:
        return float(request.json_body.get("tolerance", 0.1))
    except (ValueError, AttributeError):
        raise HTTPBadRequest(json_body={"error": "tolerance must be a number"}) from None


@view_config(route_name="check", request_method="POST", renderer="json")
def check(request):
    district = request.matchdict["district"]
    journal = request.registry.journal
    text = request.registry.nights.latest(district)
    result = check_night(text, tolerance_of(request), district, journal)
    return {"district": district, **result, "worst": journal.worst_meters(district, 5)}


@view_config(route_name="faults", request_method="GET", renderer="json")
def faults(request):
    return request.registry.journal.recent(min(int(request.params.get("count", 20)), 200))


@view_config(route_name="night", request_method="GET", renderer="string")
def night(request):
    return request.registry.nights.latest(request.matchdict["district"])


@view_config(route_name="health", renderer="json")
def health(request):
    return {"status": "ok"}


def make_app():
    with Configurator() as config:
        config.registry.journal = FaultJournal()
        config.registry.nights = Nights()
        config.add_route("check", "/districts/{district}/nights/latest/check")
        config.add_route("night", "/districts/{district}/nights/latest")
        config.add_route("faults", "/faults")
        config.add_route("health", "/health")
        config.scan(__name__)
        return config.make_wsgi_app()


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ["PORT"])), make_app(), numthreads=10)
    try:
        server.start()
    except KeyboardInterrupt:
        server.stop()
