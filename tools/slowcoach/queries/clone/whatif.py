"""The clone at work: plans of the user's database, with indexes that it does not have."""

import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slowcoach.core import process
from slowcoach.core.errors import InputError, SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.queries import connection as live_connection
from slowcoach.queries.clone import catalog, files, sizes, source
from slowcoach.queries.connection import connect
from slowcoach.queries.embedded import embedded_postgres, programs
from slowcoach.queries.live import explain
from slowcoach.queries.model import Plan

_RESTORE_DEADLINE_S = 60.0
_LEAST_PAGES = 2
# languages that run anything, and what serves nothing in a server that is thrown away
_NOT_MADE = frozenset({"plpython3u", "plperlu", "pltclu", "file_fdw", "dblink", "postgres_fdw"})
_OWNER = "slowcoach_clone"
_SERVER = {
    "autovacuum": "off",  # it would cut off the pages that hold nothing
    "shared_buffers": "16MB",
    "max_locks_per_transaction": "1024",
}
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
    """An index of the clone: its quoted name there, and its size in bytes (of all partitions)."""

    statement: str
    names: tuple[str, ...]
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
    settings: Mapping[str, str]
    warnings: list[str] = field(default_factory=list[str])

    def plan(self, sql: str) -> Plan:
        """Return the plan of one SELECT; raises as `live.explain` does."""
        return explain(self.planner, sql)

    def cost(self, sql: str) -> float | None:
        """Return the planner's cost of one SELECT."""
        return self.plan(sql).root.number("total_cost")

    def create(self, statement: str) -> Imagined:
        """Make an index (CREATE INDEX, CONCURRENTLY or not) and give it its estimated size.

        Raises InputError with the server's words when it is none that can be made.
        """
        before = catalog.index_ids(self.admin)
        table = _table_of(statement)
        kept = catalog.heaps(self.admin, table)
        for heap in kept:
            files.resize(self.data / heap.file, 0)
        try:
            self._execute(statement.replace(" CONCURRENTLY", ""))
        finally:
            for heap in kept:
                files.resize(self.data / heap.file, heap.pages)
                given = (heap.schema, heap.name, heap.pages, heap.rows, heap.visible)
                self.admin.execute(_HEAP_STATISTICS, given)
        by_name = {(heap.schema, heap.name): heap for heap in kept}
        made = catalog.new_indexes(self.admin, before)
        pages = [self._sized(index, by_name[index.heap]) for index in made]
        size = sum(pages) * files.PAGE
        return Imagined(statement, tuple(catalog.made_names(self.admin, before)), size)

    def drop(self, index: Imagined) -> None:
        """Take an index away again; the parts of a partitioned one go with it."""
        for name in index.names:
            self._execute(f"DROP INDEX {name} CASCADE")

    def _execute(self, statement: str) -> None:
        import psycopg

        try:
            self.admin.execute(statement.encode())
        except psycopg.Error as error:
            said = " ".join(str(error).split())[:300].rstrip(".")
            raise InputError(f"index: {said}", hint="Check the index's statement") from None

    def _share(self, index: catalog.NewIndex, rows: float) -> float:
        """Return the share of the rows that an index holds: a partial one's by the planner."""
        if index.predicate is None or not rows:
            return 1.0
        question = f"SELECT 1 FROM {index.heap_sql} WHERE {index.predicate}"  # noqa: S608 - as the server wrote it
        with suppress(SlowcoachError):
            return min(1.0, (self.plan(question).root.number("plan_rows") or 0.0) / rows)
        return 1.0

    def _sized(self, index: catalog.NewIndex, heap: catalog.Heap) -> int:
        rows = max(0.0, heap.rows)
        rows *= self._share(index, rows)
        pages = max(_LEAST_PAGES, self._pages(index, heap, rows))
        if index.method == "btree":
            keys = catalog.columns(self.admin, index.name, max(0.0, heap.rows))[: index.keys]
            files.set_height(self.data / index.file, sizes.btree_height(pages, keys))
        files.resize(self.data / index.file, pages)
        self.admin.execute(_INDEX_STATISTICS, (index.schema, index.relation, pages, rows))
        return pages

    def _pages(self, index: catalog.NewIndex, heap: catalog.Heap, rows: float) -> int:
        if index.method == "brin":
            return sizes.brin_pages(heap.pages)
        if index.method == "hash":
            return sizes.hash_pages(rows)
        columns = catalog.columns(self.admin, index.name, max(0.0, heap.rows))
        keys, included = columns[: index.keys], columns[index.keys :]
        if index.method == "gin":
            return sizes.gin_pages(rows, keys)
        return sizes.btree_pages(rows, keys, included)


@contextmanager
def cloned(
    database_url: str, *, cancellation: Cancellation | None = None
) -> Generator[Clone, None, None]:
    """Yield a clone of a database's schema and statistics; it is deleted at the end.

    The user's server is asked for its catalog only, whatever its version (9.2 and later); the
    planner is the private server's, and its version is said. Raises MissingDependencyError
    without the packages, ToolFailedError when the schema cannot be read.
    """
    with connect(database_url, cancellation=cancellation) as connection:
        settings = source.settings(connection)
        extensions = catalog.extensions(connection)
        theirs = live_connection.server_version(connection)
    with embedded_postgres(settings=_SERVER, preload=()) as url:
        import psycopg

        _prepare(url, extensions)
        own = url.replace("postgres@", f"{_OWNER}@").rpartition("/")[0] + f"/{_OWNER}"
        with psycopg.connect(url, autocommit=True) as superuser:
            data = Path(superuser.execute("SHOW data_directory").fetchone()[0])  # type: ignore[index]
        failures = _restored(database_url, own, data, cancellation)
        with (
            psycopg.connect(own, autocommit=True) as admin,
            connect(own, cancellation=cancellation) as planner,
        ):
            clone = Clone(own, data, admin, planner, settings)
            clone.warnings += _differences(theirs, planner, failures)
            _inflate(admin, data)
            for each in (admin, planner):
                _apply(each, settings)
            yield clone


def _prepare(url: str, extensions: Sequence[str]) -> None:
    """Make a database of an ordinary user: what is restored must not act as a superuser."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {_OWNER} LOGIN".encode())
        connection.execute(f"CREATE DATABASE {_OWNER} OWNER {_OWNER}".encode())
    with psycopg.connect(f"{url.rpartition('/')[0]}/{_OWNER}", autocommit=True) as connection:
        for name in sorted(set(extensions) - _NOT_MADE):
            quoted = name.replace('"', '""')
            with suppress(psycopg.Error):  # one that this server does not have
                connection.execute(f'CREATE EXTENSION IF NOT EXISTS "{quoted}" CASCADE'.encode())


def _inflate(admin: Any, data: Path) -> None:
    """Give every table and index the length that the statistics tell."""
    for relation in catalog.relations(admin):
        if relation.index:
            keys = catalog.columns(admin, relation.name, max(0.0, relation.rows))
            files.set_height(data / relation.file, sizes.btree_height(relation.pages, keys))
        files.resize(data / relation.file, relation.pages)


def _restored(database_url: str, own: str, data: Path, cancellation: Cancellation | None) -> int:
    """Dump and restore; return how many parts of the schema could not be made."""
    folder = data.parent
    file = folder / "schema.dump"
    source.dump(programs() / "pg_dump", database_url, file, cancellation)
    done = process.run(
        [programs() / "pg_restore", "--dbname", own, "--no-owner", "--no-privileges", file],
        deadline_s=_RESTORE_DEADLINE_S,
        check=False,
        cancellation=cancellation,
    )
    file.unlink()
    said = done.stderr.decode("utf-8", "replace")
    return sum(
        "could not execute query" in line and "extension" not in line for line in said.splitlines()
    )


def _differences(theirs: int, planner: Any, failures: int) -> list[str]:
    ours = live_connection.server_version(planner)
    found: list[str] = []
    if theirs // _MAJOR != ours // _MAJOR:
        found.append(
            f"plans of the clone are PostgreSQL {ours // _MAJOR}'s, the server is "
            f"{theirs // _MAJOR}: a few choices can differ"
        )
    if failures:
        found.append(
            f"{failures} parts of the schema could not be made in the clone (extensions, "
            "functions or types that it lacks)"
        )
    return found


_MAJOR = 10_000


def _apply(connection: Any, settings: Mapping[str, str]) -> None:
    import psycopg

    for name, value in settings.items():
        with suppress(psycopg.Error):  # another version's, or one that only a superuser sets
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))


def _table_of(statement: str) -> str:
    """Return the table that CREATE INDEX names, as it is written there."""
    found = re.search(r"\bON\s+(?:ONLY\s+)?((?:\"(?:[^\"]|\"\")+\"|[^\s(\"])+)", statement)
    if found is None:
        raise InputError(
            f"index: expected CREATE INDEX ... ON table (...), got {statement[:80]!r}",
            hint="Give the whole statement",
        )
    return found.group(1)
