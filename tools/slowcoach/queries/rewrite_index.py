"""A rewrite that pays only together with an index: which one, and what both are worth."""

from dataclasses import dataclass
from typing import Any

from slowcoach.core.errors import CancelledError, SlowcoachError
from slowcoach.core.job import Job
from slowcoach.queries import hypothetical
from slowcoach.queries.checking import judge
from slowcoach.queries.figures import figures
from slowcoach.queries.live import explain, table_facts
from slowcoach.queries.verification import BY_CLONE, BY_HYPOPG


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index for a statement, the planner's cost with it, and by which means."""

    statement: str
    cost: float
    method: str


def index_of(connection: Any, sql: str, database_url: str, job: Job) -> Indexed | None:
    """Return the index that the checks advise for a statement, with its cost; None without one.

    The cost is hypopg's on the server where it is installed, and else of a clone.
    """
    plan = explain(connection, sql)
    tables = {node.relation for node in plan.root.walk() if node.relation}
    advised = judge(figures(plan), table_facts(connection, tables)).recommendations
    statement = next((item.statement for item in advised if item.kind == "index"), None)
    if statement is None:
        return None
    cost = hypothetical.costs(connection, sql, [statement]).get(statement)
    if cost is not None:
        return Indexed(statement, cost, BY_HYPOPG)
    cost = _in_clone(sql, statement, database_url, job)
    return None if cost is None else Indexed(statement, cost, BY_CLONE)


def _in_clone(sql: str, statement: str, database_url: str, job: Job) -> float | None:
    from slowcoach.queries.clone.making import cloned

    try:
        with cloned(database_url, cancellation=job.cancellation) as clone:
            clone.create(statement)
            return clone.cost(sql)
    except CancelledError:
        raise
    except SlowcoachError:  # it is not offered then
        return None
