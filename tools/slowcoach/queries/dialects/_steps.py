"""The first line of a step in PostgreSQL's text format: its name, variant, table, index."""

import re
from typing import Any

_JOIN = re.compile(
    r"(?P<base>Nested Loop|Hash|Merge)"
    r"(?: (?P<type>Left|Right|Full|Semi|Anti|Right Semi|Right Anti))? Join$"
)
_INDEX = re.compile(
    r"(?P<type>Index(?: Only)? Scan)(?P<back> Backward)? using (?P<index>\S+|\"(?:[^\"]|\"\")+\")"
    r" on (?P<target>.+)"
)
_ON = re.compile(r"(?P<type>[A-Z][A-Za-z ]*?) on (?P<target>.+)")
_NAMES = re.compile(r'((?:"(?:[^"]|"")*"|[^\s"])+)(?: ((?:"(?:[^"]|"")*"|[^\s"])+))?')
_CUSTOM = re.compile(
    r"(?P<type>Custom Scan|Foreign Scan) \((?P<provider>[^)]*)\)(?: on (?P<target>.+))?"
)
_MODES = ("Partial ", "Finalize ")
_STRATEGIES = {
    "HashAggregate": "Hashed",
    "GroupAggregate": "Sorted",
    "MixedAggregate": "Mixed",
    "Aggregate": "Plain",
}
_CHANGES = frozenset({"Insert", "Update", "Delete", "Merge"})
_SETOP = re.compile(r"(?P<hash>Hash)?SetOp (?P<command>Intersect|Except)(?P<all> All)?$")
_TARGETS = {
    "CTE Scan": "cte_name",
    "WorkTable Scan": "cte_name",
    "Function Scan": "function_name",
    "Table Function Scan": "table_function_name",
    "Named Tuplestore Scan": "tuplestore_name",
    "Bitmap Index Scan": "index_name",
}


def described(text: str) -> dict[str, Any]:
    """Return the fields that a step's description tells, such as `Index Scan using i on t a`."""
    text = text.strip()
    fields: dict[str, Any] = {"parallel_aware": False, "async_capable": False}
    for prefix, key in (("Async ", "async_capable"), ("Parallel ", "parallel_aware")):
        if text.startswith(prefix):
            text = text.removeprefix(prefix)
            fields[key] = True
    for mode in _MODES:
        if text.startswith(mode):
            text = text.removeprefix(mode)
            fields["partial_mode"] = mode.strip()
    return fields | _named(text)


def _named(text: str) -> dict[str, Any]:
    if match := _INDEX.match(text):
        return {
            "node_type": match["type"],
            "scan_direction": "Backward" if match["back"] else "Forward",
            "index_name": match["index"],
            **_target("relation_name", match["target"]),
        }
    if match := _JOIN.match(text):
        return {"node_type": f"{match['base']} Join", "join_type": match["type"] or "Inner"}
    if match := _CUSTOM.match(text):
        target = _target("relation_name", match["target"]) if match["target"] else {}
        return {"node_type": match["type"], "custom_plan_provider": match["provider"], **target}
    if match := _SETOP.match(text):
        strategy = "Hashed" if match["hash"] else "Sorted"
        command = match["command"] + (match["all"] or "")
        return {"node_type": "SetOp", "strategy": strategy, "command": command}
    if match := _ON.match(text):
        return _scan(match["type"], match["target"])
    if text == "Nested Loop":
        return {"node_type": text, "join_type": "Inner"}
    strategy_of = _STRATEGIES.get(text)
    return {"node_type": text} | ({"strategy": strategy_of} if strategy_of else {})


def _scan(kind: str, target: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"node_type": kind}
    if kind in _CHANGES:
        fields["operation"] = kind
    if kind in {"Subquery Scan", "Values Scan"}:
        return fields | {"alias": _unquoted(target)}
    if kind == "Bitmap Index Scan":
        return fields | {"index_name": target}
    return fields | _target(_TARGETS.get(kind, "relation_name"), target)


def _target(key: str, text: str) -> dict[str, Any]:
    if '"' not in text and text.count(" ") <= 1:
        name, _, alias = text.partition(" ")
        return {key: name, "alias": alias or name.rpartition(".")[2]}
    match = _NAMES.match(text.strip())
    if match is None:
        return {key: text.strip()}
    name, alias = match.groups()
    return {key: name, "alias": _unquoted(alias or _unqualified(name))}


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') and name.endswith('"') else name


def _unqualified(name: str) -> str:
    """Return the last part of `schema.table`; dots inside quotes do not count."""
    parts = re.findall(r'"(?:[^"]|"")*"|[^."]+', name)
    return parts[-1] if parts else name
