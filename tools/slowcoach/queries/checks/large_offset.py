"""OFFSET skips many rows, which are read all the same."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.large_offset"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Limit"):
        below = subject.figures.below(step.index)
        if step.node.kind != "Limit" or not below or step.loops != 1:
            continue
        source = below[-1]
        # a Limit takes from below what it gives and what it skips, and nothing else
        skipped = (source.rows or 0.0) - (step.rows or 0.0)
        if skipped < limits.limit("skipped_rows"):
            continue
        evidence = [
            Evidence(
                metric="rows read and skipped",
                value=skipped,
                unit="rows",
                limit=limits.limit("skipped_rows"),
                where=place(step),
                note=f"to give {step.rows or 0:,.0f}",
            )
        ]
        rewrite = Recommendation(
            kind="rewrite",
            statement="Page by key instead of OFFSET: WHERE (sort columns, id) > (those of the "
            "last row seen) ORDER BY the same LIMIT n",
            why="an index then begins where the last page ended",
            step=step.index,
        )
        yield Problem(limits.finding(evidence, where=where(source)), (rewrite,))


CHECK = Check(rule=_RULE, run=_run)
