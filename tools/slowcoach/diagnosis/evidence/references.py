"""What a DELETE or UPDATE reads of the tables that refer to its own: no plan shows it.

PostgreSQL looks for the referring rows of each row by a query of its own (a trigger of the
constraint). Without an index on the referring columns that reads the whole table.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.models import Database, PlanNote, Statement

_CHANGED = re.compile(
    r"\b(?:delete\s+from|update)\s+(?:only\s+)?(?:\"?\w+\"?\.)?\"?(\w+)\"?", re.IGNORECASE
)
# an index helps when it begins with one of the referring columns
_UNINDEXED = """
SELECT con.conname AS name, child.relname AS child, parent.relname AS parent,
       con.confdeltype = 'c' AS cascades, greatest(child.reltuples, 0)::bigint AS rows,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = con.conrelid AND a.attnum = ANY (con.conkey)) AS columns,
       EXISTS (SELECT 1 FROM pg_catalog.pg_index i
               WHERE i.indrelid = con.conrelid AND i.indisvalid AND i.indpred IS NULL
                     AND i.indkey[0] = ANY (con.conkey)) AS indexed
FROM pg_catalog.pg_constraint con
JOIN pg_catalog.pg_class child ON child.oid = con.conrelid
JOIN pg_catalog.pg_class parent ON parent.oid = con.confrelid
WHERE con.contype = 'f'
"""


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: which table's columns refer to which table, and whether an index has them."""

    name: str
    child: str
    parent: str
    columns: tuple[str, ...]
    rows: int
    cascades: bool
    indexed: bool


def references(connection: Any) -> tuple[Reference, ...]:
    """Return the database's foreign keys; nothing where they cannot be read."""
    import psycopg

    from slowcoach.core.errors import SlowcoachError
    from slowcoach.queries.live import rows

    with suppress(SlowcoachError, psycopg.Error):
        return tuple(
            Reference(
                name=str(row["name"]),
                child=str(row["child"]),
                parent=str(row["parent"]),
                columns=tuple(row["columns"]),
                rows=int(row["rows"]),
                cascades=bool(row["cascades"]),
                indexed=bool(row["indexed"]),
            )
            for row in rows(connection, _UNINDEXED)
        )
    return ()


def reference_note(
    statement: Statement, database: Database, known: Iterable[Reference]
) -> PlanNote | None:
    """Return what a statement reads whole because of a foreign key without an index, if it does:
    the referring table was seen to be read about once a call.
    """
    changed = _CHANGED.search(statement.query)
    if changed is None:
        return None
    known = tuple(known)
    reached = _reached(changed[1].lower(), known)
    scans = {scan.table: scan for scan in database.scans}
    found = [
        (scans[r.child].rows_read, r)
        for r in known
        if r.parent.lower() in reached
        and not r.indexed
        and r.child in scans
        and scans[r.child].scans
        >= rule("db.missing_index").limit("reads_per_call") * statement.calls
    ]
    if not found:
        return None
    _, worst = max(found, key=lambda each: each[0])
    return _note(statement, worst, {scan.table: scan.rows for scan in database.scans})


def _reached(table: str, known: Iterable[Reference]) -> set[str]:
    """Return the tables whose rows go with those of one: itself, and what cascades from it."""
    reached, before = {table}, 0
    while len(reached) > before:
        before = len(reached)
        reached |= {r.child.lower() for r in known if r.cascades and r.parent.lower() in reached}
    return reached


def _note(statement: Statement, worst: Reference, rows: Mapping[str, int]) -> PlanNote:
    columns = ", ".join(worst.columns)
    return PlanNote(
        query=statement.query,
        kind="reference",
        table=worst.child,
        columns=worst.columns,
        condition=f"foreign key {worst.name} to {worst.parent}",
        table_rows=max(worst.rows, rows.get(worst.child, 0)),
        cost_share=1.0,
        text=f"trigger for constraint {worst.name}",
        index=f"CREATE INDEX CONCURRENTLY ON {worst.child} ({columns})",
    )
