"""Which functions a statement would call, and whether running it could do harm.

Names are resolved in the server's own catalog; a view's definition and a table's row security
policies are looked through as well, for they run with the statement.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from slowcoach.core.errors import NotPermittedError
from slowcoach.queries.statement import Statement, only_select

Fetch = Callable[..., Sequence[Mapping[str, Any]]]
# volatile for the planner, and without any effect outside their result
_HARMLESS = frozenset({
    "random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4",
    "uuidv7", "pg_stat_get_activity", "pg_lock_status", "system", "bernoulli",
})  # fmt: skip
# not volatile for the planner, and yet able to reach beyond the query's own tables
_HARMFUL = frozenset({
    "query_to_xml", "query_to_xml_and_xmlschema", "query_to_xmlschema", "cursor_to_xml",
    "table_to_xml", "table_to_xml_and_xmlschema", "schema_to_xml", "schema_to_xml_and_xmlschema",
    "database_to_xml", "database_to_xml_and_xmlschema", "ts_stat", "ts_rewrite",
})  # fmt: skip
_MAX_VIEWS = 200
_HINT = (
    "Ask without `analyze` (the statement is planned, not run), "
    "or run EXPLAIN (ANALYZE, BUFFERS) yourself and paste the result"
)

# a function of the system is trusted by its volatility, one of an extension too; one that
# somebody wrote is not: its body may do anything whatever it is declared as
_FUNCTIONS = """
SELECT p.proname AS name, p.provolatile = 'v' AS volatile,
       n.nspname = 'pg_catalog' AS of_system,
       EXISTS (SELECT FROM pg_catalog.pg_depend d
               WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
                 AND d.deptype = 'e') AS of_extension
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.proname = ANY(%s)
"""
# t.f may call f(t) when f takes one row
_ATTRIBUTES = """
SELECT p.proname AS name
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_type t ON t.oid = p.proargtypes[0]
WHERE p.proname = ANY(%s) AND p.pronargs = 1 AND p.oid >= 16384
  AND (t.typtype = 'c' OR t.typname IN ('record', 'anyelement'))
"""
_OPERATORS = """
SELECT o.oprname AS name
FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode
WHERE o.oprname = ANY(%s) AND o.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_operator'::regclass AND d.objid = o.oid
                    AND d.deptype = 'e' AND p.provolatile <> 'v')
"""
# a conversion to a domain runs its checks, one that a user wrote runs a function
_TYPES = """
SELECT t.typname AS name
FROM pg_catalog.pg_type t
WHERE t.oid >= 16384 AND t.typname = ANY(%s) AND t.typtype = 'd'
UNION ALL
SELECT t.typname
FROM pg_catalog.pg_cast c
JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc
JOIN pg_catalog.pg_type t ON t.oid = c.casttarget
WHERE p.oid >= 16384 AND (t.typname = ANY(%s) OR c.castcontext = 'i')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = c.oid
                    AND d.deptype = 'e' AND p.provolatile <> 'v')
"""
_RELATIONS = """
SELECT c.oid::bigint AS oid, c.relname AS name, c.relkind AS kind,
       CASE WHEN c.relkind = 'v' THEN pg_catalog.pg_get_viewdef(c.oid) END AS definition,
       ARRAY(SELECT pg_catalog.pg_get_expr(p.polqual, p.polrelid) FROM pg_catalog.pg_policy p
             WHERE p.polrelid = c.oid AND c.relrowsecurity AND p.polqual IS NOT NULL) AS policies
FROM pg_catalog.pg_class c
WHERE c.relname = ANY(%s) AND c.relkind IN ('v', 'r', 'p', 'f')
"""


def require_harmless(fetch: Fetch, statement: Statement) -> None:
    """Raise NotPermittedError unless everything that running the statement calls is harmless.

    `fetch(sql, parameters)` asks the server's catalog and returns rows as mappings.
    """
    pending, seen = [statement], set[int]()
    while pending:
        part = pending.pop()
        _require_functions(fetch, part)
        _refuse(fetch(_ATTRIBUTES, (sorted(part.attributes),)), "calls the function {} of a row")
        _refuse(fetch(_OPERATORS, (sorted(part.operators),)), "uses the operator {} of a user")
        _refuse(fetch(_TYPES, (sorted(part.names),) * 2), "may convert to the type {} of a user")
        pending += _behind(fetch, part, seen)


def _require_functions(fetch: Fetch, part: Statement) -> None:
    for row in fetch(_FUNCTIONS, (sorted(part.called),)):
        name = row["name"]
        if row["of_system"] and (name in _HARMLESS or not (row["volatile"] or name in _HARMFUL)):
            continue
        if row["of_extension"] and not row["volatile"]:
            continue
        kind = "the volatile function" if row["volatile"] else "the function"
        raise NotPermittedError(
            f"sql: running it may call {kind} {name}(), whose effects are not known", hint=_HINT
        )


def _refuse(rows: Iterable[Mapping[str, Any]], what: str) -> None:
    for row in rows:
        raise NotPermittedError(f"sql: running it {what.format(row['name'])}", hint=_HINT)


def _behind(fetch: Fetch, part: Statement, seen: set[int]) -> list[Statement]:
    """Return the statements that stand behind the relations of this one: views, policies."""
    found: list[Statement] = []
    for row in fetch(_RELATIONS, (sorted(part.names),)):
        if row["oid"] in seen:
            continue
        seen.add(row["oid"])
        if len(seen) > _MAX_VIEWS:
            raise NotPermittedError("sql: it may read hundreds of views", hint=_HINT)
        if row["kind"] == "f":
            raise NotPermittedError(
                f"sql: {row['name']} is a foreign table: running it reaches another server",
                hint=_HINT,
            )
        texts = [row["definition"]] if row["definition"] else []
        texts += [f"SELECT {policy}" for policy in row["policies"]]
        found += [only_select(text) for text in texts]
    return found
