"""The tool `advise_indexes`: which indexes would serve a whole workload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from slowcoach.core.job import Job
from slowcoach.core.tool import Tool
from slowcoach.queries.advisor.answer import IndexAdvice, answer, drops

if TYPE_CHECKING:
    from slowcoach.queries.advisor.advice import Advice
    from slowcoach.queries.advisor.measured import Measured
    from slowcoach.queries.advisor.workload import Workload

_MB = 1024 * 1024
_LARGEST = 50_000_000
_MOST_INDEXES = 12


def advise_indexes(
    job: Job,
    database_url: Annotated[str, Field(description="postgresql://user:password@host/database")],
    workload: Annotated[
        str | None, Field(description="File of SELECTs; default: pg_stat_statements.")
    ] = None,
    max_indexes: Annotated[int, Field(ge=1, le=_MOST_INDEXES, description="At most.")] = 8,
    budget_mb: Annotated[float | None, Field(gt=0, description="Size of all together.")] = None,
    copy_url: Annotated[
        str | None, Field(description="A copy of the data: the set is built and timed there.")
    ] = None,
) -> IndexAdvice:
    """Choose the indexes that serve a whole PostgreSQL workload best, and those that could go.

    Candidates are tried in a clone of schema and statistics: the database is only read. Cost is
    not time: with a copy the set is built there, timed, rolled back, and what makes a statement
    slower is taken out. Next: create one, then explain_query its statement.
    """
    if copy_url:
        job.permissions.require_execute("advise_indexes with copy_url")
    from slowcoach.queries import live
    from slowcoach.queries.advisor import standing
    from slowcoach.queries.advisor.advice import advise
    from slowcoach.queries.clone.making import cloned

    job.progress(0, 4, "Reading the workload")
    with live.connect(database_url, cancellation=job.cancellation) as connection:
        wanted = _workload(connection, workload)
        there = standing.standing(connection)
        observed_s = standing.observed_s(connection)
        writes = standing.writes(connection)
    job.progress(1, 4, "Cloning schema and statistics")
    with cloned(database_url, cancellation=job.cancellation) as clone:
        advice = advise(
            clone,
            wanted,
            max_indexes=max_indexes,
            budget_bytes=None if budget_mb is None else round(budget_mb * _MB),
            tell=lambda text: job.progress(2, 4, text),
            check=job.cancellation.check,
        )
        warnings = list(clone.warnings)
    timed = _timed(job, copy_url, advice)
    if advice.left_out:
        warnings.append(f"{len(advice.left_out)} statements were left out: {advice.left_out[0]}")
    return answer(advice, timed, drops(there, observed_s), writes, warnings, there)


def _workload(connection: Any, path: str | None) -> Workload:
    from slowcoach.core.files import read_bytes
    from slowcoach.queries.advisor import workload
    from slowcoach.queries.reading import decoded

    if path is None:
        return workload.from_server(connection)
    data = read_bytes(
        path, what="a workload", limit=_LARGEST, smaller="Give the statements that matter"
    )
    return workload.from_text(decoded(data, path))


def _timed(job: Job, copy_url: str | None, advice: Advice) -> Measured | None:
    if not copy_url or not advice.indexes:
        return None
    from slowcoach.core.knowledge import rule
    from slowcoach.queries.advisor.advice import RULE
    from slowcoach.queries.advisor.measured import measured

    return measured(
        copy_url,
        [query for query, _, _ in advice.queries],
        [index.candidate.statement for index in advice.indexes],
        slower=rule(RULE).limit("slower"),
        on_step=lambda text: job.progress(3, 4, text),
        cancellation=job.cancellation,
    )


TOOL = Tool(
    advise_indexes,
    title="Advise indexes",
    asks_database=True,
    long=True,
    open_world=True,
    positional=("database_url",),
    examples=(
        "slowcoach advise-indexes postgresql://localhost/shop",
        "slowcoach advise-indexes postgresql://localhost/shop --workload queries.sql "
        "--budget-mb 500 --copy-url postgresql://localhost/shop_copy",
    ),
)
