"""The plan of a query, in one normal form whatever database printed it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_JOIN = " Join"
_AGGREGATES = frozenset({"HashAggregate", "GroupAggregate", "MixedAggregate", "PlainAggregate"})

_CHANGES = frozenset({"Insert", "Update", "Delete", "Merge"})
# the text format joins name and variant: HashAggregate, Nested Loop (Left) Join, Insert
_KINDS = dict.fromkeys(_AGGREGATES, "Aggregate") | dict.fromkeys(_CHANGES, "ModifyTable")
_PLAIN = frozenset({int, float})
_LARGEST = 1e30  # no figure of a plan is larger; products of two stay finite
_DIGITS = 30
_set = object.__setattr__
POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One step of a plan: what the database printed of it, and its children.

    `fields` has PostgreSQL's EXPLAIN (FORMAT JSON) keys in snake_case (`node_type`,
    `relation_name`, `plan_rows`, `actual_total_time` in ms per loop, ...); keys that are not
    known here are kept as they came. Children are in `plans`.
    """

    fields: Mapping[str, Any]
    plans: tuple["PlanNode", ...] = ()
    # the step's name as the database printed it
    node_type: str = field(init=False, repr=False, compare=False)
    # and as PostgreSQL's JSON has it, whichever format was read; checks ask for it all the time
    kind: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the names out of the fields once."""
        name = self.fields.get("node_type")
        name = name if isinstance(name, str) else ""
        _set(self, "node_type", name)
        _set(self, "kind", _KINDS.get(name) or _kind(name))

    @property
    def relation(self) -> str | None:
        """Return the table that the step reads, or None."""
        return self.text("relation_name") or None

    @property
    def label(self) -> str:
        """Return a short name for people: `Seq Scan on orders o`, `Hash Join`."""
        words = [self.node_type]
        if index := self.text("index_name"):
            words.append(f"using {index}")
        if target := self.relation or self.text("cte_name") or self.text("function_name"):
            words.append(f"on {target}")
            alias = self.text("alias")
            if alias and alias != target:
                words.append(alias)
        return " ".join(words)

    def text(self, key: str) -> str:
        """Return a field as text; empty when it is not there."""
        value = self.fields.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> float | None:
        """Return a field as a number; None when it is not there or no number."""
        value: Any = self.fields.get(key)
        kind: type = type(value)
        if kind in _PLAIN:
            return float(value) if -_LARGEST < value < _LARGEST else None
        return _number(value)

    def conditions(self, *keys: str) -> str:
        """Return the text of a condition field; lists (one entry per level) are joined."""
        if len(keys) == 1 and (value := self.fields.get(keys[0])).__class__ is str:
            return str(value)
        parts: list[str] = []
        for key in keys:
            value = self.fields.get(key)
            if isinstance(value, str):
                parts.append(value)
            elif isinstance(value, list):
                parts += [item for item in value if isinstance(item, str)]
        return " ".join(parts)

    def walk(self) -> Iterator["PlanNode"]:
        """Yield this node and all below it, parents first, without recursion."""
        stack: list[PlanNode] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.plans))


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan: its root, what stands beside it, and doubts about the text it was read from.

    `fields` has `planning_time` and `execution_time` (ms), `triggers`, `jit`, `settings`,
    `planning` (buffers of planning) and whatever else the database printed.
    """

    root: PlanNode
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    warnings: tuple[str, ...] = ()

    @property
    def engine(self) -> str:
        """Return the database that the plan is of: `postgresql`, `mysql`, `sqlite`, ..."""
        value = self.fields.get("engine")
        return value if isinstance(value, str) else POSTGRESQL

    @property
    def analyzed(self) -> bool:
        """Tell whether the query was run: actual rows and loops are there."""
        return any("actual_loops" in node.fields for node in self.root.walk())

    def number(self, key: str) -> float | None:
        """Return a field beside the tree as a number, or None."""
        return _number(self.fields.get(key))


def _kind(name: str) -> str:
    return name.removesuffix(_JOIN) if name.startswith("Nested Loop") else name


def _number(value: Any) -> float | None:
    """Return a number; the text format prints some as text (`sort_space_used`)."""
    if isinstance(value, str):
        plain = value.isascii() and value.isdigit() and len(value) <= _DIGITS
        return float(value) if plain else None
    known = isinstance(value, int | float) and -_LARGEST < value < _LARGEST
    return float(value) if known else None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the plans of one database in one format are known and read.

    `matches` looks at the text and must be cheap; `read` raises UnreadableError. `engine` is the
    database that printed it: advice is worded in its SQL.
    """

    name: str
    matches: Callable[[str], bool]
    read: Callable[[str], Plan]
    engine: str = POSTGRESQL
