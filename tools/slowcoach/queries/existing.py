"""What the indexes that a table has can do for a condition, and why one of them does not."""

import re
from collections.abc import Sequence

from slowcoach.queries.conditions import Term
from slowcoach.queries.statistics import Index, TableFacts

_TREE = "btree"
_INDEXABLE = frozenset({"equal", "range"})
# what is stored as text anyway; char(n) loses its blanks when it becomes text
_TEXTS = frozenset({"text", "character varying", "name", "citext"})
_AS_TEXT = {"bpchar": _TEXTS | {"character"}}


def plain(key: str) -> str:
    """Return a key without the brackets and casts to text that printing adds."""
    bare = key.replace("::text", "").replace("::character varying", "")
    while bare.startswith("(") and bare.endswith(")") and _closes_last(bare):
        bare = bare[1:-1]
    return bare.strip().lower()


def _closes_last(text: str) -> bool:
    """Tell whether the bracket that opens the text is closed by its last sign."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return at == len(text) - 1
    return False


def hidden_cast(facts: TableFacts | None, condition: str, term: Term) -> str | None:
    """Return the type that a column is converted to although its own is of another kind.

    A plan prints `(name)::text` for a varchar, where it means nothing, and for a number, where
    it hides the column from its index: only the column's type tells which.
    """
    column = facts.columns.get(term.target.strip('"')) if facts is not None else None
    if column is None or term.expression:
        return term.cast
    name = re.escape(term.target)
    cast = re.search(rf"\((?:[\w\"]+\.)?{name}\)::(text|character varying|bpchar)", condition)
    if cast is None or column.type in _AS_TEXT.get(cast.group(1), _TEXTS):
        return term.cast
    return cast.group(1)


def trees(facts: TableFacts) -> tuple[Index, ...]:
    """Return the B-trees over all of the table's rows that are fit for use."""
    return tuple(i for i in facts.indexes if i.method == _TREE and i.valid and not i.partial)


def by_name(facts: TableFacts, name: str) -> Index | None:
    """Return the table's index of this name."""
    return next((index for index in facts.indexes if index.name == name), None)


def begins_with(facts: TableFacts, target: str) -> Index | None:
    """Return a B-tree whose first key is this column or expression."""
    wanted = plain(target)
    return next((i for i in trees(facts) if i.keys and plain(i.keys[0]) == wanted), None)


def misordered(facts: TableFacts, found: Sequence[Term]) -> Index | None:
    """Return a B-tree that holds a compared column in a later place, if none begins with one."""
    compared = {plain(t.target) for t in found if t.how in _INDEXABLE and not t.cast}
    if not compared:
        return None
    fitting = trees(facts)
    if any(index.keys and plain(index.keys[0]) in compared for index in fitting):
        return None
    held = [i for i in fitting if compared & {plain(key) for key in i.keys[1:]}]
    return max(held, key=lambda i: len(compared & set(map(plain, i.keys))), default=None)


def redundant(facts: TableFacts) -> tuple[tuple[Index, Index], ...]:
    """Return indexes that another one makes redundant, and that other one.

    Both are B-trees over all rows with the same first keys; one that guards uniqueness stays.
    """
    found: list[tuple[Index, Index]] = []
    gone: set[str] = set()
    for index in sorted(trees(facts), key=lambda i: (len(i.keys), i.name)):
        if index.unique or " INCLUDE (" in index.definition:
            continue
        for other in trees(facts):
            if other is not index and other.name not in gone and _covers(other, index):
                gone.add(index.name)
                found.append((index, other))
                break
    return tuple(found)


def _covers(other: Index, index: Index) -> bool:
    """Compare by the definitions' key lists, for these have directions and operator classes."""
    return f"{_keys(other)},".startswith(f"{_keys(index)},")


def _keys(index: Index) -> str:
    listed = index.definition.partition(" USING btree (")[2]
    return listed.partition(") INCLUDE (")[0].removesuffix(")")
