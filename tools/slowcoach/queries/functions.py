"""Which functions a statement would call, and whether that could do harm.

Names are resolved in the server's own catalog; what stands behind a relation is looked through
as well, for it runs with the statement: views, row security, the expressions of its indexes and
constraints. Planning calls functions too: PostgreSQL works out calls of constants beforehand,
whatever a function that is declared IMMUTABLE or STABLE really does.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slowcoach.core.errors import MissingDependencyError, NotPermittedError
from slowcoach.queries.statement import Statement, of_body, of_catalog

Fetch = Callable[..., Sequence[Mapping[str, Any]]]
Row = Mapping[str, Any]
# volatile for the planner, and without any effect outside their result
_HARMLESS = frozenset({
    "random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4",
    "uuidv7", "pg_stat_get_activity", "pg_lock_status", "system", "bernoulli",
})  # fmt: skip
# not volatile for the planner, and yet able to reach beyond the query's own tables
_HARMFUL = frozenset({
    "query_to_xml", "query_to_xml_and_xmlschema", "query_to_xmlschema", "cursor_to_xml",
    "cursor_to_xmlschema", "table_to_xml", "table_to_xml_and_xmlschema", "table_to_xmlschema",
    "schema_to_xml", "schema_to_xml_and_xmlschema", "schema_to_xmlschema", "database_to_xml",
    "database_to_xml_and_xmlschema", "database_to_xmlschema", "ts_stat", "ts_rewrite",
})  # fmt: skip
# of these, the planner works out those whose forms run a text or a view, were they not volatile
_HARMFUL_IN_PLANS = _HARMFUL - {"ts_stat", "ts_rewrite"}
# these convert to the types of a row's columns, which no cast names
_OF_A_ROW = re.compile(r"jsonb?_(?:populate|to)_record")
_READABLE = frozenset({"sql", "plpgsql"})
_BODY = re.compile(r"\n\s*(?:BEGIN ATOMIC|RETURN)\b")
_MOST_SEEN = 2000
_HINT = (
    "Ask without `analyze` (the statement is planned, not run), "
    "or run EXPLAIN (ANALYZE, BUFFERS) yourself and paste the result"
)
_PASTE = "Run EXPLAIN yourself and paste the result"

_OF_EXTENSION = """EXISTS (SELECT FROM pg_catalog.pg_depend x
    WHERE x.classid = 'pg_catalog.{catalog}'::regclass AND x.objid = {oid} AND x.deptype = 'e')"""
_OF_FUNCTION = """p.oid::bigint AS oid, p.proname AS name, p.provolatile = 'v' AS volatile,
       p.oid < 16384 AS of_system, {of_extension} AS of_extension,
       (SELECT l.lanname FROM pg_catalog.pg_language l WHERE l.oid = p.prolang) AS language,
       CASE WHEN p.prosrc = '' THEN pg_catalog.pg_get_functiondef(p.oid) ELSE p.prosrc END
           AS source,
       p.prosrc = 'aggregate_dummy' AS aggregate,
       pg_catalog.pg_get_expr(p.proargdefaults, 0) AS defaults""".format(  # noqa: S608 - only texts of this module
    of_extension=_OF_EXTENSION.format(catalog="pg_proc", oid="p.oid")
)
# what is called by its name, as a row's attribute, by an operator, by a conversion
_FUNCTIONS = f"""
SELECT {_OF_FUNCTION}, c.how
FROM (
    SELECT f.oid, 'calls the function' AS how
    FROM pg_catalog.pg_proc f WHERE f.proname = ANY(%(called)s)
    UNION ALL
    SELECT f.oid, 'calls the function'
    FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_type t ON t.oid = f.proargtypes[0]
    WHERE f.proname = ANY(%(attributes)s) AND f.pronargs = 1 AND f.oid >= 16384
      AND (t.typtype = 'c' OR t.typname IN ('record', 'anyelement'))
    UNION ALL
    SELECT o.oprcode, 'uses an operator of the function'
    FROM pg_catalog.pg_operator o WHERE o.oprname = ANY(%(operators)s) AND o.oid >= 16384
    UNION ALL
    SELECT k.castfunc, 'converts by the function'
    FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_type t ON t.oid = k.casttarget
    JOIN pg_catalog.pg_proc m ON m.oid = k.castfunc
    WHERE k.castfunc >= 16384
      AND m.prosrc <> 'multirange_constructor1'  -- comes with every range type
      AND (t.typname = ANY(%(types)s) OR k.castcontext = 'i' OR %(any_type)s)
) c JOIN pg_catalog.pg_proc p ON p.oid = c.oid
"""  # noqa: S608 - only texts of this module
# a conversion to a domain runs its checks, one to a user's own base or range type a function
_TYPES = f"""
WITH RECURSIVE named(oid) AS (
    SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typname = ANY(%(types)s) AND t.oid >= 16384
    UNION
    SELECT inner_type.oid
    FROM named n JOIN pg_catalog.pg_type t ON t.oid = n.oid, LATERAL (
        SELECT a.atttypid AS oid FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL SELECT t.typelem
        UNION ALL SELECT t.typbasetype
        UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid
    ) inner_type
    WHERE inner_type.oid >= 16384
)
SELECT t.oid::bigint AS oid, t.typname AS name, t.typtype AS kind,
       ARRAY(SELECT pg_catalog.pg_get_expr(k.conbin, 0) FROM pg_catalog.pg_constraint k
             WHERE k.contypid = t.oid AND k.conbin IS NOT NULL) AS checks
FROM named n JOIN pg_catalog.pg_type t ON t.oid = n.oid
WHERE t.typtype = 'd'
   OR (t.typtype IN ('b', 'r', 'm') AND t.typcategory <> 'A'
       AND NOT {_OF_EXTENSION.format(catalog="pg_type", oid="t.oid")})
"""  # noqa: S608
_INHERITED = """
WITH RECURSIVE named(oid) AS (
    SELECT c.oid FROM pg_catalog.pg_class c
    WHERE c.relname = ANY(%(names)s) AND c.relkind IN ('v', 'r', 'p', 'f', 'm')
    UNION
    SELECT i.inhrelid FROM named n JOIN pg_catalog.pg_inherits i ON i.inhparent = n.oid
)"""
_RELATIONS = f"""{_INHERITED}
SELECT * FROM (
    SELECT c.oid::bigint AS oid, c.relname AS name, c.relkind AS kind, c.oid < 16384 AS of_system,
           CASE WHEN c.relkind = 'v' THEN pg_catalog.pg_get_viewdef(c.oid) END AS definition,
           ARRAY(SELECT pg_catalog.pg_get_expr(p.polqual, p.polrelid) FROM pg_catalog.pg_policy p
                 WHERE p.polrelid = c.oid AND c.relrowsecurity AND p.polqual IS NOT NULL)
               AS policies,
           (SELECT w.fdwname IN ('postgres_fdw', 'file_fdw')
                   AND NOT EXISTS (
                       SELECT FROM unnest(f.ftoptions || s.srvoptions) o
                       WHERE o ~* '^use_remote_estimate=(t|y|on|1)')
            FROM pg_catalog.pg_foreign_table f
            JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
            JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
            WHERE f.ftrelid = c.oid) AS planned_here
    FROM named n JOIN pg_catalog.pg_class c ON c.oid = n.oid
) r WHERE r.kind IN ('v', 'f') OR r.policies <> '{{}}'
"""  # noqa: S608
# what the planner works out when it looks at a table: its indexes, constraints, statistics
_BESIDE = f"""{_INHERITED}
SELECT DISTINCT {_OF_FUNCTION}, 'has an index, constraint or statistics of the function' AS how
FROM named n
JOIN pg_catalog.pg_depend t ON t.refclassid = 'pg_catalog.pg_class'::regclass
    AND t.refobjid = n.oid AND t.classid NOT IN ('pg_catalog.pg_rewrite'::regclass,
        'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_attrdef'::regclass)
JOIN pg_catalog.pg_depend f ON f.classid = t.classid AND f.objid = t.objid
    AND f.refclassid = 'pg_catalog.pg_proc'::regclass
JOIN pg_catalog.pg_proc p ON p.oid = f.refobjid
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Part:
    """One text to judge. `runs`: it is executed, not only planned."""

    statement: Statement
    runs: bool


def require_harmless(fetch: Fetch, statement: Statement) -> None:
    """Raise NotPermittedError unless everything that running the statement calls is harmless.

    `fetch(sql, parameters)` asks the server's catalog and returns rows as mappings. Raises
    MissingDependencyError where PostgreSQL's own grammar has not judged the statement.
    """
    if not statement.by_grammar:
        raise MissingDependencyError(
            "running a statement needs PostgreSQL's grammar, and the package pglast is missing",
            hint="pip install 'slowcoach[postgres]', or ask without `analyze`",
        )
    _Judgement(fetch, strict=True).of(statement)


def require_plannable(fetch: Fetch, statement: Statement) -> None:
    """Raise NotPermittedError if planning the statement may run a user's function that does harm.

    Only functions that a user wrote and declared IMMUTABLE or STABLE (or in SQL) are called by
    the planner; they pass if their body only reads and calls nothing that is not harmless.
    """
    _Judgement(fetch, strict=False).of(statement)


class _Judgement:
    """Looks through one statement and all that stands behind it, each thing once."""

    def __init__(self, fetch: Fetch, *, strict: bool) -> None:
        self._fetch = fetch
        self._strict = strict
        self._hint = _HINT if strict else _PASTE
        self._seen: set[tuple[str, Any]] = set()
        self._pending: list[_Part] = []

    def of(self, statement: Statement) -> None:
        """Judge the statement; raises NotPermittedError."""
        self._pending = [_Part(statement, runs=self._strict)]
        while self._pending:
            part = self._pending.pop()
            given = _parameters(part)
            for row in self._fetch(_FUNCTIONS, given):
                self._judge_function(row, runs=part.runs)
            for row in self._fetch(_TYPES, given):
                self._judge_type(row)
            if not given["names"]:
                continue
            for row in self._fetch(_RELATIONS, given):
                self._judge_relation(row, runs=part.runs)
            for row in self._fetch(_BESIDE, given):
                self._judge_function(row, runs=False)

    def _judge_function(self, row: Row, *, runs: bool) -> None:
        if not self._is_new("function", (row["oid"], runs)):
            return
        if row["of_system"] or row["of_extension"]:
            if _may_do_harm(row, runs=runs):
                self._refuse(row)
        elif runs and self._strict:
            # somebody's own: its body may do anything whatever it is declared as
            self._refuse(row)
        else:
            if row["defaults"]:
                self._add(of_catalog(f"SELECT {row['defaults']}"), runs=runs)
            if runs or _is_planned(row):
                self._read_body(row)

    def _read_body(self, row: Row) -> None:
        body = of_body(_body(row)) if row["language"] in _READABLE else None
        if body is None:
            self._refuse(row)
        else:
            self._add(body, runs=True)

    def _refuse(self, row: Row) -> None:
        kind = "volatile " if row["volatile"] else ""
        how = str(row["how"]).replace("the function", f"the {kind}function")
        doing = "running" if self._strict else "planning"
        raise NotPermittedError(
            f"sql: {doing} it may do harm: it {how} {row['name']}(), whose effects are not known",
            hint=self._hint,
        )

    def _judge_type(self, row: Row) -> None:
        if not self._is_new("type", row["oid"]):
            return
        if row["kind"] != "d":
            raise NotPermittedError(
                f"sql: it may convert to the type {row['name']}, which a user made",
                hint=self._hint,
            )
        for check in row["checks"]:
            self._add(of_catalog(f"SELECT {check}"), runs=True)

    def _judge_relation(self, row: Row, *, runs: bool) -> None:
        if not self._is_new("relation", (row["oid"], runs)):
            return
        if row["kind"] == "f" and (runs or not row["planned_here"]):
            raise NotPermittedError(
                f"sql: {row['name']} is a foreign table: that reaches another server or a file",
                hint=self._hint,
            )
        texts = [row["definition"]] if row["definition"] and (runs or not row["of_system"]) else []
        for text in [*texts, *(f"SELECT {policy}" for policy in row["policies"])]:
            self._add(of_catalog(text), runs=runs)

    def _add(self, statement: Statement, *, runs: bool) -> None:
        if self._is_new("text", (statement.text, runs)):
            self._pending.append(_Part(statement, runs))
        if len(self._seen) > _MOST_SEEN:
            raise NotPermittedError("sql: it reaches thousands of functions", hint=self._hint)

    def _is_new(self, kind: str, key: Any) -> bool:
        new = (kind, key) not in self._seen
        self._seen.add((kind, key))
        return new


def _may_do_harm(row: Row, *, runs: bool) -> bool:
    """Judge a function of the system or of an extension, by what it is declared as."""
    name = row["name"]
    if row["of_system"] and name in _HARMFUL:
        return runs or (name in _HARMFUL_IN_PLANS and not row["volatile"])
    return bool(runs and row["volatile"] and not (row["of_system"] and name in _HARMLESS))


def _is_planned(row: Row) -> bool:
    """Tell whether the planner may call a function or put its body in the place of the call."""
    return not row["aggregate"] and (not row["volatile"] or row["language"] == "sql")


def _body(row: Row) -> str:
    """Return the source of a function; of one in SQL's own form what follows its head."""
    source = str(row["source"] or "")
    head = _BODY.search(source) if source.startswith("CREATE ") else None
    return source[head.start() :] if head else source


def _parameters(part: _Part) -> dict[str, Any]:
    statement = part.statement
    of_row = any(_OF_A_ROW.match(name) for name in statement.called)
    return {
        "called": _either_case(statement.called),
        "attributes": _either_case(statement.attributes),
        "operators": sorted(statement.operators),
        "types": _either_case(statement.types | (statement.names if of_row else frozenset())),
        "names": _either_case(statement.names),
        # `int` is int4, which only the grammar knows
        "any_type": not statement.by_grammar,
    }


def _either_case(names: Iterable[str]) -> list[str]:
    """Return the names, in lower case too: servers of one-byte encodings lower more than ASCII."""
    given = set(names)
    return sorted(given | {name.lower() for name in given})
