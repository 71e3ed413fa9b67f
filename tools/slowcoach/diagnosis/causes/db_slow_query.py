"""One statement is slow for another reason than a missing index."""

import re

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, number, share, size
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._places import about, issuers, latency, places, statement
from slowcoach.diagnosis.causes._pools import queue_behind
from slowcoach.diagnosis.causes._statements import (
    database_share,
    indexable,
    of_statements,
    part,
    reading,
    repeated,
    weight,
)
from slowcoach.diagnosis.claim import Claim
from slowcoach.diagnosis.models import Judgement, Statement, TableScans
from slowcoach.diagnosis.view import View, ramp

WORD = "db.slow_query"
_BLOCK = 8192
_OFFSET = re.compile(r"\boffset\s+[$%(\d]", re.IGNORECASE)


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    slow, many = indexable(view), {s.query for s in repeated(view)}
    candidates = [
        s
        for s in (view.database.statements if view.database else ())
        if s.query not in slow and s.query not in many
    ]
    if not candidates:
        return _unseen(view)
    worst = max(candidates, key=weight)
    portion = part(view, lambda s: s.query == worst.query)
    blocked = _blocked(view)
    behind = queue_behind(view, mending=False)
    held = min(1.0, database_share(view) + behind) * portion * (1 - min(1.0, blocked))
    held = min(1.0, held + reading(view))
    rows = worst.rows / worst.calls if worst.calls else 0.0
    slow_itself = ramp(worst.mean_ms, limits.limit("least_ms"), limits.limit("slow_ms"))
    too_many = ramp(rows, limits.limit("rows") / 2, limits.limit("rows"))
    score = held * max(slow_itself, too_many) * view.late
    return Judgement(
        cause=WORD,
        score=score,
        why=(
            f"one statement takes {duration(worst.mean_ms / 1000)} and gives {number(rows)} rows"
            f"{_reason(worst, view)}; {share(held)} of the latency"
        ),
        where=tuple(about(worst, view)),
        figures=(
            Evidence(
                metric="mean time of the statement",
                value=worst.mean_ms,
                unit="ms",
                limit=limits.limit("slow_ms"),
                where=statement(worst.query),
            ),
            Evidence(metric="share of the latency in it", value=held, unit="share"),
            Evidence(metric="rows per call", value=rows, unit="rows", limit=limits.limit("rows")),
            Evidence(metric="size of the answer", value=view.loaded.body_bytes, unit="bytes"),
            *latency(view),
        ),
        against="" if score else "no statement is slow by itself",
    )


def _blocked(view: View) -> float:
    """Return the share of the active sessions that wait for a lock."""
    database = view.database
    return database.lock_waiting / database.active if database and database.active else 0.0


def _reason(worst: Statement, view: View) -> str:
    if worst.temp_blocks and worst.calls:
        return f", spilling {size(_BLOCK * worst.temp_blocks / worst.calls)} to disk"
    if _OFFSET.search(worst.query):
        return ", after all those that its OFFSET skips"
    for note in view.database.plans if view.database else ():
        if note.query == worst.query and note.kind != "none":
            return f" by a {note.text} over {number(note.table_rows)} rows"
    return ""


def _unseen(view: View) -> Judgement:
    """Judge without the database's own figures: a driver that waits long in few calls.

    It may as well lack an index or wait for a lock: that is for the next measurement to tell.
    """
    waiting = issuers(view)
    held = database_share(view)
    calls = sum(
        view.loaded.exchanges.get(port, 0)
        for port in {a.port for a in view.loaded.activities if a.state == "db" and a.port}
    )
    limits = rule(WORD)
    few = 1 - ramp(calls / view.requests, limits.limit("few_calls"), limits.limit("many_calls"))
    blind = view.database is None or not view.database.statements_seen
    read = [f"table {scan.table}, read whole" for scan in _scans(view)]
    return Judgement(
        cause=WORD,
        score=held * few * view.late * limits.limit("unseen") if waiting and blind else 0.0,
        why=f"{share(held)} of the latency is in the database, whose statements were not seen",
        where=(*places(waiting), *read[:1]),
        figures=(
            Evidence(metric="share of the latency in the database", value=held, unit="share"),
            *latency(view),
        ),
        against="" if waiting else "no time is spent in a database",
    )


def _scans(view: View) -> list[TableScans]:
    """Return the large tables that each request has read whole, the largest first."""
    least = rule("db.missing_index").limit("table_rows")
    scans = view.database.scans if view.database else ()
    return [scan for scan in scans if scan.rows_read / view.requests >= least]


def _claims(view: View) -> Claim:
    others = set(indexable(view)) | {s.query for s in repeated(view)}
    return of_statements(view, lambda s: s.query not in others)


CAUSE = Cause(
    WORD,
    _judge,
    claims=_claims,
    symptoms=("cpu.hot_function", "pool.exhausted", "threads.starved"),
)
