"""Which indexes might serve one use of a table: equality first, then a range, order or rest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from slowcoach.queries.advisor.columns import Use

_WIDEST = 4
_MOST_INCLUDED = 5
_MOST_OF_A_USE = 40
_FEW_VALUES = 20  # a column with so few may be a partial index's condition


@dataclass(frozen=True, slots=True)
class Candidate:
    """An index that might be made. `keys` and `included` are quoted names or expressions."""

    schema: str
    table: str
    keys: tuple[str, ...]
    included: tuple[str, ...] = ()
    method: str = ""
    condition: str = ""

    @property
    def target(self) -> str:
        """Return the table's quoted name with its schema."""
        return f"{quoted(self.schema)}.{quoted(self.table)}" if self.schema else quoted(self.table)

    @property
    def statement(self) -> str:
        """Return the statement that makes it without keeping writers out."""
        table = quoted(self.table) if self.schema == "public" else self.target
        using = f" USING {self.method}" if self.method else ""
        text = f"CREATE INDEX CONCURRENTLY ON {table}{using} ({', '.join(self.keys)})"
        if self.included:
            text += f" INCLUDE ({', '.join(self.included)})"
        return f"{text} WHERE {self.condition}" if self.condition else text

    def covers(self, other: "Candidate") -> bool:
        """Tell whether it can stand in for another: the same keys first, and all it includes."""
        return (
            (self.schema, self.table, self.method, self.condition)
            == (other.schema, other.table, other.method, other.condition)
            and self.keys[: len(other.keys)] == other.keys
            and set(other.included) <= {*self.keys, *self.included}
        )


def quoted(name: str) -> str:
    """Return a name as PostgreSQL reads it back, in quotes where it needs them."""
    plain = name.isascii() and name.replace("_", "a").isalnum() and name == name.lower()
    if plain and not name[0].isdigit() and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


_RESERVED = frozenset({
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "authorization", "both",
    "case", "cast", "check", "collate", "column", "constraint", "create", "cross", "default",
    "desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for", "foreign", "from",
    "full", "grant", "group", "having", "in", "initially", "inner", "intersect", "into", "is",
    "join", "lateral", "leading", "left", "like", "limit", "natural", "not", "null", "offset",
    "on", "only", "or", "order", "outer", "primary", "references", "returning", "right", "select",
    "some", "symmetric", "table", "then", "to", "trailing", "true", "union", "unique", "user",
    "using", "variadic", "verbose", "when", "where", "window", "with",
})  # fmt: skip


def candidates(use: Use, distinct: Mapping[str, float]) -> list[Candidate]:
    """Return the indexes that might serve a use of a table, plain ones first.

    `distinct` is the number of different values by column: the most selective equality comes
    first, which lets the index serve more other statements.
    """
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], Candidate] = {}
    for keys in _key_lists(use, distinct):
        names = tuple(quoted(key) for key in keys)
        found.setdefault((names, ()), Candidate(use.schema, use.table, names))
    rest = [c for c in use.read if c not in use.contained]
    if len(rest) <= _MOST_INCLUDED:
        for keys in _key_lists(use, distinct):
            more = tuple(quoted(c) for c in rest if c not in keys)
            names = tuple(quoted(key) for key in keys)
            if more and len(keys) <= _WIDEST:
                found.setdefault((names, more), Candidate(use.schema, use.table, names, more))
    plain = list(found.values())[:_MOST_OF_A_USE]
    return [*plain, *_special(use), *_partial(use, plain, distinct)]


def _key_lists(use: Use, distinct: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    equal = sorted(use.equal, key=lambda name: -distinct.get(name, 1.0))
    ranges = [name for name in use.ranges if name not in equal]
    joined = [name for name in use.joined if name not in equal]
    for name in [*equal, *joined, *ranges, *use.ordered[:1], *use.grouped[:1]]:
        yield (name,)
    heads = [tuple(equal)] if equal else []
    heads += [(*equal, name) for name in joined] + [(name, *equal) for name in joined]
    heads += list(permutations(joined, 2))
    for head in heads:
        yield head[:_WIDEST]
        for name in ranges:
            yield (*head, name)[:_WIDEST]
        yield from _and_then(head, use.ordered)
        yield from _and_then(head, use.grouped)
    for name in ranges:
        for other in [*joined, *(o for o in ranges if o != name)]:
            yield (name, other)
    yield from _and_then((), use.ordered)
    yield from _and_then((), use.grouped)


def _and_then(head: Sequence[str], names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    rest = [name for name in names if name not in head]
    if rest:
        yield (*head, *rest)[:_WIDEST]


def _special(use: Use) -> Iterator[Candidate]:
    """Yield indexes on expressions, of elements, of text beginnings, and of wide ranges."""
    for expression in use.expressions:
        yield Candidate(use.schema, use.table, (f"({expression})",))
    for name in use.contained:
        yield Candidate(use.schema, use.table, (quoted(name),), method="gin")
        trigrams = f"{quoted(name)} gin_trgm_ops"
        yield Candidate(use.schema, use.table, (trigrams,), method="gin")
    for name in use.patterns:
        yield Candidate(use.schema, use.table, (f"{quoted(name)} text_pattern_ops",))
    for name in use.ranges:
        yield Candidate(use.schema, use.table, (quoted(name),), method="brin")


def _partial(
    use: Use, plain: Iterable[Candidate], distinct: Mapping[str, float]
) -> Iterator[Candidate]:
    """Yield indexes of only the rows with a constant that the statement always asks for."""
    for name, value in use.constants.items():
        if not 1 < distinct.get(name, 0.0) <= _FEW_VALUES:
            continue
        for candidate in plain:
            keys = tuple(key for key in candidate.keys if key != quoted(name))
            if keys and not candidate.included and len(keys) < len(candidate.keys):
                condition = f"{quoted(name)} = {value}"
                yield Candidate(use.schema, use.table, keys, condition=condition)
