"""What ClickHouse's steps are called in the normal form, and how much its indexes spare."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_TYPES = {
    "Aggregating": "Aggregate",
    "MergingAggregated": "Aggregate",
    "Sorting": "Sort",
    "Limit": "Limit",
    "Union": "Append",
    "Distinct": "Unique",
    "Window": "WindowAgg",
    "Join": "Hash Join",
    "FilledJoin": "Hash Join",
    "JoinLogical": "Hash Join",
    "ReadFromSystemNumbers": "Function Scan",
    "ReadFromMergeTree": "Seq Scan",
    "ReadFromMemoryStorage": "Seq Scan",
}
_ALL = frozenset({"true", ""})
_NAME = re.compile(r"[\w.`\"]+$")
STEP = re.compile(r"[A-Z][A-Za-z]+(?:-[A-Za-z]+)?(?: \(.*\))?$")


def described(
    operation: str,
    description: str,
    indexes: Sequence[Mapping[str, Any]],
    rest: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the fields of a step by its name and what stands in brackets behind it.

    A read of a MergeTree is an index scan when the primary key spares granules of it.
    """
    fields: dict[str, Any] = {"node_type": _TYPES.get(operation, operation), "operation": operation}
    if description:
        fields["description"] = description
    fields |= _conditions(rest)
    if not operation.startswith("ReadFrom"):
        return fields
    if _NAME.match(description):
        schema, _, table = description.rpartition(".")
        fields |= {"relation_name": table, "alias": table}
        fields |= {"schema": schema} if schema else {}
    if indexes:
        fields["indexes"] = list(indexes)
    key = next((i for i in indexes if i.get("type") == "PrimaryKey"), None)
    if key is not None and str(key.get("condition", "")).strip() not in _ALL:
        fields |= {"node_type": "Index Scan", "index_name": "PrimaryKey"}
        fields["index_cond"] = key["condition"]
    return fields | _granules(indexes)


def _granules(indexes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return of how many granules (of about 8,192 rows) how many are read."""
    totals = [i["initial_granules"] for i in indexes if "initial_granules" in i]
    read = [i["selected_granules"] for i in indexes if "selected_granules" in i]
    if not totals or not read:
        return {}
    return {"granules": max(totals), "granules_read": min(read)}


def _conditions(rest: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in ("filter_column", "prewhere_filter_column"):
        if isinstance(rest.get(key), str):
            found["filter"] = rest[key].strip()
    if isinstance(rest.get("sort_description"), str):
        found["sort_key"] = [part.strip() for part in rest["sort_description"].split(", ")]
    return found
