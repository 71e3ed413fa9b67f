"""PostgreSQL's EXPLAIN (FORMAT JSON), also as auto_explain logs it and as people paste it."""

import re
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._json import load
from slowcoach.queries.keys import snake
from slowcoach.queries.model import Dialect, Plan, PlanNode

_HINT = "Give the whole output of EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"
_START = re.compile(
    r'[\[{]\s*(?:\[\s*\{\s*|\{\s*)?"{1,2}(?:Plan|Query Text|Query Parameters)"{1,2}\s*:'
)
_DOUBLED = re.compile(r'""(?:Plan|Query Text)""\s*:')
_FRAME = re.compile(r"(?m)[ \t]*(?:\+|↵)[ \t]*(?:\||│|║)?[ \t]*$|^[ \t]*(?:\||│|║|:)[ \t]?")
_RULER = re.compile(r"(?m)^[-─═+┌┐└┘├┤╔╗╚╝╟╢ |│║]+$|^\s*\(\d+ \w+\)\s*$")


def _matches(text: str) -> bool:
    return bool(_START.search(text)) and '"Node Id"' not in text


def _read(text: str) -> Plan:
    if _DOUBLED.search(text):
        text = text.replace('""', '"')
    start = _START.search(text)
    if start is None:
        raise UnreadableError('plan: no `"Plan":` in the JSON', hint=_HINT)
    document, warnings = load(_unframed(text, start.start()), hint=_HINT)
    while isinstance(document, list):
        if len(document) > 1:
            warnings += (f"{len(document)} plans were given; the first one is read",)
        document = document[0] if document else {}
    return _plan(document, warnings)


def _unframed(text: str, start: int) -> str:
    """Return the JSON without what psql draws around it; untouched when it draws nothing."""
    tail = text[start:]
    if "+\n" not in tail and "↵" not in tail and "|" not in tail.split("\n", 1)[0]:
        return tail
    return _RULER.sub("", _FRAME.sub("", tail))


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
