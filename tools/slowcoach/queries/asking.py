"""Which database a URL is of, and what to say of those that cannot be asked."""

from functools import cache

from slowcoach.core.registry import discover
from slowcoach.queries import engines
from slowcoach.queries.engines._model import Engine


@cache
def _known() -> tuple[Engine, ...]:
    return discover(engines, "ENGINE", Engine)


def engine_of(database_url: str) -> Engine | None:
    """Return the engine of a URL (as SQLAlchemy writes it, too); None for PostgreSQL's.

    Whatever is not known is left to PostgreSQL's connection, which says what it expects.
    """
    scheme = database_url.strip().partition("://")[0].partition("+")[0].lower()
    return next((engine for engine in _known() if scheme in engine.schemes), None)
