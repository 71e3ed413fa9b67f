"""A function takes most of the time: as a source of rows, or called for every row."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import functions_of
from slowcoach.queries.figures import Step, input_output
from slowcoach.queries.subject import Check, Problem, Subject, place

_RULE = "db.function_time"
# steps that compute for each row what is asked for, or filter it
_COMPUTING = frozenset(
    {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Result", "ProjectSet",
     "Subquery Scan", "Nested Loop", "Hash Join", "Aggregate", "WindowAgg", "CTE Scan"}
)  # fmt: skip
_ROW_MAKERS = frozenset({"generate_series", "unnest"})  # part of PostgreSQL, and quick


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.steps:
        spent = step.self_ms or 0.0
        if spent < limits.limit("min_time") or step.weight < limits.limit("min_share"):
            continue
        if step.node.kind == "Function Scan":
            name = step.node.text("function_name")
            if name and name not in _ROW_MAKERS:
                yield _problem(subject, step, name, spent, step.rows or 0.0)
        elif step.node.kind in _COMPUTING:
            yield from _per_row(subject, step, spent)


def _per_row(subject: Subject, step: Step, spent: float) -> Iterator[Problem]:
    limits = rule(_RULE)
    called = functions_of(step.node.conditions("filter", "join_filter"))
    called = called or functions_of(f"f({step.node.conditions('output')})")[1:]
    removed = sum(
        step.node.number(f"rows_removed_by_{which}filter") or 0.0 for which in ("join_", "")
    )
    rows = (step.rows or 0.0) + removed * step.loops
    busy = spent - _waited(subject, step)
    if not called or not rows or busy / rows < limits.limit("time_per_row"):
        return
    yield _problem(subject, step, ", ".join(called), busy, rows)


def _waited(subject: Subject, step: Step) -> float:
    """Return the ms that the step itself waited for blocks: its counts include those below."""
    below = subject.figures.below(step.index)
    own = input_output(step.node).read_ms - sum(input_output(b.node).read_ms for b in below)
    return max(0.0, own) / step.processes


def _problem(subject: Subject, step: Step, name: str, spent: float, rows: float) -> Problem:
    limits = rule(_RULE)
    each = spent / rows if rows else spent
    evidence = [
        Evidence(
            metric=f"time in {name}",
            value=spent,
            unit="ms",
            limit=limits.limit("min_time"),
            where=place(step),
            note=f"{rows:,.0f} rows" + (f", {each * 1000:,.0f} µs each" if rows else ""),
        ),
        Evidence(metric=subject.share_named, value=step.weight, unit="share"),
    ]
    condition = step.node.conditions("filter", "join_filter")
    places = [place(step), f"function {name}", *([condition] if condition else [])]
    return Problem(limits.finding(evidence, where=places))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "timing"}))
