"""Words for places and figures that several causes use."""

from slowcoach.core.finding import Evidence
from slowcoach.diagnosis.models import Activity, Statement
from slowcoach.diagnosis.view import View, chain, is_sql, tables_of

QUERY_SHOWN = 220


def latency(view: View) -> list[Evidence]:
    """Return the latency's figures."""
    return [
        Evidence(metric="latency alone (median)", value=view.alone_ms, unit="ms"),
        Evidence(
            metric=f"latency at {view.concurrency} at a time (median)",
            value=view.loaded_ms,
            unit="ms",
        ),
    ]


def places(activities: list[Activity], count: int = 3) -> list[str]:
    """Return the places of activities, and the way to the first."""
    found = [a.place for a in activities[:count]]
    if activities and len(activities[0].path) > 1:
        found.append(f"by way of {chain(activities[0])}")
    return found


def shares(view: View, activities: list[Activity], what: str, count: int = 3) -> list[Evidence]:
    """Return the share of the requests in flight that each activity holds."""
    total = max(view.concurrency if view.loaded.activities else 1, 1)
    return [
        Evidence(
            metric=f"share of the requests in flight that {what}",
            value=min(1.0, a.mean / total),
            unit="share",
            where=a.place,
        )
        for a in activities[:count]
    ]


def statement(query: str) -> str:
    """Return a statement's text, cut for a line."""
    flat = " ".join(query.split())
    return flat if len(flat) <= QUERY_SHOWN else f"{flat[:QUERY_SHOWN]}…"


def issuers(view: View) -> list[Activity]:
    """Return the functions that talk to the database, those with most time first."""
    return [a for a in view.top(is_sql) if a.path]


def about(item: Statement, view: View) -> list[str]:
    """Return where a statement is: itself, its tables, the functions that issue it."""
    found = [statement(item.query)]
    if tables := tables_of(item.query):
        found.append(f"table {', '.join(tables)}")
    return found + [f"issued by {a.place}" for a in issuers(view)[:2]]


def per_request(item: Statement, view: View) -> float:
    """Return how often a request issues a statement."""
    return item.calls / view.requests
