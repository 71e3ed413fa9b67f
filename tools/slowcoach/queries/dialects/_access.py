"""How MySQL and MariaDB read one table, in the normal form's words."""

import re
from collections.abc import Sequence
from typing import Any

from slowcoach.queries.model import PlanNode

_MADE = re.compile(r"<(derived|subquery|union|materialized|expanded|temporary)[\w,.#]*>")
_PERCENT = 100.0
_NAMES = {"derived": "Subquery Scan", "subquery": "Materialize", "union": "Append"}
_QUALIFIER = re.compile(r"`([^`]+)`\.(?=`[^`]+`\.`)")
_TICKED = re.compile(r"`((?:[^`]|``)*)`")
_PLAIN = re.compile(r"[A-Za-z_][\w$]*")


def access(kind: str, *, covering: bool) -> dict[str, Any]:
    """Return the step of an access type: ALL, index, range, ref, eq_ref, const, ..."""
    if kind in {"ALL", "hash_ALL"}:
        return {"node_type": "Seq Scan", "access_type": kind}
    scan = "Index Only Scan" if covering else "Index Scan"
    found: dict[str, Any] = {"node_type": scan, "access_type": kind}
    if kind in {"index", "hash_index"}:
        found["full_index_scan"] = True
    return found


def named(table: str) -> dict[str, Any]:
    """Return the fields of a table's name; `<derived2>` and the like are made on the way."""
    if made := _MADE.match(table):
        return {"node_type": _NAMES.get(made.group(1), "Materialize"), "alias": table}
    return {"relation_name": table, "alias": table}


def figures(
    rows: float | None,
    filtered: float | None,
    r_rows: float | None = None,
    r_filtered: float | None = None,
    r_loops: float | None = None,
) -> dict[str, Any]:
    """Return estimated and actual rows as PostgreSQL counts them: those that pass the filter.

    MySQL and MariaDB print the rows that are read, and the share (in percent) that passes.
    """
    found: dict[str, Any] = {}
    if rows is not None:
        found["rows_examined"] = rows
        found["plan_rows"] = rows * (_PERCENT if filtered is None else filtered) / _PERCENT
    if filtered is not None:
        found["filtered"] = filtered
    if r_rows is not None:
        passed = _PERCENT if r_filtered is None else r_filtered
        found["actual_rows"] = r_rows * passed / _PERCENT
        found["rows_removed_by_filter"] = r_rows - found["actual_rows"]
        if passed < _PERCENT and (filtered is None or filtered >= _PERCENT):
            found.pop("plan_rows", None)  # 100 % is said where no statistics are: no estimate
    if r_loops is not None:
        found["actual_loops"] = r_loops
        if not r_loops:
            found |= {"actual_rows": 0, "actual_total_time": 0}
    return found


def stopped_early(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields without an estimate where a whole scan was not finished.

    A LIMIT is no step of these plans: where far fewer rows were read than a whole scan reads,
    something above stopped asking, and the estimate was not wrong.
    """
    whole = fields.get("access_type") in {"ALL", "index"}
    read = fields.get("actual_rows", 0.0) + fields.get("rows_removed_by_filter", 0.0)
    expected = fields.get("rows_examined")
    if not whole or "actual_rows" not in fields or expected is None or read * 2 > expected:
        return fields
    return {**{k: v for k, v in fields.items() if k != "plan_rows"}, "stopped_early": True}


def condition(text: str) -> str:
    """Return a condition without backticks and schemas, as the checks read it."""
    if "`" not in text:
        return text
    return _TICKED.sub(_unticked, _QUALIFIER.sub("", text))


def _unticked(match: re.Match[str]) -> str:
    name = match.group(1)
    return name if _PLAIN.fullmatch(name) else f'"{name}"'


def key_condition(parts: Sequence[str], ref: Sequence[str]) -> str:
    """Return what an index is asked: its columns and what each is compared with."""
    if not ref:
        return " AND ".join(parts)
    pairs = zip(parts, ref, strict=False)
    return " AND ".join(f"{column} = {_last_two(value)}" for column, value in pairs)


def _last_two(name: str) -> str:
    return ".".join(name.split(".")[-2:])


def joined(outer: PlanNode, inner: PlanNode, extra: dict[str, Any] | None = None) -> PlanNode:
    """Return the join of two steps: the inner one is asked for each row of the outer."""
    fields: dict[str, Any] = {"node_type": "Nested Loop", **(extra or {})}
    own = fields.pop("own_ms", 0.0)
    times = [_total(outer), _total(inner), own]
    if outer.number("actual_loops") is not None:
        loops = _runs(outer)
        fields["actual_loops"] = loops
        if all(time is not None for time in times) and loops:
            fields["actual_total_time"] = sum(time or 0.0 for time in times) / loops
        rows = inner.number("actual_rows")
        if rows is not None and "join_buffer" not in fields and loops:
            fields["actual_rows"] = rows * (inner.number("actual_loops") or 0.0) / loops
    if "plan_rows" not in fields and "join_buffer" not in fields:
        each = [node.number("plan_rows") for node in (outer, inner)]
        if each[0] is not None and each[1] is not None:
            fields["plan_rows"] = each[0] * each[1]
    return PlanNode(fields, (outer, inner))


def _runs(node: PlanNode) -> float:
    return node.number("actual_loops") or 0.0


def _total(node: PlanNode) -> float | None:
    each = node.number("actual_total_time")
    return None if each is None else each * _runs(node)
