"""The clone at work: plans of the user's database, with indexes that it does not have."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slowcoach.core.errors import InputError, SlowcoachError
from slowcoach.queries.clone import catalog, files, sizes
from slowcoach.queries.live import explain, planned
from slowcoach.queries.model import Plan
from slowcoach.queries.statement import Statement, only_select

_LEAST_PAGES = 2
_TOTAL_COST = re.compile(r'"Total Cost": ([\d.]+)')  # the first is the root's
_INDEX_NAME = re.compile(r'"Index Name": ("(?:[^"\\]|\\.)*")')
_PREFIX = "slowcoach_"
_NAMELESS = re.compile(r"^\s*(CREATE(?: UNIQUE)? INDEX)(?: CONCURRENTLY)? ON\b", re.IGNORECASE)
# the planner passes over an index that is marked as not valid
_SHOW = """
UPDATE pg_catalog.pg_index SET indisvalid = (indexrelid = ANY(%s::oid[]))
WHERE indexrelid = ANY(%s::oid[]) AND indisvalid <> (indexrelid = ANY(%s::oid[]))
"""
_HEAP_STATISTICS = (
    "SELECT pg_catalog.pg_restore_relation_stats('schemaname', %s::text, 'relname', %s::text, "
    "'relpages', %s::integer, 'reltuples', %s::real, 'relallvisible', %s::integer)"
)
_INDEX_STATISTICS = (
    "SELECT pg_catalog.pg_restore_relation_stats('schemaname', %s::text, 'relname', %s::text, "
    "'relpages', %s::integer, 'reltuples', %s::real)"
)


@dataclass(frozen=True, slots=True)
class Imagined:
    """An index of the clone: its name there, the ids of its parts, its size in bytes."""

    statement: str
    name: str
    ids: tuple[int, ...]
    size_bytes: int


@dataclass
class Clone:
    """A database's schema and statistics in a private server; not to be shared by threads.

    `warnings` say what could not be taken over, and where this planner is another one.
    """

    url: str
    data: Path
    admin: Any
    planner: Any
    superuser: Any
    settings: Mapping[str, str]
    warnings: list[str] = field(default_factory=list[str])
    _made: int = 0
    _judged: dict[str, Statement] = field(default_factory=dict[str, Statement])

    def plan(self, sql: str) -> Plan:
        """Return the plan of one SELECT; raises as `live.explain` does."""
        return explain(self.planner, sql, private=True)

    def cost(self, sql: str) -> float | None:
        """Return the planner's cost of one SELECT."""
        return self.plan(sql).root.number("total_cost")

    def outline(self, sql: str) -> tuple[float, frozenset[str]]:
        """Return the cost of one SELECT and the names of the indexes that its plan uses.

        It is `plan` for many questions about few statements: each is judged once, and no tree
        is built.
        """
        statement = self._judged.get(sql)
        if statement is None:
            statement = self._judged[sql] = only_select(sql)
        text = planned(self.planner, statement)
        cost = _TOTAL_COST.search(text)
        names = frozenset(json.loads(name) for name in _INDEX_NAME.findall(text))
        return (float(cost.group(1)) if cost else 0.0), names

    def create(self, statement: str) -> Imagined:
        """Make an index (CREATE INDEX, CONCURRENTLY or not) and give it its estimated size.

        Raises InputError with the server's words when it is none that can be made.
        """
        made, refused = self.create_all([statement])
        if refused:
            raise refused[statement]
        return made[statement]

    def create_all(
        self, statements: Sequence[str]
    ) -> tuple[dict[str, Imagined], dict[str, InputError]]:
        """Make many indexes; return those that were made, and why the others were not."""
        refused: dict[str, InputError] = {}
        by_table: dict[str, list[str]] = {}
        for statement in statements:
            try:
                by_table.setdefault(_table_of(statement), []).append(statement)
            except InputError as error:
                refused[statement] = error
        made: dict[str, Imagined] = {}
        for table, wanted in by_table.items():
            made |= self._on_table(table, wanted, refused)
        return made, refused

    def _on_table(
        self, table: str, statements: Sequence[str], refused: dict[str, InputError]
    ) -> dict[str, Imagined]:
        """Make the indexes of one table while its files are empty, which takes no time."""
        try:
            kept = catalog.heaps(self.admin, table)
        except InputError as error:
            refused |= dict.fromkeys(statements, error)
            return {}
        before = catalog.index_ids(self.admin)
        for heap in kept:
            files.resize(self.data / heap.file, 0)
        try:
            names = {s: name for s in statements if (name := self._executed(s, refused))}
        finally:
            for heap in kept:
                files.resize(self.data / heap.file, heap.pages)
                given = (heap.schema, heap.name, heap.pages, heap.rows, heap.visible)
                self.admin.execute(_HEAP_STATISTICS, given)
        return self._sized(names, catalog.new_indexes(self.admin, before), kept)

    def _executed(self, statement: str, refused: dict[str, InputError]) -> str | None:
        """Make an index under a name of our own; return it."""
        self._made += 1
        name = f"{_PREFIX}{self._made}"
        named = _NAMELESS.sub(rf"\1 {name} ON", statement, count=1)
        if named == statement:
            refused[statement] = InputError(
                f"index: expected CREATE INDEX ON table, got {statement[:80]!r}",
                hint="Leave the index's own name out",
            )
            return None
        try:
            execute(self.admin, named)
        except InputError as error:
            refused[statement] = error
            return None
        return name

    def _sized(
        self,
        names: Mapping[str, str],
        new: Sequence[catalog.NewIndex],
        kept: Sequence[catalog.Heap],
    ) -> dict[str, Imagined]:
        heaps = {(heap.schema, heap.name): heap for heap in kept}
        columns = catalog.columns(self.admin, [index.id for index in new])
        pages = {i.id: self._size(i, heaps[i.heap], columns.get(i.id, [])) for i in new}
        made: dict[str, Imagined] = {}
        for statement, name in names.items():
            found = catalog.named(self.admin, name)
            if found is None:
                continue
            root, quoted = found
            parts = tuple(index.id for index in new if index.root == root)
            size = sum(pages[part] for part in parts) * files.PAGE
            made[statement] = Imagined(statement, quoted, parts, size)
        return made

    def drop(self, index: Imagined) -> None:
        """Take an index away again; the parts of a partitioned one go with it."""
        execute(self.admin, f"DROP INDEX {index.name} CASCADE")

    def show(self, indexes: Iterable[Imagined], of: Iterable[Imagined]) -> None:
        """Let the planner see these indexes, and none of the others `of` those that were made."""
        shown = [part for index in indexes for part in index.ids]
        all_ids = [part for index in of for part in index.ids]
        self.superuser.execute(_SHOW, (shown, all_ids, shown))

    def _share(self, index: catalog.NewIndex, rows: float) -> float:
        """Return the share of the rows that an index holds: a partial one's by the planner."""
        if index.predicate is None or not rows:
            return 1.0
        # as the server itself wrote the table and the condition
        question = f"SELECT 1 FROM {index.heap_sql} WHERE {index.predicate}"  # noqa: S608
        with suppress(SlowcoachError):
            return min(1.0, (self.plan(question).root.number("plan_rows") or 0.0) / rows)
        return 1.0

    def _size(
        self, index: catalog.NewIndex, heap: catalog.Heap, columns: Sequence[sizes.Column]
    ) -> int:
        rows = max(0.0, heap.rows)
        rows *= self._share(index, rows)
        pages = max(_LEAST_PAGES, _pages(index, heap, rows, columns))
        if index.method == "btree":
            height = sizes.btree_height(pages, columns[: index.keys])
            files.set_height(self.data / index.file, height)
        files.resize(self.data / index.file, pages)
        self.admin.execute(_INDEX_STATISTICS, (index.schema, index.relation, pages, rows))
        return pages


def _pages(
    index: catalog.NewIndex, heap: catalog.Heap, rows: float, columns: Sequence[sizes.Column]
) -> int:
    keys, included = columns[: index.keys], columns[index.keys :]
    if index.method == "brin":
        return sizes.brin_pages(heap.pages)
    if index.method == "hash":
        return sizes.hash_pages(rows)
    if index.method == "gin":
        return sizes.gin_pages(rows, keys)
    return sizes.btree_pages(rows, keys, included)


def execute(connection: Any, statement: str) -> None:
    """Run one statement; raises InputError with the server's words."""
    import psycopg

    try:
        connection.execute(statement.encode())
    except psycopg.Error as error:
        said = " ".join(str(error).split())[:300].rstrip(".")
        raise InputError(f"index: {said}", hint="Check the index's statement") from None


def _table_of(statement: str) -> str:
    """Return the table that CREATE INDEX names, as it is written there."""
    found = re.search(r"\bON\s+(?:ONLY\s+)?((?:\"(?:[^\"]|\"\")+\"|[^\s(\"])+)", statement)
    if found is None:
        raise InputError(
            f"index: expected CREATE INDEX ... ON table (...), got {statement[:80]!r}",
            hint="Give the whole statement",
        )
    return found.group(1)
