"""Try what is advised, by the strongest means at hand, and say which it was.

Strongest first: run before and after on a copy of the data; the server's own planner with an
index that is only imagined (hypopg); the planner of a clone that has the schema and statistics.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from slowcoach.core.errors import CancelledError, MissingDependencyError, SlowcoachError
from slowcoach.core.job import Job
from slowcoach.queries import hypothetical
from slowcoach.queries.answer import Verified
from slowcoach.queries.live import explain
from slowcoach.queries.subject import Recommendation

_MOST = 5
_MOST_TIMED = 3
BY_HYPOPG = "the planner's cost with a hypothetical index (hypopg)"
BY_CLONE = "the planner's cost in a clone of schema and statistics"


@dataclass
class Verification:
    """What was tried of each statement, strongest means first, and what to say besides."""

    trials: dict[str, list[Verified]] = field(default_factory=dict[str, list[Verified]])
    warnings: list[str] = field(default_factory=list[str])

    def add(self, statement: str, trial: Verified) -> None:
        """Add a trial to those of a statement."""
        self.trials.setdefault(statement, []).append(trial)

    def warn(self, text: str) -> None:
        """Add a warning once."""
        if text not in self.warnings:
            self.warnings.append(text)


def verify(
    connection: Any,
    sql: str,
    recommendations: Iterable[Recommendation],
    *,
    database_url: str,
    copy_url: str | None,
    job: Job,
) -> Verification:
    """Try the recommended indexes for one SELECT; nothing of the user's database is changed.

    `copy_url` names a database with a copy of the data, where indexes are built and rolled back.
    What could not be tried is said in `warnings`.
    """
    statements = [item.statement for item in recommendations if item.kind == "index"][:_MOST]
    found = Verification()
    if not statements:
        return found
    if copy_url:
        _timed(found, copy_url, sql, statements[:_MOST_TIMED], job)
    before = explain(connection, sql).root.number("total_cost")
    for statement, after in hypothetical.costs(connection, sql, statements).items():
        found.add(statement, Verified(before_cost=before, after_cost=after, method=BY_HYPOPG))
    job.progress(2, 3, "Cloning schema and statistics")
    _cloned(found, database_url, sql, statements, job)
    return found


def _timed(
    found: Verification, copy_url: str, sql: str, statements: Sequence[str], job: Job
) -> None:
    from slowcoach.queries.timed import timed

    for number, statement in enumerate(statements, 1):
        job.progress(2, 3, f"Building index {number} of {len(statements)} on the copy")
        try:
            trial = timed(copy_url, sql, statement, job.cancellation)
        except CancelledError:
            raise
        except SlowcoachError as error:
            found.warn(f"not timed on the copy: {error.message}")
            return
        if trial.same_rows is False:
            found.warn("the query's rows changed while it was timed: somebody writes to the copy")
        found.add(
            statement,
            Verified(
                before_ms=round(trial.before_ms, 3),
                after_ms=round(trial.after_ms, 3),
                before_cost=trial.before_cost,
                after_cost=trial.after_cost,
                method=f"run before and after on the copy, median of {trial.runs}, rolled back",
            ),
        )


def _cloned(
    found: Verification, database_url: str, sql: str, statements: Sequence[str], job: Job
) -> None:
    try:
        from slowcoach.queries.clone.making import cloned

        with cloned(database_url, cancellation=job.cancellation) as clone:
            before = clone.cost(sql)
            for statement in statements:
                with suppress(SlowcoachError):
                    index = clone.create(statement)
                    after = clone.cost(sql)
                    clone.drop(index)
                    trial = Verified(before_cost=before, after_cost=after, method=BY_CLONE)
                    found.add(statement, trial)
            for warning in clone.warnings:
                found.warn(warning)
    except CancelledError:
        raise
    except MissingDependencyError as error:
        if not all(statement in found.trials for statement in statements):
            found.warn(f"indexes were not tried in a clone: {error.message} ({error.hint})")
    except SlowcoachError as error:
        found.warn(f"indexes were not tried in a clone: {error.message}")
