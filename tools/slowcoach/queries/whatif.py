"""Ask a live server what a missing index would be worth, without making it (hypopg)."""

from collections.abc import Iterable, Mapping
from typing import Any

from slowcoach.core.errors import SlowcoachError
from slowcoach.queries.answer import Verified
from slowcoach.queries.live import explain, has_extension, rows
from slowcoach.queries.subject import Recommendation

_MOST = 5
_METHOD = "estimated with a hypothetical index, hypopg"


def tried(
    connection: Any, sql: str, recommendations: Iterable[Recommendation]
) -> Mapping[str, Verified]:
    """Return, by statement, the cost before and after each index; empty without hypopg.

    The indexes exist for this connection only and are gone afterwards. Those that hypopg
    cannot imagine (GIN, several statements) are left out.
    """
    if not has_extension(connection, "hypopg"):
        return {}
    before = explain(connection, sql).root.number("total_cost")
    found: dict[str, Verified] = {}
    for item in [r for r in recommendations if r.kind == "index"][:_MOST]:
        after = _cost_with(connection, sql, item.statement)
        if after is not None:
            found[item.statement] = Verified(before_cost=before, after_cost=after, method=_METHOD)
    return found


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
