"""MariaDB and MySQL: a read-only transaction that is rolled back, with limits on its time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from slowcoach.core.errors import (
    InputError,
    MissingDependencyError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
)
from slowcoach.core.job import Cancellation, Job
from slowcoach.core.redaction import redacted
from slowcoach.queries.engines._aliases import with_tables
from slowcoach.queries.engines._functions import require_known
from slowcoach.queries.engines._mariadb_views import require_plain
from slowcoach.queries.engines._model import STATEMENT_S, Engine
from slowcoach.queries.engines._statement import Query, only_query
from slowcoach.queries.model import Plan
from slowcoach.queries.reading import read_plan
from slowcoach.queries.roles import PERMITTED_BY, superuser_may_run
from slowcoach.queries.statistics import TableFacts
from slowcoach.queries.subject import Recommendation
from slowcoach.queries.verification import Verification

_CONNECT_S = 5
_LOCK_S = 2
_GRACE_S = 15.0  # after which an answer that did not come is given up
_PORT = 3306
_SHOWN = 80
_SCHEMES = frozenset({"mysql", "mariadb"})
_OPTIONS = frozenset({"unix_socket", "charset", "ssl_ca"})
_POWERFUL = frozenset({"SUPER", "FILE", "ALL PRIVILEGES"})
_HINT = "Give mysql://user:password@host:3306/database (%-escape special signs)"
_ERRORS = (
    ({1044, 1045, 1698, 1130, 4151}, NotPermittedError, "Check user, password and host"),
    ({1049}, UnreachableError, "Check the database's name at the end of the URL"),
    ({2003, 2002, 2005, 2006, 2013}, UnreachableError, "Is the server running there?"),
    ({1969, 3024, 1317, 1028, 1159}, ToolFailedError, "Ask without `analyze`, which only plans"),
    ({1205, 1213}, ToolFailedError, "Somebody locks the table: try again later"),
    ({1792, 1290}, NotPermittedError, "Only reading is allowed"),
    ({1142, 1143, 1227, 1370, 1345}, NotPermittedError, "Ask with another user"),
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is and who asks; the password never shows."""

    host: str
    port: int
    user: str
    database: str
    password: str = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def place(self) -> str:
        """Return where it is, for people."""
        return f"{self.options.get('unix_socket') or f'{self.host}:{self.port}'}/{self.database}"


def address_of(url: str) -> Address:
    """Return what a URL says; raises InputError without showing its password."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORT
        options = dict(parse_qsl(parts.query))
    except ValueError:
        raise InputError("database_url: it cannot be read", hint=_HINT) from None
    unknown = sorted(set(options) - _OPTIONS)
    database = unquote(parts.path).removeprefix("/")
    if not database or unknown:
        shown = redacted("", url)[:_SHOWN]
        what = f"option {unknown[0]}" if unknown else f"no database in {shown!r}"
        raise InputError(f"database_url: {what}", hint=_HINT)
    return Address(
        host=parts.hostname or "localhost",
        port=port,
        user=unquote(parts.username or ""),
        database=database,
        password=unquote(parts.password or ""),
        options=options,
    )


def opened(address: Address, seconds: float) -> Any:
    """Return a connection of the driver; raises UnreachableError, NotPermittedError, ..."""
    try:
        import pymysql
    except ImportError:
        raise MissingDependencyError(
            "the MySQL and MariaDB driver PyMySQL is not installed",
            hint="pip install 'slowcoach[mysql]'",
        ) from None
    with worded(address):
        return pymysql.connect(
            host=address.host,
            port=address.port,
            user=address.user or None,
            password=address.password,
            database=address.database,
            unix_socket=address.options.get("unix_socket"),
            ssl={"ca": address.options["ssl_ca"]} if "ssl_ca" in address.options else None,
            charset="utf8mb4",
            connect_timeout=_CONNECT_S,
            read_timeout=seconds + _GRACE_S,
            write_timeout=_GRACE_S,
            local_infile=False,
            autocommit=True,
        )


@contextmanager
def worded(address: Address, cancellation: Cancellation | None = None) -> Iterator[None]:
    """Turn the driver's errors into ours, without the password."""
    import pymysql

    try:
        yield
    except (pymysql.Error, OSError, RuntimeError) as error:
        if cancellation is not None:
            cancellation.check()
        raise _error(address, error) from None


def _error(address: Address, error: Exception) -> SlowcoachError:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    said = " ".join(str(error.args[-1] if error.args else error).split())[:300].rstrip(".")
    if address.password:
        said = said.replace(address.password, "***")
    for codes, kind, hint in _ERRORS:
        if code in codes:
            return kind(f"database {address.place}: {said}", hint=hint)
    if isinstance(error, OSError):
        return UnreachableError(f"database {address.place}: {said}", hint=_HINT)
    return InputError(f"database: {said}", hint="Check the statement and its names")


@contextmanager
def connected(
    address: Address, cancellation: Cancellation, seconds: float
) -> Iterator["MariadbSession"]:
    """Yield a session that only reads; a running statement is killed when it is called off.

    A statement may take `seconds`.
    """
    connection = opened(address, seconds)
    try:
        session = MariadbSession(connection, address, cancellation)
        with worded(address, cancellation):
            session.set_up(seconds)
        with cancellation.on_ask(session.kill):
            yield session
    finally:
        connection.close()


@contextmanager
def _connect(database_url: str, cancellation: Cancellation) -> Iterator["MariadbSession"]:
    with connected(address_of(database_url), cancellation, STATEMENT_S) as session:
        yield session


class MariadbSession:
    """A connection to MariaDB or MySQL that only reads."""

    def __init__(self, connection: Any, address: Address, cancellation: Cancellation) -> None:
        self.connection, self.address, self.cancellation = connection, address, cancellation
        version = str(connection.get_server_info())
        self.engine = "mariadb" if "mariadb" in version.lower() else "mysql"
        self.dialect = f"{self.engine}_json"

    def set_up(self, seconds: float) -> None:
        """Set the session's limits; SQL is read by the rules that the statement is judged by."""
        settings = ["sql_mode = ''", f"lock_wait_timeout = {_LOCK_S}"]
        settings.append(f"innodb_lock_wait_timeout = {_LOCK_S}")
        if self.engine == "mariadb":
            settings.append(f"max_statement_time = {seconds:g}")
        else:
            settings.append(f"max_execution_time = {seconds * 1000:.0f}")
        for item in settings:
            self.execute(f"SET SESSION {item}")
        self.execute("SET SESSION TRANSACTION READ ONLY")

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement of ours and return its rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, tuple(values) or None)
            return list(cursor.fetchall())

    def kill(self) -> None:
        """Stop the running statement, from a second connection."""
        with suppress(SlowcoachError), worded(self.address):
            other = opened(self.address, _CONNECT_S)
            try:
                with other.cursor() as cursor:
                    cursor.execute(f"KILL QUERY {self.connection.thread_id():d}")
            finally:
                other.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One READ ONLY transaction that always ends in ROLLBACK; errors come out worded."""
        with worded(self.address, self.cancellation):
            self.execute("START TRANSACTION READ ONLY")
            try:
                yield
            finally:
                if self.connection.open:
                    self.connection.rollback()

    def explain(self, sql: str, analyze: bool = False) -> Plan:
        """Return the plan; with `analyze` the SELECT is run, in a READ ONLY transaction."""
        query = checked(sql)
        with self.reading():
            if analyze:
                self._require_modest()
            require_plain(self, query)
            return self.planned(query, analyze)

    def planned(self, query: Query, analyze: bool = False) -> Plan:
        """Return the plan of a query that was checked, in the transaction that is open."""
        command = "EXPLAIN FORMAT=JSON"
        if analyze:
            command = "ANALYZE FORMAT=JSON" if self.engine == "mariadb" else "EXPLAIN ANALYZE"
        rows = self.execute(f"{command} {query.text}")
        plan, self.dialect = read_plan("\n".join(str(row[0]) for row in rows), self.engine)
        return with_tables(plan, query.text, "mysql")

    def facts(self, tables: set[str]) -> Mapping[str, TableFacts]:
        """Return the counted rows, sizes and indexes of these tables."""
        from slowcoach.queries.engines._mariadb_catalog import facts

        with self.reading():
            return facts(self, tables)

    def advice(self, sql: str, plan: Plan) -> tuple[Recommendation, ...]:
        """Return the index that would answer most of the statement, for each scanned table."""
        from slowcoach.queries.engines._mariadb_catalog import advice

        with self.reading():
            return advice(self, checked(sql), plan)

    def verify(
        self, sql: str, advised: tuple[Recommendation, ...], copy_url: str | None, job: Job
    ) -> Verification:
        """Time the statement before and after each index on the copy; the index is dropped."""
        from slowcoach.queries.engines._mariadb_copy import verify

        return verify(self, checked(sql), advised, copy_url, job)

    def warnings(self) -> list[str]:
        """Say when the user may do far more than read."""
        with self.reading():
            if self._is_powerful():
                return [
                    "the query was asked by a user with all rights; one that may only read is safer"
                ]
        return []

    def _is_powerful(self) -> bool:
        grants = " ".join(str(row[0]) for row in self.execute("SHOW GRANTS"))
        return any(f"{word} ON *.*" in grants or f"{word}," in grants for word in _POWERFUL)

    def _require_modest(self) -> None:
        if self._is_powerful() and not superuser_may_run():
            raise NotPermittedError(
                "database: the user has all rights, or FILE or SUPER, so no statement is run",
                hint=f"Ask with a user that may only read, or without `analyze`; {PERMITTED_BY}",
            )


def checked(sql: str) -> Query:
    """Return the query if it only reads and calls only harmless functions."""
    query = only_query(sql, "mysql")
    if query.parameters:
        raise InputError(
            f"sql: it has {query.parameters} parameters", hint="Write values in their place"
        )
    require_known(query.called)
    return query


ENGINE = Engine(name="mariadb", schemes=_SCHEMES, connect=_connect)
