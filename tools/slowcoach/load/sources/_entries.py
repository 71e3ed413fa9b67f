"""The requests that entered services from outside, gathered from the spans of traces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slowcoach.load.exchange import readable

if TYPE_CHECKING:
    from slowcoach.queries.logs.event import Http, Span

_MOST_SPANS = 1_000_000
_MOST_ROUTES = 2_000
_MOST_PEERS = 500
_MOST_TARGETS = 500
_ID = re.compile(r"/(?:\d+|[0-9a-f]{8,}(?:-[0-9a-f]{4,})*)(?=/|$)", re.IGNORECASE)
_MS = 1000.0
_LATEST_S = 1e10  # what is later is no time of this world


@dataclass(slots=True)
class Route:
    """The requests of one route: how many, and the targets that were really asked."""

    count: int = 0
    paths: Counter[str] = field(default_factory=Counter[str])
    queries: Counter[str] = field(default_factory=Counter[str])


@dataclass(slots=True)
class Seen:
    """What the entry spans of one service tell."""

    routes: dict[tuple[str, str], Route] = field(default_factory=dict[tuple[str, str], Route])
    starts: list[float] = field(default_factory=list[float])
    durations_ms: list[float] = field(default_factory=list[float])
    statuses: Counter[str] = field(default_factory=Counter[str])
    origins: Counter[str] = field(default_factory=Counter[str])


def gathered(events: Iterator[object]) -> tuple[dict[str, Seen], Counter[str], list[str]]:
    """Return what entered each service from outside, how often others were called, and notes.

    A server's span enters from outside when its parent is no span of the file.
    """
    ids: set[int] = set()
    entries: list[Span] = []
    peers: Counter[str] = Counter()
    count = 0
    for event in events:
        span: Span = event  # type: ignore[assignment]
        count += 1
        if count > _MOST_SPANS:
            break
        ids.add(hash((span.trace, span.id)))
        if span.server and span.http is not None:
            entries.append(span)
        elif (span.client or span.sql) and len(peers) < _MOST_PEERS:
            peers[span.peer or span.service or "unnamed"] += 1
    notes = [f"only the first {_MOST_SPANS:,} spans are read"] if count > _MOST_SPANS else []
    services: dict[str, Seen] = {}
    for span in entries:
        if not span.parent or hash((span.trace, span.parent)) not in ids:
            _take(services.setdefault(span.service, Seen()), span)
    return services, peers, notes


def _take(seen: Seen, span: Span) -> None:
    if span.http is None:
        return
    method, route, path, query = map(readable, span.http[:4])
    http = span.http._replace(method=method, route=route, path=path, query=query)
    if 0 < span.start < _LATEST_S:
        seen.starts.append(span.start)
    seen.durations_ms.append(min(max(span.end - span.start, 0.0) * _MS, _LATEST_S))
    if http.status is not None:
        seen.statuses[str(http.status)] += 1
    if http.origin:
        seen.origins[http.origin] += 1
    key = (http.method, http.route or _ID.sub("/{id}", http.path))
    if key not in seen.routes and len(seen.routes) >= _MOST_ROUTES:
        key = (http.method, "")
    _count(seen.routes.setdefault(key, Route()), http)


def _count(route: Route, http: Http) -> None:
    route.count += 1
    if len(route.paths) < _MOST_TARGETS or http.path in route.paths:
        route.paths[http.path] += 1
    if len(route.queries) < _MOST_TARGETS or http.query in route.queries:
        route.queries[http.query] += 1
