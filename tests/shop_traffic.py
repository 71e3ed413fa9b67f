"""Access logs of a shop with known weights, pauses and rates, made from a seed."""

import json
import math
import random
import statistics
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

WEIGHTS = {
    "GET /": 20,
    "GET /products/{id}": 30,
    "GET /users/{id}/orders": 12,
    "GET /blog/{id}": 10,
    "GET /search": 15,
    "GET /api/v1/items/{id}/reviews/{id}": 8,
    "GET /about": 5,
}
_WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"]
BEGUN = 1_795_000_000.25


@dataclass(frozen=True)
class Shop:
    """What a log's users do. Pauses are lognormal unless `pause` says how to draw one."""

    seed: int = 1
    visits: int = 1500
    median_s: float = 6.0
    sigma: float = 0.8
    hours: float = 6.0
    lengths: tuple[int, int] = (5, 15)
    addresses: int = 0
    service_s: float = 0.0
    again_s: float | None = None
    pause: Callable[[random.Random], float] | None = None


@dataclass(frozen=True)
class Request:
    """One request, when it came and how long its answer took."""

    at: float
    took: float
    visit: int
    address: str
    agent: str
    method: str
    target: str
    status: int
    size: int


@dataclass
class Traffic:
    """The requests in the order of time, and what is true of them."""

    requests: list[Request] = field(default_factory=list[Request])
    pauses: list[float] = field(default_factory=list[float])
    counts: Counter[str] = field(default_factory=Counter[str])

    def median(self) -> float:
        """Return the median of the pauses that were drawn, by their mean logarithm."""
        return math.exp(math.fsum(map(math.log, self.pauses)) / len(self.pauses))

    def sigma(self) -> float:
        """Return the standard deviation of their logarithms."""
        return statistics.pstdev(map(math.log, self.pauses))

    def share(self, name: str) -> float:
        """Return an endpoint's share of the requests that were made."""
        return self.counts[name] / self.counts.total()


def traffic(shop: Shop) -> Traffic:
    """Return the shop's traffic: visits begin at random, and each is one user's."""
    pick = random.Random(shop.seed)
    slugs = ["-".join(pick.choices(_WORDS, k=4)) for _ in range(150)]
    names = list(WEIGHTS)
    made = Traffic()
    for visit in range(shop.visits):
        number = pick.randrange(shop.addresses) if shop.addresses else visit
        address = f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"
        agent = f"Mozilla/5.0 (X11; Linux x86_64) Chrome/{100 + visit % 40}.0.{visit}"
        if shop.again_s is None:
            at = BEGUN + pick.random() * shop.hours * 3600
        else:  # one client comes again and again, after pauses that are no pauses
            agent, address = f"Chrome/{100 + visit % 40}", f"10.1.0.{visit % 40}"
            at = BEGUN + (visit // 40) * shop.again_s + pick.random() * shop.again_s / 4
        for step in range(pick.randint(*shop.lengths)):
            if step:
                drawn = math.exp(math.log(shop.median_s) + shop.sigma * pick.gauss(0, 1))
                pause = shop.pause(pick) if shop.pause else drawn
                made.pauses.append(pause)
                at += pause
            name = pick.choices(names, list(WEIGHTS.values()))[0]
            made.counts[name] += 1
            took = shop.service_s * pick.uniform(0.5, 1.5)
            method, target = _asked(name, pick, slugs)
            status = pick.choices([200, 304, 404, 500], [90, 6, 3, 1])[0]
            size = pick.randrange(100, 50_000)
            made.requests.append(
                Request(at, took, visit, address, agent, method, target, status, size)
            )
            at += took
    made.requests.sort(key=lambda request: request.at + request.took)
    return made


def _asked(name: str, pick: random.Random, slugs: list[str]) -> tuple[str, str]:
    method, path = name.split(" ")
    if path.startswith("/users"):
        path = path.replace("{id}", str(uuid.UUID(int=pick.getrandbits(128))))
    elif path.startswith("/blog"):
        path = path.replace("{id}", pick.choice(slugs))
    elif path == "/search":
        path = f"/search?q={pick.choice(_WORDS)}&page={pick.randrange(1, 4)}"
    while "{id}" in path:
        path = path.replace("{id}", str(pick.randrange(1, 100_000)), 1)
    return method, path


def clf(at: float, hours: float = 0) -> str:
    """Return a time as common logs have it, in a zone so many hours east."""
    zone = timezone(timedelta(hours=hours))
    return datetime.fromtimestamp(int(at), UTC).astimezone(zone).strftime("%d/%b/%Y:%H:%M:%S %z")


def combined(request: Request) -> str:
    """Return nginx's combined line: its time is the answer's end, in whole seconds."""
    return (
        f'{request.address} - - [{clf(request.at + request.took)}] "{request.method} '
        f'{request.target} HTTP/1.1" {request.status} {request.size} "-" "{request.agent}"'
    )


def timed(request: Request) -> str:
    """Return nginx's combined line with $request_time behind it."""
    return f"{combined(request)} {request.took:.3f}"


def precise(request: Request) -> str:
    """Return a line of nginx with $msec and $request_time."""
    end = request.at + request.took
    return (
        f'{end:.3f} {request.address} "{request.method} {request.target} HTTP/1.1" '
        f'{request.status} {request.size} {request.took:.3f} "{request.agent}"'
    )


def apache(request: Request) -> str:
    """Return Apache's combined line with %D: its time is the request's begin."""
    return (
        f'{request.address} - - [{clf(request.at)}] "{request.method} {request.target} HTTP/1.1" '
        f'{request.status} {request.size} "-" "{request.agent}" {request.took * 1e6:.0f}'
    )


def lines_of_json(request: Request) -> str:
    """Return a line as many services write it: JSON, with an ISO time to the millisecond."""
    at = datetime.fromtimestamp(request.at + request.took, UTC).isoformat(timespec="milliseconds")
    return json.dumps(
        {
            "time": at,
            "remote_addr": request.address,
            "method": request.method,
            "path": request.target,
            "status": request.status,
            "bytes": request.size,
            "duration_ms": round(request.took * 1000, 3),
            "user_agent": request.agent,
        }
    )


def cookied(request: Request) -> str:
    """Return a combined line of users behind one address with one agent, told by a cookie."""
    return (
        f'192.0.2.1 - - [{clf(request.at + request.took)}] "{request.method} {request.target} '
        f'HTTP/1.1" {request.status} {request.size} "-" "Mozilla/5.0 Chrome/120" '
        f'"{uuid.uuid5(uuid.NAMESPACE_URL, str(request.visit)).hex}"'
    )


def lines(made: Traffic, form: Callable[[Request], str]) -> Iterator[str]:
    """Yield a log's lines with their ends."""
    for request in made.requests:
        yield f"{form(request)}\n"


def write(path: Path, made: Traffic, form: Callable[[Request], str]) -> Path:
    """Write a log and return its path."""
    path.write_text("".join(lines(made, form)))
    return path
