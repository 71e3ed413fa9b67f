"""PostgreSQL's own statistics in production: the statements that took most of its time."""

import time
from collections.abc import Sequence

from slowcoach.core.units import duration, number, share
from slowcoach.production.asking_http import bound
from slowcoach.production.model import Allowance, Heard, Source
from slowcoach.production.question import Question
from slowcoach.production.settings import setting
from slowcoach.queries.statistics import StatementStatistics

_SETTING = "PRODUCTION_DATABASE_URL"
_SHOWN, _COUNTED = 2, 100
_LONGEST = 160


def _ask(question: Question, allowance: Allowance) -> Heard:
    from slowcoach.queries.connection import connect
    from slowcoach.queries.statistics import top_statements

    left = max(1.0, min(bound("answer_s"), allowance.ends_at - time.monotonic()))
    with connect(
        setting(_SETTING),
        statement_timeout_s=left,
        total_s=left,
        cancellation=allowance.cancellation,
    ) as connection:
        return Heard(question, figures_of(top_statements(connection, limit=_COUNTED)))


def figures_of(statements: Sequence[StatementStatistics]) -> tuple[str, ...]:
    """Return the first statements with their share of the time of those given."""
    total = sum(one.total_ms for one in statements)
    if total <= 0:
        return ()
    return tuple(
        f"{share(one.total_ms / total)} of the database's time since its statistics were reset: "
        f"{' '.join(one.query.split())[:_LONGEST]} ({number(one.calls)} calls of "
        f"{duration(one.mean_ms / 1000)})"
        for one in statements[:_SHOWN]
    )


SOURCE = Source(
    name="postgresql",
    title="PostgreSQL",
    kind="database",
    is_set=lambda: bool(setting(_SETTING)),
    ask=_ask,
)
