"""The tool `explain_query`: read a query's plan, find what is wrong with it, say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.job import Job
from slowcoach.core.tool import Tool
from slowcoach.queries.answer import Detail, QueryAnswer

if TYPE_CHECKING:
    from slowcoach.queries.engines._model import Engine
    from slowcoach.queries.figures import Figures

ARTEFACT = "plan.json"


def explain_query(
    job: Job,
    plan: Annotated[
        str | None, Field(description="Output of EXPLAIN as pasted: text or JSON.")
    ] = None,
    path: Annotated[str | None, Field(description="A file with it instead.")] = None,
    sql: Annotated[
        str | None, Field(description="Or one SELECT to ask the database about.")
    ] = None,
    database_url: Annotated[
        str | None,
        Field(description="postgresql://, mysql://, sqlite:/// or duckdb:/// URL, for sql."),
    ] = None,
    dialect: Annotated[
        str | None, Field(description="postgresql, mysql, ...; recognized when left out.")
    ] = None,
    detail: Annotated[Detail, Field(description="brief: costly steps; full: all.")] = "brief",
    analyze: Annotated[
        bool, Field(description="Run the SELECT (read only) for real times, not just plan it.")
    ] = False,
    copy_url: Annotated[
        str | None, Field(description="A database with a copy of the data, to time indexes on.")
    ] = None,
) -> QueryAnswer:
    """Explain why a query is slow from its plan, and which index or rewrite would help.

    Use it with the pasted output of EXPLAIN of any of nine databases (PostgreSQL's ANALYZE,
    BUFFERS is best), a file, or a SELECT and a database. Own time of each step, rows against
    estimates, missing indexes, spills to disk, bad joins and more are judged. The database is
    never changed.
    Next: make one change, then call it again.
    """
    given = [name for name, value in (("plan", plan), ("path", path), ("sql", sql)) if value]
    if len(given) != 1:
        raise InputError(
            f"expected one of plan, path and sql, got {', '.join(given) or 'none'}",
            hint="Paste the output of EXPLAIN as `plan`, or give `sql` with `database_url`",
        )
    if sql:
        return _asked(job, sql, database_url, detail, analyze=analyze, copy_url=copy_url)
    if analyze:
        raise InputError(
            "analyze: only a statement can be run, not a plan",
            hint="Give `sql` and `database_url`",
        )
    return _read(job, plan, path, dialect, detail)


def _read(
    job: Job, pasted: str | None, path: str | None, dialect: str | None, detail: Detail
) -> QueryAnswer:
    from slowcoach.core.garbage import nothing_collected
    from slowcoach.queries.answer import answer
    from slowcoach.queries.checking import judge
    from slowcoach.queries.figures import figures
    from slowcoach.queries.reading import read_file, read_plan

    text = pasted or read_file(path or "")
    job.progress(0, 2, "Reading the plan")
    with nothing_collected():
        try:
            plan, name = read_plan(text, dialect)
        except UnreadableError as error:
            place = f"{path}: " if path else ""
            raise UnreadableError(f"{place}{error.message}", hint=error.hint) from None
        job.progress(1, 2, "Judging")
        found = figures(plan)
        result = answer(found, judge(found), dialect=name, detail=detail)
        return _kept(job, found, result)


def _asked(
    job: Job,
    sql: str,
    database_url: str | None,
    detail: Detail,
    *,
    analyze: bool,
    copy_url: str | None,
) -> QueryAnswer:
    from slowcoach.queries import live
    from slowcoach.queries.answer import answer
    from slowcoach.queries.asking import engine_of
    from slowcoach.queries.checking import judge
    from slowcoach.queries.figures import figures
    from slowcoach.queries.rewriting import offers
    from slowcoach.queries.verification import verify

    if not database_url:
        raise InputError(
            "sql: expected database_url with it, got none",
            hint="Give postgresql://user:password@host/database, mysql://... or sqlite:///file.db, "
            "or paste the plan",
        )
    if analyze:
        job.permissions.require_execute("explain_query with analyze")
    if copy_url:
        job.permissions.require_execute("explain_query with copy_url")
    engine = engine_of(database_url)
    if engine is not None:
        return _asked_of(engine, job, sql, database_url, detail, analyze=analyze, copy_url=copy_url)
    with live.connect(database_url, cancellation=job.cancellation) as connection:
        job.progress(0, 3, "Running the query" if analyze else "Asking for the plan")
        plan = live.explain(connection, sql, analyze)
        job.progress(1, 3, "Judging")
        found = figures(plan)
        tables = {node.relation for node in plan.root.walk() if node.relation}
        judgement = judge(found, live.table_facts(connection, tables))
        job.progress(2, 3, "Trying other words and indexes")
        offered = offers(connection, sql, database_url=database_url, copy_url=copy_url, job=job)
        judgement = offered.joined(judgement)
        verification = verify(
            connection,
            sql,
            judgement.recommendations,
            database_url=database_url,
            copy_url=copy_url,
            job=job,
        )
        warnings = [*offered.warnings, *verification.warnings]
        if analyze:
            warnings += _about_user(live.is_superuser(connection))
    result = answer(
        found,
        judgement,
        dialect="postgresql_json",
        detail=detail,
        verified={**offered.trials, **verification.trials},
        warnings=warnings,
    )
    return _kept(job, found, result)


def _asked_of(
    engine: Engine,
    job: Job,
    sql: str,
    database_url: str,
    detail: Detail,
    *,
    analyze: bool,
    copy_url: str | None,
) -> QueryAnswer:
    """Ask a database other than PostgreSQL: its indexes are advised from the statement."""
    from slowcoach.queries.answer import answer
    from slowcoach.queries.checking import judge
    from slowcoach.queries.engines._worth import worth_having
    from slowcoach.queries.figures import figures

    with engine.connect(database_url, job.cancellation) as session:
        job.progress(0, 3, "Running the query" if analyze else "Asking for the plan")
        plan = session.explain(sql, analyze)
        dialect = session.dialect
        job.progress(1, 3, "Judging")
        found = figures(plan)
        tables = {node.relation for node in plan.root.walk() if node.relation}
        judgement = judge(found, session.facts(tables))
        job.progress(2, 3, "Trying indexes")
        advised = session.advice(sql, plan)
        verification = session.verify(sql, advised, copy_url, job)
        advised = worth_having(advised, verification)
        warnings = [*verification.warnings, *(session.warnings() if analyze else ())]
    result = answer(
        found,
        judgement.with_indexes(advised),
        dialect=dialect,
        detail=detail,
        verified=verification.trials,
        warnings=warnings,
    )
    return _kept(job, found, result)


def _about_user(superuser: bool) -> list[str]:
    if not superuser:
        return []
    return ["the query ran as a superuser; a user that may only read is safer"]


def _kept(job: Job, found: Figures, result: QueryAnswer) -> QueryAnswer:
    from slowcoach.queries.tree import kept_json

    uri = job.save(ARTEFACT, kept_json(found), "application/json")
    return result.model_copy(update={"plan_uri": uri})


TOOL = Tool(
    explain_query,
    title="Explain a query",
    asks_database=True,
    open_world=True,
    sizes=("detail",),
    positional=("path",),
    stdin="plan",
    examples=(
        "slowcoach explain-query plan.txt",
        "psql shop -c 'EXPLAIN (ANALYZE, BUFFERS) SELECT ...' | slowcoach explain-query -",
        "slowcoach explain-query --sql 'SELECT ...' --database-url postgresql://localhost/shop",
        "slowcoach explain-query --sql 'SELECT ...' --database-url sqlite:///shop.db",
    ),
)
