"""What is taken from the user's server: schema, statistics, settings. Reads of its catalog only."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slowcoach.core import process
from slowcoach.core.errors import ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.queries.connection import conninfo, rows, without_passwords

DUMP_DEADLINE_S = 60.0
_TAKEN = ("--format=custom", "--no-data", "--statistics", "--lock-wait-timeout=3000")
_LEFT = (
    "--no-owner", "--no-privileges", "--no-tablespaces", "--no-publications",
    "--no-subscriptions", "--no-security-labels", "--no-comments",
)  # fmt: skip
# libpq's names for what a URL gives; a password is no argument that other users could list
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "options": "PGOPTIONS",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}
# what the planner goes by: PostgreSQL's own category for it, and the memory of one query
_SETTINGS = """
SELECT name, setting || coalesce(CASE WHEN unit IN ('8kB', 'kB', 'MB', 'ms', 's', 'min')
                                      THEN unit END, '') AS value, unit, setting
FROM pg_catalog.pg_settings
WHERE category LIKE 'Query Tuning%%'
   OR name IN ('work_mem', 'hash_mem_multiplier', 'jit', 'plan_cache_mode', 'search_path',
               'max_parallel_workers', 'max_parallel_workers_per_gather', 'max_worker_processes',
               'effective_io_concurrency', 'constraint_exclusion', 'TimeZone', 'DateStyle')
"""
_BLOCKS = "8kB"


def dump(
    pg_dump: Path, database_url: str, file: Path, cancellation: Cancellation | None = None
) -> None:
    """Write the schema and the planner's statistics of a database to `file` (pg_dump's format).

    It takes ACCESS SHARE locks as any SELECT does and gives up when one is not to be had within
    3 s. Raises ToolFailedError with what pg_dump said, without the password.
    """
    given = conninfo(database_url)
    try:
        process.run(
            [pg_dump, "--file", file, *_TAKEN, *_LEFT],
            deadline_s=DUMP_DEADLINE_S,
            env=_environment(given),
            cancellation=cancellation,
        )
    except ToolFailedError as error:
        said = without_passwords(error.message, given)
        raise ToolFailedError(
            f"the schema could not be read: {said}",
            hint="The user needs SELECT on the tables; give one that may read them all",
        ) from None


def _environment(given: Mapping[str, Any]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    named = {_VARIABLES[key]: str(value) for key, value in given.items() if key in _VARIABLES}
    return {**kept, **named, "PGAPPNAME": "slowcoach"}


def settings(connection: Any) -> dict[str, str]:
    """Return the settings of a live server that its planner goes by, as SET takes them."""
    return {row["name"]: _written(row) for row in rows(connection, _SETTINGS)}


def _written(row: Mapping[str, Any]) -> str:
    """Return a value with its unit; 8 kB blocks are written as such, without one."""
    plain = row["unit"] in {None, _BLOCKS} or row["setting"].startswith("-")
    return str(row["setting"] if plain else row["value"])
