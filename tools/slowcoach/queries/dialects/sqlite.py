"""SQLite's EXPLAIN QUERY PLAN: the shell's tree and every way its rows are printed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._sqlite_details import fields_of, number_of
from slowcoach.queries.model import Dialect, Plan, PlanNode

Row = tuple[int, int, str]  # id, parent, detail

_HINT = "Paste the whole output of EXPLAIN QUERY PLAN"
_STEP = (
    r"(?:SCAN|SEARCH|USE TEMP B-TREE|MULTI-INDEX OR|INDEX \d|COMPOUND|LEFT-MOST|UNION|EXCEPT|"
    r"INTERSECT|MERGE|LEFT\b|RIGHT\b|RIGHT-JOIN|CO-ROUTINE|MATERIALIZE|SCALAR|CORRELATED|LIST|"
    r"REUSE|BLOOM|SETUP|RECURSIVE STEP|EXECUTE|USING )"
)
_BEGIN = r"(?:SCAN|SEARCH|CO-ROUTINE|MATERIALIZE|COMPOUND QUERY|MERGE|MULTI-INDEX OR|SCALAR)\b"
# `3|0|0|SCAN t`, with tabs, columns of blanks, commas, the lines of a box
_SEPARATED = re.compile(
    rf"(?m)^[ \t|│┃║(\[]*(\d+)[ \t|│┃║,;]+(\d+)[ \t|│┃║,;]+(\d+)[ \t|│┃║,;]+"
    rf"[\"']?({_STEP}[^\r\n]*?)[\"'\]]*,?[ \t|│┃║]*\r?$"
)
_TUPLE = re.compile(
    rf"[(\[](\d+),\s*(\d+),\s*(\d+),\s*(?:'({_STEP}(?:[^'\\]|\\.)*)'|\"({_STEP}[^\"]*)\")"
)
_KEYED = re.compile(
    r"[\"']?\bid[\"']?\s*[:=]\s*(\d+)[\s,]+[\"']?parent[\"']?\s*[:=]\s*(\d+)[\s,]+"
    rf"[\"']?notused[\"']?\s*[:=]\s*(\d+)[\s,]+[\"']?detail[\"']?\s*[:=]\s*"
    rf"(?:'({_STEP}[^'\r\n]*)|\"({_STEP}[^\"\r\n]*)|({_STEP}[^\r\n]*))"
)
_BRANCH = re.compile(rf"^(?P<stem>(?:[|│ ]  )*)(?:\|--|`--|├──|└──)(?P<detail>{_STEP}.*)$")
_ANY_BRANCH = re.compile(rf"(?m)^(?:[|│ ]  )*(?:\|--|`--|├──|└──){_STEP}")
_BARE = re.compile(rf"(?m)^ *(?:{_BEGIN})(?= ).*$")
_TITLE = re.compile(r"(?m)^\s*QUERY PLAN\s*$")
_PART = re.compile(
    r"(?:Index \d+|Left|Right|Left-Most Subquery|Setup|Recursive Step|Union|Except|Intersect)"
    r"\b(?!-)"
)
_BESIDE = re.compile(r"Bloom Filter|Right-Join|Using ")
_COMPOUND = "COMPOUND SUBQUERIES"
_LEVEL = 3  # characters a level of the shell's tree
_TEMPORARY = frozenset({"Sort", "Incremental Sort", "Unique"})
_HEAD = 50_000


def _matches(text: str) -> bool:
    head = text[:_HEAD]
    return any(
        pattern.search(head) for pattern in (_ANY_BRANCH, _SEPARATED, _TUPLE, _KEYED)
    ) or _is_bare(head)


def _is_bare(text: str) -> bool:
    """Tell whether the lines are steps and nothing else (a GUI's column `detail`)."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if line.lower() not in {"query plan", "detail"}]
    step = re.compile(_STEP)
    return bool(lines) and bool(_BARE.search(text)) and all(step.match(line) for line in lines)


def _read(text: str) -> Plan:
    rows = list(_rows(text))
    if not rows:
        raise UnreadableError("plan: no step of a SQLite plan in the text", hint=_HINT)
    return plan_of(rows)


def _rows(text: str) -> Iterator[Row]:
    for pattern in (_TUPLE, _KEYED, _SEPARATED):
        found = list(pattern.finditer(text))
        if found:
            for match in found:
                number, parent, _unused, *details = match.groups()
                detail = next(item for item in details if item)
                yield int(number), int(parent), _clean(detail)
            return
    yield from _drawn(text) if _ANY_BRANCH.search(text) else _indented(text)


def _clean(detail: str) -> str:
    return detail.rstrip("\"'}], \t\r\n")


def _drawn(text: str) -> Iterator[Row]:
    path: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _BRANCH.match(line.rstrip())
        if match is None:
            continue
        level = len(match.group("stem")) // _LEVEL
        del path[level:]
        yield number, path[-1] if path else 0, match.group("detail")
        path.append(number)


def _indented(text: str) -> Iterator[Row]:
    path: list[tuple[int, int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        detail = line.strip()
        if not re.match(_STEP, detail):
            continue
        column = len(line) - len(line.lstrip())
        while path and path[-1][0] >= column:
            path.pop()
        yield number, path[-1][1] if path else 0, detail
        path.append((column, number))


@dataclass(slots=True)
class _Line:
    fields: dict[str, Any]
    below: list["_Line"] = field(default_factory=list["_Line"])
    nodes: tuple[PlanNode, ...] = ()


def plan_of(rows: Sequence[Row]) -> Plan:
    """Return the plan of the rows (id, parent, detail) of EXPLAIN QUERY PLAN."""
    top = _Line({"node_type": "Result"})
    order = _by_selects(rows, top) if any(not row[0] for row in rows) else _by_parents(rows, top)
    for line in reversed(order):  # children stand behind their parents
        line.nodes = tuple(_level(line.below))
        line.below = []
    nodes = top.nodes
    root = nodes[0] if len(nodes) == 1 else PlanNode(top.fields, nodes)
    return Plan(root)


def _by_parents(rows: Sequence[Row], top: _Line) -> list[_Line]:
    known = {0: top}
    order = [top]
    for number, parent, detail in rows:
        line = _Line(fields_of(detail))
        known.get(parent, top).below.append(line)
        known[number] = line
        order.append(line)
    return order


def _by_selects(rows: Sequence[Row], top: _Line) -> list[_Line]:
    """Rows of SQLite before 3.24: their first number is the SELECT that they belong to."""
    selects: dict[int, list[str]] = {}
    for number, _order, detail in rows:
        selects.setdefault(number, []).append(detail)
    order = [top]
    pending = [(0, top)]
    while pending:
        number, above = pending.pop()
        for detail in selects.pop(number, []):
            line = _Line(fields_of(detail))
            above.below.append(line)
            order.append(line)
            for inner in _inner(detail, line):
                below = line
                if detail.startswith(_COMPOUND):  # each SELECT of a UNION stands by itself
                    below = _Line(fields_of("UNION ALL"))
                    line.below.append(below)
                    order.append(below)
                pending.append((inner, below))
    return order


def _inner(detail: str, line: _Line) -> list[int]:
    if detail.startswith(_COMPOUND):
        return [int(number) for number in re.findall(r"\d+", detail)[:2]]
    named = line.fields.get("subquery") or number_of(detail)
    return [int(named)] if named and str(named).isdigit() else []


def _level(lines: Sequence[_Line]) -> list[PlanNode]:
    """Return the steps of one level: the loops as one join, what sorts on top, subqueries."""
    sources: dict[str, _Line] = {}
    loops: list[PlanNode] = []
    wraps: list[dict[str, Any]] = []
    beside: list[PlanNode] = []
    parts: list[PlanNode] = []
    for line in lines:
        kind, alias = line.fields["node_type"], line.fields.get("alias", "")
        if kind in {"Subquery Scan", "Materialize"} and "detail" in line.fields and _makes(line):
            sources[alias] = line
        elif kind in _TEMPORARY:
            wraps.append(line.fields)
            beside += line.nodes
        elif _PART.match(kind):
            parts += _part(line)
        elif "subplan_name" in line.fields or _BESIDE.match(kind):
            beside.append(PlanNode(line.fields, line.nodes))
        else:
            loops.append(_with_source(line, sources))
    beside += [PlanNode(line.fields, line.nodes) for line in sources.values()]
    return [*_joined(loops, wraps, beside), *parts]


def _part(line: _Line) -> tuple[PlanNode, ...]:
    """One branch of an OR or a UNION is what stands below it, distinct where that is said."""
    if "TEMP B-TREE" in line.fields.get("detail", ""):
        return (PlanNode(line.fields | {"node_type": "Unique"}, line.nodes),)
    return line.nodes or (PlanNode(line.fields),)


def _makes(line: _Line) -> bool:
    return str(line.fields["detail"]).startswith(("CO-ROUTINE", "MATERIALIZE"))


def _with_source(line: _Line, sources: dict[str, _Line]) -> PlanNode:
    """A scan of a subquery stands above the lines that make it."""
    source = sources.pop(line.fields.get("alias", ""), None)
    if source is None:
        return PlanNode(line.fields, line.nodes)
    made = PlanNode(source.fields, source.nodes)
    below = source.nodes if source.fields["node_type"] == "Subquery Scan" else (made,)
    fields = {key: value for key, value in line.fields.items() if key != "relation_name"}
    if fields["node_type"] == "Seq Scan":
        fields["node_type"] = "Subquery Scan"
    return PlanNode(fields, (*below, *line.nodes))


def _joined(
    loops: list[PlanNode], wraps: list[dict[str, Any]], beside: list[PlanNode]
) -> list[PlanNode]:
    node: PlanNode | None = None
    for loop in loops:
        if node is None:
            node = loop
            continue
        kind = {"join_type": loop.fields["join_type"]} if "join_type" in loop.fields else {}
        node = PlanNode({"node_type": "Nested Loop", **kind}, (node, loop))
    for wrap in wraps:
        node = PlanNode(wrap, (node,) if node is not None else ())
    if node is None:
        return beside
    return [PlanNode(node.fields, (*node.plans, *beside))]


DIALECT = Dialect(name="sqlite", matches=_matches, read=_read, engine="sqlite")
