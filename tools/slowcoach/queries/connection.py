"""A connection to a live PostgreSQL that only reads, and gives up in time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from slowcoach.core.errors import (
    InputError,
    MissingDependencyError,
    NotPermittedError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation
from slowcoach.core.redaction import redacted

if TYPE_CHECKING:
    import psycopg

APPLICATION = "slowcoach"
_CONNECT_S = 5
_COULD_NOT_CONNECT = (
    ("password authentication failed", NotPermittedError, "Check the user and its password"),
    ("no password supplied", NotPermittedError, "Add the password to the URL, or set PGPASSWORD"),
    ("role", NotPermittedError, "Check the user's name in the URL"),
    ("pg_hba.conf", NotPermittedError, "The server does not let this host or user in"),
    ("database", UnreachableError, "Check the database's name at the end of the URL"),
    ("refused", UnreachableError, "Is PostgreSQL running there? Check host and port"),
    ("timeout", UnreachableError, "Check host, port and firewall"),
    ("resolve", UnreachableError, "Check the host's name"),
    ("name or service", UnreachableError, "Check the host's name"),
    ("no such file", UnreachableError, "Is PostgreSQL running? Check the socket's folder"),
)


@contextmanager
def connect(
    database_url: str,
    *,
    statement_timeout_s: float = 30.0,
    lock_timeout_s: float = 2.0,
    cancellation: Cancellation | None = None,
) -> Iterator["psycopg.Connection[Any]"]:
    """Yield a connection that reads only and gives up in time; closed when the block ends.

    `database_url` is postgresql://..., also as SQLAlchemy writes it (postgresql+psycopg://).
    A running statement is cancelled when `cancellation` is asked. Raises InputError,
    UnreachableError or NotPermittedError without any password, MissingDependencyError
    without psycopg.
    """
    psycopg = _driver()
    given = conninfo(database_url)
    try:
        # no named prepared statements: a pooler between may not keep them
        connection = psycopg.connect(**given, autocommit=True, prepare_threshold=None)
    except psycopg.OperationalError as error:
        raise _could_not_connect(str(error), given) from None
    try:
        _set_up(connection, statement_timeout_s, lock_timeout_s)
        with (cancellation or Cancellation()).on_ask(connection.cancel_safe):
            yield connection
    except ToolFailedError:
        if cancellation is not None:
            cancellation.check()  # called off by the user, not by the time allowed
        raise
    finally:
        connection.close()


def _driver() -> Any:
    try:
        import psycopg
    except ImportError:
        raise MissingDependencyError(
            "the PostgreSQL driver psycopg is not installed",
            hint="pip install 'slowcoach[postgres]'",
        ) from None
    return psycopg


def conninfo(database_url: str) -> dict[str, Any]:
    """Return what libpq is to be told for a URL; raises InputError or UnsupportedError."""
    psycopg = _driver()
    scheme, separator, rest = database_url.strip().partition("://")
    base = scheme.split("+")[0].lower()
    if not separator or base not in {"postgresql", "postgres"}:
        raise UnsupportedError(
            f"database_url: expected postgresql://..., got {redacted('', database_url)[:80]!r}",
            hint="Only PostgreSQL is asked directly; for another database paste its plan",
        )
    try:
        given: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(f"postgresql://{rest}")
    except psycopg.ProgrammingError:
        raise InputError(
            f"database_url: {redacted('', database_url)[:80]!r} cannot be read",
            hint="Give postgresql://user:password@host:5432/database (%-escape special signs)",
        ) from None
    return {"connect_timeout": _CONNECT_S, **given, "application_name": APPLICATION}


def _could_not_connect(said: str, given: Mapping[str, Any]) -> Exception:
    place = f"{given.get('host', 'localhost')}:{given.get('port', 5432)}/{given.get('dbname', '')}"
    line = " ".join(said.split()).rstrip(".?")
    if password := str(given.get("password") or ""):
        line = line.replace(password, "***")
    for words, kind, hint in _COULD_NOT_CONNECT:
        if words in line.lower():
            return kind(f"database {place}: {line[-200:]}", hint=hint)
    return UnreachableError(f"database {place}: {line[-200:]}", hint="Check the database's URL")


def _set_up(connection: Any, statement_timeout_s: float, lock_timeout_s: float) -> None:
    for name, value in (
        ("default_transaction_read_only", "on"),
        ("standard_conforming_strings", "on"),  # the statement is judged by these rules
        ("statement_timeout", f"{round(statement_timeout_s * 1000)}ms"),
        ("lock_timeout", f"{round(lock_timeout_s * 1000)}ms"),
        ("idle_in_transaction_session_timeout", "60s"),
    ):
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))


@contextmanager
def reading(connection: Any) -> Iterator[None]:
    """One READ ONLY transaction that always ends in ROLLBACK; errors come out worded."""
    psycopg = _driver()
    connection.execute("BEGIN READ ONLY")
    try:
        yield
    except psycopg.errors.QueryCanceled:
        raise ToolFailedError(
            "the database cancelled the statement: it ran longer than the time allowed",
            hint="Ask without `analyze`, which plans the statement and does not run it",
        ) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotPermittedError(f"database: {_said(error)}", hint="Ask with another user") from None
    except psycopg.Error as error:
        raise InputError(
            f"database: {_said(error)}", hint="Check the statement and its names"
        ) from None
    finally:
        if not connection.closed:
            connection.execute("ROLLBACK")


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300].rstrip(".")


def rows(connection: Any, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Return the rows of one of our own catalog queries, in a READ ONLY transaction."""
    with reading(connection):
        return fetch(connection, sql, parameters)


def fetch(connection: Any, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Return the rows of a catalog query, in the transaction that is open."""
    cursor = connection.execute(sql, parameters)
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def setting(connection: Any, name: str) -> str | None:
    """Return a setting as the server shows it (`work_mem` -> `4MB`); None if unknown."""
    found = rows(connection, "SELECT pg_catalog.current_setting(%s, true) AS value", (name,))
    value = found[0]["value"]
    return None if value is None else str(value)


def is_superuser(connection: Any) -> bool:
    """Tell whether the connection's user may do anything."""
    return setting(connection, "is_superuser") == "on"


def server_version(connection: Any) -> int:
    """Return the server's version as PostgreSQL numbers it: 150004 is 15.4."""
    return int(connection.info.server_version)


def has_extension(connection: Any, name: str) -> bool:
    """Tell whether an extension is created in this database."""
    sql = "SELECT 1 AS there FROM pg_catalog.pg_extension WHERE extname = %s"
    return bool(rows(connection, sql, (name,)))
