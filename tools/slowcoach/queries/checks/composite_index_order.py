"""An index holds the compared columns, but in an order that does not serve."""

from collections.abc import Iterator, Sequence

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import Term, terms
from slowcoach.queries.existing import by_name, misordered, plain
from slowcoach.queries.figures import Step
from slowcoach.queries.indexes import index_for, index_of
from slowcoach.queries.scans import scan_of
from slowcoach.queries.statistics import Index, TableFacts
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.composite_index_order"
_BY_INDEX = frozenset({"Index Scan", "Index Only Scan", "Bitmap Index Scan"})


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.steps:
        if step.weight < limits.limit("min_share"):
            continue
        if step.node.kind == "Seq Scan":
            yield from _not_served(subject, step)
        elif step.node.kind in _BY_INDEX and step.executed:
            yield from _read_wide(subject, step)


def _not_served(subject: Subject, step: Step) -> Iterator[Problem]:
    """A scan from end to end, though an index has the column in a later place."""
    limits = rule(_RULE)
    scan, facts = scan_of(subject, step), subject.facts(step)
    if scan is None or facts is None:
        return
    if scan.rows_each < limits.limit("table_rows") or scan.kept > limits.limit("kept_share"):
        return
    found = terms(scan.condition, step.node.text("alias") or step.node.relation or "")
    index = misordered(facts, found)
    if index is None:
        return
    advice = index_for(subject.figures, step, scan.condition)
    evidence = Evidence(
        metric="rows read past an index that begins with another column",
        value=scan.rows_each,
        unit="rows",
        limit=limits.limit("table_rows"),
        where=place(step),
        note=f"{index.name} is on ({', '.join(index.keys)})",
    )
    yield _problem(subject, step, scan.condition, evidence, advice)


def _read_wide(subject: Subject, step: Step) -> Iterator[Problem]:
    """An index that is read far and wide for the few entries that match."""
    limits = rule(_RULE)
    table = _table_step(subject, step)
    facts = subject.facts(table)
    index = by_name(facts, step.node.text("index_name")) if facts is not None else None
    blocks = sum(
        step.node.number(key) or 0.0 for key in ("shared_hit_blocks", "shared_read_blocks")
    )
    rows = step.rows if step.rows is not None else 0.0
    if index is None or blocks < limits.limit("blocks"):
        return
    if rows > blocks * limits.limit("rows_per_block"):
        return
    condition = step.node.conditions("index_cond")
    found = terms(condition, table.node.text("alias") or table.node.relation or "")
    why = _why(index, found)
    if not why:
        return
    evidence = Evidence(
        metric=f"blocks read for {rows:,.0f} entries of {index.name}",
        value=blocks,
        unit="count",
        limit=limits.limit("blocks"),
        where=place(step),
        note=f"it is on ({', '.join(index.keys)}): {why}",
    )
    advice = index_of(subject.figures, table, found)
    yield _problem(subject, table, condition, evidence, advice)


def _table_step(subject: Subject, step: Step) -> Step:
    """Return the step that names the table: a bitmap index scan names none."""
    if step.node.relation:
        return step
    return next((above for above in subject.figures.above(step) if above.node.relation), step)


def _why(index: Index, found: Sequence[Term]) -> str:
    how = {plain(term.target): term.how for term in found}
    keys = [plain(key) for key in index.keys]
    if keys and how and keys[0] not in how:
        return f"nothing is compared with {index.keys[0]}, its first column"
    ranged = next((at for at, key in enumerate(keys) if how.get(key) == "range"), None)
    if ranged is not None and any(how.get(key) == "equal" for key in keys[ranged + 1 :]):
        return f"the range on {index.keys[ranged]} comes before columns compared for equality"
    return ""


def _problem(
    subject: Subject, step: Step, condition: str, evidence: Evidence, index: Recommendation | None
) -> Problem:
    limits = rule(_RULE)
    advice = (index,) if index is not None else ()
    share = Evidence(metric=subject.share_named, value=step.weight, unit="share")
    critical = step.weight >= limits.limit("critical_share")
    finding = limits.finding(
        [evidence, share],
        where=where(step, condition),
        severity=Severity.CRITICAL if critical else None,
        fix=[f"{index.statement};", *limits.fix] if index is not None else None,
    )
    return Problem(finding, advice)


def applies(facts: TableFacts | None, found: Sequence[Term]) -> bool:
    """Tell whether this check names the cause of a scan, so that others need not."""
    return facts is not None and misordered(facts, found) is not None


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"tables"}))
