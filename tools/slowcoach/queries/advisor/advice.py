"""From a workload to a set of indexes: what each serves, what it costs, what could go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from slowcoach.core.errors import SlowcoachError, UnsupportedError
from slowcoach.core.knowledge import rule
from slowcoach.queries.advisor import search
from slowcoach.queries.advisor.candidates import Candidate, candidates
from slowcoach.queries.advisor.columns import Schema, Use, uses
from slowcoach.queries.advisor.costing import NOTHING, Choice, Costs
from slowcoach.queries.advisor.workload import Query, Workload
from slowcoach.queries.clone.whatif import Clone

RULE = "db.workload_indexes"
_COLUMNS = """
SELECT n.nspname AS schema, c.relname AS table, a.attname AS column,
       pg_catalog.format_type(a.atttypid, NULL) AS type, c.reltuples AS rows,
       coalesce(s.n_distinct, 0) AS distinct
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stats s
       ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
WHERE c.relkind IN ('r', 'p', 'm', 'v') AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY n.nspname, c.relname, a.attnum
"""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Catalog:
    """The clone's tables: columns with types, rows, and distinct values by column."""

    schema: Schema
    rows: Mapping[tuple[str, str], float]
    distinct: Mapping[tuple[str, str], Mapping[str, float]]
    search_path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advised:
    """One index of the set: what it serves and what those statements cost without and with it."""

    candidate: Candidate
    size_bytes: int
    serves: tuple[str, ...]
    cost_before: float
    cost_after: float


@dataclass(frozen=True)
class Advice:
    """The set, the workload's cost without and with it, and each statement's."""

    indexes: tuple[Advised, ...]
    cost_before: float
    cost_after: float
    queries: tuple[tuple[Query, float, float], ...]
    plans_asked: int
    candidates: int
    left_out: tuple[str, ...] = field(default=())


def advise(
    clone: Clone,
    workload: Workload,
    *,
    max_indexes: int,
    budget_bytes: int | None,
    tell: Tell = lambda _text: None,
    check: Callable[[], None] = lambda: None,
) -> Advice:
    """Return the set of indexes that saves most of the workload's cost within the limits.

    Costs are the planner's in the clone. Raises UnsupportedError when no statement can be
    planned there; `tell` hears what is done, `check` may raise to call it off.
    """
    catalog = _catalog(clone)
    tell(f"Planning {len(workload.queries)} statements")
    queries, left_out = _plannable(clone, workload)
    used = [uses(query.sql, catalog.schema, catalog.search_path) for query in queries]
    per_query = [_of_query(found, catalog) for found in used]
    wanted = list(dict.fromkeys(c for found in per_query for c in found))
    tell(f"Imagining {len(wanted)} indexes")
    made, _ = clone.create_all([candidate.statement for candidate in wanted])
    known = {c: made[c.statement] for c in wanted if c.statement in made}
    tables = [frozenset((use.schema, use.table) for use in found) for found in used]
    costs = Costs(clone, queries, known, tables, check)
    own = [(i, [c for c in found if c in known]) for i, found in enumerate(per_query)]
    found = search.promising(costs, own)
    tell(f"Choosing among {len(found)} indexes")
    limits = search.Limits(
        size_bytes=budget_bytes if budget_bytes is not None else search.NO_LIMIT,
        indexes=max_indexes,
        least_saving=rule(RULE).limit("saving"),
    )
    choice = search.chosen(costs, found, limits)
    return Advice(
        indexes=tuple(_advised(costs, queries, choice, c) for c in _ranked(costs, choice)),
        cost_before=costs.total(NOTHING),
        cost_after=costs.total(choice),
        queries=tuple(
            (query, costs.of(i, NOTHING), costs.of(i, choice)) for i, query in enumerate(queries)
        ),
        plans_asked=costs.asked,
        candidates=len(known),
        left_out=(*workload.left_out, *left_out),
    )


def _catalog(clone: Clone) -> Catalog:
    schema: dict[str, dict[str, dict[str, str]]] = {}
    rows: dict[tuple[str, str], float] = {}
    distinct: dict[tuple[str, str], dict[str, float]] = {}
    cursor = clone.admin.execute(_COLUMNS)
    for name, table, column, kind, count, different in cursor.fetchall():
        schema.setdefault(name, {}).setdefault(table, {})[column] = kind
        rows[name, table] = max(0.0, count)
        values = different if different >= 0 else -different * max(0.0, count)
        distinct.setdefault((name, table), {})[column] = values
    path = clone.admin.execute("SELECT pg_catalog.current_schemas(false)").fetchone()
    return Catalog(schema, rows, distinct, tuple(path[0]))


def _plannable(clone: Clone, workload: Workload) -> tuple[list[Query], list[str]]:
    queries: list[Query] = []
    left_out: list[str] = []
    for query in workload.queries:
        try:
            clone.plan(query.sql)
            queries.append(query)
        except SlowcoachError as error:
            left_out.append(f"{query.name}: {error.message}")
    if not queries:
        raise UnsupportedError(
            f"workload: none of {len(workload.queries)} statements can be planned: {left_out[0]}",
            hint="Is it the workload of this database? Check the search path and the names",
        )
    return queries, left_out


def _of_query(found: Sequence[Use], catalog: Catalog) -> list[Candidate]:
    least = rule(RULE).limit("small_table")
    return [
        candidate
        for use in found
        if catalog.rows.get((use.schema, use.table), 0.0) >= least
        for candidate in candidates(use, catalog.distinct.get((use.schema, use.table), {}))
    ]


def _ranked(costs: Costs, choice: Choice) -> list[Candidate]:
    """Return the choice, what saves most first."""
    whole = costs.total(choice)
    return sorted(choice, key=lambda c: (-(costs.total(choice - {c}) - whole), c.statement))


def _advised(
    costs: Costs, queries: Sequence[Query], choice: Choice, candidate: Candidate
) -> Advised:
    served = [i for i in range(len(queries)) if candidate in costs.used(i, choice)]
    without = choice - {candidate}
    return Advised(
        candidate=candidate,
        size_bytes=costs.size([candidate]),
        serves=tuple(queries[i].name for i in served),
        cost_before=sum(queries[i].weight * costs.of(i, without) for i in served),
        cost_after=sum(queries[i].weight * costs.of(i, choice) for i in served),
    )
