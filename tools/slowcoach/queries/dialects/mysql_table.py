"""MySQL's plain EXPLAIN: a table with one row for each table that is read."""

from slowcoach.queries.dialects._explain_table import is_table, plan_of, rows_of
from slowcoach.queries.model import Dialect, Plan


def _read(text: str) -> Plan:
    return plan_of(rows_of(text))


DIALECT = Dialect(name="mysql_table", matches=is_table, read=_read, engine="mysql")
