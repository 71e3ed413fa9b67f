"""An index where none should be: on a small table, or on a column with a handful of values."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import quoted
from slowcoach.queries.existing import trees
from slowcoach.queries.figures import Step
from slowcoach.queries.statistics import Index, TableFacts
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.needless_index"


def _run(subject: Subject) -> Iterator[Problem]:
    seen: set[str] = set()
    for step in subject.steps:
        facts = subject.facts(step)
        if facts is None or facts.name in seen:
            continue
        seen.add(facts.name)
        used = {other.node.text("index_name") for other in subject.steps}
        for index in trees(facts):
            if index.unique or index.name in used:
                continue
            evidence = _evidence(facts, index)
            if evidence is not None:
                yield _problem(step, facts, index, evidence)


def _evidence(facts: TableFacts, index: Index) -> Evidence | None:
    limits = rule(_RULE)
    if index.scans:
        return None
    if facts.rows is not None and facts.rows < limits.limit("small_table"):
        if (facts.writes or 0.0) < limits.limit("writes") or not facts.rows:
            return None
        return Evidence(
            metric="rows of the table",
            value=facts.rows,
            unit="rows",
            limit=limits.limit("small_table"),
            note=f"written {facts.writes or 0:,.0f} times",
        )
    column = facts.columns.get(index.keys[0].strip('"')) if len(index.keys) == 1 else None
    if column is None or index.size_bytes < limits.limit("size"):
        return None
    distinct, rarest = column.distinct or 0.0, column.rarest or 0.0
    if not 0 < distinct <= limits.limit("distinct") or rarest < limits.limit("rarest_share"):
        return None
    return Evidence(
        metric=f"different values of {index.keys[0]}",
        value=distinct,
        unit="count",
        limit=limits.limit("distinct"),
        note=f"even the rarest is in {rarest:.0%} of the rows",
    )


def _problem(step: Step, facts: TableFacts, index: Index, evidence: Evidence) -> Problem:
    limits = rule(_RULE)
    drop = Recommendation(
        kind="setting",
        statement=f"DROP INDEX CONCURRENTLY {quoted(facts.schema)}.{quoted(index.name)}",
        why="reading the table is as quick, and every write pays for the index",
        step=step.index,
    )
    size = Evidence(metric=f"size of {index.name}", value=index.size_bytes, unit="bytes")
    places = [place(step), f"table {facts.name}", f"index {index.name}"]
    fix = [f"{drop.statement};", *limits.fix]
    return Problem(limits.finding([evidence, size], where=places, fix=fix), (drop,))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"tables"}))
