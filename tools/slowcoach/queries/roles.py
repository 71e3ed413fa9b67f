"""What the user of a connection may do, beyond reading."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from slowcoach.core.errors import NotPermittedError
from slowcoach.queries.connection import fetch

ALLOW_SUPERUSER = "SLOWCOACH_ALLOW_SUPERUSER"
PERMITTED_BY = f"whoever starts this program may permit it by {ALLOW_SUPERUSER}=1"
_TEMPORARY = "4GB"
_READ_ALL_VERSION = 140000  # pg_read_all_data
_POWERS = """
SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolbypassrls AS bypasses,
       ARRAY(SELECT p.rolname::text FROM pg_catalog.pg_roles p
             WHERE p.rolname IN ('pg_execute_server_program', 'pg_write_server_files',
                                 'pg_read_server_files')
               AND pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER')) AS roles
FROM pg_catalog.pg_roles r WHERE r.rolname IN (current_user, session_user)
"""


def superuser_may_run() -> bool:
    """Tell whether whoever started this program permits what a superuser asks for."""
    return os.environ.get(ALLOW_SUPERUSER, "").lower() in {"1", "true", "yes", "on"}


def require_modest(connection: Any) -> None:
    """Raise NotPermittedError if the user may do so much that no statement should run as them.

    Superusers, and whoever reads or writes the server's files, runs programs there or passes
    over row security; unless the environment of this process has SLOWCOACH_ALLOW_SUPERUSER=1,
    which no caller of a tool can set.
    """
    if superuser_may_run():
        return
    for row in fetch(connection, _POWERS):
        powers = ["is a superuser"] if row["superuser"] else [f"has {r}" for r in row["roles"]]
        powers += ["bypasses row security"] if row["bypasses"] and not row["superuser"] else []
        if powers:
            raise NotPermittedError(
                f"database: {row['name']} {' and '.join(powers)}, so no statement is run as them",
                hint="Ask with a user that may only read (GRANT pg_read_all_data), or without "
                f"`analyze`; {PERMITTED_BY}",
            )


def limit_temporary_files(connection: Any) -> None:
    """Bound the temporary files of this transaction, where the user may (superusers)."""
    fetch(
        connection,
        "SELECT pg_catalog.set_config('temp_file_limit', %s, true) "
        "WHERE pg_catalog.current_setting('is_superuser') = 'on'",
        (_TEMPORARY,),
    )


def _reader(connection: Any) -> str:
    return f"slowcoach_reader_{connection.info.backend_pid:d}"


def make_reader(connection: Any) -> None:
    """Make a role that may read all tables and do nothing else, for `powerless`.

    Only for a superuser, in a transaction that is rolled back: the role is never there for
    anybody else. Before PostgreSQL 14 there is no such thing, and nothing is made.
    """
    superuser = fetch(connection, "SELECT pg_catalog.current_setting('is_superuser') AS value")
    if superuser[0]["value"] == "on" and connection.info.server_version >= _READ_ALL_VERSION:
        name = _reader(connection)
        connection.execute(f"CREATE ROLE {name} NOLOGIN BYPASSRLS".encode())
        connection.execute(f"GRANT pg_read_all_data TO {name}".encode())


@contextmanager
def powerless(connection: Any) -> Iterator[None]:
    """Run the block as the role that may only read, where `make_reader` made one."""
    import psycopg

    name = _reader(connection)
    if not fetch(connection, "SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", (name,)):
        yield
        return
    connection.execute(f"SET LOCAL ROLE {name}".encode())
    try:
        yield
    finally:
        with suppress(psycopg.Error):  # a transaction that failed is rolled back as a whole
            connection.execute("RESET ROLE")
