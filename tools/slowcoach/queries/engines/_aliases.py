"""MySQL, MariaDB and SQLite print a table's alias in its place; the statement tells its name."""

from collections.abc import Mapping
from dataclasses import replace

from slowcoach.queries.model import Plan, PlanNode


def with_tables(plan: Plan, sql: str, dialect: str) -> Plan:
    """Return the plan with the tables' own names, as far as the statement tells them surely."""
    names = _aliases(sql, dialect)
    return replace(plan, root=_renamed(plan.root, names)) if names else plan


def _aliases(sql: str, dialect: str) -> dict[str, str]:
    """Return table by alias; an alias of two tables (in two subqueries) is left out."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
    except (SqlglotError, RecursionError):
        return {}
    found: dict[str, set[str]] = {}
    for table in tree.find_all(exp.Table):
        found.setdefault(table.alias_or_name, set()).add(table.name)
    return {alias: next(iter(names)) for alias, names in found.items() if len(names) == 1}


def _renamed(root: PlanNode, names: Mapping[str, str]) -> PlanNode:
    order = list(root.walk())
    built: dict[int, PlanNode] = {}
    for node in reversed(order):
        plans = tuple(built[id(child)] for child in node.plans)
        alias = node.text("relation_name")
        fields = node.fields
        if alias in names:
            fields = {**fields, "relation_name": names[alias]}
        built[id(node)] = PlanNode(fields, plans)
    return built[id(root)]
