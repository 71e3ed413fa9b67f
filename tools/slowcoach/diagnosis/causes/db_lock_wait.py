"""Statements wait for locks that other transactions hold."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._places import issuers, latency, statement
from slowcoach.diagnosis.claim import Claim
from slowcoach.diagnosis.models import Activity, Blocking, Judgement
from slowcoach.diagnosis.view import View, is_sql, ramp, tables_of

WORD = "db.lock_wait"


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    database = view.database
    if database is None or not database.lock_waiting:
        return Judgement(cause=WORD, score=0, why="no session was seen waiting for a lock")
    waiting = database.lock_waiting / view.concurrency
    # who waits for a connection, waits for those that wait for the lock
    behind = view.share(lambda a: a.state == "pool") + view.queued / view.concurrency
    held = min(1.0, waiting + behind * ramp(waiting, 0, limits.limit("share")))
    score = ramp(held, 0, limits.limit("full_share")) * view.late
    if waiting < limits.limit("share"):
        score *= waiting / limits.limit("share")
    where, figures = (
        [],
        [
            Evidence(
                metric="sessions waiting for a lock, on average",
                value=database.lock_waiting,
                unit="count",
                note=f"of {view.concurrency} requests at a time",
            )
        ],
    )
    for block in database.blocking[:2]:
        where.append(_waiter(block))
        figures.append(
            Evidence(
                metric="looks that saw it wait",
                value=block.samples,
                unit="count",
                where=_text(block.query),
                note=_holder(block),
            )
        )
    where += [f"issued by {a.place}" for a in issuers(view)[:2]]
    where += [f"holds it meanwhile: {a.place}" for a in _holders(view)[:1]]
    return Judgement(
        cause=WORD,
        score=score,
        why=f"{number(database.lock_waiting)} sessions at a time wait for a row or table lock",
        where=tuple(where),
        figures=(*figures, *latency(view)),
        against="" if score else "few statements wait for locks",
    )


def _text(query: str) -> str:
    return statement(query) or "a statement that the role may not see"


def _waiter(block: Blocking) -> str:
    tables = ", ".join(tables_of(block.query) or tables_of(block.blocker_query))
    lock = f"{block.lock or 'lock'} on {tables}" if tables else block.lock or "lock"
    return f"{_text(block.query)} ({lock})"


def _holder(block: Blocking) -> str:
    """Return who holds what it waits for: also a client that is not this service."""
    whose = f" of {block.other}, which is not this service," if block.other else ""
    state = block.blocker_state or "in an unknown state"
    return f"held by a session{whose} {state}: {_text(block.blocker_query)}"


def _holders(view: View) -> list[Activity]:
    paths = {p for a in issuers(view)[:1] for p in a.path}
    return view.top(lambda a: not is_sql(a) and bool(paths & set(a.path)) and a.state != "pool")


def _claims(view: View) -> Claim:
    database = view.database
    waiting = database.lock_waiting / database.active if database and database.active else 0.0
    return Claim(lambda a: min(1.0, waiting) if is_sql(a) else 0.0, queues=waiting > 0)


CAUSE = Cause(
    WORD,
    _judge,
    claims=_claims,
    symptoms=("db.slow_query", "pool.exhausted", "threads.starved"),
)
