"""The database's time by statement, as shares of the loaded latency."""

import re
from collections.abc import Callable

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.claim import Claim
from slowcoach.diagnosis.models import Activity, PlanNote, Statement
from slowcoach.diagnosis.view import View, burns, is_sql, ramp

_TRANSACTIONS = re.compile(
    r"\s*(?:begin|start transaction|commit|end|rollback|abort|savepoint|release)\b", re.IGNORECASE
)


def weight(item: Statement) -> float:
    """Return what a statement costs in ms in all: its time in the server, and a round trip each."""
    return item.total_ms + item.calls * rule("db.n_plus_one").limit("round_trip_ms")


def part(view: View, test: Callable[[Statement], bool]) -> float:
    """Return the share of the database's time in statements that pass a test."""
    database = view.database
    if database is None:
        return 0.0
    total = sum(weight(s) for s in database.statements)
    return sum(weight(s) for s in database.statements if test(s)) / total if total else 0.0


def repeated(view: View) -> list[Statement]:
    """Return the statements that a request issues many times, most first.

    What merely begins and ends transactions comes last, and does not count alone: those who look
    at the database begin and end some as well.
    """
    least = rule("db.n_plus_one").limit("least_calls")
    found = [
        s
        for s in (view.database.statements if view.database else ())
        if s.calls / view.requests >= least
    ]
    if all(_TRANSACTIONS.match(s.query) for s in found):
        return []
    return sorted(found, key=lambda s: (bool(_TRANSACTIONS.match(s.query)), -s.calls))


def indexable(view: View) -> dict[str, PlanNote]:
    """Return, by statement, the plans that read a large table to keep few of its rows."""
    limits = rule("db.missing_index")
    found: dict[str, PlanNote] = {}
    for note in view.database.plans if view.database else ():
        selective = note.kept_rows <= note.table_rows * limits.limit("kept_share")
        if (
            note.kind in {"filter", "sort", "join", "reference"}
            and not note.has_index
            and note.table_rows >= limits.limit("table_rows")
            and note.cost_share >= limits.limit("cost_share")
            and selective
        ):
            found[note.query] = note
    return found


def fetched(view: View) -> float:
    """Return how far the rows that a request fetches are more than its answer can be made of.

    0: few rows, or an answer as large as they; 1: thousands of rows for a small answer.
    """
    limits = rule("db.slow_query")
    database = view.database
    rows = sum(s.rows for s in database.statements) / view.requests if database else 0.0
    many = ramp(rows, limits.limit("rows") / 2, limits.limit("rows"))
    each = view.loaded.body_bytes / rows if rows else 0.0
    least = limits.limit("bytes_per_row")
    return many * (1 - ramp(each, least, 3 * least))


def reading(view: View) -> float:
    """Return the share of the latency that goes into rows that were fetched, in the program.

    The functions that talk to the database make objects of its rows; where far more rows come
    than the answer holds, all computing is for them.
    """
    limits = rule("db.slow_query")
    database = view.database
    most = (
        max((s.rows / s.calls for s in database.statements if s.calls), default=0.0)
        if database
        else 0.0
    )
    many = ramp(most, limits.limit("rows") / 2, limits.limit("rows"))
    askers = {(a.function, a.file) for a in view.loaded.activities if a.state == "db"}
    own = view.own_share(lambda a: burns(a) and (a.function, a.file) in askers) * many
    return max(own, view.compute_share * fetched(view))


def database_share(view: View) -> float:
    """Return the share of the latency that the database explains.

    With stacks they tell; without, the statements' own time per request does.
    """
    if view.visible:
        return view.sql_share
    database = view.database
    if database is None or not view.mean_ms:
        return 0.0
    spent = sum(weight(s) for s in database.statements) / view.requests
    return min(1.0, spent / view.mean_ms)


def asking_share(view: View) -> float:
    """Return the share of the latency in which libraries compute for statements, beyond drivers: in
    calls by the program's functions that ask the database as well, such as an object mapper's.
    """
    both = (*view.loaded.activities, *view.alone.activities)
    calls = {(a.function, a.file, a.callee[0]) for a in both if is_sql(a) and a.callee}
    return view.share(
        lambda a: burns(a) and bool(a.callee) and (a.function, a.file, a.callee[0]) in calls
    )


def of_statements(view: View, test: Callable[[Statement], bool]) -> Claim:
    """Return the claim to what is spent on statements that pass a test: their part of the waits
    for the database, and of the computing in the functions that ask it.
    """
    # without the database's own figures all of it is one
    mine = part(view, test) if view.database and view.database.statements else 1.0
    both = (*view.loaded.activities, *view.alone.activities)
    askers = {(a.function, a.file) for a in both if is_sql(a) and a.path}

    def claimed(a: Activity) -> float:
        return mine if is_sql(a) or (burns(a) and (a.function, a.file) in askers) else 0.0

    return Claim(claimed)
