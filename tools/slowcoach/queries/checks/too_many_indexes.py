"""A table carries many indexes, each of which every write pays for."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import quoted
from slowcoach.queries.existing import redundant
from slowcoach.queries.figures import Step
from slowcoach.queries.statistics import TableFacts
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place

_RULE = "db.too_many_indexes"
_NAMED = 4


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    seen: set[str] = set()
    for step in subject.steps:
        facts = subject.facts(step)
        if facts is None or facts.name in seen or len(facts.indexes) < limits.limit("indexes"):
            continue
        seen.add(facts.name)
        writes = step.node.kind == "ModifyTable"
        spared = _unused(facts) + [index.name for index, _ in redundant(facts)]
        if writes or spared:
            yield _problem(step, facts, writes)


def _unused(facts: TableFacts) -> list[str]:
    return [i.name for i in facts.indexes if i.scans == 0 and not i.unique]


def _problem(step: Step, facts: TableFacts, writes: bool) -> Problem:
    limits = rule(_RULE)
    unused = _unused(facts)
    evidence = [
        Evidence(
            metric=f"indexes on {facts.name}",
            value=len(facts.indexes),
            unit="count",
            limit=limits.limit("indexes"),
            where=place(step),
        )
    ]
    if unused:
        names = ", ".join(unused[:_NAMED])
        counted = Evidence(
            metric="of them not used since counting began",
            value=len(unused),
            unit="count",
            note=f"{names}{', ...' if len(unused) > _NAMED else ''}",
        )
        evidence.append(counted)
    advice = tuple(
        Recommendation(
            kind="setting",
            statement=f"DROP INDEX CONCURRENTLY {quoted(facts.schema)}.{quoted(index.name)}",
            why=f"{other.name} begins with the same columns and serves the same statements",
            step=step.index,
        )
        for index, other in redundant(facts)
    )
    severe = writes and step.weight >= limits.limit("write_share")
    finding = limits.finding(
        evidence,
        where=[place(step), f"table {facts.name}"],
        severity=Severity.WARNING if severe else None,
        fix=[*(f"{item.statement};" for item in advice[:_NAMED]), *limits.fix],
    )
    return Problem(finding, advice)


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"tables"}))
