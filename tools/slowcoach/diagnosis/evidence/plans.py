"""What a statement's plan says about its cost: which table is read whole, and why. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.models import PlanNote, Statement, TableScans

if TYPE_CHECKING:
    from slowcoach.queries.live import TableFacts
    from slowcoach.queries.model import Plan, PlanNode

_WORD = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)
_STRING = re.compile(r"'(?:[^']|'')*'(?:::\"?[\w ]+\"?(?:\[\])?)?|::\"?[\w ]+\"?(?:\[\])?")
_INDEXED = re.compile(r"USING \w+ \((.*)\)", re.IGNORECASE)
_JOINS = {"Hash Join", "Merge Join", "Nested Loop"}
_REDUCES = {"Aggregate", "Limit", "Unique", "Group", "WindowAgg"}
_NEEDS_ALL = {"WindowAgg", "Unique", "Group"}
_PER_ROW = "SubPlan"
_SCANS = {"Seq Scan", "Parallel Seq Scan"}
_DIRECTION = re.compile(r"\s+(?:ASC|DESC|NULLS (?:FIRST|LAST)|COLLATE \"[^\"]+\")(?=[\s,]|$)")
_VOLATILE = re.compile(r"\b(?:random|clock_timestamp|gen_random_uuid|setseed|nextval)\(")
_KEYWORDS = frozenset(
    ["and", "or", "not", "is", "null", "any", "all", "like", "in", "true", "false", "between"]
)


def note_of(
    query: str,
    plan: "Plan",
    facts: Mapping[str, "TableFacts"],
    rows_per_call: float,
    blocks_per_call: float = 0.0,
    served: Collection[str] = (),
) -> PlanNote:
    """Return what the costliest read of a large part of a table is there for.

    A generic plan guesses how many rows its parameters keep; `rows_per_call` is what came. An
    index with a filter after it counts when `blocks_per_call` shows that much was read in vain,
    and not for many rows a little (`served`: the tables of which that was seen).
    """
    much = rule("db.missing_index").limit("blocks")
    total = plan.root.number("total_cost") or 0.0
    best: tuple[float, PlanNode, tuple[PlanNode, ...]] | None = None
    for node, above in _with_ancestors(plan.root):
        if not _reads_much(node, many=blocks_per_call >= much and node.relation not in served):
            continue
        # an index in the order that is wanted saves the sort as well
        sort = _sort_of(node, above)
        cost = ((sort or node).number("total_cost") or 0.0) * _loops(above)
        if any(n.text("parent_relationship") == _PER_ROW for n in (node, *above)):
            cost = total  # planned once, run for each row of the statement above it
        if best is None or cost > best[0]:
            best = (cost, node, above)
    if best is None or not total:
        return PlanNote(query=query, kind="none", text=plan.root.label)
    cost, node, above = best
    table = node.relation or ""
    known = facts.get(table)
    rows = int(known.rows or 0) if known else 0
    kind, columns, kept, condition = _reason(node, above)
    if kind == "sort" or not any(a.kind in _REDUCES for a in above):
        kept = min(kept, max(1.0, rows_per_call))
    return PlanNote(
        query=query,
        kind=kind,
        table=table,
        columns=columns,
        condition=condition[:200],
        table_rows=rows,
        kept_rows=int(kept),
        cost_share=min(1.0, cost / total),
        # a condition's index that was not taken is not the right one
        has_index=kind != "filter"
        and known is not None
        and any(_leads(i.definition, columns[:1]) for i in known.indexes),
        text=node.label,
    )


def index_of(plan: "Plan", table: str) -> str:
    """Return the statement that makes the index which the reads of a table lack, or nothing."""
    from slowcoach.queries.figures import figures
    from slowcoach.queries.indexes import index_for, index_in_order

    derived = figures(plan)
    for step in derived.steps:
        if step.node.relation != table or not step.node.conditions("filter"):
            continue
        advised = index_for(derived, step, step.node.conditions("filter"))
        advised = advised or index_in_order(derived, step)
        # an expression with a parameter in it cannot be indexed as it stands
        if advised is not None and "$" not in advised.statement:
            return advised.statement
    return ""


def index_on(note: PlanNote) -> str:
    """Return the statement that makes the index which a join or a sort alone lacks, or nothing."""
    key = next(iter(note.columns), "")
    alone = note.kind == "join" or (note.kind == "sort" and len(note.columns) == 1)
    if not alone or note.has_index or not key.isidentifier():
        return ""
    return f"CREATE INDEX CONCURRENTLY ON {note.table} ({key})"


def _reads_much(node: "PlanNode", *, many: bool) -> bool:
    """Tell whether a node reads a table whole: in order, or along an index without a condition."""
    if node.node_type in _SCANS:
        return True
    # a filter that computes a subquery for each row is no matter of an index
    if not node.relation or not node.conditions("filter") or _computes(node):
        return False
    bitmap = node.node_type == "Bitmap Heap Scan"
    return many or not (bitmap or node.conditions("index_cond"))


def _computes(node: "PlanNode") -> bool:
    return any(child.text("parent_relationship") == _PER_ROW for child in node.plans)


def _with_ancestors(root: "PlanNode") -> "list[tuple[PlanNode, tuple[PlanNode, ...]]]":
    """Return every node with its ancestors, nearest first."""
    found: list[tuple[PlanNode, tuple[PlanNode, ...]]] = []
    stack: list[tuple[PlanNode, tuple[PlanNode, ...]]] = [(root, ())]
    while stack:
        node, above = stack.pop()
        found.append((node, above))
        stack.extend((child, (node, *above)) for child in node.plans)
    return found


def _loops(above: "tuple[PlanNode, ...]") -> float:
    """Return how often a node runs at most: the outer rows of the nested loops around it."""
    for node in above:
        if node.kind == "Nested Loop" and len(node.plans) > 1:
            return max(1.0, node.plans[0].number("plan_rows") or 1.0)
    return 1.0


def looked_up(scans: Iterable[TableScans], statement: Statement) -> frozenset[str]:
    """Return the tables that each call of a statement looks into many times along an index, for a
    few rows each: that these are many no index mends.
    """
    limits = rule("db.missing_index")
    least = limits.limit("look_ups") * statement.calls
    rows = limits.limit("look_up_rows")
    return frozenset(
        scan.table
        for scan in scans
        if scan.index_scans >= max(1, least) and scan.rows_fetched <= rows * scan.index_scans
    )


def _sort_of(node: "PlanNode", above: "tuple[PlanNode, ...]") -> "PlanNode | None":
    """Return the sort of a read of which only the first rows are wanted, if it is in the way."""
    limit = next((k for k, a in enumerate(above) if a.node_type == "Limit"), 0)
    between = above[:limit]
    if any(a.kind == "Aggregate" or a.node_type in _NEEDS_ALL for a in between):
        return None
    found = next((a for a in between if a.node_type in {"Sort", "Incremental Sort"}), None)
    keys = found.conditions("sort_key") if found else ""
    joined = any(a.node_type in _JOINS for a in between)
    if _VOLATILE.search(keys) or (joined and f"{node.text('alias') or node.relation}." not in keys):
        return None
    return found


def _reason(
    node: "PlanNode", above: "tuple[PlanNode, ...]"
) -> tuple[str, tuple[str, ...], float, str]:
    """Return (kind, columns, rows kept, condition) of a whole-table read."""
    condition = node.conditions("filter")
    if sort := _sort_of(node, above):
        keys = sort.conditions("sort_key")
        ordered = _own_columns(_DIRECTION.sub("", keys), node)
        columns = tuple(dict.fromkeys((*ordered, *_columns(condition))))
        return "sort", columns, above[-1].number("plan_rows") or 0.0, keys
    if condition:
        return "filter", _columns(condition), node.number("plan_rows") or 0.0, condition
    for parent in above:
        if parent.node_type in _JOINS:
            keys = parent.conditions("hash_cond", "merge_cond", "join_filter")
            kept = parent.number("plan_rows") or 0.0
            return "join", _own_columns(keys, node), kept, keys
    return "whole", (), node.number("plan_rows") or 0.0, ""


def _columns(condition: str) -> tuple[str, ...]:
    bare = _STRING.sub("", condition)
    words = [word for word in _WORD.findall(bare) if word.lower() not in _KEYWORDS]
    return tuple(dict.fromkeys(words))


def _own_columns(condition: str, node: "PlanNode") -> tuple[str, ...]:
    alias = node.text("alias") or node.relation or ""
    found = re.findall(rf"\b{re.escape(alias)}\.(\w+)", condition)
    return tuple(dict.fromkeys(found)) or _columns(condition)


def _leads(definition: str, columns: tuple[str, ...]) -> bool:
    """Tell whether an index without a condition begins with one of the columns."""
    found = _INDEXED.search(definition)
    if not found or " WHERE " in definition:
        return False
    first = found.group(1).split(",")[0].strip().split(" ")[0].strip('"')
    return first in columns
