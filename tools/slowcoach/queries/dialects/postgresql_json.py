"""PostgreSQL's EXPLAIN (FORMAT JSON), also as auto_explain logs it and as people paste it."""

import re
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._json import load
from slowcoach.queries.keys import snake
from slowcoach.queries.model import Dialect, Plan, PlanNode

_HINT = "Give the whole output of EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"
_BEGIN = re.compile(r'(?:\[\s*)*\{\s*"(?:Plan|Query Text|Query Identifier|Query Parameters)"\s*:')
_SIGHT = re.compile(r'"{1,2}Plan"{1,2}\s*:\s*\{')
_CLICKHOUSE = '"Node Id"'
_FRAMED = re.compile(r"(?m)[+↵]\s*[|│║]?\s*$|^\s*[|│║>:]")
_LEFT = re.compile(r"(?m)^(?:QUERY PLAN ?)?[ \t]*[|│║>:]")
_RIGHT = re.compile(r"(?m)[ \t]*[+↵]?[ \t]*[|│║]?[ \t]*$")
_DRAWN = re.compile(r"(?m)^(?:-\[ RECORD \d+ \])?[-─═+┌┐└┘├┤┬┴┼╔╗╚╝╟╢╠╣ |│║]+$")
_HEAD = 20_000  # characters in which psql's frame shows if there is one


def _matches(text: str) -> bool:
    return bool(_SIGHT.search(text)) and _CLICKHOUSE not in text[:_HEAD]


def _read(text: str) -> Plan:
    if '""Plan""' in text:
        text = text.replace('""', '"')
    if _FRAMED.search(text[:_HEAD]):
        text = _DRAWN.sub("", _RIGHT.sub("", _LEFT.sub("", text)))
    begin = _BEGIN.search(text)
    if begin is None:
        raise UnreadableError('plan: no object with "Plan" in the JSON', hint=_HINT)
    document, warnings = load(text[begin.start() :], hint=_HINT)
    while isinstance(document, list):
        if len(document) > 1:
            warnings += (f"{len(document)} plans were given; the first one is read",)
        document = document[0] if document else {}
    return _plan(document, warnings)


def _plan(document: Any, warnings: tuple[str, ...]) -> Plan:
    if not isinstance(document, dict) or not isinstance(document.get("Plan"), dict):
        raise UnreadableError('plan: expected an object with "Plan" in it', hint=_HINT)
    root = _tree(document["Plan"])
    if not root.node_type:
        raise UnreadableError('plan: its first step has no "Node Type"', hint=_HINT)
    fields = {snake(key): _converted(value) for key, value in document.items() if key != "Plan"}
    return Plan(root, fields, warnings)


def _tree(root: dict[str, Any]) -> PlanNode:
    """Build the tree from the leaves up, without recursion: plans nest thousands deep."""
    order: list[dict[str, Any]] = []
    stack = [root]
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(_children(node))
    built: dict[int, PlanNode] = {}
    for node in reversed(order):
        plans = tuple(built.pop(id(child)) for child in _children(node))
        fields = {snake(key): _converted(v) for key, v in node.items() if key != "Plans"}
        built[id(node)] = PlanNode(fields, plans)
    return built[id(root)]


def _children(node: dict[str, Any]) -> list[dict[str, Any]]:
    plans = node.get("Plans")
    return [plan for plan in plans if isinstance(plan, dict)] if isinstance(plans, list) else []


def _converted(value: Any) -> Any:
    """Return a value with the keys of its objects in the normal form (a few levels deep)."""
    if isinstance(value, dict):
        return {snake(str(key)): _converted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_converted(item) for item in value]
    return value


DIALECT = Dialect(name="postgresql_json", matches=_matches, read=_read)
