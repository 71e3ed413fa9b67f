"""Read the connections of a live server: how many, what they do, how they come and go."""

import os
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from statistics import fmean
from typing import Any

from slowcoach.core.errors import UnsupportedError
from slowcoach.core.job import Job
from slowcoach.queries.connection import connect, rows, server_version
from slowcoach.queries.pools import MYSQL, POSTGRESQL, Server

_SAMPLES = 6
_APART_S = 0.1
_MYSQL = frozenset({"mysql", "mariadb"})
_COUNTERS_VERSION = 140000  # pg_stat_database counts sessions and their times
_SESSIONS = """
SELECT state, extract(epoch FROM clock_timestamp() - state_change)::float8 AS state_s,
       extract(epoch FROM clock_timestamp() - xact_start)::float8 AS transaction_s,
       wait_event_type = 'Lock' AS blocked
FROM pg_catalog.pg_stat_activity
WHERE pid <> pg_catalog.pg_backend_pid() AND coalesce(application_name, '') <> 'slowcoach'
  AND (backend_type = 'client backend' OR (backend_type IS NULL AND datid IS NOT NULL))
"""
_SETTINGS = """
SELECT pg_catalog.current_setting('max_connections')::int AS max,
       pg_catalog.current_setting('superuser_reserved_connections')::int
         + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0) AS reserved,
       pg_catalog.host(pg_catalog.inet_server_addr()) AS address,
       pg_catalog.pg_backend_pid() AS pid
"""
_COUNTERS = """
SELECT sessions::float8 AS sessions, (xact_commit + xact_rollback)::float8 AS transactions,
       extract(epoch FROM clock_timestamp() - coalesce(
         stats_reset, pg_catalog.pg_postmaster_start_time()))::float8 AS seconds
FROM pg_catalog.pg_stat_database WHERE datname = pg_catalog.current_database()
"""


def read_server(database_url: str, job: Job) -> Server:
    """Return what a PostgreSQL, MySQL or MariaDB server does with its connections.

    PostgreSQL's sessions are looked at several times within half a second. Only statistics are
    read. Raises as `connect` does, and UnsupportedError for a database that is a file.
    """
    from slowcoach.queries.asking import engine_of

    engine = engine_of(database_url)
    if engine is not None and engine.schemes & _MYSQL:
        return _mysql(database_url)
    if engine is not None:
        raise UnsupportedError(
            f"database_url: {engine.name} is a file and has no pool of connections",
            hint="Give the URL of a PostgreSQL, MySQL or MariaDB server",
        )
    with connect(database_url, cancellation=job.cancellation) as connection:
        seen: list[list[dict[str, Any]]] = []
        for number in range(_SAMPLES):
            seen.append(rows(connection, _SESSIONS))
            job.progress(number, _SAMPLES, "Looking at connections")
            job.cancellation.sleep(_APART_S)
        [settings] = rows(connection, _SETTINGS)
        counted: Mapping[str, Any] = {}
        if server_version(connection) >= _COUNTERS_VERSION:
            [counted] = rows(connection, _COUNTERS)
        pooler = connection.info.backend_pid != settings["pid"]
    return postgresql(seen, settings, counted, pooler=pooler)


def postgresql(
    seen: Sequence[Sequence[Mapping[str, Any]]],
    settings: Mapping[str, Any],
    counted: Mapping[str, Any],
    *,
    pooler: bool,
) -> Server:
    """Return the server from its sessions (seen several times), settings and counters.

    `pooler`: the connection was promised another process than the one that answers.
    """
    last = seen[-1]
    held = [row for row in last if str(row["state"]).startswith("idle in transaction")]
    busy = [sum(_works(row) for row in sample) for sample in seen]
    open_ = [sum(row["state"] not in {None, "idle", "disabled"} for row in s) for s in seen]
    return Server(
        engine=POSTGRESQL,
        max_connections=settings["max"],
        allowed=settings["max"] - settings["reserved"],
        used=len(last),
        active=fmean(busy),
        idle=sum(row["state"] == "idle" for row in last),
        idle_in_transaction=tuple(row["state_s"] or 0.0 for row in held),
        transactions=tuple(row["transaction_s"] for row in last if row["transaction_s"]),
        idle_for=tuple(row["state_s"] or 0.0 for row in last if row["state"] == "idle"),
        hidden=sum(row["state"] is None for row in last),
        cores=os.cpu_count() if _here(settings["address"]) else None,
        in_use=fmean(open_),
        pooler=pooler,
        **_rates(counted),
    )


def _works(row: Mapping[str, Any]) -> bool:
    return row["state"] == "active" and not row["blocked"]


def _here(address: str | None) -> bool:
    """Tell whether the server runs on this machine: by its socket, or the loop back."""
    return address is None or ip_address(address).is_loopback


def _rates(counted: Mapping[str, Any]) -> dict[str, Any]:
    sessions, seconds = counted.get("sessions"), counted.get("seconds")
    if not sessions or not seconds:
        return {}
    return {
        "connected": int(sessions),
        "connected_per_s": sessions / seconds,
        "transactions_per_connection": counted["transactions"] / sessions,
    }


_READ_S = 10.0  # a server that takes longer for three rows of its own figures is in trouble


def _mysql(database_url: str) -> Server:
    from slowcoach.queries.engines.mariadb import address_of, opened, worded

    address = address_of(database_url)
    with worded(address), opened(address, _READ_S) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS")
        status = dict(cursor.fetchall())
        cursor.execute("SHOW GLOBAL VARIABLES LIKE 'max_connections'")
        maximum = int(cursor.fetchone()[1])
        cursor.execute(
            "SELECT COMMAND, TIME FROM information_schema.PROCESSLIST "
            "WHERE ID <> CONNECTION_ID() AND COMMAND NOT IN ('Daemon', 'Binlog Dump')"
        )
        processes = list(cursor.fetchall())
    return mysql(status, maximum, processes)


def mysql(
    status: Mapping[str, str], max_connections: int, processes: Sequence[tuple[str, Any]]
) -> Server:
    """Return the server from SHOW GLOBAL STATUS, max_connections and the list of processes."""
    connected, seconds = int(status["Connections"]), float(status["Uptime"]) or 1.0
    idle = tuple(float(s or 0) for command, s in processes if command == "Sleep")
    return Server(
        engine=MYSQL,
        max_connections=max_connections,
        allowed=max_connections,  # one more is kept for SUPER on top of it
        used=max(int(status["Threads_connected"]) - 1, 0),
        active=float(max(int(status["Threads_running"]) - 1, 0)),
        idle=len(idle),
        idle_for=idle,
        most_used=int(status["Max_used_connections"]),
        connected=connected,
        connected_per_s=connected / seconds,
        transactions_per_connection=float(status["Questions"]) / max(connected, 1),
        refused=int(status.get("Connection_errors_max_connections", 0)),
    )
