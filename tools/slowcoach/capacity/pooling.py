"""Connection pools in a capacity plan: what the server shows, and what its pools should be."""

from collections.abc import Sequence

from pydantic import Field

from slowcoach.capacity.model import Inputs, Terse
from slowcoach.core.errors import SlowcoachError
from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.job import Job
from slowcoach.core.units import number
from slowcoach.queries.pool_reading import read_server
from slowcoach.queries.pool_signs import full, signs
from slowcoach.queries.pools import Needs, Server, Size, sizes

_NO_ROOM = ("too many clients", "connection slots are reserved", "too many connections")


class Pool(Terse):
    """A pool's size: for each instance, all together, in use at the peak, and how calculated."""

    of: str
    each: int
    total: int
    needed: float | None = Field(default=None, description="In use at the peak: rate x time held.")
    how: str


class Connections(Terse):
    """A server's connections when it was looked at; of all clients, this one left out."""

    server: str
    max_connections: int
    allowed: int = Field(description="Less what is kept for administrators.")
    used: int
    active: float
    idle: int
    idle_in_transaction: int
    in_use: float | None = None
    most_used: int | None = None


def seen(job: Job, database_url: str) -> tuple[Server | None, tuple[Finding, ...]]:
    """Return the server, or the finding that it is too full to let anybody in."""
    try:
        return read_server(database_url, job), ()
    except SlowcoachError as error:
        if not any(words in error.message.lower() for words in _NO_ROOM):
            raise
        return None, (full(error.message),)


def with_server(inputs: Inputs, server: Server | None) -> tuple[Inputs, tuple[str, ...]]:
    """Return the input with what the server shows where the user says nothing, and say so."""
    if server is None:
        return inputs, ()
    said: list[str] = []
    current, limits = inputs.current, inputs.limits
    if current.db_connections_peak is None:
        most = max(server.used, server.most_used or 0)
        current = current.model_copy(update={"db_connections_peak": float(most)})
        when = "the most since the server's start" if server.most_used else "as seen now"
        said.append(f"db_connections_peak is {when}: {most}")
    if limits.max_db_connections is None:
        limits = limits.model_copy(update={"max_db_connections": float(server.allowed)})
    if inputs.current.db_cores is None and server.cores is not None:
        said.append(f"the database has this machine's {server.cores} cores")
    return inputs.model_copy(update={"current": current, "limits": limits}), tuple(said)


def pools(
    inputs: Inputs, server: Server | None
) -> tuple[list[Size], list[Finding], list[NotChecked]]:
    """Return the sizes, the warning signs, and what could not be judged."""
    needs = _needs(inputs)
    found, not_checked = signs(needs, server)
    return sizes(needs, server), found, not_checked


def _needs(inputs: Inputs) -> Needs:
    current = inputs.current
    return Needs(
        instances=current.instances,
        pool_size=current.pool_size,
        waiting=current.pool_waiting,
        rps=current.peak_rps,
        cores=current.db_cores,
        disks=current.db_disks,
        database_ms=current.db_time_ms,
        redis_ms=current.redis_time_ms,
        upstream_ms=current.upstream_time_ms,
        allowed=inputs.limits.max_db_connections,
    )


def pool_rows(found: Sequence[Size]) -> tuple[Pool, ...]:
    """Return the sizes as the answer has them."""
    return tuple(
        Pool(of=s.of, each=s.each, total=s.total, needed=s.needed, how=s.how) for s in found
    )


def connections_of(server: Server | None) -> Connections | None:
    """Return the server's connections as the answer has them."""
    if server is None:
        return None
    return Connections(
        server=server.engine,
        max_connections=server.max_connections,
        allowed=server.allowed,
        used=server.used,
        active=round(server.active, 2),
        idle=server.idle,
        idle_in_transaction=len(server.idle_in_transaction),
        in_use=None if server.in_use is None else round(server.in_use, 2),
        most_used=server.most_used,
    )


def sentence(found: Sequence[Size], server: Server | None) -> str:
    """Return what to say of connections and pools, nothing where nothing is known."""
    parts: list[str] = []
    if server is not None:
        parts.append(
            f"{server.used} of {server.allowed} connections are taken, "
            f"{number(server.active)} of them at work."
        )
    if found:
        first = found[0]
        parts.append(f"{first.of} pool of each instance: {first.each} = {first.how}.")
    return " ".join(parts)
