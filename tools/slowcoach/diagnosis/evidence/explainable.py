"""What of a statement can be explained: the reads of one that changes rows or locks them. Pure.

pg_stat_statements writes $n for every constant, even where the grammar wants a literal
(`interval $1`): such text cannot be prepared as it stands.
"""

import re
from typing import Any

_TYPED = re.compile(
    r"\b((?:date|interval|time|timetz|timestamp|timestamptz|bytea|inet|jsonb?|uuid|numeric)"
    r"(?:\s+with(?:out)?\s+time\s+zone)?)\s+(\$\d+)",
    re.IGNORECASE,
)
_FIELD = re.compile(r"\bextract\s*\(\s*\$\d+\s+from\b", re.IGNORECASE)
_LOCKS = re.compile(
    r"\bfor\s+(?:no\s+key\s+update|update|key\s+share|share)\b"
    r"(?:\s+of\s+[\w\",\s.]+?)?(?:\s+(?:nowait|skip\s+locked))?(?=\s*(?:$|\)|;))",
    re.IGNORECASE,
)
_CHANGES = re.compile(r"\s*(?:with\b.*\)\s*)?(?:update|delete|insert)\b", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"\$(\d+)")


def explainable(query: str) -> str:
    """Return a SELECT that reads what the statement reads, with $1, $2 ... without gaps."""
    text = _TYPED.sub(r"cast(\2 as \1)", query)
    text = _FIELD.sub("extract(epoch from", text)
    text = _LOCKS.sub("", text).rstrip("; ")
    if _CHANGES.match(text):
        text = _reads(text)
    return _numbered(text)


def _numbered(text: str) -> str:
    """A parameter that is left out has no type that could be inferred."""
    order = sorted({int(n) for n in _NUMBER.findall(text)})
    new = {old: k for k, old in enumerate(order, 1)}
    return _NUMBER.sub(lambda found: f"${new[int(found.group(1))]}", text)


def _reads(text: str) -> str:
    """Return the reads of an UPDATE, DELETE or INSERT ... SELECT; of others the text itself."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(text, read="postgres")
    except (SqlglotError, RecursionError):
        return text
    if isinstance(tree, exp.Insert):
        return _sql(tree.args.get("expression")) or text
    if not isinstance(tree, exp.Update | exp.Delete):
        return text
    others = _others(tree)
    named = ", ".join([_sql(tree.this), *others])
    parts = [_sql(tree.args.get("with_")), "SELECT 1 FROM", named, _sql(tree.args.get("where"))]
    return " ".join(part for part in parts if part)


def _others(tree: Any) -> list[str]:
    """Return the further tables of UPDATE ... FROM and DELETE ... USING."""
    listed = tree.args.get("from_") or tree.args.get("from")
    if listed is not None:
        return [re.sub(r"(?i)^from\s+", "", _sql(listed))]
    return [_sql(table) for table in tree.args.get("using") or ()]


def _sql(tree: Any) -> str:
    return tree.sql(dialect="postgres") if tree is not None else ""
