"""MariaDB's plain EXPLAIN and ANALYZE: a table with one row for each table that is read."""

import re

from slowcoach.queries.dialects._explain_table import is_table, plan_of, rows_of
from slowcoach.queries.model import Dialect, Plan

# MySQL has printed both of these columns since 5.7; MariaDB prints the first never by itself
_MYSQL = re.compile(r"(?i)\bpartitions\b")
_MEASURED = re.compile(r"\br_(?:rows|filtered)\b")


def _matches(text: str) -> bool:
    return is_table(text) and (bool(_MEASURED.search(text)) or not _MYSQL.search(text))


def _read(text: str) -> Plan:
    return plan_of(rows_of(text))


DIALECT = Dialect(name="mariadb_table", matches=_matches, read=_read, engine="mariadb")
