"""The `table` object in the JSON of MySQL (version 1) and MariaDB: how one table is read."""

from typing import Any

from slowcoach.queries.dialects._access import (
    access,
    condition,
    figures,
    key_condition,
    named,
    stopped_early,
)

Object = dict[str, Any]

_KEPT = frozenset({
    "possible_keys", "key_length", "used_columns", "using_index", "using_mrr", "first_match",
    "loose_scan", "distinct", "not_exists", "backward_index_scan", "message", "using_join_buffer",
    "buffer_type", "buffer_size", "partitions", "rowid_filter", "index_merge", "pushed_condition",
})  # fmt: skip


def number(value: Any) -> float | None:
    """Return a number; MySQL prints costs and percents as text."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def table_fields(value: Object) -> Object:
    """Return the step's fields of a `table` object of MySQL (version 1) or MariaDB."""
    name = value.get("table_name")
    covering = bool(value.get("using_index"))
    kind = str(value.get("access_type") or "")
    fields: Object = access(kind, covering=covering) if kind else {"node_type": "Result"}
    if isinstance(name, str):
        fields |= named(name)
    fields |= {key: item for key, item in value.items() if key in _KEPT}
    index = value.get("key")
    if isinstance(index, str):
        fields["index_name"] = index
        fields["index_cond"] = _index_condition(value)
    elif isinstance(value.get("index_merge"), dict):
        fields["index_name"] = ",".join(_keys(value["index_merge"]))
    if isinstance(value.get("attached_condition"), str):
        fields["filter"] = condition(value["attached_condition"])
    if "range_checked_for_each_record" in value:
        fields["range_checked"] = True
    fields = stopped_early(fields | _rows(value) | _time(value) | _own_cost(value))
    return {key: item for key, item in fields.items() if item != ""}


def _index_condition(value: Object) -> str:
    if isinstance(value.get("index_condition"), str):
        return condition(value["index_condition"])
    if value.get("access_type") == "index":
        return ""
    parts, ref = value.get("used_key_parts") or [], value.get("ref") or []
    return key_condition([str(part) for part in parts], [str(part) for part in ref])


def _keys(merge: Object) -> list[str]:
    """Return the indexes of MariaDB's index_merge: unions of ranges, of unions, ..."""
    found: list[str] = []
    pending: list[Any] = [merge]
    while pending:
        item = pending.pop(0)
        if isinstance(item, dict):
            found += [item["key"]] if isinstance(item.get("key"), str) else []
            pending += item.values()
        elif isinstance(item, list):
            pending += item
    return found


def _rows(value: Object) -> Object:
    read = value.get("rows", value.get("rows_examined_per_scan"))
    return figures(
        number(read),
        number(value.get("filtered")),
        number(value.get("r_rows")),
        number(value.get("r_filtered")),
        number(value.get("r_loops")),
    )


def _time(value: Object) -> Object:
    """MariaDB counts a table's time over all loops: reading it, and what follows each row."""
    loops = number(value.get("r_loops"))
    own = [number(value.get(key)) for key in ("r_table_time_ms", "r_other_time_ms")]
    if own[0] is None:
        own = [number(value.get("r_total_time_ms"))]
    if not loops or own[0] is None:
        return {}
    return {"actual_total_time": sum(part or 0.0 for part in own) / loops}


def _own_cost(value: Object) -> Object:
    info = value.get("cost_info")
    if not isinstance(info, dict):
        cost = number(value.get("cost"))
        return {} if cost is None else {"total_cost": cost}
    read, evaluated = number(info.get("read_cost")), number(info.get("eval_cost"))
    if read is None:
        return {}
    return {"total_cost": read + (evaluated or 0.0)}
