"""What the database saw: statements, sessions and their waits, table scans, plans of the costly.

Cost: one session; five looks a second at pg_stat_activity (under 1 ms each), statement counters
before and after, EXPLAIN without running of at most three statements. Needs a role with
pg_monitor for the statistics, and SELECT on the tables for plans.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.explainable import explainable
from slowcoach.diagnosis.evidence.plans import index_of, index_on, looked_up, note_of
from slowcoach.diagnosis.evidence.references import reference_note, references
from slowcoach.diagnosis.evidence.sessions import Sessions
from slowcoach.diagnosis.evidence.sockets import open_connections, socket_inodes
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Database, PlanNote, Statement, TableScans

if TYPE_CHECKING:
    from slowcoach.queries.live import StatementStatistics
    from slowcoach.queries.model import PlanNode

_INTERVAL_S = 0.2
_LOOK_S = 5.0
_SAID = 200
_STATEMENTS_KEPT = 8
_TABLES_KEPT = 8
_COUNTS = ("scans", "read", "index_scans", "fetched")
_EXPLAINED = 3
_DEFAULT_PORT = 5432
_HIDDEN = "the role may not look into the sessions of others: GRANT pg_monitor TO it"
_TABLES = """
SELECT relname AS name, coalesce(seq_scan, 0) AS scans, coalesce(seq_tup_read, 0) AS read,
       coalesce(idx_scan, 0) AS index_scans, coalesce(idx_tup_fetch, 0) AS fetched,
       coalesce(n_live_tup, 0) AS rows
FROM pg_catalog.pg_stat_user_tables
"""


def port_of(database_url: str) -> int:
    """Return the database's TCP port as the URL gives it."""
    with suppress(ValueError):
        return urlsplit(database_url).port or _DEFAULT_PORT
    return _DEFAULT_PORT


def _failures() -> tuple[type[Exception], ...]:
    """Return what a question may fail with: it is refused, or the server is gone."""
    import psycopg

    return SlowcoachError, psycopg.Error


class DatabaseWatch:
    """Looks at the sessions in a thread, and at counters before and after."""

    def __init__(
        self, connection: Any, port: int, cancellation: Cancellation, pids: tuple[int, ...] = ()
    ) -> None:
        self.connection = connection
        self._port = port
        self._cancellation = cancellation
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slowcoach-database", daemon=True)
        self._seen = Sessions(lambda: _own_ports(pids, port))
        self._before: Mapping[str, StatementStatistics] | None = None
        self._tables: dict[str, dict[str, Any]] = {}
        self.why_no_statements = ""
        self.why_lost = ""
        self._version = str(connection.info.server_version)

    def start(self) -> None:
        """Note the counters and begin to look."""
        from slowcoach.queries.live import snapshot

        try:
            self._before = snapshot(self.connection)
        except _failures() as error:
            self.why_no_statements = " ".join(str(error).split())[:_SAID]
        self._tables = self._scans()
        self._thread.start()

    def finish(self) -> Database:
        """Stop looking and return what was seen; plans are not read yet."""
        self._stop.set()
        self._thread.join(_LOOK_S + 1)
        time.sleep(1.1)  # backends report their counters at most once a second
        seen, looks = self._seen, max(1, self._seen.looks)
        if seen.is_hidden:
            self.why_no_statements = _HIDDEN
        statements = self._statements()
        return Database(
            version=self._version,
            port=self._port,
            samples=seen.looks,
            active=seen.active / looks,
            lock_waiting=seen.lock_waiting / looks,
            idle_in_transaction=seen.idle_in_transaction / looks,
            sessions=seen.sessions / looks,
            max_sessions=seen.most,
            most_allowed=self._most_allowed(),
            hidden=seen.hidden / looks,
            statements=statements,
            statements_seen=self._before is not None,
            activity=seen.activity(),
            scans=self._scan_deltas(),
            blocking=seen.blocking(),
        )

    def _most_allowed(self) -> int:
        from slowcoach.queries.live import setting

        with suppress(*_failures(), ValueError):
            return int(setting(self.connection, "max_connections") or 0)
        return 0

    def _run(self) -> None:
        from slowcoach.queries.deadline import bounded
        from slowcoach.queries.live import activity

        while not self._stop.is_set() and not self._cancellation.asked:
            try:
                with bounded(self.connection, _LOOK_S):
                    self._seen.add(activity(self.connection))
                self.why_lost = ""
            except _failures() as error:  # the next look may succeed
                said = " ".join(str(error).split())[:_SAID]
                self.why_lost = f"the database stopped answering: {said}"
            self._stop.wait(_INTERVAL_S)

    def _statements(self) -> tuple[Statement, ...]:
        from slowcoach.queries.live import top_statements

        top: tuple[StatementStatistics, ...] = ()
        if self._before is not None:
            with suppress(*_failures()):
                top = top_statements(self.connection, self._before, limit=40)
        if self._seen.is_hidden:
            self._before = None  # what the role sees are statements of its own
        if self._before is None:
            return self._seen.statements(_INTERVAL_S, _STATEMENTS_KEPT)
        return tuple(
            Statement(
                query=" ".join(s.query.split()),
                calls=s.calls,
                total_ms=round(s.total_ms, 3),
                rows=s.rows,
                blocks=s.shared_hit + s.shared_read,
                temp_blocks=s.temp_written,
            )
            for s in _kept(top)
        )

    def _scans(self) -> dict[str, dict[str, Any]]:
        from slowcoach.queries.live import rows

        with suppress(*_failures()):
            return {str(row["name"]): row for row in rows(self.connection, _TABLES)}
        return {}

    def _scan_deltas(self) -> tuple[TableScans, ...]:
        found: list[TableScans] = []
        for name, now in self._scans().items():
            then = self._tables.get(name, {})
            counts = {key: int(now[key]) - int(then.get(key, 0)) for key in _COUNTS}
            if counts["read"] > 0 or counts["fetched"] > 0:
                found.append(
                    TableScans(
                        table=name,
                        rows=int(now["rows"]),
                        scans=counts["scans"],
                        rows_read=counts["read"],
                        index_scans=counts["index_scans"],
                        rows_fetched=counts["fetched"],
                    )
                )
        return tuple(sorted(found, key=lambda s: -max(s.rows_read, s.rows_fetched))[:_TABLES_KEPT])


def _kept(top: "tuple[StatementStatistics, ...]") -> "list[StatementStatistics]":
    """Return the statements that took most time, and those that were called most."""
    by_calls = sorted(top, key=lambda s: -s.calls)[: _STATEMENTS_KEPT // 2]
    by_time = top[:_STATEMENTS_KEPT]
    keys = dict.fromkeys([s.key for s in (*by_time, *by_calls)])
    return [s for s in top if s.key in keys]


def _own_ports(pids: tuple[int, ...], port: int) -> frozenset[int]:
    """Return the local ports of the connections that processes have to the database."""
    if not pids:
        return frozenset()
    inodes = {inode for pid in pids for inode in socket_inodes(pid).values()}
    known = open_connections(pids[0])
    mine = (known[inode] for inode in inodes if inode in known)
    return frozenset(c.local_port for c in mine if c.remote_port == port)


@contextmanager
def watching(
    database_url: str, cancellation: Cancellation, pids: tuple[int, ...] = ()
) -> Iterator[DatabaseWatch]:
    """Yield a watch over the database, which tells the sessions of `pids` from those of others.

    Raises the errors of `queries.live.connect`.
    """
    from slowcoach.queries.live import connect

    with connect(database_url, statement_timeout_s=5.0, cancellation=cancellation) as connection:
        yield DatabaseWatch(connection, port_of(database_url), cancellation, pids)


def with_plans(database: Database, connection: Any) -> tuple[Database, dict[str, Any] | None]:
    """Return the evidence with notes on the plans of the statements that took most time, and the
    costliest statement's plan in normal form.
    """
    notes: list[PlanNote] = []
    first: dict[str, Any] | None = None
    total = sum(s.total_ms for s in database.statements)
    known, least = references(connection), looking("worth_explaining")
    for statement in database.statements[:_EXPLAINED]:
        if total and statement.total_ms / total < least:
            break
        if explained := _explained(connection, statement, database.scans):
            note, whole = explained
            notes.append(reference_note(statement, database, known) or note)
            first = first or whole
    return database.model_copy(update={"plans": tuple(notes)}), first


def _explained(
    connection: Any, statement: Statement, scans: Sequence[TableScans]
) -> tuple[PlanNote, dict[str, Any]] | None:
    from slowcoach.queries.live import explain, table_facts

    with suppress(*_failures()):
        plan = explain(connection, explainable(statement.query))
        tables = {node.relation for node in plan.root.walk() if node.relation}
        each = statement.rows / statement.calls if statement.calls else 0.0
        blocks = statement.blocks / statement.calls if statement.calls else 0.0
        facts = table_facts(connection, sorted(tables))
        note = note_of(statement.query, plan, facts, each, blocks, looked_up(scans, statement))
        if note.table:
            lacking = index_of(plan, note.table) or index_on(note)
            note = note.model_copy(update={"index": lacking})
        return note, {"query": statement.query, "plan": _tree(plan.root), **dict(plan.fields)}
    return None


def _tree(node: "PlanNode") -> dict[str, Any]:
    return {**dict(node.fields), "plans": [_tree(child) for child in node.plans]}
