"""left(name, 3) = 'abc': a search by the beginning, which an index can serve."""

from typing import Any

from sqlglot import exp

from slowcoach.queries.rewrites._compare import TEXTS, comparisons, integer_of, of_type, put, text
from slowcoach.queries.rewrites._model import Change, Rewrite, Schema

_WHY = (
    "the first letters are these when the text begins with them; an index with text_pattern_ops "
    "(or in the C locale) serves LIKE"
)


def _run(tree: Any, schema: Schema) -> Change | None:
    changed = False
    for found in comparisons(tree):
        value = found.value
        if found.op != "=" or not isinstance(value, exp.Literal) or not value.is_string:
            continue
        column, length = _prefix(found.side)
        if not value.this or length != len(value.this) or of_type(column, schema) not in TEXTS:
            continue
        pattern = text(_escaped(value.this) + "%")
        put(found.node, exp.Like(this=column.copy(), expression=pattern))
        changed = True
    return Change(tree, _WHY) if changed else None


def _prefix(side: Any) -> tuple[Any, int | None]:
    if isinstance(side, exp.Left):
        return side.this, integer_of(side.expression)
    if isinstance(side, exp.Substring) and integer_of(side.args.get("start")) == 1:
        return side.this, integer_of(side.args.get("length"))
    return None, None


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


REWRITE = Rewrite(rule="db.rewrite_column_alone", run=_run)
