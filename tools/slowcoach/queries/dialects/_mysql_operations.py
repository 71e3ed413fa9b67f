"""What MySQL calls its steps in FORMAT=TREE and in JSON version 2, in the normal form's words."""

import re
from collections.abc import Sequence
from typing import Any

from slowcoach.queries.dialects._access import condition
from slowcoach.queries.model import PlanNode

Fields = dict[str, Any]

_TABLE = re.compile(
    r"(?P<how>[A-Z][A-Za-z -]*?) on (?P<table><[^>]*>|`[^`]+`|\S+)"
    r"(?: using (?:index )?(?P<index>`[^`]+`|\S+))?(?P<rest>.*)",
    re.DOTALL,
)
_PUSHED = re.compile(r",? with (?:pushed|index) condition: (.*)", re.DOTALL)
_OVER = re.compile(r"\s*over (.*)", re.DOTALL)
_LOOKUP = re.compile(r"\s*\((.*)\)", re.DOTALL)
_HEADING = re.compile(r"Select #(\d+) \(([^)]*)\)")
_JOINS = (
    ("inner hash join", "Hash Join", "Inner"),
    ("left hash join", "Hash Join", "Left"),
    ("hash semijoin", "Hash Join", "Semi"),
    ("hash antijoin", "Hash Join", "Anti"),
    ("hash join", "Hash Join", "Inner"),
    ("nested loop inner join", "Nested Loop", "Inner"),
    ("nested loop left join", "Nested Loop", "Left"),
    ("nested loop semijoin", "Nested Loop", "Semi"),
    ("nested loop antijoin", "Nested Loop", "Anti"),
    ("batched key access inner join", "Nested Loop", "Inner"),
    ("batched key access left join", "Nested Loop", "Left"),
    ("batched key access", "Nested Loop", "Semi"),
    ("left hash", "Hash Join", "Left"),
)
_NAMES: tuple[tuple[str, str, Fields], ...] = (
    ("aggregate using temporary table", "Aggregate", {"temporary_table": True}),
    ("group aggregate", "Aggregate", {"strategy": "Sorted"}),
    ("aggregate", "Aggregate", {}),
    ("group (", "Aggregate", {"strategy": "Sorted"}),
    ("window", "WindowAgg", {}),
    ("limit", "Limit", {}),
    ("temporary table with deduplication", "Unique", {"temporary_table": True}),
    ("temporary table", "Materialize", {"temporary_table": True}),
    ("materialize", "Materialize", {}),
    ("union materialize with deduplication", "Unique", {"temporary_table": True}),
    ("union", "Append", {}),
    ("intersect", "Append", {}),
    ("except", "Append", {}),
    ("append", "Append", {}),
    ("remove duplicate", "Unique", {}),
    ("deduplicate", "Unique", {}),
    ("hash", "Hash", {}),
    ("constant row from", "Result", {}),
    ("rows fetched before execution", "Result", {}),
    ("zero", "Result", {}),
)
_SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Subquery Scan"})


def fields_of(text: str) -> Fields:
    """Return the fields of a step from its name, such as `Index lookup on t using i (a=1)`."""
    text = " ".join(text.split())
    fields: Fields = {"node_type": text.partition(":")[0][:60], "operation": text}
    if text.startswith("Filter: "):
        return fields | {"node_type": "Filter", "filter": condition(text.removeprefix("Filter: "))}
    if heading := _HEADING.match(text):
        once = "run only once" in heading.group(2)
        return fields | {
            "node_type": "Select",
            "parent_relationship": "InitPlan" if once else "SubPlan",
            "subplan_name": f"Select #{heading.group(1)} ({heading.group(2)})",
        }
    return fields | _named(text)


def _named(text: str) -> Fields:
    low = text.lower()
    for words, name, kind in _JOINS:
        if low.startswith(words):
            found: Fields = {"node_type": name, "join_type": kind}
            on = condition(text[len(words) :].strip().strip("()"))
            key = "hash_cond" if name == "Hash Join" else "join_filter"
            return found | ({key: on} if on and "no condition" not in on else {})
    if low.startswith("sort"):
        return _sort(text)
    if table := _TABLE.match(text):
        return _table(table)
    for words, name, more in _NAMES:
        if low.startswith(words):
            return {"node_type": name, **more}
    return {}


def _sort(text: str) -> Fields:
    keys = text.partition(":")[2].partition(", limit input to")[0]
    keys = keys.partition(", with duplicate removal")[0]
    parts = [condition(part.strip()) for part in keys.split(",") if part.strip()]
    return {"node_type": "Sort", "filesort": True, **({"sort_key": parts} if parts else {})}


def _table(match: re.Match[str]) -> Fields:
    how, table = match["how"].lower(), match["table"].strip("`")
    if "scan" not in how and "lookup" not in how and "search" not in how and "row" not in how:
        return {}
    found: Fields = {"node_type": "Seq Scan"}
    if "index" in how or "full-text" in how:
        covering = "covering" in how or "skip" in how
        found["node_type"] = "Index Only Scan" if covering else "Index Scan"
        if how in {"index scan", "covering index scan"}:
            found["full_index_scan"] = True
    if table.startswith("<"):
        found |= {"alias": table}
        if found["node_type"] == "Seq Scan":
            found["node_type"] = "Subquery Scan"
    else:
        found |= {"relation_name": table, "alias": table}
    if match["index"]:
        found["index_name"] = match["index"].strip("`,")
    return found | _conditions(match["rest"])


def _conditions(rest: str) -> Fields:
    found: Fields = {}
    if pushed := _PUSHED.search(rest):
        found["index_filter"] = condition(pushed.group(1))
        rest = rest[: pushed.start()]
    if over := _OVER.match(rest):
        found["index_cond"] = condition(over.group(1))
    elif lookup := _LOOKUP.match(rest):
        inside = lookup.group(1)
        if inside == "reverse":
            found["scan_direction"] = "Backward"
        elif "re-planned" in inside:
            found["range_checked"] = True
        else:
            found["index_cond"] = condition(inside.replace(", ", " AND "))
    return found


def merged(fields: Fields, plans: Sequence[PlanNode]) -> PlanNode:
    """Return the step; a Filter over a scan becomes the scan's own, a heading its subquery's."""
    name = fields["node_type"]
    if name == "Select" and len(plans) == 1:
        own = {key: fields[key] for key in ("parent_relationship", "subplan_name")}
        return PlanNode({**plans[0].fields, **own}, plans[0].plans)
    if name == "Filter" and plans and plans[0].node_type in _SCANS:
        return _filtered(fields, plans[0], plans[1:])
    if name == "Filter":
        fields = {**fields, "node_type": "Result"}
    if name == "Seq Scan" and plans:  # of a table that is made below
        own = {key: value for key, value in fields.items() if key != "relation_name"}
        fields = {**own, "node_type": "Subquery Scan"}
    return PlanNode(fields, tuple(plans))


def _filtered(fields: Fields, scan: PlanNode, others: Sequence[PlanNode]) -> PlanNode:
    both = {**scan.fields, "filter": fields["filter"]}
    if "filter" in scan.fields:
        both["filter"] = f"{scan.fields['filter']} AND {fields['filter']}"
    if (rows := scan.number("plan_rows")) is not None:
        both["rows_examined"] = rows
    for key in (
        "plan_rows", "total_cost", "startup_cost", "actual_rows", "actual_loops",
        "actual_startup_time", "actual_total_time",
    ):  # fmt: skip
        if key in fields:
            both[key] = fields[key]
    before, after = scan.number("actual_rows"), PlanNode(fields).number("actual_rows")
    if before is not None and after is not None:
        both["rows_removed_by_filter"] = max(0.0, before - after)
    return PlanNode(both, (*scan.plans, *others))
