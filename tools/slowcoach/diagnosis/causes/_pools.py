"""Who waits for a pooled connection, and what those that have one do with it meanwhile."""

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.activity import INSIDE, is_library
from slowcoach.diagnosis.causes._statements import indexable, part, repeated
from slowcoach.diagnosis.evidence.states import names_a_pool
from slowcoach.diagnosis.models import Activity, Statement
from slowcoach.diagnosis.view import Test, View, is_sql, ramp

_RESOURCE_WAITS = frozenset({"semaphore", "queue", "condition", "event"})
USES = frozenset({"db", "net"})
# what an active session does when the server has work for it, in pg_stat_activity's words
_AT_WORK = ("CPU", "IO:", "LWLock:", "IPC:", "BufferPin:")


def waits_for_pool(view: View) -> "tuple[list[Activity], bool]":
    """Return the activities that wait for a pooled resource, and whether a library says so."""
    sure = [a for a in view.loaded.activities if a.state == "pool"]
    if sure:
        return sure, True
    uses = view.mean(lambda a: a.state in USES)
    found = [
        a
        for a in view.loaded.activities
        if a.state in _RESOURCE_WAITS
        and not view.meant(a)
        and (
            any(names_a_pool(f"{p} {a.file.rsplit('/', 1)[-1]}") for p in a.path)
            or _connects(a, uses)
        )
    ]
    return found, False


def _connects(activity: Activity, uses: float) -> bool:
    """Tell whether what is waited for is used to talk to a peer: then it is a connection."""
    return activity.state in {"semaphore", "queue"} and uses > 0


def held_by_files(view: View) -> float:
    """Return which share of their time those that have a connection are in file operations of the
    library that lends it: its engine is in this process, and no server.
    """
    waiting, _ = waits_for_pool(view)
    lends = {p for a in waiting for p in a.packages if is_library(p)}
    return _held(view, lambda a: a.state == "disk" and bool(lends.intersection(a.packages)))


def held_by_engine(view: View) -> float:
    """Return the same in computing of such an engine."""
    return _held(view, lambda a: a.state == "db" and a.target == INSIDE)


def _held(view: View, test: Test) -> float:
    waiting, _ = waits_for_pool(view)
    using = view.mean(lambda a: not view.hands_over(a)) - sum(a.mean for a in waiting)
    return min(1.0, view.mean(test) / using) if using > 0 else 0.0


def waiting_share(view: View) -> float:
    """Return the share of the latency in waits for a connection."""
    waiting, _ = waits_for_pool(view)
    return min(1.0, sum(a.mean for a in waiting) / view.concurrency)


def held_by_statements(view: View) -> float:
    """Return which share of their time those that have a connection wait for the database."""
    waiting, _ = waits_for_pool(view)
    using = view.mean(lambda a: not view.hands_over(a)) - sum(a.mean for a in waiting)
    asking = view.mean(lambda a: is_sql(a) and a not in waiting)
    return min(1.0, asking / using) if using > 0 else 0.0


def server_busy(view: View) -> float:
    """Return how far the database works at the most it can: more connections would not help.

    Only what works counts, not sessions that sleep or wait for a lock or for their client.
    """
    seen = view.database.activity if view.database else {}
    working = sum(n for event, n in seen.items() if event.startswith(_AT_WORK))
    limits = rule("pool.exhausted")
    cores = max(1, view.observed.cores)
    return ramp(working / cores, limits.limit("busy") / 2, limits.limit("busy"))


def queue_behind(view: View, *, mending: bool) -> float:
    """Return the share of the latency in waits for connections that statements hold.

    `mending`: the statements can be made quick, so the pool is no limit once they are; else they
    hold up the others as far as the server has nothing left to give.
    """
    part_of_it = waiting_share(view) * held_by_statements(view)
    return part_of_it if mending else part_of_it * server_busy(view)


def held_in_vain(view: View) -> float:
    """Return which share of the time connections are held for statements that are the cause: such
    as lack an index, come by the dozen, or are slow on a server that is busy.
    """
    if view.database is None:
        return 0.0
    limits = rule("db.slow_query")
    known, many = set(indexable(view)), {s.query for s in repeated(view)}

    def slow(s: Statement) -> bool:
        return s.query not in known | many and s.mean_ms >= limits.limit("slow_ms")

    mended = part(view, lambda s: s.query in known | many)
    return held_by_statements(view) * min(1.0, mended + part(view, slow) * server_busy(view))
