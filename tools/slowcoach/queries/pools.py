"""How large a connection pool should be: the methodology's formulas, from what is measured."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from slowcoach.core.knowledge import page

POSTGRESQL = "PostgreSQL"
MYSQL = "MySQL"
REDIS = "Redis"
HTTP = "HTTP clients"


@dataclass(frozen=True, slots=True)
class Server:
    """A database server's connections, as seen in a moment and as counted since its start.

    Counts are of the whole server and its clients, the reader's own connection left out;
    `allowed` is max_connections less what is kept for administrators. Times are in s. None is
    what the server does not tell.
    """

    engine: str
    max_connections: int
    allowed: int
    used: int
    active: float
    idle: int
    idle_in_transaction: tuple[float, ...] = ()
    transactions: tuple[float, ...] = ()
    idle_for: tuple[float, ...] = ()
    most_used: int | None = None
    hidden: int = 0
    cores: int | None = None
    in_use: float | None = None
    connected_per_s: float | None = None
    connected: int | None = None
    transactions_per_connection: float | None = None
    refused: int | None = None
    pooler: bool = False


@dataclass(frozen=True, slots=True)
class Needs:
    """What the user says. Times are in ms, `rps` is the whole service's at the peak."""

    instances: int | None = None
    pool_size: float | None = None
    waiting: float | None = None
    rps: float | None = None
    cores: float | None = None
    disks: float | None = None
    database_ms: float | None = None
    redis_ms: float | None = None
    upstream_ms: float | None = None
    allowed: float | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """A size for each instance's pool, all of them together, and how it was calculated.

    `needed` is how many are in use at the peak over all instances, by Little's law.
    """

    of: str
    each: int
    total: int
    how: str
    needed: float | None = None


@cache
def _thumb() -> Mapping[str, Mapping[str, Any]]:
    return {row["for"]: row for row in page("connection_pools").data["rules_of_thumb"]}


def useful(cores: float, disks: float | None) -> int:
    """Return how many connections a PostgreSQL server can work on at a time.

    cores x 2 + effective spindles (PostgreSQL's wiki); without the disks, + 1 (the rule of thumb).
    """
    thumb = _thumb()[POSTGRESQL]
    factor = float(thumb["factor"])
    return math.floor(cores * factor + (thumb["plus"] if disks is None else disks))


def in_use_at_peak(rps: float | None, held_ms: float | None) -> float | None:
    """Return connections in use: arrivals a second times how long each is held (Little's law)."""
    return None if rps is None or held_ms is None else rps * held_ms / 1000


def sizes(needs: Needs, server: Server | None) -> list[Size]:
    """Return the sizes that follow from what is known; nothing is made up for the rest."""
    return [*_database(needs, server), *_redis(needs), *_http(needs)]


def database_needed(needs: Needs, server: Server | None) -> float | None:
    """Return how many database connections are in use at the peak over all instances.

    What the server counted is used where the user gives no time, and as the least.
    """
    needed = in_use_at_peak(needs.rps, needs.database_ms)
    measured = None if server is None else server.in_use
    known = [value for value in (needed, measured) if value is not None]
    if not known:
        return None
    # those that wait would use a connection each, if there were one
    return max(known) + (needs.waiting or 0.0)


def _database(needs: Needs, server: Server | None) -> Iterator[Size]:
    instances = needs.instances
    if instances is None:
        return
    allowed = server.allowed if server else needs.allowed
    needed = database_needed(needs, server)
    if server is not None and server.engine == MYSQL:
        most = _thumb()[MYSQL]["max"]
        total = min(most, allowed or most)
        how = f"min({most}, {allowed:g} allowed) / {instances} instances"
        yield _size(MYSQL, total / instances, instances, how, needed)
        return
    cores = needs.cores or (server.cores if server else None)
    if cores is None or allowed is None:
        return
    work = useful(cores, needs.disks)
    plus = f"{needs.disks:g} disks" if needs.disks is not None else _thumb()[POSTGRESQL]["plus"]
    how = (
        f"min({cores:g} cores * {_thumb()[POSTGRESQL]['factor']} + {plus}, "
        f"{allowed:g} connections / {instances} instances)"
    )
    yield _size(POSTGRESQL, min(work, allowed / instances), instances, how, needed)


def _redis(needs: Needs) -> Iterator[Size]:
    needed = in_use_at_peak(needs.rps, needs.redis_ms)
    if needed is None or needs.instances is None:
        return
    thumb = _thumb()[REDIS]
    each = min(max(math.ceil(needed / needs.instances), thumb["min"]), thumb["max"])
    how = (
        f"{needs.rps:g}/s * {needs.redis_ms:g} ms / {needs.instances} instances, "
        f"{thumb['min']} to {thumb['max']} each"
    )
    yield _size(REDIS, each, needs.instances, how, needed)


def _http(needs: Needs) -> Iterator[Size]:
    needed = in_use_at_peak(needs.rps, needs.upstream_ms)
    if needed is None or needs.instances is None:
        return
    how = f"{needs.rps:g}/s * {needs.upstream_ms:g} ms / {needs.instances} instances, rounded up"
    each = math.ceil(needed / needs.instances)
    yield _size(HTTP, each, needs.instances, how, needed)


def _size(of: str, each: float, instances: int, how: str, needed: float | None) -> Size:
    whole = max(1, math.floor(each))
    return Size(of, whole, whole * instances, how, None if needed is None else round(needed, 2))
