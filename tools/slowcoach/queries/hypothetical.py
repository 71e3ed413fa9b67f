"""Ask a live server what a missing index would be worth, without making it (hypopg)."""

from collections.abc import Iterable
from typing import Any

from slowcoach.core.errors import SlowcoachError
from slowcoach.queries.connection import has_extension, rows
from slowcoach.queries.live import explain

EXTENSION = "hypopg"


def costs(connection: Any, sql: str, statements: Iterable[str]) -> dict[str, float]:
    """Return the cost of the query with each index, by its statement; nothing without hypopg.

    The indexes exist for this connection only and are gone afterwards. Those that hypopg
    cannot imagine (GIN, an extension first) are left out.
    """
    if not has_extension(connection, EXTENSION):
        return {}
    found = ((statement, _cost_with(connection, sql, statement)) for statement in statements)
    return {statement: cost for statement, cost in found if cost is not None}


def _cost_with(connection: Any, sql: str, statement: str) -> float | None:
    imagined = statement.replace(" CONCURRENTLY", "")
    if ";" in imagined or " USING gin" in imagined:
        return None
    try:
        rows(connection, "SELECT * FROM hypopg_create_index(%s)", (imagined,))
        return explain(connection, sql).root.number("total_cost")
    except SlowcoachError:
        return None
    finally:
        rows(connection, "SELECT hypopg_reset()")
