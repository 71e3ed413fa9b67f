"""The tool `analyze_queries`: which statements cost most, and which loops of them are needless."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from slowcoach.core.errors import InputError
from slowcoach.core.job import Job
from slowcoach.core.tool import Tool
from slowcoach.queries.logs.answer import DEFAULT_TOP, QueryLogAnswer

_MOST = 100


def analyze_queries(
    job: Job,
    path: Annotated[
        str | None, Field(description="Query log, slow log, trace file or pg_stat_statements.")
    ] = None,
    database_url: Annotated[
        str | None, Field(description="Or a PostgreSQL: what it has counted.")
    ] = None,
    top: Annotated[int, Field(ge=1, le=_MOST, description="Statements to list.")] = DEFAULT_TOP,
) -> QueryLogAnswer:
    """Find the statements that cost most, N+1 loops and where they are asked, from a log or trace.

    Reads logs of PostgreSQL, MySQL, MariaDB, SQLAlchemy and Django, and spans (OTLP, Jaeger,
    Zipkin), of any size. Duplicates, single inserts, idle transactions, locks, spills too; with
    traces the critical path. Values are never shown. Next: explain_query the slowest.
    """
    if (path is None) == (database_url is None):
        raise InputError(
            "expected one of path and database_url, got " + ("neither" if path is None else "both"),
            hint="Give the `path` of a query log, a slow log or a trace file",
        )
    if database_url is not None:
        return _counted(job, database_url, top)
    return _logged(job, path or "", top)


def _logged(job: Job, path: str, top: int) -> QueryLogAnswer:
    from slowcoach.queries.logs.answer import answer
    from slowcoach.queries.logs.plans import plan_findings
    from slowcoach.queries.logs.reading import read_log

    workload, warnings = read_log(
        path, lambda done, total: job.progress(done, total, "Reading the log")
    )
    found = plan_findings(workload.patterns.by_cost(), warnings)
    return answer(workload, top=top, warnings=warnings, findings=found)


def _counted(job: Job, database_url: str, top: int) -> QueryLogAnswer:
    from slowcoach.queries import live
    from slowcoach.queries.logs import server
    from slowcoach.queries.logs.answer import answer

    job.progress(0, 1, "Asking for the statements")
    with live.connect(database_url, cancellation=job.cancellation) as connection:
        workload = server.counted(connection)
        found = server.stuck(connection)
    return answer(workload, top=top, findings=found)


TOOL = Tool(
    analyze_queries,
    title="Analyze queries",
    asks_database=True,
    long=True,
    open_world=True,
    sizes=("top",),
    positional=("path",),
    examples=(
        "slowcoach analyze-queries postgresql.log",
        "slowcoach analyze-queries traces.json",
        "slowcoach analyze-queries --database-url postgresql://localhost/shop",
    ),
)
