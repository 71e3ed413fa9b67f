"""SQLite builds an index for this one query, and throws it away after."""

import re
from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Severity
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import quoted, table_sql
from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.automatic_index"
_COLUMN = re.compile(r"([^\s()=<>]+)\s*(=|>|<|IS)")


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.steps:
        if not step.node.fields.get("automatic_index"):
            continue
        facts = subject.facts(step)
        rows = facts.rows if facts is not None else None
        small = rows is not None and rows < limits.limit("table_rows")
        evidence = Evidence(
            metric="rows indexed anew at each run"
            if rows is not None
            else "indexes built each run",
            value=rows if rows is not None else 1,
            unit="rows" if rows is not None else "count",
            limit=limits.limit("table_rows") if rows is not None else None,
            where=place(step),
        )
        advice = tuple(_advice(step))
        finding = limits.finding(
            [evidence],
            where=where(step, step.node.conditions("index_cond")),
            severity=Severity.INFO if small else None,
            fix=[f"{advice[0].statement};", *limits.fix] if advice else None,
        )
        yield Problem(finding, advice)


def _advice(step: Step) -> Iterator[Recommendation]:
    columns = dict.fromkeys(_COLUMN.findall(step.node.conditions("index_cond")))
    names = list(dict.fromkeys(quoted(name) for name, _how in columns))
    if names and step.node.relation:
        table = table_sql(step.node.relation)
        yield Recommendation(
            kind="index",
            statement=f"CREATE INDEX CONCURRENTLY ON {table} ({', '.join(names)})",
            why=f"takes the place of the index that is built for each run on {table}",
            step=step.index,
        )


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
