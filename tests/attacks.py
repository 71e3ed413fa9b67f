"""The list of attacks, and what a database looks like from outside: for the tests of safety."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data" / "attacks"
_FILES_LEFT_OUT = ("pg_wal", "pg_stat", "pg_internal", "pgsql_tmp", "pg_stat_tmp", "log")
_STATE = """
SELECT jsonb_build_object(
    'relations', (SELECT jsonb_agg(jsonb_build_array(oid::bigint, relname, relfilenode::bigint,
                                                    relkind, relacl::text) ORDER BY oid)
                  FROM pg_class WHERE oid >= 16384),
    'functions', (SELECT jsonb_agg(jsonb_build_array(oid::bigint, proname, md5(prosrc))
                                   ORDER BY oid)
                  FROM pg_proc WHERE oid >= 16384),
    'extensions', (SELECT jsonb_agg(extname ORDER BY extname) FROM pg_extension),
    'roles', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.oid::bigint) FROM pg_authid r),
    'databases', (SELECT jsonb_agg(datname ORDER BY datname) FROM pg_database),
    'large objects', (SELECT count(*) FROM pg_largeobject_metadata),
    'settings', (SELECT md5(string_agg(name || coalesce(reset_val, ''), ',' ORDER BY name))
                 FROM pg_settings WHERE name NOT IN ('application_name')),
    'settings by role', (SELECT count(*) FROM pg_db_role_setting),
    'victim', (SELECT md5(string_agg(v::text, ',' ORDER BY id)) FROM victim v),
    'trapped', (SELECT count(*) FROM trapped),
    'counter', (SELECT last_value::text || is_called FROM counter),
    'slots', (SELECT count(*) FROM pg_replication_slots),
    'prepared', (SELECT count(*) FROM pg_prepared_xacts),
    'advisory locks', (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),
    'started', (SELECT pg_postmaster_start_time()::text),
    'loaded', (SELECT pg_conf_load_time()::text)
)::text
"""
_SESSIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass(frozen=True)
class Attack:
    """A statement, and what becomes of it without `analyze` and with it."""

    name: str
    sql: str
    plain: str = "refused"
    analyze: str = "refused"


def attacks(engine: str, **words: str) -> list[Attack]:
    """Return the attacks on an engine; `@word@` in a statement is replaced."""
    listed = yaml.safe_load((DATA / f"{engine}.yaml").read_text(encoding="utf-8"))
    return [Attack(**{**entry, "sql": filled(entry["sql"], **words)}) for entry in listed]


def filled(text: str, **words: str) -> str:
    """Return a text with every `@word@` replaced."""
    for name, value in words.items():
        text = text.replace(f"@{name}@", value)
    return text


def postgres_state(connection: Any) -> dict[str, Any]:
    """Return what an attack would change: rows, catalog, sequences, locks, settings."""
    row = connection.execute(_STATE.encode()).fetchone()
    state: dict[str, Any] = json.loads(row[0])
    return state


def postgres_sessions(connection: Any) -> int:
    """Return how many other sessions the server has."""
    return int(connection.execute(_SESSIONS.encode()).fetchone()[0])


def files(*folders: Path) -> Iterator[str]:
    """Yield the names of all files in these folders, but for those that a server always makes."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            if not any(part in name for part in _FILES_LEFT_OUT):
                yield name


def contents(path: Path) -> str:
    """Return a hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
