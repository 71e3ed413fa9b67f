"""A connection to a live PostgreSQL that only reads, and gives up in time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from slowcoach.core.errors import (
    InputError,
    MissingDependencyError,
    NotPermittedError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation
from slowcoach.core.redaction import HIDDEN, redacted
from slowcoach.queries.deadline import bounded

if TYPE_CHECKING:
    import psycopg

APPLICATION = "slowcoach"
_SYSTEM = "pg_catalog"
_SET = "pg_catalog.set_config(%s, %s, false)"
_CONNECT_S = 5
_LONGEST_CONNECT_S = 30
_TRANSACTION_S = 90.0  # of one transaction that reads: its statements have deadlines of their own
_TOTAL_S = 1800.0
_SET_UP_S = 20.0
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
    total_s: float = _TOTAL_S,
    cancellation: Cancellation | None = None,
) -> Iterator["psycopg.Connection[Any]"]:
    """Yield a connection that reads only and gives up in time; closed when the block ends.

    `database_url` is postgresql://..., also as SQLAlchemy writes it (postgresql+psycopg://).
    A running statement is cancelled, from a second connection, when `cancellation` is asked or
    `total_s` is over; where the server does not react to that either, the line is cut. Raises
    InputError, UnreachableError or NotPermittedError without any password, ToolFailedError past
    the time, MissingDependencyError without psycopg.
    """
    psycopg = _driver()
    given = conninfo(database_url)
    try:
        # no named prepared statements: a pooler between may not keep them
        connection = psycopg.connect(**given, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise _could_not_connect(str(error), given) from None
    try:
        with bounded(connection, _SET_UP_S):
            _set_up(connection, statement_timeout_s, lock_timeout_s)
        with (
            bounded(connection, total_s) as give_up,
            (cancellation or Cancellation()).on_ask(give_up),
        ):
            yield connection
    except (ToolFailedError, InputError, psycopg.Error) as error:
        if cancellation is not None:
            cancellation.check()  # called off by the user, not by the time allowed
        if isinstance(error, psycopg.Error):
            raise UnreachableError(
                f"database: {without_passwords(_said(error), given)}", hint="Is it still running?"
            ) from None
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
    shown = f"{base[:20]}://..." if separator else "no scheme"
    if not separator or base not in {"postgresql", "postgres"}:
        raise UnsupportedError(
            f"database_url: expected postgresql://..., got {shown!r}",
            hint="Only PostgreSQL is asked directly; for another database paste its plan",
        )
    authority, _, path = rest.partition("/")
    if authority.count("@") > 1 or "@" in path.partition("?")[0]:
        # libpq would take a part of the password for the host, and say so in its messages
        raise InputError(
            "database_url: a sign of the user, the password or the name is not escaped",
            hint="Write @ as %40, / as %2F and : as %3A in them",
        )
    try:
        given: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(f"postgresql://{rest}")
    except psycopg.ProgrammingError:
        raise InputError(
            f"database_url: {shown!r} cannot be read",
            hint="Give postgresql://user:password@host:5432/database (%-escape special signs)",
        ) from None
    fixed = {
        "connect_timeout": _connect_timeout(given.get("connect_timeout")),
        "client_encoding": "utf8",
        "application_name": APPLICATION,
    }
    return {**given, **fixed}


def _connect_timeout(asked: Any) -> int:
    """Return the seconds to wait for a server: what is asked, within bounds."""
    try:
        return min(max(int(asked), 1), _LONGEST_CONNECT_S)
    except (TypeError, ValueError):
        return _CONNECT_S


def _could_not_connect(said: str, given: Mapping[str, Any]) -> Exception:
    place = f"{given.get('host', 'localhost')}:{given.get('port', 5432)}/{given.get('dbname', '')}"
    line = without_passwords(" ".join(said.split()).rstrip(".?"), given)
    for words, kind, hint in _COULD_NOT_CONNECT:
        if words in line.lower():
            return kind(f"database {place}: {line[-200:]}", hint=hint)
    return UnreachableError(f"database {place}: {line[-200:]}", hint="Check the database's URL")


def without_passwords(text: str, given: Mapping[str, Any]) -> str:
    """Return a text, a server's or a program's, without the passwords of a connection."""
    for name in ("password", "sslpassword"):
        secret = str(given.get(name) or "")
        for form in {secret, quote(secret, safe="")} - {""}:
            text = text.replace(form, HIDDEN)
    return str(redacted("", text))


def _set_up(connection: Any, statement_timeout_s: float, lock_timeout_s: float) -> None:
    settings = (
        ("default_transaction_read_only", "on"),
        ("standard_conforming_strings", "on"),  # the statement is judged by these rules
        ("statement_timeout", f"{round(statement_timeout_s * 1000)}ms"),
        ("lock_timeout", f"{round(lock_timeout_s * 1000)}ms"),
        ("idle_in_transaction_session_timeout", "60s"),
    )
    calls = ", ".join([_SET] * len(settings))
    connection.execute(f"SELECT {calls}", [word for pair in settings for word in pair])
    _pin_search_path(connection)


def _pin_search_path(connection: Any) -> None:
    """Have PostgreSQL's own names found first, where the user's path puts others before them."""
    row = connection.execute("SELECT pg_catalog.current_schemas(true)").fetchone()
    schemas = [name for name in row[0] if not name.startswith("pg_temp")]
    if schemas[:1] != [_SYSTEM]:
        path = [_SYSTEM, *(name for name in schemas if name != _SYSTEM), "pg_temp"]
        quoted = ", ".join('"{}"'.format(name.replace('"', '""')) for name in path)
        connection.execute(f"SELECT {_SET}", ("search_path", quoted))


@contextmanager
def reading(connection: Any) -> Iterator[None]:
    """One READ ONLY transaction that always ends in ROLLBACK; errors come out worded."""
    with bounded(connection, _TRANSACTION_S), _rolled_back(connection):
        yield


@contextmanager
def _rolled_back(connection: Any) -> Iterator[None]:
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
