"""MySQL's EXPLAIN FORMAT=JSON: version 1 (`query_block`) and version 2 (`query_plan`)."""

import re
from collections.abc import Mapping
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects import _query_block
from slowcoach.queries.dialects._json import load
from slowcoach.queries.dialects._mysql_operations import Fields, fields_of, merged
from slowcoach.queries.dialects._mysql_pasted import unframed
from slowcoach.queries.model import Dialect, Plan, PlanNode

_HINT = "Give the whole output of EXPLAIN FORMAT=JSON"
_SIGHT = re.compile(r'"query_block"\s*:\s*\{')
_SECOND = re.compile(
    r'"query_plan"\s*:\s*\{|"(?:estimated_total_cost|estimated_rows|json_schema_version)"\s*:'
)
_OPERATION = re.compile(r'"operation"\s*:\s*"')
_BEGIN = re.compile(r'\{\s*"\w+"\s*:')
_FIGURES = {
    "estimated_rows": "plan_rows",
    "estimated_total_cost": "total_cost",
    "estimated_first_row_cost": "startup_cost",
    "actual_rows": "actual_rows",
    "actual_loops": "actual_loops",
    "actual_first_row_ms": "actual_startup_time",
    "actual_last_row_ms": "actual_total_time",
}
_INPUTS = "inputs"


def _matches(text: str) -> bool:
    return bool(_SIGHT.search(text)) or _is_second(text)


def _is_second(text: str) -> bool:
    return bool(_SECOND.search(text)) and bool(_OPERATION.search(text))


def _read(text: str) -> Plan:
    text = unframed(text)
    begin = _BEGIN.search(text)
    if begin is None:
        raise UnreadableError("plan: no object in the JSON", hint=_HINT)
    document, warnings = load(text[begin.start() :], hint=_HINT)
    if not isinstance(document, dict) or "query_block" in document:
        return _query_block.plan_of(document, warnings)
    top = document.get("query_plan")
    root = top if isinstance(top, dict) else document
    if not isinstance(root.get("operation"), str):
        raise UnreadableError('plan: expected "query_block" or "operation"', hint=_HINT)
    query = document.get("query")
    beside = {"query_text": query} if isinstance(query, str) else {}
    return Plan(_tree(root), beside, warnings)


def _tree(root: dict[str, Any]) -> PlanNode:
    """Build the tree from the leaves up, without recursion."""
    order: list[dict[str, Any]] = []
    stack = [root]
    while stack:
        item = stack.pop()
        order.append(item)
        stack.extend(_children(item))
    built: dict[int, PlanNode] = {}
    for item in reversed(order):
        plans = [built.pop(id(child)) for child in _children(item)]
        built[id(item)] = _with_heading(item, merged(_fields(item), plans))
    return built[id(root)]


def _children(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for key, value in item.items():
        if key.startswith(_INPUTS) and isinstance(value, list):
            found += [child for child in value if isinstance(child, dict)]
    return found


def _fields(item: Mapping[str, Any]) -> Fields:
    fields = fields_of(str(item.get("operation") or ""))
    for theirs, ours in _FIGURES.items():
        value = item.get(theirs)
        if isinstance(value, int | float):
            fields[ours] = value
    if "actual_rows" in item and not item.get("actual_loops"):
        fields |= {"actual_loops": 0, "actual_total_time": 0}
    if fields.get("relation_name") and isinstance(item.get("table_name"), str):
        fields["relation_name"] = item["table_name"]  # the operation names its alias
    for key in ("used_columns", "schema_name"):
        if key in item:
            fields[key] = item[key]
    return fields


def _with_heading(item: Mapping[str, Any], node: PlanNode) -> PlanNode:
    heading = item.get("heading")
    if not isinstance(heading, str):
        return node
    return merged(fields_of(heading), [node]) if heading.startswith("Select #") else node


DIALECT = Dialect(name="mysql_json", matches=_matches, read=_read, engine="mysql")
