"""ClickHouse's EXPLAIN json = 1, which looks like PostgreSQL's."""

import re
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._clickhouse import described
from slowcoach.queries.dialects._document import unframed
from slowcoach.queries.dialects._json import load
from slowcoach.queries.dialects._outline import grown
from slowcoach.queries.keys import snake
from slowcoach.queries.model import Dialect, Plan

_HINT = "Give the whole output of EXPLAIN json = 1, indexes = 1"
_HEAD = 100_000  # characters in which one of ClickHouse's own words stands
_SIGHT = re.compile(
    r'"Node Id"\s*:|"Node Type"\s*:\s*"(?:ReadFrom\w+|Expression|CreatingSets|Aggregating|Sorting)"'
)
_PLAN = re.compile(r'"Plan"\s*:\s*\{')
_BEGIN = re.compile(r'(?:\[\s*)?\{\s*"Plan"\s*:')


def _matches(text: str) -> bool:
    head = text[:_HEAD].replace('\\"', '"').replace('""', '"')
    return _PLAN.search(head) is not None and _SIGHT.search(head) is not None


def _read(text: str) -> Plan:
    text = unframed(_unescaped(text))
    begin = _BEGIN.search(text)
    if begin is None:
        raise UnreadableError('plan: no object with "Plan" in the JSON', hint=_HINT)
    document, warnings = load(text[begin.start() :], hint=_HINT)
    if isinstance(document, list):
        if len(document) > 1:
            warnings += (f"{len(document)} plans were given; the first one is read",)
        document = document[0] if document else {}
    root = document.get("Plan") if isinstance(document, dict) else None
    if not isinstance(root, dict):
        raise UnreadableError('plan: expected an object with "Plan" in it', hint=_HINT)
    steps, parents = _outlined(root)
    return Plan(grown(steps, parents), {}, warnings)


def _unescaped(text: str) -> str:
    """TSV output writes a line break as backslash n, CSV doubles the quotes."""
    if "\\n" in text and '\\"Plan' not in text and "\n  " not in text:
        return text.replace("\\n", "\n").replace("\\'", "'")
    return text.replace('""', '"') if '""Plan""' in text else text


def _outlined(root: dict[str, Any]) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the steps, parents first, and their parents; plans nest deep, so no recursion."""
    steps: list[dict[str, Any]] = []
    parents: list[int] = []
    stack: list[tuple[dict[str, Any], int]] = [(root, 0)]
    while stack:
        node, parent = stack.pop()
        index = len(steps)
        parents.append(parent)
        steps.append(_step(node))
        below = node.get("Plans")
        children = below if isinstance(below, list) else []
        stack += [(child, index) for child in reversed(children) if isinstance(child, dict)]
    return steps, parents


def _step(node: dict[str, Any]) -> dict[str, Any]:
    listed = node.get("Indexes")
    indexes = [
        {snake(str(key)): value for key, value in index.items()}
        for index in (listed if isinstance(listed, list) else [])
        if isinstance(index, dict)
    ]
    rest = {
        snake(str(key)): value
        for key, value in node.items()
        if key not in {"Plans", "Indexes", "Node Type", "Description"}
    }
    operation, description = (str(node.get(key, "")) for key in ("Node Type", "Description"))
    return rest | described(operation, description, indexes, rest)


DIALECT = Dialect(name="clickhouse_json", matches=_matches, read=_read, engine="clickhouse")
