"""The plan carries warnings that the server itself wrote into it (SQL Server)."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.subject import Check, Problem, Subject, place

_RULE = "db.server_warns"
_SHOWN = 4
_WARNING = frozenset({"sqlserver"})  # engines that write warnings into their plans


def _run(subject: Subject) -> Iterator[Problem]:
    listed = subject.figures.plan.fields.get("warnings")
    found = [("", text) for text in listed] if isinstance(listed, list) else []
    for step in subject.steps if subject.figures.plan.engine in _WARNING else ():
        texts = step.node.fields.get("warnings")
        found += [(place(step), text) for text in texts] if isinstance(texts, list) else []
    if not found:
        return
    evidence = [Evidence(metric="warnings in the plan", value=len(found), unit="count")]
    where = tuple(f"{text} ({at})" if at else str(text) for at, text in found[:_SHOWN])
    yield Problem(rule(_RULE).finding(evidence, where=where))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset())
