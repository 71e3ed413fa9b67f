"""Many rows are expected to be read and few to pass: plans that tell rows but no costs or times."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import exists, index_for
from slowcoach.queries.reads import in_row_store
from slowcoach.queries.subject import Check, Problem, Subject, place, where

_RULE = "db.low_filtered_share"
_SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan"})
_ALL = 100.0


def _run(subject: Subject) -> Iterator[Problem]:
    if not in_row_store(subject) or subject.figures.plan.analyzed:
        return  # where it was run, the rules on scans have the figures
    limits = rule(_RULE)
    for step in subject.steps:
        rows, filtered = step.node.number("rows_examined"), step.node.number("filtered")
        condition = step.node.conditions("filter")
        filters = bool(condition) or bool(step.node.fields.get("using_where"))
        if step.node.kind not in _SCANS or rows is None or not filters:
            continue
        # without a histogram the server takes it that all rows pass, and says 100 %
        known = filtered is not None and filtered < _ALL
        kept = (filtered or _ALL) / _ALL
        whole = step.node.kind == "Seq Scan"
        if rows < limits.limit("table_rows") or (known and kept > limits.limit("kept_share")):
            continue
        if known or whole:
            yield _problem(subject, step, condition, rows, kept if known else None)


def _problem(
    subject: Subject, step: Step, condition: str, rows: float, kept: float | None
) -> Problem:
    limits = rule(_RULE)
    index = index_for(subject.figures, step, condition)
    advice = (index,) if index is not None and not exists(index, subject.facts(step)) else ()
    evidence = [
        Evidence(
            metric="rows read",
            value=rows,
            unit="rows",
            limit=limits.limit("table_rows"),
            where=place(step),
            note="the server's estimate"
            + ("" if kept is not None else "; it does not know how many pass the filter"),
        )
    ]
    if kept is not None:
        evidence.append(
            Evidence(
                metric="share of them that passes the filter",
                value=kept,
                unit="share",
                limit=limits.limit("kept_share"),
            )
        )
    finding = limits.finding(
        evidence,
        where=where(step, condition),
        severity=None if kept is not None else Severity.INFO,
        confidence=limits.confidence if kept is not None else limits.confidence / 2,
        cause="db.missing_index" if advice else None,
        fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
    )
    return Problem(finding, advice)


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
