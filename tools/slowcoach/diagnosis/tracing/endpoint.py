"""Which spans of a server are the asked endpoint's. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from slowcoach.queries.logs.event import Http, Span

_ID = re.compile(r"/(?:\d+|[0-9a-f]{8,}(?:-[0-9a-f]{4,})*)(?=/|$)", re.IGNORECASE)
_GAP = re.compile(r"\{[^/]*\}|<[^/]*>|:[A-Za-z_]\w*|\[[^/]*\]")
_REST = re.compile(r"\*+|\{[^/]*(?:\.\.\.|:path|:\.\*|\*)\}|\{\*\w+\}|<path:[^/]*>")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The asked endpoint: method, path without the query, and the port of its URL."""

    method: str
    path: str
    port: int


def wanted(method: str, url: str, port: int) -> Wanted:
    """Return what to look for in traces for a request."""
    return Wanted(method.upper(), _plain(unquote(urlsplit(url).path)), port)


def is_asked(span: Span, asked: Wanted) -> bool:
    """Tell whether a span is a server's that answers the asked endpoint, by route or path."""
    if span.http is None or span.client or span.http.method != asked.method:
        return False
    return _is_path(span.http, asked.path)


def name_of(http: Http) -> str:
    """Return an endpoint as people write it: GET /orders/{id}."""
    return f"{http.method} {http.route or _ID.sub('/{id}', http.path)}"


def is_route(route: str, path: str) -> bool:
    """Tell whether a route, written in any way, is that of a path (unquoted, without a query)."""
    route, path = _plain(route), _plain(path)
    return route == path or bool(_pattern(route).fullmatch(path))


def plainness(route: str) -> float:
    """Return how many characters of a route are no gap: of two that fit, the more are meant."""
    return float(len(_REST.sub("", _GAP.sub("", route))))


def _is_path(http: Http, path: str) -> bool:
    own = _plain(http.path)
    if own == path or (http.route and _pattern(_plain(http.route)).fullmatch(path)):
        return True
    return not http.route and _ID.sub("/{id}", own) == _ID.sub("/{id}", path)


@lru_cache(4096)
def _pattern(route: str) -> re.Pattern[str]:
    """Return a route as a pattern; gaps are written in many ways: {id}, <int:id>, :id, [id], *."""
    parts: list[str] = []
    for segment in route.split("/"):
        if _REST.fullmatch(segment):
            parts.append(".*")
        else:
            parts.append("[^/]+".join(map(re.escape, _GAP.split(segment))))
    return re.compile("/".join(parts))


def _plain(path: str) -> str:
    return path.rstrip("/") or "/"
