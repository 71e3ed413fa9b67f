"""What the database saw: statements, sessions and their waits, table scans, plans of the costly.

Cost: one session; five looks a second at pg_stat_activity (under 1 ms each), statement counters
before and after, EXPLAIN without running of at most three statements. Needs a role with
pg_monitor for the statistics, and SELECT on the tables for plans.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.plans import index_of, note_of
from slowcoach.diagnosis.models import Blocking, Database, PlanNote, Statement, TableScans

if TYPE_CHECKING:
    from slowcoach.queries.live import Session, StatementStatistics
    from slowcoach.queries.model import PlanNode

_INTERVAL_S = 0.2
_LOCK = "Lock"
_STATEMENTS_KEPT = 8
_QUERY_KEPT = 400
_EXPLAINED = 3
_WORTH_EXPLAINING = 0.1
_DEFAULT_PORT = 5432
_TABLES = """
SELECT relname AS name, coalesce(seq_scan, 0) AS scans, coalesce(seq_tup_read, 0) AS read,
       coalesce(idx_scan, 0) AS index_scans, coalesce(n_live_tup, 0) AS rows
FROM pg_catalog.pg_stat_user_tables
"""


def port_of(database_url: str) -> int:
    """Return the database's TCP port as the URL gives it."""
    with suppress(ValueError):
        return urlsplit(database_url).port or _DEFAULT_PORT
    return _DEFAULT_PORT


@dataclass(slots=True)
class _Seen:
    looks: int = 0
    active: int = 0
    lock_waiting: int = 0
    idle_in_transaction: int = 0
    sessions: int = 0
    most: int = 0
    waits: Counter[str] = field(default_factory=Counter[str])
    running: Counter[str] = field(default_factory=Counter[str])
    blocking: Counter[tuple[str, str, str, str]] = field(
        default_factory=Counter[tuple[str, str, str, str]]
    )

    def add(self, sessions: tuple["Session", ...]) -> None:
        """Count one look."""
        self.looks += 1
        by_pid = {s.pid: s for s in sessions}
        self.sessions += len(sessions)
        self.most = max(self.most, len(sessions))
        for s in sessions:
            if s.state.startswith("idle in transaction"):
                self.idle_in_transaction += 1
            if s.state != "active":
                continue
            self.active += 1
            query = " ".join(s.query.split())[:_QUERY_KEPT]
            self.running[query] += 1
            self.waits[f"{s.wait_event_type}:{s.wait_event}" if s.wait_event_type else "CPU"] += 1
            if s.wait_event_type == _LOCK:
                self.lock_waiting += 1
                self._note(s, query, by_pid)

    def _note(self, s: "Session", query: str, by_pid: Mapping[int, "Session"]) -> None:
        # who holds the lock may itself wait: the one that does not is the culprit
        blocker, known = None, {s.pid}
        queue = list(s.blocked_by)
        while queue:
            pid = queue.pop(0)
            if pid in known or pid not in by_pid:
                continue
            known.add(pid)
            blocker = by_pid[pid]
            queue += list(blocker.blocked_by)
        held = " ".join(blocker.query.split())[:_QUERY_KEPT] if blocker else ""
        self.blocking[query, held, blocker.state if blocker else "", s.wait_event or ""] += 1


class DatabaseWatch:
    """Looks at the sessions in a thread, and at counters before and after."""

    def __init__(self, connection: Any, port: int, cancellation: Cancellation) -> None:
        self.connection = connection
        self._port = port
        self._cancellation = cancellation
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slowcoach-database", daemon=True)
        self._seen = _Seen()
        self._before: Mapping[str, StatementStatistics] | None = None
        self._tables: dict[str, dict[str, Any]] = {}
        self.why_no_statements = ""

    def start(self) -> None:
        """Note the counters and begin to look."""
        from slowcoach.queries.live import snapshot

        try:
            self._before = snapshot(self.connection)
        except SlowcoachError as error:
            self.why_no_statements = error.message
        self._tables = self._scans()
        self._thread.start()

    def finish(self) -> Database:
        """Stop looking and return what was seen; plans are not read yet."""
        self._stop.set()
        self._thread.join(5)
        time.sleep(1.1)  # backends report their counters at most once a second
        statements = self._statements()
        seen, looks = self._seen, max(1, self._seen.looks)
        return Database(
            version=str(self.connection.info.server_version),
            port=self._port,
            samples=seen.looks,
            active=seen.active / looks,
            lock_waiting=seen.lock_waiting / looks,
            idle_in_transaction=seen.idle_in_transaction / looks,
            sessions=seen.sessions / looks,
            max_sessions=seen.most,
            statements=statements,
            statements_seen=self._before is not None,
            activity={w: round(n / looks, 3) for w, n in seen.waits.most_common(6)},
            scans=self._scan_deltas(),
            blocking=tuple(
                Blocking(query=q, blocker_query=b, blocker_state=state, lock=lock, samples=count)
                for (q, b, state, lock), count in seen.blocking.most_common(4)
            ),
        )

    def _run(self) -> None:
        from slowcoach.queries.live import activity

        while not self._stop.is_set() and not self._cancellation.asked:
            with suppress(SlowcoachError):
                self._seen.add(activity(self.connection))
            self._stop.wait(_INTERVAL_S)

    def _statements(self) -> tuple[Statement, ...]:
        from slowcoach.queries.live import top_statements

        if self._before is None:
            return tuple(
                Statement(query=query, calls=0, total_ms=count * _INTERVAL_S * 1000, rows=0)
                for query, count in self._seen.running.most_common(_STATEMENTS_KEPT)
            )
        with suppress(SlowcoachError):
            top = top_statements(self.connection, self._before, limit=40)
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
        return ()

    def _scans(self) -> dict[str, dict[str, Any]]:
        from slowcoach.queries.live import rows

        with suppress(SlowcoachError):
            return {str(row["name"]): row for row in rows(self.connection, _TABLES)}
        return {}

    def _scan_deltas(self) -> tuple[TableScans, ...]:
        found: list[TableScans] = []
        for name, now in self._scans().items():
            then = self._tables.get(name, {"scans": 0, "read": 0, "index_scans": 0})
            read = int(now["read"]) - int(then["read"])
            if read > 0:
                found.append(
                    TableScans(
                        table=name,
                        rows=int(now["rows"]),
                        scans=int(now["scans"]) - int(then["scans"]),
                        rows_read=read,
                        index_scans=int(now["index_scans"]) - int(then["index_scans"]),
                    )
                )
        return tuple(sorted(found, key=lambda s: -s.rows_read)[:6])


def _kept(top: "tuple[StatementStatistics, ...]") -> "list[StatementStatistics]":
    """Return the statements that took most time, and those that were called most."""
    by_calls = sorted(top, key=lambda s: -s.calls)[: _STATEMENTS_KEPT // 2]
    by_time = top[:_STATEMENTS_KEPT]
    keys = dict.fromkeys([s.key for s in (*by_time, *by_calls)])
    return [s for s in top if s.key in keys]


@contextmanager
def watching(database_url: str, cancellation: Cancellation) -> Iterator[DatabaseWatch]:
    """Yield a watch over the database; raises the errors of `queries.live.connect`."""
    from slowcoach.queries.live import connect

    with connect(database_url, statement_timeout_s=5.0, cancellation=cancellation) as connection:
        yield DatabaseWatch(connection, port_of(database_url), cancellation)


def with_plans(database: Database, connection: Any) -> tuple[Database, dict[str, Any] | None]:
    """Return the evidence with notes on the plans of the statements that took most time, and the
    costliest statement's plan in normal form.
    """
    notes: list[PlanNote] = []
    first: dict[str, Any] | None = None
    total = sum(s.total_ms for s in database.statements)
    for statement in database.statements[:_EXPLAINED]:
        if total and statement.total_ms / total < _WORTH_EXPLAINING:
            break
        if explained := _explained(connection, statement):
            note, whole = explained
            notes.append(note)
            first = first or whole
    return database.model_copy(update={"plans": tuple(notes)}), first


def _explained(connection: Any, statement: Statement) -> tuple[PlanNote, dict[str, Any]] | None:
    from slowcoach.queries.live import explain, table_facts

    with suppress(SlowcoachError):
        plan = explain(connection, statement.query)
        tables = {node.relation for node in plan.root.walk() if node.relation}
        each = statement.rows / statement.calls if statement.calls else 0.0
        blocks = statement.blocks / statement.calls if statement.calls else 0.0
        facts = table_facts(connection, sorted(tables))
        note = note_of(statement.query, plan, facts, each, blocks)
        if note.table:
            note = note.model_copy(update={"index": index_of(plan, note.table)})
        return note, {"query": statement.query, "plan": _tree(plan.root), **dict(plan.fields)}
    return None


def _tree(node: "PlanNode") -> dict[str, Any]:
    return {**dict(node.fields), "plans": [_tree(child) for child in node.plans]}
