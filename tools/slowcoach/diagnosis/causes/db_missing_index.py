"""A statement reads a large table where an index would find the few rows."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration, number
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._places import about, latency, statement
from slowcoach.diagnosis.causes._pools import queue_behind
from slowcoach.diagnosis.causes._statements import (
    database_share,
    indexable,
    of_statements,
    part,
    weight,
)
from slowcoach.diagnosis.claim import Claim
from slowcoach.diagnosis.models import Judgement, PlanNote, Statement
from slowcoach.diagnosis.view import View, ramp

WORD = "db.missing_index"
_SAID = {"filter": "condition", "sort": "sort key", "join": "join", "reference": "reference"}


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    notes = indexable(view)
    found = [s for s in (view.database.statements if view.database else ()) if s.query in notes]
    if not found:
        return Judgement(
            cause=WORD, score=0, why="no costly statement reads a large table to keep few rows"
        )
    worst = max(found, key=weight)
    note = notes[worst.query]
    behind = queue_behind(view, mending=True)
    share = min(1.0, database_share(view) + behind) * part(view, lambda s: s.query in notes)
    slow = ramp(worst.mean_ms, limits.limit("least_ms"), limits.limit("slow_ms"))
    score = share * slow * max(view.late, limits.limit("within_budget"))
    return Judgement(
        cause=WORD,
        score=score,
        why=(
            f"a statement takes {duration(worst.mean_ms / 1000)} because it reads all "
            f"{number(note.table_rows)} rows of {note.table} to keep about {number(note.kept_rows)}"
        ),
        where=(f"table {note.table}, {_columns(note)}", *about(worst, view)),
        figures=tuple(_figures(view, worst, note, share)),
        fix=(f"{note.index};",) if note.index else (),
        against="" if score else "the statement is quick",
    )


def _columns(note: PlanNote) -> str:
    said = _SAID[note.kind]
    return f"{said} on {', '.join(note.columns) or note.condition}"


def _figures(view: View, worst: Statement, note: PlanNote, share: float) -> list[Evidence]:
    figures = [
        Evidence(
            metric="share of the latency in such statements",
            value=share,
            unit="share",
            where=statement(worst.query),
        ),
        Evidence(
            metric="mean time of the statement",
            value=worst.mean_ms,
            unit="ms",
            limit=rule(WORD).limit("slow_ms"),
        ),
        Evidence(
            metric="rows of the table that the plan reads whole",
            value=note.table_rows,
            unit="rows",
            where=note.table,
            note=f"{note.text}, {note.kind} {note.condition}".strip(),
        ),
    ]
    figures += [
        Evidence(
            metric="rows read by sequential scans per request",
            value=scan.rows_read / view.requests,
            unit="rows",
            where=scan.table,
        )
        for scan in (view.database.scans if view.database else ())
        if scan.table == note.table and scan.rows_read
    ]
    return [*figures, *latency(view)]


def _claims(view: View) -> Claim:
    notes = indexable(view)
    return of_statements(view, lambda s: s.query in notes)


CAUSE = Cause(
    WORD,
    _judge,
    claims=_claims,
    symptoms=("db.slow_query", "pool.exhausted", "threads.starved"),
)
