"""id::integer of an integer: the conversion does nothing, and may hide the column."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import cast_to, of_type
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema

_WHY = "the column has that type already"
_NAMES = {
    "SMALLINT": "smallint", "INT": "integer", "BIGINT": "bigint", "TEXT": "text", "DATE": "date",
    "TIMESTAMP": "timestamp without time zone", "TIMESTAMPTZ": "timestamp with time zone",
    "DOUBLE": "double precision", "BOOLEAN": "boolean", "UUID": "uuid", "JSONB": "jsonb",
}  # fmt: skip


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for cast in list(tree.find_all(exp.Cast)):
        kind = _NAMES.get(cast_to(cast))
        if kind is None or of_type(cast.this, schema) != kind:
            continue
        if isinstance(cast.parent, exp.Select):
            continue  # the result's column would be named otherwise
        cast.replace(cast.this)
        changed = True
    return Change(tree, _WHY) if changed else None


REWRITE = Rewrite(rule="db.rewrite_column_alone", run=_run)
