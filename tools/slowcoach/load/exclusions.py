"""Requests that no user makes: crawlers, monitors, health checks, files that caches answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from slowcoach.core.knowledge import page

USER, CRAWLER, MONITOR = 0, 1, 2
PAGE, HEALTH, STATIC = 0, 1, 2


@cache
def agents() -> Callable[[str], int]:
    """Return what tells by a user agent who asks: USER, CRAWLER or MONITOR."""
    bots = page("access_logs").data["bots"]
    crawlers, monitors, no_bots = (
        re.compile("|".join(bots[key]), re.IGNORECASE)
        for key in ("agents", "monitors", "not_agents")
    )

    def kind(agent: str) -> int:
        text = agent[:500]
        if monitors.search(text):
            return MONITOR
        return CRAWLER if crawlers.search(no_bots.sub("", text)) else USER

    return kind


@cache
def paths() -> Callable[[str], int]:
    """Return what tells by a path what is asked for: PAGE, HEALTH or STATIC."""
    data = page("access_logs").data
    health = re.compile(
        f"{data['health']['before']}/(?:{'|'.join(data['health']['paths'])})/?", re.IGNORECASE
    )
    endings = "|".join(data["static"]["endings"])
    static = re.compile(
        rf".*\.(?:{endings})|{'|'.join(data['static']['paths'])}", re.IGNORECASE | re.DOTALL
    )

    def kind(path: str) -> int:
        if health.fullmatch(path):
            return HEALTH
        return STATIC if static.fullmatch(path) else PAGE

    return kind
