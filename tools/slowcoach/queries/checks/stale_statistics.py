"""A table has changed much since its statistics were taken, or has none."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import table_sql
from slowcoach.queries.figures import Step
from slowcoach.queries.statistics import TableFacts
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.stale_statistics"


def _run(subject: Subject) -> Iterator[Problem]:
    seen: set[str] = set()
    for step in subject.steps:
        facts = subject.facts(step)
        if facts is None or facts.name in seen or not _stale(facts):
            continue
        seen.add(facts.name)
        scans = [other for other in subject.steps if subject.facts(other) is facts]
        worst = max(scans, key=lambda scan: _error(subject, scan))
        if _matters(subject, worst):
            yield _problem(subject, worst, facts)


def _stale(facts: TableFacts) -> bool:
    limits = rule(_RULE)
    counted = facts.live or 0.0
    if max(counted, facts.rows or 0.0) < limits.limit("table_rows"):
        return False
    return _never(facts) or (facts.modified or 0.0) >= limits.limit("changed_share") * counted


def _never(facts: TableFacts) -> bool:
    return facts.rows is None or not any(c.distinct for c in facts.columns.values())


def _error(subject: Subject, scan: Step) -> float:
    """Return how many times the rows of a scan, or of a step that it feeds, were misjudged."""
    return max((times for _, times in _errors(subject, scan)), default=1.0)


def _errors(subject: Subject, scan: Step) -> Iterator[tuple[Step, float]]:
    """Yield a scan and the steps above it, and how many times their rows were misjudged."""
    least = rule(_RULE).limit("least_rows")
    for step in (scan, *subject.figures.above(scan)):
        factor = step.factor
        if factor is None or (factor < 1 and step.stops_early):
            continue
        if max(step.rows or 0.0, step.rows_expected or 0.0) >= least:
            yield step, max(factor, 1 / factor)


def _matters(subject: Subject, scan: Step) -> bool:
    """Right estimates are left alone, and so are wrong ones in a small part of the query."""
    limits = rule(_RULE)
    if not scan.executed:
        return scan.weight >= limits.limit("min_share")
    harmed = [
        subject.total_share(step)
        for step, times in _errors(subject, scan)
        if times >= limits.limit("misjudged")
    ]
    return max(harmed, default=0.0) >= limits.limit("min_share")


def _problem(subject: Subject, scan: Step, facts: TableFacts) -> Problem:
    limits = rule(_RULE)
    table = table_sql(facts.name, facts.schema)
    error = _error(subject, scan)
    note = f"rows were misjudged {error:,.0f} times" if scan.executed else None
    evidence = Evidence(
        metric="share of the rows changed since the last ANALYZE",
        value=min((facts.modified or 0.0) / max(facts.live or 0.0, 1.0), 1.0),
        unit="share",
        limit=limits.limit("changed_share"),
        where=place(scan),
        note=note,
    )
    if _never(facts):
        evidence = Evidence(
            metric="rows of a table that was never analyzed",
            value=facts.live or facts.rows or 0.0,
            unit="rows",
            limit=limits.limit("table_rows"),
            where=place(scan),
            note=note,
        )
    analyze = Recommendation(
        kind="statistics",
        statement=f"ANALYZE {table}",
        why="the planner then sees the table as it is now",
        step=scan.index,
    )
    last = f"last analyzed {facts.last_analyze}" if facts.last_analyze else "never analyzed"
    finding = limits.finding(
        [evidence],
        where=[place(scan), f"table {facts.name}", last],
        severity=Severity.CRITICAL if error >= limits.limit("badly_misjudged") else None,
        fix=[f"{analyze.statement};", *limits.fix],
    )
    return Problem(finding, (analyze,))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"tables"}))
