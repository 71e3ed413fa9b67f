"""Requests queue for a connection of a pool."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._outside import resource
from slowcoach.diagnosis.causes._places import latency, places, shares
from slowcoach.diagnosis.causes._pools import (
    USES,
    held_by_engine,
    held_by_files,
    held_in_vain,
    waits_for_pool,
)
from slowcoach.diagnosis.causes._turns import shared_out, waits_inside
from slowcoach.diagnosis.claim import Claim
from slowcoach.diagnosis.limits import shape
from slowcoach.diagnosis.load_signs import load_figures, unhindered
from slowcoach.diagnosis.models import Activity, Database, Judgement
from slowcoach.diagnosis.view import Test, View, ramp

WORD = "pool.exhausted"
_LOST = "none of them has one: connections were taken and not given back"
_OF_THREADS = ("forkjoinpool", "threadpool", "thread_pool")


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    waiting, sure = _waits(view)
    if not waiting and not view.observed.stacks_seen:
        return resource(view, WORD, one=False)
    if not waiting:
        return Judgement(cause=WORD, score=0, why="nobody was seen waiting for a connection")
    held = min(1.0, sum(a.mean for a in waiting) / view.concurrency)
    behind = view.queued / view.concurrency * ramp(held, 0, limits.limit("share"))
    wait = min(1.0, held + behind)
    # where one request alone is too slow, holding connections long is a consequence
    score = wait * ramp(held, 0, limits.limit("share")) * view.late * _unless_slow(view, waiting)
    score *= sure * (1 - held_in_vain(view))
    # who waits for an engine in this process waits for what that does
    score *= 1 - min(1.0, held_by_files(view) + held_by_engine(view))
    score *= 1 - shape("against") * unhindered(view) * (1 - view.alone_share(_among(waiting)))
    using = view.mean(lambda a: not view.hands_over(a)) - sum(a.mean for a in waiting)
    top = sorted(waiting, key=lambda a: (not a.path, -a.mean))
    users = view.top(lambda a: a.state in USES)
    database = view.database
    figures = [
        *shares(view, view.top(lambda a: a in waiting), "wait for a connection"),
        Evidence(metric="requests at a time that have one", value=max(0.0, using), unit="count"),
    ]
    if database:
        figures += _sessions(database)
    where = [f"pool taken from in {top[0].place}", *places(top[:1])[1:]]
    if pool := next(filter(_of_a_pool, top[0].callee), "") or top[0].waits_in:
        where.append(f"in {pool}")
    where += [f"held during {a.place}" for a in users[:1]]
    return Judgement(
        cause=WORD,
        score=score,
        why=f"{share(held)} of the requests in flight wait for a connection while "
        + (f"{number(using)} at a time have one" if using >= limits.limit("had") else _LOST),
        where=tuple(where),
        figures=(*figures, *load_figures(view), *latency(view)),
        against="" if score else "waiting for a connection takes little of the time",
    )


def _of_a_pool(function: str) -> bool:
    """Tell whether a library's function is a pool's, and not one of threads."""
    name = function.lower()
    return "pool" in name and not any(word in name for word in _OF_THREADS)


def _among(waiting: list[Activity]) -> Test:
    """Return the test for activities like these, in whatever phase they were seen."""
    known = {(a.state, a.function, a.file) for a in waiting}
    return lambda a: (a.state, a.function, a.file) in known


def _sessions(database: Database) -> list[Evidence]:
    """Return how many connections the pool has open, and what they do."""
    allowed = f"of {database.most_allowed} that the server lets in" if database.most_allowed else ""
    return [
        Evidence(
            metric="connections of the pool (sessions in the database)",
            value=database.max_sessions,
            unit="count",
            note=allowed,
        ),
        Evidence(metric="of them active, on average", value=database.active, unit="count"),
        Evidence(
            metric="of them idle in an open transaction, on average",
            value=database.idle_in_transaction,
            unit="count",
        ),
    ]


def _unless_slow(view: View, waiting: list[Activity]) -> float:
    """Return what is left of the sign where one request alone is slow, but for its own waits for
    a connection: those tell of connections that never came back.
    """
    lone_ms = view.alone_ms * (1 - view.alone_share(_among(waiting)))
    return min(1.0, rule(WORD).limit("alone_ms") / lone_ms) if lone_ms else 1.0


def _waits(view: View) -> tuple[list[Activity], float]:
    """Return who waits for a connection, and how sure that is: what nothing names is told by how
    many go on at a time.
    """
    named, _ = waits_for_pool(view)
    if named:
        return named, 1.0
    sure = shared_out(view)
    return [a for a in view.loaded.activities if sure and waits_inside(a)], sure


def _claims(view: View) -> Claim:
    waiting, sure = _waits(view)
    return Claim(lambda a: sure * (a in waiting), queues=bool(waiting))


CAUSE = Cause(WORD, _judge, claims=_claims)
