"""What the clone's own catalog tells: files, sizes, and what an index's size depends on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slowcoach.core.errors import InputError
from slowcoach.queries.clone.sizes import Column

_RELATIONS = """
SELECT c.oid::bigint AS id, c.relkind = 'i' AS index, c.relpages AS pages,
       pg_catalog.pg_relation_filepath(c.oid) AS file
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'i') AND c.relpages > 0
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""
_HEAPS = """
SELECT n.nspname AS schema, c.relname AS name, c.relpages AS pages, c.reltuples AS rows,
       c.relallvisible AS visible, pg_catalog.pg_relation_filepath(c.oid) AS file
FROM pg_catalog.pg_partition_tree(%(table)s::regclass) t
JOIN pg_catalog.pg_class c ON c.oid = t.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE t.isleaf
UNION
SELECT n.nspname, c.relname, c.relpages, c.reltuples, c.relallvisible,
       pg_catalog.pg_relation_filepath(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = %(table)s::regclass AND c.relkind IN ('r', 'm')
"""
_NEW = """
SELECT i.indexrelid::bigint AS id, n.nspname AS schema, c.relname AS relation,
       coalesce(pg_catalog.pg_partition_root(i.indexrelid), i.indexrelid)::bigint AS root,
       hn.nspname AS heap_schema, h.relname AS heap,
       quote_ident(hn.nspname) || '.' || quote_ident(h.relname) AS heap_sql,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate,
       am.amname AS method, pg_catalog.pg_relation_filepath(c.oid) AS file,
       i.indnkeyatts AS keys
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class h ON h.oid = i.indrelid
JOIN pg_catalog.pg_namespace hn ON hn.oid = h.relnamespace
JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE i.indexrelid > %s::oid AND NOT i.indexrelid = ANY(%s::oid[]) AND c.relkind = 'i'
"""
_COLUMNS = """
SELECT ia.attrelid::bigint AS index, h.reltuples AS rows,
       coalesce(s.avg_width, nullif(t.typlen, -1), 32) AS width,
       t.typlen AS length, t.typalign::text AS align, coalesce(s.n_distinct, 0) AS distinct,
       coalesce(s.null_frac, 0) AS nulls,
       s.elem_count_histogram[array_length(s.elem_count_histogram, 1)] AS elements,
       s.most_common_elem_freqs AS frequencies,
       EXISTS (SELECT FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_amproc p
               ON p.amprocfamily = o.opcfamily AND p.amproclefttype = o.opcintype
               WHERE o.oid = i.indclass[ia.attnum - 1] AND p.amprocnum = 4) AS one_image
FROM pg_catalog.pg_attribute ia
JOIN pg_catalog.pg_index i ON i.indexrelid = ia.attrelid
JOIN pg_catalog.pg_type t ON t.oid = ia.atttypid
JOIN pg_catalog.pg_class h ON h.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = h.relnamespace
LEFT JOIN pg_catalog.pg_attribute a
       ON a.attrelid = i.indrelid AND a.attnum = i.indkey[ia.attnum - 1] AND a.attnum > 0
LEFT JOIN pg_catalog.pg_stats s
       ON s.schemaname = n.nspname AND s.tablename = h.relname AND s.attname = a.attname
WHERE ia.attrelid = ANY(%s::oid[])
ORDER BY ia.attrelid, ia.attnum
"""
_NAMED = """
SELECT c.oid::bigint AS id, c.oid::regclass::text AS name FROM pg_catalog.pg_class c
WHERE c.relname = %s AND c.relkind IN ('i', 'I')
"""
_BESIDE = 3
_UNKNOWN_DISTINCT = 200.0  # PostgreSQL's DEFAULT_NUM_DISTINCT


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or index with pages: its file, relative to the data folder."""

    id: int
    index: bool
    pages: int
    file: Path


@dataclass(frozen=True, slots=True)
class Heap:
    """A table that holds rows itself, with the statistics that CREATE INDEX resets."""

    schema: str
    name: str
    pages: int
    rows: float
    visible: int
    file: Path


@dataclass(frozen=True, slots=True)
class NewIndex:
    """An index that was just made, before it is given a size; `root` is what it is a part of."""

    id: int
    root: int
    schema: str
    relation: str
    heap: tuple[str, str]
    heap_sql: str
    method: str
    file: Path
    keys: int
    predicate: str | None


def relations(connection: Any) -> list[Relation]:
    """Return the tables and indexes that have pages in the statistics."""
    found = _rows(connection, _RELATIONS, ())
    return [Relation(r["id"], r["index"], r["pages"], Path(r["file"])) for r in found]


def heaps(connection: Any, table: str) -> list[Heap]:
    """Return a table, or the partitions that hold its rows; InputError for an unknown one."""
    import psycopg

    try:
        found = _rows(connection, _HEAPS, {"table": table})
    except psycopg.Error as error:
        said = " ".join(str(error).split())[:200].rstrip(".")
        raise InputError(f"index: {said}", hint="Check the table's name") from None
    return [
        Heap(r["schema"], r["name"], r["pages"], r["rows"], r["visible"], Path(r["file"]))
        for r in found
    ]


def extensions(connection: Any) -> list[str]:
    """Return the names of the extensions that are created in this database."""
    found = _rows(connection, "SELECT extname AS name FROM pg_catalog.pg_extension", ())
    return [row["name"] for row in found]


def index_ids(connection: Any) -> list[int]:
    """Return the ids of all indexes there are."""
    found = _rows(connection, "SELECT indexrelid::bigint AS id FROM pg_catalog.pg_index", ())
    return [row["id"] for row in found]


def new_indexes(connection: Any, before: Sequence[int]) -> list[NewIndex]:
    """Return the indexes with files that were not there `before`."""
    return [
        NewIndex(
            id=row["id"],
            root=row["root"],
            schema=row["schema"],
            relation=row["relation"],
            heap=(row["heap_schema"], row["heap"]),
            heap_sql=row["heap_sql"],
            method=row["method"],
            file=Path(row["file"]),
            keys=row["keys"],
            predicate=row["predicate"],
        )
        for row in _rows(connection, _NEW, (0, list(before)))
    ]


def named(connection: Any, name: str) -> tuple[int, str] | None:
    """Return the id and quoted name of an index, None when there is none of that name."""
    found = _rows(connection, _NAMED, (name,))
    return (found[0]["id"], found[0]["name"]) if found else None


def columns(connection: Any, indexes: Sequence[int]) -> dict[int, list[Column]]:
    """Return each index's columns, keys first; an expression has its type's width, no counts."""
    found: dict[int, list[Column]] = {}
    for row in _rows(connection, _COLUMNS, (list(indexes),)):
        found.setdefault(row["index"], []).append(_column(row, max(0.0, row["rows"])))
    return found


def _column(row: Mapping[str, Any], table_rows: float) -> Column:
    distinct = float(row["distinct"])
    if distinct < 0:  # a share of the rows
        distinct = -distinct * table_rows
    return Column(
        width=float(row["width"]),
        length=row["length"],
        align=row["align"],
        distinct=distinct or _UNKNOWN_DISTINCT,
        nulls=float(row["nulls"]),
        elements=None if row["elements"] is None else float(row["elements"]),
        entries=_entries(row["elements"], row["frequencies"]),
        one_image=row["one_image"],
    )


def _entries(elements: float | None, frequencies: Sequence[float] | None) -> float | None:
    """Return how many different elements the arrays of a column hold; None: nobody counted.

    The statistics have the share of rows of each common element, and after them the least and
    the largest share and that of nulls. Elements that are not listed are taken to be as rare as
    the rarest that is.
    """
    if elements is None or not frequencies or len(frequencies) <= _BESIDE:
        return None
    listed, rarest = frequencies[:-_BESIDE], frequencies[-_BESIDE]
    rest = max(0.0, elements - sum(listed))
    return len(listed) + rest / max(rarest, 1e-9)


def _rows(connection: Any, sql: str, given: Any) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, given)
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
