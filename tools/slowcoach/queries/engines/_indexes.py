"""Which indexes are worth trying for one statement, from what it asks of each table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from slowcoach.queries.advisor.candidates import candidates
from slowcoach.queries.advisor.columns import Use

_MOST = 8
_WIDEST = 4
_NAME = 60


@dataclass(frozen=True, slots=True)
class Proposal:
    """An index that might be made: its name, table, and columns in order."""

    name: str
    table: str
    columns: tuple[str, ...]

    def statement(self, quoted: Callable[[str], str]) -> str:
        """Return the statement that makes it, names quoted as the database does."""
        return self.written(quoted, self.columns)

    def written(self, quoted: Callable[[str], str], columns: Sequence[str]) -> str:
        """Return it with columns that may carry a length (`body(64)`)."""
        keys = ", ".join(quoted(name) if name in self.columns else name for name in columns)
        return f"CREATE INDEX {quoted(self.name)} ON {quoted(self.table)} ({keys})"


def proposals(
    found: Sequence[Use],
    distinct: Mapping[str, Mapping[str, float]],
    existing: Mapping[str, Sequence[tuple[str, ...]]],
    taken: frozenset[str] = frozenset(),
) -> list[Proposal]:
    """Return plain indexes for these uses, the ones that answer most first.

    `distinct` has the number of different values by table and column, `existing` the columns of
    the indexes that a table has; an index whose columns one of them begins with is left out.
    """
    made: dict[tuple[str, tuple[str, ...]], Proposal] = {}
    for use in found:
        known = existing.get(use.table, ())
        for columns in _columns(use, distinct.get(use.table, {})):
            if any(tuple(old[: len(columns)]) == columns for old in known):
                continue
            name = _named(use.table, columns, taken)
            made.setdefault((use.table, columns), Proposal(name, use.table, columns))
    return list(made.values())


def _columns(use: Use, distinct: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    plain = [
        tuple(key.strip('"') for key in item.keys)
        for item in candidates(use, distinct)
        if not (item.included or item.method or item.condition)
    ]
    names = {*use.read, *use.equal, *use.joined, *use.ranges, *use.ordered, *use.grouped}
    wanted = [columns for columns in dict.fromkeys(plain) if set(columns) <= names]
    yield from sorted(wanted, key=lambda columns: -len(columns))[:_MOST]


def _named(table: str, columns: Sequence[str], taken: frozenset[str]) -> str:
    name = f"{table}_{'_'.join(columns)}_idx"[:_NAME]
    return next(n for n in (name, *(f"{name}{i}" for i in range(2, 99))) if n not in taken)
