"""The table of MySQL's and MariaDB's EXPLAIN: framed, `\\G`, or separated by tabs."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._access import (
    access,
    figures,
    joined,
    key_condition,
    named,
    stopped_early,
)
from slowcoach.queries.model import Plan, PlanNode

HINT = "Paste the whole table of EXPLAIN, with its line of names"
Row = Mapping[str, str]

_VERTICAL = re.compile(r"(?m)^[ \t]*select_type:\s")
_FIELD = re.compile(r"^\s*(\w+):[ \t]?(.*)$")
_SLOW_LOG = re.compile(r"(?m)^# explain:[ \t]?")
_NULLS = frozenset({"", "NULL", "\\N", "null", "<null>", "[NULL]"})
_BUFFER = re.compile(r"Using join buffer(?: \(([^)]*)\))?", re.IGNORECASE)
_CHECKED = re.compile(r"Range checked for each record(?: \(([^)]*)\))?", re.IGNORECASE)
_MADE = re.compile(r"<(?:derived|subquery)(\d+)>")
_UNION = re.compile(r"<(?:union|intersect|except|unit)([\d,]+)")
_DEPENDENT = ("DEPENDENT", "UNCACHEABLE")


def is_table(text: str) -> bool:
    """Tell whether the text has the names of EXPLAIN's columns."""
    return _header(text) is not None or bool(_VERTICAL.search(text))


def _header(text: str) -> int | None:
    """Return where the line with the columns' names begins."""
    at = text.find("select_type")
    while at >= 0:
        begin = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        line = text[begin : end if end >= 0 else len(text)].lower()
        if "table" in line and "extra" in line:
            return begin
        at = text.find("select_type", end) if end >= 0 else -1
    return None


def rows_of(text: str) -> list[Row]:
    """Return the rows as text by column name in lower case; missing values are left out."""
    text = _SLOW_LOG.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", ""))
    header = _header(text)
    found = _vertical(text) if header is None else _lines(text[header:])
    return [{k: v for k, v in row.items() if v not in _NULLS} for row in found]


def _lines(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.split("\n") if line.strip() and not _drawn(line)]
    sign = next((mark for mark in ("|", "│", "\t", ";") if mark in lines[0]), ",")
    names: list[str] = []
    found: list[dict[str, str]] = []
    for cells in _cells(lines, sign):
        if not names:
            names = [cell.lower() for cell in cells]
        elif len(cells) >= len(names) - 1:
            found.append(dict(zip(names, cells, strict=False)))
        elif found:
            break  # what stands below the table
    return found


def _cells(lines: Iterable[str], sign: str) -> Iterable[list[str]]:
    if sign in {",", ";"}:
        text = io.StringIO("\n".join(lines))
        yield from ([cell.strip() for cell in row] for row in csv.reader(text, delimiter=sign))
        return
    for line in lines:
        bare = line.strip().strip(sign) if sign in {"|", "│"} else line
        yield [cell.strip() for cell in bare.split(sign)]


def _drawn(line: str) -> bool:
    return not line.strip(" \t|+-=:─│┌┐└┘├┤┬┴┼╭╮╰╯")


def _vertical(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for line in text.split("\n"):
        match = _FIELD.match(line)
        if match is None:
            continue
        name = match.group(1).lower()
        if name == "id":
            found.append({})
        if found:
            found[-1].setdefault(name, match.group(2).strip())
    return found


def plan_of(rows: Sequence[Row]) -> Plan:
    """Return the plan: rows of one id are nested loops in order, other ids stand below them."""
    if not rows:
        raise UnreadableError("plan: the table of EXPLAIN has no rows", hint=HINT)
    blocks: dict[str, list[Row]] = {}
    unions: list[Row] = []
    for row in rows:
        if _UNION.match(row.get("table", "")):
            unions.append(row)
        else:
            blocks.setdefault(row.get("id", "1"), []).append(row)
    built: dict[str, PlanNode] = {}
    for number in reversed(list(blocks)):  # what is made stands after what uses it
        built[number] = _block(number, blocks[number], built)
        for row in unions:
            if [number] == _parts(row)[:1]:
                built[number] = _union(row, built)
    first, *others = [built[n] for n in sorted(built, key=lambda n: int(n) if n.isdigit() else 0)]
    return Plan(PlanNode(first.fields, (*first.plans, *others)))


def _parts(row: Row) -> list[str]:
    match = _UNION.match(row.get("table", ""))
    return match.group(1).split(",") if match else []


def _union(row: Row, built: dict[str, PlanNode]) -> PlanNode:
    """Return the union of the blocks that its row names, instead of them."""
    parts = [built.pop(number) for number in _parts(row) if number in built]
    fields = {"node_type": "Append", "alias": row["table"], **_extra(row.get("extra", ""))}
    return PlanNode(fields, tuple(parts))


def _block(number: str, rows: Sequence[Row], built: dict[str, PlanNode]) -> PlanNode:
    node: PlanNode | None = None
    sorts: dict[str, Any] = {}
    for row in rows:
        step = _step(row, built)
        extra = row.get("extra", "")
        buffer = _BUFFER.search(extra)
        more: dict[str, Any] = {}
        if buffer is not None:
            kind = buffer.group(1) or "join buffer"
            hashed = "hash" in kind.lower() or "BNLH" in kind
            more = {"join_buffer": kind, "node_type": "Hash Join" if hashed else "Nested Loop"}
        node = step if node is None else joined(node, step, more)
        sorts |= _extra(extra)
    node = node or PlanNode({"node_type": "Result"})
    node = _wrapped(node, sorts)
    kind = rows[0].get("select_type", "")
    fields: dict[str, Any] = {**node.fields, "select_id": number, "select_type": kind}
    if "SUBQUERY" in kind:
        often = any(word in kind for word in _DEPENDENT)
        fields |= {"parent_relationship": "SubPlan" if often else "InitPlan"}
        fields["subplan_name"] = f"subquery {number}"
    return PlanNode(fields, node.plans)


def _extra(text: str) -> dict[str, Any]:
    low = text.lower()
    found: dict[str, Any] = {}
    if "using temporary" in low:
        found["temporary_table"] = True
    if "using filesort" in low:
        found["filesort"] = True
    return found


def _wrapped(node: PlanNode, sorts: Mapping[str, Any]) -> PlanNode:
    for key, kind in (("temporary_table", "Materialize"), ("filesort", "Sort")):
        if key in sorts:
            same = {
                name: node.fields[name]
                for name in ("plan_rows", "actual_rows", "actual_loops", "actual_total_time")
                if name in node.fields
            }
            node = PlanNode({"node_type": kind, key: True, **same}, (node,))
    return node


def _step(row: Row, built: dict[str, PlanNode]) -> PlanNode:
    kind, extra = row.get("type", ""), row.get("extra", "")
    covering = "using index" in extra.lower().replace("using index condition", "")
    fields: dict[str, Any] = access(kind, covering=covering) if kind else {"node_type": "Result"}
    if "table" in row:
        fields |= named(row["table"])
    if "key" in row:
        fields["index_name"] = row["key"]
        fields["index_cond"] = key_condition([], []) if kind == "index" else _asked(row)
    if "using where" in extra.lower():
        fields["using_where"] = True
    if checked := _CHECKED.search(extra):
        fields |= {"range_checked": True, "range_keys": checked.group(1) or ""}
    for name in ("possible_keys", "extra", "partitions"):
        if name in row:
            fields[name] = row[name]
    fields |= figures(*(_number(row.get(n)) for n in ("rows", "filtered", "r_rows", "r_filtered")))
    if "actual_rows" in fields:
        fields["actual_loops"] = _number(row.get("r_loops")) or 1.0
    fields = stopped_early(fields)
    made = _MADE.match(row.get("table", ""))
    below = built.pop(made.group(1), None) if made else None
    return PlanNode(
        {key: value for key, value in fields.items() if value != ""},
        () if below is None else (below,),
    )


def _asked(row: Row) -> str:
    """Return what the index is compared with; the table does not tell its columns."""
    return ", ".join(part for part in row.get("ref", "").split(",") if part)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text.replace(",", ""))
    except ValueError:
        return None
