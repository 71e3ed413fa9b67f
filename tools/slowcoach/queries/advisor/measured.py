"""Build a set of indexes on a copy, time every statement with and without, roll it all back."""

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from slowcoach.core.job import Cancellation
from slowcoach.queries.advisor.workload import Query
from slowcoach.queries.connection import fetch
from slowcoach.queries.functions import require_harmless
from slowcoach.queries.statement import only_select
from slowcoach.queries.timed import building, run_ms

_RUNS: Final = 3
_TURNS: Final = 2
_STATEMENT_S: Final = 30.0  # of one run; a statement that takes longer counts as this long


@dataclass(frozen=True, slots=True)
class Timing:
    """One statement's median times in ms, without and with the indexes.

    `cut` tells that one of them is how long it was let run, and not how long it takes.
    """

    query: Query
    before_ms: float
    after_ms: float
    used: frozenset[str]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What was kept of a set, what was taken out again and why, and the times with what is kept."""

    kept: tuple[str, ...]
    taken_out: tuple[tuple[str, str], ...]
    timings: tuple[Timing, ...]
    build_ms: float

    @property
    def before_ms(self) -> float:
        """Return the workload's time without the indexes."""
        return sum(t.query.weight * t.before_ms for t in self.timings)

    @property
    def after_ms(self) -> float:
        """Return the workload's time with those that are kept."""
        return sum(t.query.weight * t.after_ms for t in self.timings)


def measured(
    copy_url: str,
    queries: Sequence[Query],
    statements: Sequence[str],
    *,
    slower: float,
    on_step: Callable[[str], None] = lambda _text: None,
    cancellation: Cancellation | None = None,
) -> Measured:
    """Time the statements on a copy, build the indexes, time again; take out what does harm.

    A statement that is slower than before by more than the share `slower`, and is so again when
    it is timed without and with the set in turns, takes out the index without which it is
    quickest. Statements with parameters are left out, and one that does not end within 30 s
    counts as that. All is one transaction that is rolled back. Raises as `timed` does.
    """
    with building(copy_url, cancellation) as connection:
        runnable = [q for q in queries if _runs(connection, q)]
        before: dict[str, float] = {}
        for query in runnable:
            on_step(f"Timing {query.name} before")
            before[query.sql] = _median(connection, query, cancellation)[0]
        names, build_ms = _built(connection, statements, on_step)
        taken_out: list[tuple[str, str]] = []
        after = {q.sql: _timed(connection, q, on_step, cancellation) for q in runnable}
        cleared: set[str] = set()
        while (lost := _loser(runnable, before, after, names, cleared, slower)) is not None:
            found = _culprit(connection, lost, after[lost.sql][1] & names.keys(), names, slower)
            if found is None:
                cleared.add(lost.sql)
                continue
            name, ratio = found
            connection.execute(f"DROP INDEX {name}".encode())
            taken_out.append(
                (names.pop(name), f"{lost.name} took {ratio:.2g} times as long with it")
            )
            for other in runnable:
                if name in after[other.sql][1]:
                    after[other.sql] = _timed(connection, other, on_step, cancellation)
        timings = tuple(
            Timing(
                q,
                before[q.sql],
                after[q.sql][0],
                after[q.sql][1],
                cut=max(before[q.sql], after[q.sql][0]) >= _STATEMENT_S * 1000,
            )
            for q in runnable
        )
        return Measured(tuple(names.values()), tuple(taken_out), timings, build_ms)


def _runs(connection: Any, query: Query) -> bool:
    statement = only_select(query.sql)
    if statement.parameters:
        return False
    require_harmless(lambda text, given=(): fetch(connection, text, given), statement)
    return True


def _built(
    connection: Any, statements: Sequence[str], on_step: Callable[[str], None]
) -> tuple[dict[str, str], float]:
    names: dict[str, str] = {}
    build_ms = 0.0
    for number, statement in enumerate(statements, 1):
        on_step(f"Building index {number} of {len(statements)}")
        name = f"slowcoach_trial_{number}"
        build_ms += run_ms(connection, statement, name)
        names[name] = statement
    return names, build_ms


def _timed(
    connection: Any,
    query: Query,
    on_step: Callable[[str], None],
    cancellation: Cancellation | None,
) -> tuple[float, frozenset[str]]:
    on_step(f"Timing {query.name} after")
    return _median(connection, query, cancellation)


def _median(
    connection: Any, query: Query, cancellation: Cancellation | None
) -> tuple[float, frozenset[str]]:
    """Return a statement's median time in ms and the indexes that its plan uses."""
    import psycopg

    from slowcoach.queries.timed import runs

    connection.execute("SAVEPOINT slowcoach_timing")
    limit = f"{round(_STATEMENT_S * 1000)}ms"
    connection.execute("SELECT set_config('statement_timeout', %s, true)", (limit,))
    try:
        plans = runs(connection, query.sql, _RUNS)
    except psycopg.errors.QueryCanceled:
        if cancellation is not None:
            cancellation.check()  # called off, and not by the time
        connection.execute("ROLLBACK TO SAVEPOINT slowcoach_timing")
        return _STATEMENT_S * 1000, _planned(connection, query)
    connection.execute("ROLLBACK TO SAVEPOINT slowcoach_timing")
    used = frozenset(node.text("index_name") for node in plans[-1].root.walk())
    return statistics.median(plan.number("execution_time") or 0.0 for plan in plans), used


def _planned(connection: Any, query: Query) -> frozenset[str]:
    """Return the indexes of a statement's plan without running it."""
    from slowcoach.queries.dialects import postgresql_json

    row = connection.execute(f"EXPLAIN (FORMAT JSON) {query.sql}".encode()).fetchone()
    plan = postgresql_json.DIALECT.read(json.dumps(row[0]))
    return frozenset(node.text("index_name") for node in plan.root.walk())


def _loser(
    queries: Sequence[Query],
    before: dict[str, float],
    after: dict[str, tuple[float, frozenset[str]]],
    names: dict[str, str],
    cleared: set[str],
    slower: float,
) -> Query | None:
    """Return the statement that seems to have lost most by the set; None: all is well."""
    losers = [
        (after[q.sql][0] / max(before[q.sql], 1e-6), q)
        for q in queries
        if q.sql not in cleared
        and after[q.sql][1] & names.keys()
        and after[q.sql][0] > before[q.sql] * (1 + slower)
    ]
    return max(losers, key=lambda loser: loser[0])[1] if losers else None


def _culprit(
    connection: Any,
    query: Query,
    used: Iterable[str],
    names: Iterable[str],
    slower: float,
) -> tuple[str, float] | None:
    """Return the index without which a statement is quickest, and how much slower it is with all.

    None when it is not slower after all: times are the least of several in turns, for what else
    runs on the machine only adds to them.
    """
    without_all, with_all = float("inf"), float("inf")
    for _ in range(_TURNS):
        without_all = min(without_all, _least_ms(connection, query, tuple(names)))
        with_all = min(with_all, _least_ms(connection, query, ()))
    ratio = with_all / max(without_all, 1e-6)
    if ratio <= 1 + slower:
        return None
    return min(used, key=lambda name: (_least_ms(connection, query, (name,)), name)), ratio


def _least_ms(connection: Any, query: Query, dropped: Sequence[str]) -> float:
    """Return the least time of a statement while some indexes are away."""
    import psycopg

    from slowcoach.queries.timed import runs

    connection.execute("SAVEPOINT slowcoach_turn")
    limit = f"{round(_STATEMENT_S * 1000)}ms"
    connection.execute("SELECT set_config('statement_timeout', %s, true)", (limit,))
    for name in dropped:
        connection.execute(f"DROP INDEX {name}".encode())
    try:
        plans = runs(connection, query.sql, _RUNS)
        return min(plan.number("execution_time") or 0.0 for plan in plans)
    except psycopg.errors.QueryCanceled:
        return _STATEMENT_S * 1000
    finally:
        connection.execute("ROLLBACK TO SAVEPOINT slowcoach_turn")
