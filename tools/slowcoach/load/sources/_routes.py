"""Routes with gaps, and the values that were really put into them."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote_plus

from slowcoach.load.secrecy import hides, identifier, tells_secret

_MOST_VALUES = 500
_GAP = re.compile(r"\{([^{}/]+)\}|<(?:\w+:)?([^<>/]+)>|(?<=/):(\w+)")


def filled(
    route: str, paths: Counter[str], data: Mapping[str, object]
) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return a path with marks for the gaps of its route, and their values as often as they came.

    A path that does not follow its route stands as it is. A gap whose name tells a secret has
    no values.
    """
    names = _names(route)
    pattern = re.compile("([^/]+)".join(map(re.escape, _between(route))) + "$")
    rows = [(m.groups(), n) for path, n in paths.items() if (m := pattern.match(path))]
    if not names or not rows or len(set(names)) < len(names):
        return paths.most_common(1)[0][0], {}
    found: dict[str, tuple[str, ...]] = {}
    marks: list[str] = []
    for name, column in zip(names, zip(*as_often(rows), strict=True), strict=True):
        if tells_secret(name):
            marks.append(mark_of(name))
            continue
        if any(hides("", value) for value in column):
            return paths.most_common(1)[0][0], {}
        free = _free(name, data)
        marks.append(mark_of(free))
        found[free] = tuple(quote(value, safe="%~!$'()*+,;=:@") for value in column)
    between = _between(route)
    path = "".join(text + mark for text, mark in zip(between, [*marks, ""], strict=True))
    return path, found


def varying(
    route: str, queries: Counter[str], data: Mapping[str, object]
) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return the query of a route: the same for all, or a mark for those that were asked."""
    rows = [((query,), n) for query, n in queries.items() if not _has_secret(query)]
    if len(rows) < 2 or any(not query for (query,), _ in rows):  # noqa: PLR2004
        return (queries.most_common(1)[0][0] if queries else ""), {}
    name = _free(identifier(f"{route} query"), data)
    values = (quote(query, safe="%&=+/?:@!$'()*,;-._~") for (query,) in as_often(rows))
    return mark_of(name), {name: tuple(values)}


def _has_secret(query: str) -> bool:
    return any(
        hides(unquote_plus(name), unquote_plus(value)) or hides("", unquote_plus(name))
        for name, _, value in (pair.partition("=") for pair in query.split("&"))
    )


def mark_of(name: str) -> str:
    """Return what stands for a name until the request is written: a word that tells nothing."""
    return f"slowcoachgap{codecs.encode(name, 'rot13')}x1"


def secrets_of(route: str) -> tuple[str, ...]:
    """Return the gaps of a route whose names tell secrets."""
    return tuple(name for name in _names(route) if tells_secret(name))


def _names(route: str) -> list[str]:
    return [identifier(next(n for n in match.groups() if n)) for match in _GAP.finditer(route)]


def as_often(rows: Sequence[tuple[tuple[str, ...], int]]) -> list[tuple[str, ...]]:
    """Return rows as often as they came, in proportion, and mixed well."""
    import random

    scale = min(1.0, _MOST_VALUES / sum(count for _, count in rows))
    found = [row for row, count in rows for _ in range(max(round(count * scale), 1))]
    random.Random(1).shuffle(found)  # noqa: S311 - the same order at each reading
    return found


def _between(route: str) -> list[str]:
    parts: list[str] = []
    at = 0
    for match in _GAP.finditer(route):
        parts.append(route[at : match.start()])
        at = match.end()
    return [*parts, route[at:]]


def _free(name: str, data: Mapping[str, object]) -> str:
    if name not in data:
        return name
    number_ = 2
    while f"{name}_{number_}" in data:
        number_ += 1
    return f"{name}_{number_}"


def named(route: str) -> str:
    """Return a route with its gaps in braces, whatever framework wrote it."""
    return _GAP.sub(_braced, route)


def _braced(match: re.Match[str]) -> str:
    return "{" + next(name for name in match.groups() if name) + "}"
