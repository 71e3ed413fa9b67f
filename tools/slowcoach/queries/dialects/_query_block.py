"""`query_block`: the JSON of MySQL (version 1) and of MariaDB, read to one tree."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._access import condition, figures, joined
from slowcoach.queries.dialects._query_table import Object, number, table_fields
from slowcoach.queries.model import Plan, PlanNode

HINT = "Give the whole output of EXPLAIN FORMAT=JSON (or ANALYZE FORMAT=JSON)"
_DEEPEST = 100  # MySQL and MariaDB themselves stop at 63 levels of queries
_CONTENTS = (
    "nested_loop", "table", "ordering_operation", "grouping_operation", "duplicates_removal",
    "windowing", "window_functions_computation", "filesort", "read_sorted_file",
    "temporary_table", "buffer_result", "union_result", "recursive_union", "query_block",
    "expression_cache", "block-nl-join", "range-checked-for-each-record", "insert_from",
    "query_specifications", "intersect_result", "except_result", "materialized", "unary_result",
    "materialization",
)  # fmt: skip
_PERCENT = 100.0
_OPERATIONS = {
    "grouping_operation": "Aggregate",
    "duplicates_removal": "Unique",
    "windowing": "WindowAgg",
    "window_functions_computation": "WindowAgg",
    "temporary_table": "Materialize",
    "buffer_result": "Materialize",
    "filesort": "Sort",
}
_SUBQUERIES = (
    "subqueries", "attached_subqueries", "select_list_subqueries", "having_subqueries",
    "group_by_subqueries", "order_by_subqueries", "optimized_away_subqueries",
    "update_value_subqueries",
)  # fmt: skip
_MADE_FROM = ("materialized", "materialized_from_subquery")

_CHECKED = "range-checked-for-each-record"


def plan_of(document: Any, warnings: tuple[str, ...]) -> Plan:
    """Return the plan in a document with `query_block`; raises UnreadableError for another."""
    block = document.get("query_block") if isinstance(document, dict) else None
    if not isinstance(block, dict):
        raise UnreadableError('plan: expected an object with "query_block" in it', hint=HINT)
    if not block.keys() & {*_CONTENTS, "message", "select_id"}:
        raise UnreadableError('plan: there is nothing in its "query_block"', hint=HINT)
    root = _block(block, 0)
    beside: Object = {}
    if (spent := number(block.get("r_total_time_ms"))) is not None:
        beside["execution_time"] = spent
    optimization = document.get("query_optimization")
    if isinstance(optimization, dict):
        planning = number(optimization.get("r_total_time_ms"))
        beside |= {} if planning is None else {"planning_time": planning}
    return Plan(root, beside, warnings)


def _block(block: Object, depth: int) -> PlanNode:
    node = _content(block, depth) or PlanNode({"node_type": "Result"})
    fields = dict(node.fields)
    cost = _cost(block)
    if cost is not None:
        fields["total_cost"] = max(cost, number(fields.get("total_cost")) or 0.0)
    having = block.get("having_condition")
    if isinstance(having, str):
        fields["having_condition"] = condition(having)
    message = block.get("message")
    if isinstance(message, str):
        fields["message"] = message
    loops, spent = number(block.get("r_loops")), number(block.get("r_total_time_ms"))
    if loops and spent is not None and depth:
        fields |= {"actual_loops": loops, "actual_total_time": spent / loops}
    return PlanNode(fields, (*node.plans, *_subqueries(block, depth)))


def _cost(holder: Object) -> float | None:
    info = holder.get("cost_info")
    if isinstance(info, dict):
        return number(info.get("query_cost")) or number(info.get("prefix_cost"))
    return number(holder.get("cost"))


def _content(holder: Object, depth: int) -> PlanNode | None:
    """Return the step of the first thing that an object holds."""
    if depth > _DEEPEST:
        raise UnreadableError(
            f"plan: it nests deeper than {_DEEPEST} levels, which no server prints", hint=HINT
        )
    for key in _CONTENTS:
        if key in holder:
            return _read(key, holder[key], depth + 1)
    return None


def _read(key: str, value: Any, depth: int) -> PlanNode | None:
    if key in {"nested_loop", "query_specifications"}:
        items = (
            [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
        )
        return _loop(items, depth) if key == "nested_loop" else _set({key: items}, depth)
    if not isinstance(value, dict):
        return None
    reader = _READERS.get(key)
    if reader is not None:
        return reader(value, depth)
    if key in _OPERATIONS:
        return _operation(key, value, depth)
    below = _content(value, depth)
    if key != _CHECKED or below is None:
        return below
    return PlanNode({**below.fields, "range_checked": True}, below.plans)


def _operation(key: str, value: Object, depth: int) -> PlanNode:
    below = _content(value, depth)
    fields: Object = {"node_type": _OPERATIONS[key]}
    if key == "temporary_table" or value.get("using_temporary_table"):
        fields["temporary_table"] = True
    if key == "filesort":
        fields["filesort"] = True
    if isinstance(value.get("sort_key"), str):
        fields["sort_key"] = [condition(part.strip()) for part in value["sort_key"].split(", ")]
    fields |= _measured(value, below)
    node = PlanNode(fields, (*_some(below), *_subqueries(value, depth)))
    return _sorted(node, value) if value.get("using_filesort") else node


def _ordering(value: Object, depth: int) -> PlanNode | None:
    """MySQL's ordering_operation costs something only where it uses a filesort."""
    below = _content(value, depth)
    if value.get("using_temporary_table") and not value.get("using_filesort"):
        fields = {"node_type": "Materialize", "temporary_table": True, **_measured(value, below)}
        return PlanNode(fields, (*_some(below), *_subqueries(value, depth)))
    if not value.get("using_filesort") or below is None:
        return below
    return _sorted(PlanNode(below.fields, (*below.plans, *_subqueries(value, depth))), value)


def _sorted(node: PlanNode, value: Object) -> PlanNode:
    fields: Object = {"node_type": "Sort", "filesort": True}
    if value.get("using_temporary_table"):
        fields["temporary_table"] = True
    rows, cost = node.number("plan_rows"), node.number("total_cost")
    own = number((value.get("cost_info") or {}).get("sort_cost")) or 0.0
    fields |= {} if rows is None else {"plan_rows": rows}
    fields |= {} if cost is None else {"total_cost": cost + own}
    return PlanNode(fields, (node,))


def _some(node: PlanNode | None) -> tuple[PlanNode, ...]:
    return () if node is None else (node,)


def _measured(value: Object, below: PlanNode | None) -> Object:
    """Return the figures of a sort or a temporary table: its own time and that of its rows."""
    found: Object = {}
    rows = below.number("plan_rows") if below is not None else None
    cost = below.number("total_cost") if below is not None else None
    found |= {} if rows is None else {"plan_rows": rows}
    found |= {} if cost is None else {"total_cost": cost}
    loops = number(value.get("r_loops"))
    under = below.number("actual_loops") if below is not None else None
    if loops is None and under is None:
        return found
    found["actual_loops"] = loops = loops if loops is not None else under or 0.0
    spent, inner = number(value.get("r_total_time_ms")), _whole(below)
    if loops and (spent is not None or inner is not None):
        both = max(spent or 0.0, inner or 0.0)
        if below is not None and below.fields.get("temporary_table"):
            both = (spent or 0.0) + (inner or 0.0)  # its rows were kept before they were sorted
        found["actual_total_time"] = both / loops
    out = number(value.get("r_output_rows"))
    if out is None and below is not None:
        out = below.number("actual_rows")
    return found if out is None else {**found, "actual_rows": out}


def _whole(node: PlanNode | None) -> float | None:
    each = node.number("actual_total_time") if node is not None else None
    loops = node.number("actual_loops") if node is not None else None
    return None if each is None or loops is None else each * loops


def _loop(items: Iterable[Object], depth: int) -> PlanNode | None:
    node: PlanNode | None = None
    for item in items:
        inner = _content(item, depth)
        if inner is None:
            continue
        holder = item.get("block-nl-join")
        extra = _buffer(holder if isinstance(holder, dict) else item.get("table") or {})
        node = inner if node is None else joined(node, inner, extra)
    return node


def _buffer(holder: Object) -> Object:
    """Return what is known of a join buffer: rows of the one side, matched in one go."""
    kind = holder.get("using_join_buffer") or holder.get("join_type")
    extra: Object = {}
    if isinstance(kind, str):
        hashed = "hash" in kind.lower() or kind.upper().startswith(("BNLH", "BKAH"))
        extra = {"join_buffer": kind, "node_type": "Hash Join" if hashed else "Nested Loop"}
        if isinstance(holder.get("attached_condition"), str) and "table" in holder:
            extra["join_filter"] = condition(holder["attached_condition"])
        extra |= _paired(holder)
    rows = number(holder.get("rows_produced_per_join"))
    cost = _cost(holder)
    extra |= {} if rows is None else {"plan_rows": rows}
    return extra | ({} if cost is None or "cost_info" not in holder else {"total_cost": cost})


def _paired(holder: Object) -> Object:
    """Return what MariaDB counted of the pairs that a join buffer made, and its own time."""
    keys = ("r_loops", "r_effective_rows", "r_filtered")
    loops, rows, kept = (number(holder.get(key)) for key in keys)
    if loops is None or rows is None or kept is None:
        return {}
    pairs = loops * rows
    own = sum(number(holder.get(key)) or 0.0 for key in ("r_unpack_time_ms", "r_other_time_ms"))
    passed = pairs * kept / _PERCENT
    return {"actual_rows": passed, "rows_removed_by_join_filter": pairs - passed, "own_ms": own}


def _set(value: Object, depth: int) -> PlanNode:
    parts = [
        part
        for item in value.get("query_specifications") or []
        if isinstance(item, dict) and (part := _content(item, depth)) is not None
    ]
    fields: Object = {"node_type": "Append", "alias": value.get("table_name") or ""}
    if value.get("using_temporary_table"):
        fields["temporary_table"] = True
    fields |= figures(None, None, number(value.get("r_rows")), None, number(value.get("r_loops")))
    loops, times = fields.get("actual_loops"), [_whole(part) for part in parts]
    if loops and any(time is not None for time in times):
        fields["actual_total_time"] = sum(time or 0.0 for time in times) / loops
    return PlanNode({key: item for key, item in fields.items() if item != ""}, tuple(parts))


def _table(value: Object, depth: int) -> PlanNode:
    below = [*_made_from(value, depth), *_subqueries(value, depth)]
    return PlanNode(table_fields(value), tuple(below))


def _made_from(value: Object, depth: int) -> Iterable[PlanNode]:
    for key in _MADE_FROM:
        made = value.get(key)
        if isinstance(made, dict) and (node := _content(made, depth)) is not None:
            yield node


def _subqueries(holder: Object, depth: int) -> list[PlanNode]:
    found: list[PlanNode] = []
    for key in _SUBQUERIES:
        items = holder.get(key)
        found += [
            _as_subquery(node, item, key)
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict) and (node := _content(item, depth)) is not None
        ]
    return found


def _as_subquery(node: PlanNode, item: Object, key: str) -> PlanNode:
    cache = item.get("expression_cache")
    inner = cache if isinstance(cache, dict) else item.get("materialization")
    holder: Object = inner if isinstance(inner, dict) else item
    block = holder.get("query_block")
    number = block.get("select_id") if isinstance(block, dict) else None
    dependent = bool(item.get("dependent")) or isinstance(cache, dict) or _runs_often(node)
    fields = {
        **node.fields,
        "parent_relationship": "SubPlan" if dependent else "InitPlan",
        "subplan_name": f"subquery {number}" if number else "subquery",
        "subquery_of": key.removesuffix("_subqueries"),
    }
    if isinstance(cache, dict):
        fields["expression_cache"] = {k: v for k, v in cache.items() if k != "query_block"}
    return PlanNode(fields, node.plans)


def _runs_often(node: PlanNode) -> bool:
    loops = node.number("actual_loops")
    return loops is not None and loops > 1


_READERS: Mapping[str, Callable[[Object, int], PlanNode | None]] = {
    "table": _table,
    "query_block": _block,
    "ordering_operation": _ordering,
    "union_result": _set,
    "intersect_result": _set,
    "except_result": _set,
    "unary_result": _set,
    "recursive_union": _set,
}
