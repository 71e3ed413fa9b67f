"""Optimize this query: read its plan, or find the costly statements first."""

from pathlib import Path
from typing import Any

from slowcoach.core.errors import InputError
from slowcoach_server.playbook.endpoint import database
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_HINT = "Name a file with EXPLAIN output or a query log, or the statement and its database"
_PLAN = "Without a database: the file with its EXPLAIN ANALYZE output?"
_RUN_IT = "May the statement be run, read only, for real times (y), or only planned (n)?"
_WAYS = (
    "Give the database (--set database_url=postgresql://...), or the plan: run EXPLAIN (ANALYZE, "
    "BUFFERS) with the statement, and --set path=FILE with what it prints"
)


def run(walk: Walk) -> None:
    """Carry the command out."""
    known = walk.arguments
    if known.get("plan"):
        _explained(walk, plan=known["plan"])
    elif known.get("path"):
        _read(walk, str(known["path"]))
    elif known.get("sql"):
        _statement(walk, str(known["sql"]))
    else:
        _workload(walk)


def _explained(walk: Walk, **given: Any) -> None:
    found = walk.call("explain_query", "read the plan", **given, **walk.given("dialect"))
    walk.conclude(found)
    walk.next.extend(found.next)


def _read(walk: Walk, path: str) -> None:
    found = walk.attempt("explain_query", "is it a plan", path=path, **walk.given("dialect"))
    if found is None:
        no_plan = walk.steps.pop()
        try:
            found = walk.call("analyze_queries", "no plan: a log, then", path=path)
        except InputError:
            walk.steps.insert(-1, no_plan)
            raise
    walk.conclude(found)
    walk.next.extend(found.next)


def _statement(walk: Walk, sql: str) -> None:
    url = database(walk)
    if url or walk.has_database:
        may_run = str(walk.ask("analyze", _RUN_IT, "n")).lower() in {"y", "yes", "true", "1"}
        _explained(walk, sql=sql, database_url=url, analyze=may_run or None)
        return
    path = walk.person.line(f"{_PLAN} ") if walk.person.terminal else ""
    if not path:
        raise InputError(
            "a statement alone tells nothing of its plan: neither its database nor its plan is "
            "known",
            hint=_WAYS,
        )
    _read(walk, str(Path(path).expanduser()))


def _workload(walk: Walk) -> None:
    url = walk.arguments.get("database_url")
    if url is None and not walk.has_database:
        url = walk.need("database_url", "Which database (postgresql://user@host/name)?", _HINT)
    found: Any = walk.call("analyze_queries", "which statements take the time", database_url=url)
    walk.conclude(found)
    walk.attempt("advise_indexes", "which indexes serve them all", database_url=url)
    if found.patterns:
        first = found.patterns[0].fingerprint
        walk.next.append(f"The first one's plan: explain_query with values in it: {first}")


PLAYBOOK = Playbook("optimize_query", run)
