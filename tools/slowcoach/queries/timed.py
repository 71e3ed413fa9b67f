"""Build an index on a copy of the data, run the query before and after, and roll it all back."""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from slowcoach.core.errors import InputError, NotPermittedError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.queries.connection import connect, fetch
from slowcoach.queries.dialects import postgresql_json
from slowcoach.queries.functions import require_harmless
from slowcoach.queries.model import Plan
from slowcoach.queries.roles import make_reader, powerless
from slowcoach.queries.statement import Statement, only_select

_RUNS: Final = 5
_LEAST_RUNS: Final = 2
_ENOUGH_S: Final = 10.0  # of running, then fewer repeats must do
_STATEMENT_S: Final = 120.0
_LOCK_S: Final = 2.0
_TOTAL_S: Final = 4 * 3600.0  # building the indexes of a large copy takes its time
# the rows in any order, as one number: sums of hashes are the same whatever comes first
_RESULT = "SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)), 0)::text FROM ({sql}) AS r"


@dataclass(frozen=True, slots=True)
class Trial:
    """What building one thing changed: medians of the runs in ms, the planner's costs.

    `same_rows` is None where it could not be told (a LIMIT takes any rows that tie).
    """

    before_ms: float
    after_ms: float
    before_cost: float | None
    after_cost: float | None
    same_rows: bool | None
    used: bool
    build_ms: float
    runs: int
    plan: Plan


def timed(
    copy_url: str, sql: str, statement: str, cancellation: Cancellation | None = None
) -> Trial:
    """Run a SELECT before and after CREATE INDEX on a copy, in one transaction, rolled back.

    The index takes a lock that keeps writers of its table out until the end, so the database
    should be a copy. Waiting for a lock ends after 2 s, a statement after 120 s. Raises
    NotPermittedError for a statement that is no plain SELECT or calls what may do harm,
    ToolFailedError past the times, InputError with the database's words.
    """
    query = only_select(sql)
    if query.parameters:
        raise InputError(
            f"sql: it has {query.parameters} parameters, and timing it needs their values",
            hint="Write values in their place",
        )
    with building(copy_url, cancellation) as connection:
        require_harmless(lambda text, given=(): fetch(connection, text, given), query)
        return _tried(connection, query, statement)


def timed_rewrite(
    copy_url: str, sql: str, rewritten: str, cancellation: Cancellation | None = None
) -> Trial:
    """Run a SELECT and the same in other words on a copy; raises as `timed` does.

    Nothing is built, and `used` says nothing.
    """
    before_query, after_query = only_select(sql), only_select(rewritten)
    if before_query.parameters or after_query.parameters:
        raise InputError(
            "sql: it has parameters, and timing it needs their values",
            hint="Write values in their place",
        )
    with building(copy_url, cancellation) as connection:
        for query in (before_query, after_query):
            require_harmless(lambda text, given=(): fetch(connection, text, given), query)
        same = _result(connection, before_query) == _result(connection, after_query)
        before, after = runs(connection, before_query.text), runs(connection, after_query.text)
        return Trial(
            before_ms=_median(before),
            after_ms=_median(after),
            before_cost=before[-1].root.number("total_cost"),
            after_cost=after[-1].root.number("total_cost"),
            same_rows=None if not same and _cuts(before_query) else same,
            used=False,
            build_ms=0.0,
            runs=min(len(before), len(after)),
            plan=after[-1],
        )


@contextmanager
def building(copy_url: str, cancellation: Cancellation | None = None) -> Iterator[Any]:
    """Yield a connection in one transaction where indexes may be built; it is rolled back."""
    with (
        connect(
            copy_url,
            statement_timeout_s=_STATEMENT_S,
            lock_timeout_s=_LOCK_S,
            total_s=_TOTAL_S,
            cancellation=cancellation,
        ) as connection,
        _rolled_back(connection),
    ):
        make_reader(connection)
        yield connection


def run_ms(connection: Any, statement: str, name: str = "") -> float:
    """Run CREATE INDEX (and CREATE EXTENSION before it), by a name of ours; return its ms."""
    started = time.monotonic()
    for part in _parts(statement):
        named = part.replace(" INDEX ON ", f" INDEX {name} ON ", 1) if name else part
        connection.execute(named.encode(), binary=True)  # the protocol that takes one command
    return (time.monotonic() - started) * 1000


def _tried(connection: Any, query: Statement, statement: str) -> Trial:
    rows_before = _result(connection, query)
    before = runs(connection, query.text)
    known = _indexes(connection)
    build_ms = run_ms(connection, statement)
    new = _indexes(connection) - known
    rows_after = _result(connection, query)
    after = runs(connection, query.text)
    same = rows_before == rows_after
    return Trial(
        before_ms=_median(before),
        after_ms=_median(after),
        before_cost=before[-1].root.number("total_cost"),
        after_cost=after[-1].root.number("total_cost"),
        same_rows=None if not same and _cuts(query) else same,
        used=any(node.text("index_name") in new for node in after[-1].root.walk()),
        build_ms=build_ms,
        runs=min(len(before), len(after)),
        plan=after[-1],
    )


def _parts(statement: str) -> list[str]:
    """Return the statements: an extension may come before its index, and nothing else."""
    parts = [part.strip() for part in statement.replace(" CONCURRENTLY", "").split("; ")]
    for part in parts:
        if not part.upper().startswith(("CREATE INDEX", "CREATE UNIQUE INDEX", "CREATE EXTENSION")):
            raise NotPermittedError(
                f"expected CREATE INDEX, got {part[:60]!r}", hint="Only indexes are tried"
            )
    return parts


def _cuts(query: Statement) -> bool:
    return bool(query.names & {"limit", "fetch"})


def _result(connection: Any, query: Statement) -> tuple[Any, ...]:
    with powerless(connection):
        row = connection.execute(_RESULT.format(sql=query.text).encode(), binary=True).fetchone()
    return tuple(row)


def runs(connection: Any, sql: str, most: int = _RUNS) -> Sequence[Plan]:
    """Run the query until it was run often enough; the first run warms up and is left out."""
    plans: list[Plan] = []
    started = time.monotonic()
    with powerless(connection):
        while len(plans) <= most:
            if len(plans) > _LEAST_RUNS and time.monotonic() - started > _ENOUGH_S:
                break
            row = connection.execute(
                f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}".encode(), binary=True
            ).fetchone()
            plans.append(_plan(row[0]))
    return plans[1:]


def _plan(given: Any) -> Plan:
    import json

    text = given if isinstance(given, str) else json.dumps(given)
    return postgresql_json.DIALECT.read(text)


def _median(plans: Sequence[Plan]) -> float:
    return statistics.median(plan.number("execution_time") or 0.0 for plan in plans)


def _indexes(connection: Any) -> set[str]:
    return {
        row["name"]
        for row in fetch(
            connection,
            "SELECT relname AS name FROM pg_catalog.pg_class WHERE relkind IN ('i', 'I')",
        )
    }


@contextmanager
def _rolled_back(connection: Any) -> Iterator[None]:
    """One transaction that may change things and never keeps them."""
    import psycopg

    connection.execute("BEGIN READ WRITE")
    try:
        yield
    except psycopg.errors.LockNotAvailable:
        raise ToolFailedError(
            f"the table is locked by somebody: no lock within {_LOCK_S:g} s",
            hint="Use a copy that nobody else works with",
        ) from None
    except psycopg.errors.QueryCanceled:
        raise ToolFailedError(
            f"building or running took longer than {_STATEMENT_S:g} s",
            hint="Use a smaller copy, or trust the estimate",
        ) from None
    except psycopg.Error as error:
        said = " ".join(str(error).split())[:300].rstrip(".")
        raise InputError(f"copy: {said}", hint="Is it a copy of the same schema?") from None
    finally:
        if not connection.closed:
            connection.execute("ROLLBACK")
