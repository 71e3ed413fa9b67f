"""What the catalog knows of a statement's tables: types, NOT NULL, keys, width."""

from collections.abc import Mapping
from typing import Any

from slowcoach.queries.connection import rows
from slowcoach.queries.rewrites._model import Column, Relation, Schema

_DIALECT = "postgres"
_UTC = frozenset({"UTC", "Etc/UTC", "Universal", "Zulu", "GMT", "Etc/GMT"})
_TABLES = """
SELECT n.nspname AS schema, c.relname AS name,
       pg_catalog.pg_table_is_visible(c.oid) AS visible,
       c.relhassubclass AND c.relkind = 'r' AS parent,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
                 a.attname, pg_catalog.format_type(a.atttypid, NULL),
                 a.attnotnull AND NOT EXISTS (
                   SELECT FROM pg_catalog.pg_constraint k
                   WHERE k.conrelid = c.oid AND k.contype = 'n' AND NOT k.convalidated
                     AND a.attnum = ANY (k.conkey))) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT pg_catalog.json_agg((
                 SELECT pg_catalog.json_agg(a.attname)
                 FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) k
                 JOIN pg_catalog.pg_attribute a
                   ON a.attrelid = c.oid AND a.attnum = i.indkey[k]))
        FROM pg_catalog.pg_index i
        WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
          AND i.indpred IS NULL AND i.indexprs IS NULL) AS keys,
       (SELECT sum(s.avg_width)::float8 FROM pg_catalog.pg_stats s
        WHERE s.schemaname = n.nspname AND s.tablename = c.relname) AS width
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relname = ANY(%s)
"""


def schema_of(connection: Any, sql: str) -> Schema:
    """Return what the catalog knows of the tables that a statement names."""
    from sqlglot import exp, parse_one

    tree = parse_one(sql, dialect=_DIALECT)
    names = sorted({name for t in tree.find_all(exp.Table) for name in (t.name, t.name.lower())})
    relations: dict[str, Relation] = {}
    for row in rows(connection, _TABLES, (names,)):
        relation = _relation(row)
        relations[f"{relation.schema}.{relation.name}"] = relation
        if row["visible"]:
            relations[relation.name] = relation
    zone = rows(connection, "SELECT pg_catalog.current_setting('TimeZone') AS zone")
    return Schema(relations, utc=zone[0]["zone"] in _UTC)


def _relation(row: Mapping[str, Any]) -> Relation:
    columns = {name: Column(kind, not_null) for name, kind, not_null in row["columns"] or ()}
    never_null = {name for name, column in columns.items() if column.not_null}
    # the key of a table that others inherit from does not hold for their rows
    keys = () if row["parent"] else tuple(frozenset(key) for key in row["keys"] or () if key)
    return Relation(
        schema=row["schema"],
        name=row["name"],
        columns=columns,
        keys=tuple(key for key in keys if key <= never_null),
        width=float(row["width"] or 0.0),
    )
