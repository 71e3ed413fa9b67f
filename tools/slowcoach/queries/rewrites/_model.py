"""What a rewrite is, what it answers, and what it may know of the tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column's type as PostgreSQL writes it (without length), and whether it is NOT NULL."""

    type: str
    not_null: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A table: its columns, its keys (unique, never NULL, not deferred), bytes of a row."""

    schema: str
    name: str
    columns: Mapping[str, Column]
    keys: tuple[frozenset[str], ...] = ()
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of a statement by their names as they may be written (`t`, `schema.t`).

    `utc` tells that the session's time zone has no summer time.
    """

    relations: Mapping[str, Relation] = field(default_factory=dict[str, Relation])
    utc: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The rewritten tree and why it gives the same rows.

    `same` is False where that cannot be proved or is not so (`why` says it); without a `tree`
    it is a remark.
    """

    tree: Any
    why: str
    same: bool = True


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One rewrite. `run` gets a tree of its own, which it may change, and the schema.

    It returns None where there is nothing to rewrite, or where it is not provably the same.
    `compared` is False for a pattern that is not the same statement at all.
    """

    rule: str
    run: Callable[[Any, Schema], Change | None]
    compared: bool = True
