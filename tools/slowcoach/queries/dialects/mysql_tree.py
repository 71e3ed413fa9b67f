"""MySQL's EXPLAIN FORMAT=TREE and EXPLAIN ANALYZE, 8.0 to 9."""

import re
from dataclasses import dataclass, field

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._mysql_operations import Fields, fields_of, merged
from slowcoach.queries.dialects._mysql_pasted import unframed
from slowcoach.queries.model import Dialect, Plan, PlanNode

_HINT = "Paste the whole output of EXPLAIN ANALYZE or EXPLAIN FORMAT=TREE"
_FIGURE = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_COST = re.compile(rf"\(cost=({_FIGURE})(?:\.\.({_FIGURE}))?(?: rows=({_FIGURE}))?\)")
_ACTUAL = re.compile(
    rf"\(actual time=({_FIGURE})\.\.({_FIGURE}) rows=({_FIGURE}) loops=({_FIGURE})\)"
)
_NEVER = "(never executed)"
_FIGURES = re.compile(r"\s*\((?:cost=|actual time=|never executed\))")
_OPERATION = (
    r"(?:Table scan|Filter:|Nested loop|Inner hash|Left hash|Hash |Sort|Limit|Aggregate|Group|"
    r"Index |Covering |Single-row|Stream|Temporary|Materialize|Union|Append|Rows fetched|Zero |"
    r"Select #|Window|Constant|Remove|Batched|Full-text|Multi-range|Intersect|Except|Weedout|"
    r"Deduplicate|Invalidate|Insert|Update|Delete|Alternative)"
)
_FIRST = re.compile(rf"(?m)^[ \t|]*(?:EXPLAIN:[ \t]*)?-> {_OPERATION}")
_STEP = re.compile(r"^(?P<indent>[ \t|]*)-> (?P<text>.*)$")


def _matches(text: str) -> bool:
    if "width=" in text[:2000] or '"query' in text[:2000]:  # PostgreSQL's; JSON version 2
        return False
    return bool(_FIRST.search(text.replace("\\n", "\n")))


@dataclass(slots=True)
class _Step:
    fields: Fields
    below: list["_Step"] = field(default_factory=list["_Step"])
    node: PlanNode | None = None


def _read(text: str) -> Plan:
    order: list[_Step] = []
    roots: list[_Step] = []
    path: list[tuple[int, _Step]] = []
    for line in _lines(unframed(text)):
        match = _STEP.match(line)
        if match is None:
            continue
        step = _Step(_fields(match["text"]))
        column = len(match["indent"])
        while path and path[-1][0] >= column:
            path.pop()
        (path[-1][1].below if path else roots).append(step)
        path.append((column, step))
        order.append(step)
    if not order:
        raise UnreadableError("plan: no step of a MySQL plan in the text", hint=_HINT)
    for step in reversed(order):
        step.node = merged(step.fields, [child.node for child in step.below if child.node])
        step.below = []
    return _whole([step.node for step in roots if step.node is not None])


def _whole(nodes: list[PlanNode]) -> Plan:
    """What stands beside the first step are subqueries that it uses."""
    first, *others = nodes
    return Plan(PlanNode(first.fields, (*first.plans, *others)) if others else first)


def _lines(text: str) -> list[str]:
    """Return the lines, those that a terminal or an editor broke joined again."""
    lines: list[str] = []
    for raw in text.split("\n"):
        line = raw.rstrip(" \t|")
        if not line.strip():
            continue
        if _STEP.match(line) or not lines:
            lines.append(line)
        else:
            lines[-1] += f" {line.strip()}"
    return lines


def _fields(text: str) -> Fields:
    figures = _FIGURES.search(text)
    fields = fields_of(text[: figures.start()] if figures else text)
    rest = text[figures.start() :] if figures else ""
    if cost := _COST.search(rest):
        first, last, rows = cost.groups()
        if last is not None:
            fields["startup_cost"] = float(first)
        fields["total_cost"] = float(last or first)
        fields |= {} if rows is None else {"plan_rows": float(rows)}
    if actual := _ACTUAL.search(rest):
        names = ("actual_startup_time", "actual_total_time", "actual_rows", "actual_loops")
        fields |= dict(zip(names, map(float, actual.groups()), strict=True))
    elif _NEVER in rest:
        fields |= {"actual_rows": 0, "actual_loops": 0, "actual_total_time": 0}
    return fields


DIALECT = Dialect(name="mysql_tree", matches=_matches, read=_read, engine="mysql")
