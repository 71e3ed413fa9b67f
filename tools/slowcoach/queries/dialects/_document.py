"""What PostgreSQL's JSON, YAML and XML have in common: one document, differently written."""

import re
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._outline import grown
from slowcoach.queries.keys import snake
from slowcoach.queries.model import Plan, PlanNode

HINT = "Give the whole output of EXPLAIN (ANALYZE, BUFFERS), in the format as it was printed"
_FRAMED = re.compile(r"(?m)[+↵]\s*[|│║]?\s*$|^\s*[|│║>:]")
_LEFT = re.compile(r"(?m)^(?:QUERY PLAN ?)?[ \t]*[|│║>:]")
_RIGHT = re.compile(r"(?m)[ \t]*[+↵]?[ \t]*[|│║]?[ \t]*$")
_DRAWN = re.compile(r"(?m)^(?:-\[ RECORD \d+ \])?[-─═+┌┐└┘├┤┬┴┼╔╗╚╝╟╢╠╣ |│║]+$")
_HEAD = 20_000  # characters in which psql's frame shows if there is one
_DEEPEST = 20  # levels within one field
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False}
# what is text though it may look like a number
_TEXTS = frozenset({
    "relation_name", "schema", "alias", "index_name", "cte_name", "subplan_name",
    "function_name", "query_text", "constraint_name", "trigger_name", "relation",
})  # fmt: skip


def unframed(text: str) -> str:
    """Return a text without the frame that psql draws around it."""
    if not _FRAMED.search(text[:_HEAD]):
        return text
    return _DRAWN.sub("", _RIGHT.sub("", _LEFT.sub("", text)))


def scalar(key: str, text: str) -> Any:
    """Return an unquoted value as what it is: a number, true or false, or text."""
    if snake(key) in _TEXTS:
        return text
    if _NUMBER.fullmatch(text):
        return float(text) if any(sign in text for sign in ".eE") else int(text)
    return _WORDS.get(text, text)


def plan_of(document: Any, warnings: tuple[str, ...]) -> Plan:
    """Return the plan in a document with `Plan` and what stands beside it."""
    if not isinstance(document, dict) or not isinstance(document.get("Plan"), dict):
        raise UnreadableError('plan: expected an object with "Plan" in it', hint=HINT)
    root = _tree(document["Plan"])
    if not root.node_type:
        raise UnreadableError('plan: its first step has no "Node Type"', hint=HINT)
    fields = {snake(key): _converted(value) for key, value in document.items() if key != "Plan"}
    return Plan(root, fields, warnings)


def plan_of_named(document: Any, warnings: tuple[str, ...]) -> Plan:
    """Return the plan in a document whose keys are in the normal form; the document is used up."""
    root = document.pop("plan", None) if isinstance(document, dict) else None
    if not isinstance(root, dict):
        raise UnreadableError('plan: expected an object with "Plan" in it', hint=HINT)
    if not isinstance(root.get("node_type"), str):
        raise UnreadableError('plan: its first step has no "Node Type"', hint=HINT)
    steps: list[dict[str, Any]] = [root]
    parents = [0]
    for index, step in enumerate(steps):  # grows while it is gone through: a level at a time
        below = _dicts(step.pop("plans", None))
        steps += below
        parents += [index] * len(below)
    return Plan(grown(steps, parents), document, warnings)


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
    return _dicts(node.get("Plans"))


def _dicts(plans: Any) -> list[dict[str, Any]]:
    return [plan for plan in plans if isinstance(plan, dict)] if isinstance(plans, list) else []


def _converted(value: Any, levels: int = _DEEPEST) -> Any:
    """Return a value with the keys of its objects in the normal form; no real one nests deep."""
    if not levels and isinstance(value, dict | list):
        return None
    if isinstance(value, dict):
        return {snake(str(key)): _converted(item, levels - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_converted(item, levels - 1) for item in value]
    return value
