"""The indexes that stand already: which serve nothing, which another one makes redundant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slowcoach.queries.connection import rows

_INDEXES = """
SELECT n.nspname AS schema, t.relname AS table, c.relname AS name,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS quoted,
       pg_catalog.pg_relation_size(c.oid) AS size_bytes,
       coalesce(s.idx_scan, 0) AS scans, i.indisunique AS unique,
       am.amname || ' ' || coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '') AS kind,
       (SELECT pg_catalog.array_agg(pg_catalog.pg_get_indexdef(i.indexrelid, k, true)
                  || ' ' || i.indoption[k - 1] || ' ' || i.indclass[k - 1] ORDER BY k)
        FROM pg_catalog.generate_series(1, i.indnkeyatts) k) AS keys,
       i.indnatts > i.indnkeyatts AS includes,
       EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid) AS constraint
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND i.indisvalid
ORDER BY n.nspname, t.relname, c.relname
"""
_WRITES = """
SELECT schemaname AS schema, relname AS table, n_tup_ins + n_tup_del
       + n_tup_upd - n_tup_hot_upd AS entries,
       n_tup_hot_upd AS hot, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS read
FROM pg_catalog.pg_stat_user_tables
"""
_AGE = """
SELECT extract(epoch FROM now() - coalesce(stats_reset, pg_catalog.pg_postmaster_start_time()))
       ::float8 AS seconds
FROM pg_catalog.pg_stat_database WHERE datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """An index of the database, its keys as written, and how often it was used."""

    schema: str
    table: str
    name: str
    quoted: str
    size_bytes: int
    scans: int
    unique: bool
    kind: str
    keys: tuple[str, ...]
    includes: bool
    constraint: bool


@dataclass(frozen=True, slots=True)
class Superfluous:
    """An index that could go: why, and what is saved."""

    index: Standing
    why: str


def standing(connection: Any) -> list[Standing]:
    """Return the valid indexes of the database."""
    found = rows(connection, _INDEXES)
    for row in found:
        row["keys"] = tuple(row["keys"])
    return [Standing(**row) for row in found]


def superfluous(
    indexes: Sequence[Standing], observed_s: float, least_observed_s: float
) -> list[Superfluous]:
    """Return indexes that another one makes redundant, and those that nothing used.

    One is redundant when another of the same table and kind begins with its keys and it guards
    nothing itself. `observed_s` is how long uses were counted; below `least_observed_s` nobody
    is called unused.
    """
    found: list[Superfluous] = []
    gone: set[str] = set()
    for index in sorted(indexes, key=lambda i: (len(i.keys), i.name)):
        if index.constraint or index.unique:
            continue
        other = next((o for o in indexes if o.quoted not in gone and _replaces(o, index)), None)
        if other is not None:
            why = f"{other.name} begins with the same columns and serves the same statements"
        elif not index.scans and observed_s >= least_observed_s:
            why = f"not used once in {observed_s / _DAY_S:.0f} days of counting"
        else:
            continue
        gone.add(index.quoted)
        found.append(Superfluous(index, why))
    return found


_DAY_S = 86_400


def _replaces(other: Standing, index: Standing) -> bool:
    return (
        other is not index
        and (other.schema, other.table, other.kind) == (index.schema, index.table, index.kind)
        and other.keys[: len(index.keys)] == index.keys
        and not index.includes
    )


def writes(connection: Any) -> dict[tuple[str, str], int]:
    """Return by table how many entries each of its indexes was given (updates that were hot
    give none)."""
    found = rows(connection, _WRITES)
    return {(row["schema"], row["table"]): int(row["entries"]) for row in found}


def observed_s(connection: Any) -> float:
    """Return for how many seconds the server has counted uses."""
    found = rows(connection, _AGE)
    return float(found[0]["seconds"]) if found else 0.0
