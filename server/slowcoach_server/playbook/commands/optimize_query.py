"""Optimize this query: read its plan, or find the costly statements first."""

from pathlib import Path
from typing import Any

from slowcoach_server.playbook.endpoint import database
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_HINT = "Name a file with EXPLAIN output or a query log, or the statement and its database"


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
    found = found or walk.call("analyze_queries", "no plan: a log, then", path=path)
    walk.conclude(found)
    walk.next.extend(found.next)


def _statement(walk: Walk, sql: str) -> None:
    url = database(walk)
    if url or walk.has_database:
        _explained(walk, sql=sql, database_url=url)
        return
    path = walk.need("path", "Without a database: the file with its EXPLAIN ANALYZE output?", _HINT)
    _read(walk, str(Path(path).expanduser()))


def _workload(walk: Walk) -> None:
    url = None if walk.has_database else walk.need("database_url", "Which database?", _HINT)
    found = walk.call("analyze_queries", "which statements take the time", database_url=url)
    walk.conclude(found)
    walk.next.extend(found.next)
    if url:
        walk.attempt("advise_indexes", "which indexes serve them all", database_url=url)


PLAYBOOK = Playbook("optimize_query", run)
