"""Which rules mean nothing in another database than the one they were made for."""

from slowcoach.queries.model import POSTGRESQL

# these judge what only PostgreSQL has: visibility maps, lossy bitmaps, JIT, bloat
_POSTGRESQL_ALONE = frozenset({
    "db.bloated_table", "db.heap_fetches", "db.index_recheck_discards_rows", "db.jit_time",
    "db.lossy_bitmap",
})  # fmt: skip
# column stores read what a query needs of a table in order, and skip blocks; indexes do not help
_COLUMN_STORES = frozenset({"duckdb", "clickhouse"})
_OF_INDEXES = frozenset({
    "db.automatic_index", "db.cast_prevents_index", "db.composite_index_order",
    "db.covering_index", "db.expression_prevents_index", "db.full_index_scan",
    "db.inner_table_scanned", "db.index_not_used", "db.join_without_index", "db.needless_index",
    "db.nested_loop_large_outer", "db.or_filter", "db.pattern_prevents_index",
    "db.seq_scan_large_table", "db.sorts_more_than_needed", "db.too_many_indexes",
    "db.wrong_index_for_order",
})  # fmt: skip
# their times are rounded so far, or counted so differently, that the rest says nothing
_TIMES_APART = frozenset({"duckdb", "mariadb", "sqlite"})


def inapplicable(rule: str, engine: str) -> str | None:
    """Return why a rule has no meaning for an engine's plans; None where it has one."""
    if engine != POSTGRESQL and rule in _POSTGRESQL_ALONE:
        return "it is about a part of PostgreSQL that this database does not have"
    if engine in _COLUMN_STORES and rule in _OF_INDEXES:
        return "scans are the normal way to read there, and an index would not serve them"
    if engine == "duckdb" and rule == "db.row_estimate_off":
        return "DuckDB guesses filters by a fixed share, and ANALYZE hardly changes that"
    if engine in _TIMES_APART and rule == "db.time_outside_steps":
        return "this database does not count the steps' times so exactly"
    return None
