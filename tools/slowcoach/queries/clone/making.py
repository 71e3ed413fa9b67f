"""Make a clone: dump schema and statistics, restore them, make the files as long as they were."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from slowcoach.core import process
from slowcoach.core.job import Cancellation
from slowcoach.queries import connection as live_connection
from slowcoach.queries.clone import catalog, files, sizes, source
from slowcoach.queries.clone.whatif import Clone
from slowcoach.queries.connection import connect
from slowcoach.queries.embedded import embedded_postgres, programs

_RESTORE_DEADLINE_S = 60.0
_MAJOR = 10_000
_OWNER = "slowcoach_clone"
# languages that run anything, and what serves nothing in a server that is thrown away
_NOT_MADE = frozenset({"plpython3u", "plperlu", "pltclu", "file_fdw", "dblink", "postgres_fdw"})
_SERVER = {
    "autovacuum": "off",  # it would cut off the pages that hold nothing
    "shared_buffers": "16MB",
    "max_locks_per_transaction": "1024",
}


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
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
            data = Path(row[0] if row else "")
        failures = _restored(database_url, own, data, cancellation)
        with (
            psycopg.connect(own, autocommit=True) as admin,
            connect(own, cancellation=cancellation) as planner,
            psycopg.connect(f"{url.rpartition('/')[0]}/{_OWNER}", autocommit=True) as superuser,
        ):
            superuser.execute("SET allow_system_table_mods = on")
            clone = Clone(own, data, admin, planner, superuser, settings)
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
    found = catalog.relations(admin)
    columns = catalog.columns(admin, [relation.id for relation in found if relation.index])
    for relation in found:
        if relation.index:
            height = sizes.btree_height(relation.pages, columns.get(relation.id, []))
            files.set_height(data / relation.file, height)
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


def _apply(connection: Any, settings: Mapping[str, str]) -> None:
    import psycopg

    for name, value in settings.items():
        with suppress(psycopg.Error):  # another version's, or one that only a superuser sets
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
