"""DuckDB's EXPLAIN (FORMAT JSON) and EXPLAIN (ANALYZE, FORMAT JSON), 1.x and 2.x."""

import re
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._duckdb_operators import fields_of, measured, unwrapped
from slowcoach.queries.dialects._json import load
from slowcoach.queries.model import Dialect, Plan, PlanNode

_HINT = "Give the whole output of EXPLAIN (ANALYZE, FORMAT JSON)"
_MS = 1000.0
_SIGHT = re.compile(r'"(?:operator_timing|operator_cardinality|intermediate_rows)"\s*:')
_PLANNED = re.compile(r'"name"\s*:\s*"[A-Z][A-Z_]+ ?"')
_BEGIN = re.compile(r"[\[{]")
_NAMES = ("operator_type", "type", "name", "operator_name")
_OWN = {
    "row_groups_scanned": "row_groups_scanned",
    "total_row_groups_to_scan": "row_groups",
    "result_set_size": "result_bytes",
    "intermediate_size_bytes": "result_bytes",
}

Object = dict[str, Any]


def _matches(text: str) -> bool:
    if _SIGHT.search(text):
        return True
    return '"extra_info"' in text and '"children"' in text and bool(_PLANNED.search(text))


def _read(text: str) -> Plan:
    text = text.replace("\r\n", "\n")
    begin = _BEGIN.search(text)
    if begin is None:
        raise UnreadableError("plan: no JSON in the text", hint=_HINT)
    document, warnings = load(text[begin.start() :], hint=_HINT)
    top = document[0] if isinstance(document, list) and document else document
    if not isinstance(top, dict):
        raise UnreadableError("plan: expected an object with the operators", hint=_HINT)
    root = _first(top)
    if not _name(root):
        raise UnreadableError("plan: no operator in the JSON", hint=_HINT)
    return Plan(unwrapped(_tree(root)), _beside(top), warnings)


def _first(top: Object) -> Object:
    """Return the first operator: 2.x has a list `operator`, 1.x a root without a name."""
    listed = top.get("operator")
    if isinstance(listed, list) and listed and isinstance(listed[0], dict):
        return listed[0]
    children = _children(top)
    return children[0] if not _name(top) and children else top


def _beside(top: Object) -> Object:
    query = top.get("query")
    found: Object = {}
    latency = top.get("latency") if not isinstance(query, dict) else query.get("total_time")
    if isinstance(latency, int | float):
        found["execution_time"] = latency * _MS
    text = top.get("query_name") if not isinstance(query, dict) else query.get("sql")
    if isinstance(text, str):
        found["query_text"] = text
    cpu = (query if isinstance(query, dict) else top).get("cpu_time")
    return found | ({"cpu_time": cpu * _MS} if isinstance(cpu, int | float) else {})


def _children(item: Object) -> list[Object]:
    found = item.get("children")
    return [child for child in found if isinstance(child, dict)] if isinstance(found, list) else []


def _name(item: Object) -> str:
    return next((item[key] for key in _NAMES if isinstance(item.get(key), str)), "")


def _tree(root: Object) -> PlanNode:
    """Build the tree from the leaves up, without recursion."""
    order: list[Object] = []
    stack = [root]
    while stack:
        item = stack.pop()
        order.append(item)
        stack.extend(_children(item))
    built: dict[int, PlanNode] = {}
    for item in reversed(order):
        plans = [built.pop(id(child)) for child in _children(item)]
        built[id(item)] = _step(item, plans)
    return built[id(root)]


def _step(item: Object, plans: list[PlanNode]) -> PlanNode:
    extra = item.get("extra_info")
    fields = fields_of(_name(item), extra if isinstance(extra, dict) else {})
    scanned = _number(item, "operator_rows_scanned", "rows_scanned")
    if scanned:
        fields["rows_scanned"] = scanned
    fields |= {ours: item[theirs] for theirs, ours in _OWN.items() if theirs in item}
    rows = _number(item, "operator_cardinality", "intermediate_rows")
    return measured(fields, rows, _number(item, "operator_timing", "timing"), plans)


def _number(item: Object, *keys: str) -> float | None:
    found = (item.get(key) for key in keys)
    return next((float(value) for value in found if isinstance(value, int | float)), None)


DIALECT = Dialect(name="duckdb_json", matches=_matches, read=_read, engine="duckdb")
