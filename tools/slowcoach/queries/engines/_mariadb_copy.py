"""Build an index on a copy of the data in MariaDB or MySQL, run the query, drop the index.

There a CREATE INDEX cannot be rolled back, so this happens on a database that is a copy.
"""

import re
import statistics
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from slowcoach.core.errors import CancelledError, InputError, SlowcoachError
from slowcoach.core.job import Job
from slowcoach.queries.answer import Verified
from slowcoach.queries.engines._mariadb_views import require_plain
from slowcoach.queries.engines._statement import Query
from slowcoach.queries.subject import Recommendation
from slowcoach.queries.verification import Verification

if TYPE_CHECKING:
    from slowcoach.queries.engines.mariadb import MariadbSession

_BUILD_S = 120.0
_RUNS = 5
_LEAST_RUNS = 2
_ENOUGH_S = 8.0
_OURS = "slowcoach_trial"
_CREATE = re.compile(
    r"CREATE INDEX (?:`(?:[^`]|``)+`|\S+) ON (?P<table>`(?:[^`]|``)+`|\S+) (?P<keys>.+)"
)
_NEEDS_COPY = (
    "indexes were not tried: this server cannot roll a CREATE INDEX back; give copy_url, a "
    "database with a copy of the data, where they are built, timed and dropped again"
)


def verify(
    session: "MariadbSession",
    query: Query,
    advised: Sequence[Recommendation],
    copy_url: str | None,
    job: Job,
) -> Verification:
    """Time the statement before and after each index on the copy."""
    found = Verification()
    if not advised:
        return found
    if not copy_url:
        found.warn(_NEEDS_COPY)
        return found
    try:
        _on_copy(found, session, query, advised, copy_url, job)
    except CancelledError:
        raise
    except SlowcoachError as error:
        found.warn(f"not timed on the copy: {error.message}")
    return found


def _on_copy(
    found: Verification,
    session: "MariadbSession",
    query: Query,
    advised: Sequence[Recommendation],
    copy_url: str,
    job: Job,
) -> None:
    from slowcoach.queries.engines.mariadb import address_of, connected

    address = address_of(copy_url)
    mine = session.address
    if (address.place, address.database) == (mine.place, mine.database):
        raise InputError(
            "copy_url: it is the database itself, not a copy", hint="Give another database"
        )
    with connected(address, job.cancellation, _BUILD_S) as copy:
        with copy.reading():
            require_plain(copy, query)
        for number, item in enumerate(advised, 1):
            job.progress(2, 3, f"Building index {number} of {len(advised)} on the copy")
            found.add(item.statement, _tried(copy, query, item.statement, found))
    found.warn("on the copy each index was built, committed (DDL always is) and dropped again")


def _tried(copy: "MariadbSession", query: Query, statement: str, found: Verification) -> Verified:
    match = _CREATE.match(statement)
    if match is None:
        raise InputError(f"{statement}: it cannot be tried", hint="Try it by hand on a copy")
    rows_before, before = _measured(copy, query)
    table = match["table"]
    known = _names(copy)
    _changing(copy, f"CREATE INDEX {_OURS} ON {table} {match['keys']}")
    try:
        rows_after, after = _measured(copy, query)
    finally:
        _dropped(copy, table, found)
        lost = known - _names(copy)
        if lost:
            found.warn(f"on the copy {', '.join(sorted(lost))} is gone: a foreign key's own index")
    if rows_before != rows_after and not query.cuts:
        found.warn("the rows were not the same before and after: does somebody write to the copy?")
    same = "same rows" if rows_before == rows_after else "other rows"
    return Verified(
        before_ms=round(statistics.median(before), 3),
        after_ms=round(statistics.median(after), 3),
        method=f"run before and after on the copy, median of {len(after)}, {same}",
    )


def _dropped(copy: "MariadbSession", table: str, found: Verification) -> None:
    """Drop the trial's index, also when the work was called off; say so where that failed."""
    drop = f"DROP INDEX {_OURS} ON {table}"
    try:
        _changing(copy, drop)
    except SlowcoachError:
        found.warn(f"the index of the trial may still be on the copy: {drop}")
        raise


def _names(copy: "MariadbSession") -> set[str]:
    with copy.reading():
        return {
            f"{table}.{name}"
            for table, name in copy.execute(
                "SELECT table_name, index_name FROM information_schema.statistics "
                "WHERE table_schema = DATABASE()"
            )
        }


def _changing(copy: "MariadbSession", statement: str) -> None:
    """Run one statement of ours that changes the copy."""
    from slowcoach.queries.engines.mariadb import worded

    with worded(copy.address, copy.cancellation):
        copy.execute("SET SESSION TRANSACTION READ WRITE")
        try:
            copy.execute(statement)
        finally:
            copy.execute("SET SESSION TRANSACTION READ ONLY")


def _measured(copy: "MariadbSession", query: Query) -> tuple[tuple[int, int], list[float]]:
    """Run the query often enough; the first run warms up, and its rows are summed."""
    times: list[float] = []
    with copy.reading():
        result = _run(copy, query)[0]
        started = time.monotonic()
        while len(times) < _RUNS:
            if len(times) >= _LEAST_RUNS and time.monotonic() - started > _ENOUGH_S:
                break
            times.append(_run(copy, query)[1])
    return result, times


def _run(copy: "MariadbSession", query: Query) -> tuple[tuple[int, int], float]:
    """Return count and sum of the rows' hashes (in whatever order), and the ms it took."""
    from pymysql.cursors import SSCursor

    count = total = 0
    started = time.perf_counter()
    cursor: Any = copy.connection.cursor(SSCursor)
    try:
        cursor.execute(query.text)
        for row in cursor:
            count += 1
            total += hash(row)
    finally:
        cursor.close()
    return (count, total), (time.perf_counter() - started) * 1000
