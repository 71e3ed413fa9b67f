"""Routes with gaps, and the values that were really put into them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from slowcoach.load.secrecy import hides, identifier, taken

_MOST_VALUES = 500
_GAP = re.compile(r"\{([^{}/]+)\}|<(?:\w+:)?([^<>/]+)>|(?<=/):(\w+)")


def filled(
    route: str, paths: Counter[str], data: Mapping[str, tuple[str, ...]]
) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return a path with placeholders for the gaps of its route, and their values as often as
    they came. A path that does not follow its route stands as it is.
    """
    names = [identifier(next(n for n in match.groups() if n)) for match in _GAP.finditer(route)]
    pattern = re.compile("([^/]+)".join(map(re.escape, _between(route))) + "$")
    rows = [(m.groups(), n) for path, n in paths.items() if (m := pattern.match(path))]
    if not names or not rows:
        return paths.most_common(1)[0][0], {}
    unique = [name if name not in data else _free(name, data) for name in names]
    columns = list(zip(*_as_often(rows), strict=True))
    if len(set(unique)) < len(unique) or any(hides("", v) for column in columns for v in column):
        return paths.most_common(1)[0][0], {}
    parts = _between(route)
    path = parts[0] + "".join(
        taken(name) + rest for name, rest in zip(unique, parts[1:], strict=True)
    )
    return path, {
        name: tuple(map(_safe, column)) for name, column in zip(unique, columns, strict=True)
    }


def _as_often(rows: Sequence[tuple[tuple[str, ...], int]]) -> list[tuple[str, ...]]:
    """Return values as often as they came, in proportion, and mixed well."""
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
    number_ = 2
    while f"{name}_{number_}" in data:
        number_ += 1
    return f"{name}_{number_}"


def _safe(value: str) -> str:
    return quote(value, safe="%~!$'()*+,;=:@")


def named(route: str) -> str:
    """Return a route with its gaps in braces, whatever framework wrote it."""
    return _GAP.sub(_braced, route)


def _braced(match: re.Match[str]) -> str:
    return "{" + next(name for name in match.groups() if name) + "}"
