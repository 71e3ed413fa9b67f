"""Who waits for a connection in the queue of a driver of its own, in a Node.js program. Pure.

A driver that has its connections inside hands out a promise and sends the statement later: what
its promises last beyond the exchanges on its sockets is either the rest of an answer, which one
request alone waits for as well, or the turn at a connection. It is the turn where its connections
are open, nothing is asked on most of them, and so others hold them while they do something else.
"""

from __future__ import annotations

from collections.abc import Sequence

from slowcoach.diagnosis.activity import OF_DRIVER
from slowcoach.diagnosis.evidence.node_facts import Facts, activity, scaled
from slowcoach.diagnosis.evidence.node_notes import SOCKET, Note, port_of
from slowcoach.diagnosis.evidence.node_words import DRIVERS
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity

_POOL = "connection pool of the driver"


def drivers_share(waiting: Sequence[Activity], requests: float) -> float:
    """Return which part of a request alone waits for drivers beyond exchanges on their sockets."""
    beyond = sum(a.mean for a in waiting if a.state == "db" and not a.port)
    return min(1.0, beyond / requests) if requests > 0 else 1.0


def for_connections(
    inside: Sequence[Note], exchanges: Sequence[Note], facts: Facts
) -> tuple[list[Note], list[Activity]]:
    """Return the waits for drivers (`inside`: those beyond exchanges) that are for answers still,
    and those that are for a connection; `exchanges` are the operations of the same phase.
    """
    if facts.drivers_alone is None or facts.busy >= looking("loop_busy"):
        return list(inside), []
    rest, queued = list[Note](), list[Activity]()
    for driver in sorted(DRIVERS):
        mine = [n for n in inside if driver in n.packages]
        port = _held_port(driver, mine, exchanges, facts)
        total = sum(n.mean for n in mine)
        more = total - facts.drivers_alone * facts.requests
        if not port or more < looking("at_least_one") or not _told_apart(port, facts):
            continue
        for note in mine:
            waits = scaled(note, more / total)
            waits.callee = (*note.callee[:2], _POOL)
            found = activity(waits, "pool", port)
            queued.append(found.model_copy(update={"target": OF_DRIVER}))
            rest.append(scaled(note, 1 - more / total))
        inside = [n for n in inside if n not in mine]
    return [*inside, *rest], queued


def _told_apart(port: int, facts: Facts) -> bool:
    """Tell whether waits for slow answers would be known: the database itself says whether it is
    at work, or a request alone hardly waits for any.
    """
    alone = facts.drivers_alone or 0.0
    return port == facts.database_port or alone <= looking("rest_of_answers")


def _held_port(
    driver: str, waiting: Sequence[Note], exchanges: Sequence[Note], facts: Facts
) -> int:
    """Return the port to which a driver has connections that are open and hardly asked anything,
    0 if there is none. Without about as many exchanges as waits some are not seen (of a native
    library, say): then nothing is known.
    """
    mine = [n for n in exchanges if n.leaf.startswith(SOCKET) and driver in n.packages]
    ports = {port_of(n) for n in mine}
    if len(ports) != 1 or not waiting:
        return 0
    port = ports.pop()
    open_ = facts.connections.get(port, 0.0)
    awaited = sum(n.count for n in waiting)  # of each call there may be several awaits
    seen = sum(n.count for n in mine) >= looking("exchanges_seen") * awaited
    idle = sum(n.mean for n in mine) <= looking("connections_asked") * open_
    return port if seen and idle and open_ >= looking("at_least_one") else 0
