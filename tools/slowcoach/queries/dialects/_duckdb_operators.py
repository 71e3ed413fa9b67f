"""DuckDB's operators in the normal form's words, whichever version and format named them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from slowcoach.queries.keys import snake
from slowcoach.queries.model import PlanNode

_MS = 1000.0
_KINDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "SEQ_SCAN": ("Seq Scan", {}),
    "TABLE_SCAN": ("Seq Scan", {}),
    "INDEX_SCAN": ("Index Scan", {}),
    "HASH_JOIN": ("Hash Join", {}),
    "NESTED_LOOP_JOIN": ("Nested Loop", {}),
    "BLOCKWISE_NL_JOIN": ("Nested Loop", {}),
    "CROSS_PRODUCT": ("Nested Loop", {"join_type": "Cross"}),
    "PIECEWISE_MERGE_JOIN": ("Merge Join", {}),
    "IE_JOIN": ("Merge Join", {}),
    "ORDER_BY": ("Sort", {}),
    "HASH_GROUP_BY": ("Aggregate", {"strategy": "Hashed"}),
    "PERFECT_HASH_GROUP_BY": ("Aggregate", {"strategy": "Hashed"}),
    "PARTITIONED_AGGREGATE": ("Aggregate", {"strategy": "Hashed"}),
    "UNGROUPED_AGGREGATE": ("Aggregate", {"strategy": "Plain"}),
    "SIMPLE_AGGREGATE": ("Aggregate", {"strategy": "Plain"}),
    "STREAMING_LIMIT": ("Limit", {}),
    "LIMIT": ("Limit", {}),
    "WINDOW": ("WindowAgg", {}),
    "STREAMING_WINDOW": ("WindowAgg", {}),
    "UNION": ("Append", {}),
    "CTE_SCAN": ("CTE Scan", {}),
    "REC_CTE_SCAN": ("CTE Scan", {}),
    "RECURSIVE_CTE": ("Recursive Union", {}),
    "REC_CTE": ("Recursive Union", {}),
    "RECURSIVE_CTE_SCAN": ("CTE Scan", {}),
    "COLUMN_DATA_SCAN": ("Values Scan", {}),
    "DUMMY_SCAN": ("Result", {}),
    "EMPTY_RESULT": ("Result", {}),
    "READ_CSV": ("Function Scan", {"function_name": "read_csv"}),
    "READ_CSV_AUTO": ("Function Scan", {"function_name": "read_csv_auto"}),
    "READ_PARQUET": ("Function Scan", {"function_name": "read_parquet"}),
    "READ_JSON": ("Function Scan", {"function_name": "read_json"}),
}
_AROUND = frozenset({"RESULT_COLLECTOR", "EXPLAIN_ANALYZE", "QUERY", "ROOT"})
_INNER_OF_LIST = ("Filters", "Conditions", "Expression")
_OWN = {
    "Filters": "filter",
    "Conditions": "hash_cond",
    "Join Type": "join_type",
    "Order By": "sort_key",
    "Groups": "group_key",
    "Aggregates": "aggregates",
    "Projections": "output",
    "Expression": "filter",
    "CTE Name": "cte_name",
}
_DIGITS = re.compile(r"\d+")


def fields_of(name: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the step's fields from its operator and what DuckDB tells of it."""
    operator = re.sub(r"\W+", "_", name.strip()).upper().strip("_")
    kind, more = _KINDS.get(operator, (operator.replace("_", " ").title(), {}))
    fields: dict[str, Any] = {"node_type": kind, **more, "operator": operator}
    for key, value in extra.items():
        if value in ("", [], None):
            continue
        if key == "Estimated Cardinality":
            digits = _DIGITS.findall(str(value))
            fields |= {"plan_rows": float("".join(digits))} if digits else {}
        elif key == "Table":
            *schema, table = str(value).split(".")
            fields |= {"relation_name": table, "alias": table}
            fields |= {"schema": schema[-1]} if schema else {}
        else:
            own = _OWN.get(key, snake(str(key)))
            fields[own] = _value(key, value)
    # filters that are known only when it runs: the estimate was made without them
    if "dynamic_filters" in fields and "plan_rows" in fields:
        fields["rows_expected_unfiltered"] = fields.pop("plan_rows")
    if str(extra.get("Type", "")).lower() == "index scan":
        fields["node_type"] = "Index Scan"
    if fields["node_type"] == "Nested Loop" and "hash_cond" in fields:
        fields["join_filter"] = fields.pop("hash_cond")
    return fields


def _value(key: str, value: Any) -> Any:
    parts = [str(part) for part in value] if isinstance(value, list) else split(str(value))
    if key in _INNER_OF_LIST:
        return " AND ".join(_bare(part) for part in parts)
    if key in {"Order By", "Groups", "Aggregates", "Projections"}:
        return parts
    return value if isinstance(value, str | int | float) else str(value)


def _bare(part: str) -> str:
    """Return a condition without a bracket around the whole of it."""
    inside = part[1:-1]
    closed = part.startswith("(") and part.endswith(")") and inside.find(")") >= inside.find("(")
    return inside if closed and inside.count("(") == inside.count(")") else part


def split(text: str) -> list[str]:
    """Split a list at its commas, those in quotes and brackets left alone."""
    parts: list[str] = []
    depth, quoted, begin = 0, "", 0
    for at, sign in enumerate(text):
        if quoted:
            quoted = "" if sign == quoted else quoted
        elif sign in "'\"":
            quoted = sign
        else:
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(sign, 0)
        if sign == "," and not quoted and depth <= 0:
            parts.append(text[begin:at].strip())
            begin = at + 1
    return [part for part in [*parts, text[begin:].strip()] if part]


def measured(
    fields: dict[str, Any], rows: float | None, seconds: float | None, plans: Sequence[PlanNode]
) -> PlanNode:
    """Return the step with rows and time; DuckDB tells the own time, ours has that below in it."""
    if rows is not None:
        fields = {**fields, "actual_rows": rows, "actual_loops": 1}
        read = fields.get("rows_scanned")
        if isinstance(read, int | float) and "filter" in fields:
            fields["rows_removed_by_filter"] = max(0.0, read - rows)
    if seconds is not None:
        below = sum(node.number("actual_total_time") or 0.0 for node in plans)
        fields = {**fields, "actual_loops": 1, "actual_total_time": seconds * _MS + below}
    return PlanNode(fields, tuple(plans))


def unwrapped(node: PlanNode) -> PlanNode:
    """Return the plan below the steps that only collect its result."""
    while node.text("operator") in _AROUND and len(node.plans) == 1:
        node = node.plans[0]
    return node
