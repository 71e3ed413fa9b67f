"""Paths of requests to templates: what is a value in them becomes `{id}`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from slowcoach.core.knowledge import page

VALUE = "{id}"
_SEGMENT_MEMORY = 100_000
_LONG = 24

_UUID = r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"
_DATE = r"\d{4}-\d\d(?:-\d\d)?(?:T[\d:.%A-Fa-f]+Z?)?"
_KEY = r"(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}"  # hexadecimal
_ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
_PREFIXED = r"[a-z]{2,12}_(?=[A-Za-z]*\d)[0-9A-Za-z]{8,}"  # cus_9s6XKzkNRiz8i3
_OPAQUE = r"(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{16,}"
_MAIL = r"[^/@]+(?:@|%40)[^/@]+\.\w+"
_VALUES = re.compile(
    rf"[+-]?\d+(?:[,:;x][+-]?\d+)*|[+-]?\d+\.\d{{3,}}(?:,[+-]?\d+\.\d+)?|{_UUID}|{_DATE}|{_KEY}"
    rf"|{_ULID}|{_PREFIXED}|{_OPAQUE}|{_MAIL}"
)
_ENDING = re.compile(r"(.+?)(\.(?:[a-z]{2,5}|[a-z]\d[a-z]))")
_TITLE = re.compile(r".*(?:[\d%~+=,@]|-[^-]+-).*")  # digits, or three words and more
_DASHED = re.compile(r".*(?:[A-Z]|[^.]-).*")
_VERSION = re.compile(r"v\d+(?:\.\d+)*(?:(?:alpha|beta|rc)\d*)?", re.IGNORECASE)


class _Segments(dict[str, str]):
    """What a segment is in a template: itself, or a value with its ending."""

    def __missing__(self, segment: str) -> str:
        if len(self) > _SEGMENT_MEMORY:
            self.clear()
        found = self[segment] = _written(segment)
        return found


_KNOWN = _Segments()


def _written(segment: str) -> str:
    bare = segment.partition(";")[0]  # a matrix parameter, such as ;jsessionid=
    if _VALUES.fullmatch(bare):
        return VALUE
    if (match := _ENDING.fullmatch(bare)) and _VALUES.fullmatch(match[1]):
        return f"{VALUE}{match[2]}"
    return bare


def template(path: str) -> str:
    """Return a path with its plain values (numbers, keys, dates) replaced: /users/{id}/orders."""
    return "/".join([_KNOWN[segment] for segment in path.split("/")])


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many names beneath one path on they are values; see the page on access logs."""

    titles: int
    dashed: int
    words: int
    route_share: float


def limits() -> Limits:
    """Return the limits of the knowledge."""
    data = page("access_logs").data["templates"]
    return Limits(
        titles=data["title_siblings"]["value"],
        dashed=data["dashed_siblings"]["value"],
        words=data["word_siblings"]["value"],
        route_share=data["route_share"]["value"],
    )


def merged(counts: Mapping[str, int], known: Limits) -> dict[str, str]:
    """Return which template stands for each one: names beneath a path that are too many to be
    routes become values. `counts` are the requests of each template.

    The tree is walked from its root, level by level, so that what lies beneath values (as
    /users/ann/orders and /users/bob/orders) is judged together.
    """
    current = {name: name.split("/") for name in counts}
    depth = max((len(parts) for parts in current.values()), default=0)
    for level in range(1, depth):
        groups: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for name, parts in current.items():
            if len(parts) > level:
                groups[tuple(parts[:level])][parts[level]] += counts[name]
        values = {before: _values(children, known) for before, children in groups.items()}
        for parts in current.values():
            if len(parts) > level and parts[level] in values[tuple(parts[:level])]:
                parts[level] = _as_value(parts[level])
    return {name: "/".join(parts) for name, parts in current.items()}


def _values(children: Mapping[str, int], known: Limits) -> frozenset[str]:
    """Return which names beneath one path are values."""
    names = {name for name in children if VALUE not in name and name}
    most = known.route_share * sum(children.values())
    rare = {name for name in names if children[name] < most}
    titles = {name for name in names if _is_title(name)}
    dashed = {name for name in names if _DASHED.fullmatch(name)} - titles
    found: set[str] = set()
    if len(titles) >= known.titles:
        found |= titles | (dashed & rare)
    if len(titles | dashed) >= known.dashed:
        found |= titles | dashed
    if len(names) >= known.words:
        found |= names & rare
    return frozenset(found)


def _is_title(name: str) -> bool:
    if _VERSION.fullmatch(name):
        return False
    return len(name) >= _LONG or _TITLE.fullmatch(name) is not None


def _as_value(name: str) -> str:
    match = _ENDING.fullmatch(name)
    return f"{VALUE}{match[2]}" if match else VALUE


def common(targets: Iterable[str]) -> tuple[str, str]:
    """Return what all these begin with and end with, cut at a slash, `?`, `=` or a dot, so that
    what is between them is a whole value (it may be several).
    """
    texts = list(dict.fromkeys(targets))
    shortest = min(texts, key=len)
    begin = 0
    while begin < len(shortest) and all(text[begin] == shortest[begin] for text in texts):
        begin += 1
    while begin and shortest[begin - 1] not in "/?=&":
        begin -= 1
    end = 0
    room = len(shortest) - begin
    while end < room and all(text[-1 - end] == shortest[-1 - end] for text in texts):
        end += 1
    while end and shortest[len(shortest) - end] not in "/?&.":
        end -= 1
    return shortest[:begin], shortest[len(shortest) - end :]
