"""What was asked for: a number for each method and template, with counts and samples of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from slowcoach.core.knowledge import page
from slowcoach.load.access_logs.layout import Columns
from slowcoach.load.access_logs.rows import Rows, method_of
from slowcoach.load.exclusions import CRAWLER, MONITOR, STATIC, agents, paths
from slowcoach.load.templates_of_paths import Limits, limits, merged, template

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT")
_ROOM = 16  # numbers for methods within a template's
_OTHER_METHOD = -1
_OPTIONS = METHODS.index("OPTIONS")
_MEMORY = 200_000
_MOST_TEMPLATES = 10_000
_SEED = 20_261_126  # fixed: the same log always gives the same samples
_SUCCESS = 400
_LEFT_OUT = -16
_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")

REASONS = {
    -1: "static files",
    -2: "health checks",
    -3: "of crawlers",
    -4: "of monitors",
    -5: "preflights",
    -6: "no HTTP requests",
}
"""Why requests are left out, by their place."""
_STATIC, _HEALTH, _CRAWLER, _MONITOR, _PREFLIGHT, _NONE = REASONS


@dataclass(slots=True)
class Place:
    """One method and template: its requests, those answered with success, and some of them.

    `samples` are (a random number, target) of the successes with the smallest numbers: a sample
    of all of them in which each had the same chance, and which can be merged with another.
    """

    method: str
    template: str
    requests: int = 0
    successes: int = 0
    samples: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])


class _Memo(dict[str, int]):
    def __init__(self, read: Callable[[str], int]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> int:
        if len(self) > _MEMORY:
            self.clear()
        found = self[text] = self._read(text)
        return found


class Places:
    """Gives numbers to what was asked for, and counts it."""

    def __init__(self) -> None:
        self._limits: Limits = limits()
        self._values = int(page("access_logs").data["templates"]["values"]["value"])
        self._random = np.random.default_rng(_SEED)
        self._templates: dict[str, int] = {}
        self._names: list[str] = []
        self._collapsed: frozenset[tuple[str, ...]] | None = None
        self._requests = np.zeros(0, dtype=np.int64)
        self._successes = np.zeros(0, dtype=np.int64)
        self._samples: dict[int, list[tuple[float, str]]] = {}
        self._targets = _Memo(self._of_target)
        self._agents = _Memo(_of_agent)
        self._methods = _Memo(
            lambda text: METHODS.index(text) if text in METHODS else _OTHER_METHOD
        )
        self._path_kind = paths()

    def of(self, columns: Columns, targets: Sequence[str]) -> NDArray[np.int64]:
        """Return the place of each line; below 0 it is left out for a reason."""
        count = len(targets)
        found = _numbers(self._targets, targets)
        methods = columns.get("method")
        if methods is None and "request" in columns:
            methods = [method_of(text) for text in columns["request"]]
        method = (
            np.zeros(count, dtype=np.int64) if methods is None else _numbers(self._methods, methods)
        )
        places = np.where(found >= 0, found * _ROOM + method, found)
        places[method == _OPTIONS] = _PREFLIGHT
        places[method == _OTHER_METHOD] = _NONE
        if "agent" in columns:
            kinds = _numbers(self._agents, columns["agent"])
            places = np.where(kinds < 0, kinds, places)
        return places

    def _of_target(self, target: str) -> int:
        # most paths are new ones of known templates: nothing else is asked of those
        path = target.partition("?")[0] if target.startswith("/") else path_of(target)
        name = template(path)
        number = self._templates.get(name)
        return self._of_new(name) if number is None else number

    def _of_new(self, name: str) -> int:
        name = path_of(name)
        if not name.startswith("/"):
            return _NONE
        kind = self._path_kind(name)
        if kind:
            return _STATIC if kind == STATIC else _HEALTH
        number = self._templates.get(name)
        if number is None and len(self._templates) >= _MOST_TEMPLATES:
            name = self._coarse(name)
            number = self._templates.get(name)
        if number is None:
            number = self._templates[name] = len(self._names)
            self._names.append(name)
        return number

    def _coarse(self, name: str) -> str:
        """Return the template that stands for one too many, by those merged until now."""
        if self._collapsed is None:
            self._collapsed = self._collapsed_now()
        parts = name.split("/")
        for level in range(1, len(parts)):
            if tuple(parts[:level]) in self._collapsed:
                parts[level] = "{id}"
        coarse = "/".join(parts)
        return coarse if coarse in self._templates or coarse != name else "/*"

    def _collapsed_now(self) -> frozenset[tuple[str, ...]]:
        counts = dict.fromkeys(self._names, 1)
        found: set[tuple[str, ...]] = set()
        for name, by in merged(counts, self._limits).items():
            before, after = name.split("/"), by.split("/")
            found |= {tuple(after[:i]) for i in range(1, len(after)) if before[i] != after[i]}
        return frozenset(found)

    def add(self, rows: Rows) -> None:
        """Count the requests of a block, and draw samples of the successes."""
        room = len(self._names) * _ROOM
        good = (rows.status < _SUCCESS) & (rows.status > 0)
        self._requests = _grown(self._requests, room)
        self._successes = _grown(self._successes, room)
        self._requests += np.bincount(rows.place, minlength=room)
        self._successes += np.bincount(rows.place[good], minlength=room)
        self._draw(rows, np.flatnonzero(good))

    def _draw(self, rows: Rows, good: NDArray[np.intp]) -> None:
        chance = self._random.random(len(good))
        order = np.lexsort((chance, rows.place[good]))
        place, chance, lines = rows.place[good][order], chance[order], good[order]
        first = np.flatnonzero(np.diff(place, prepend=-1))
        rank = np.arange(len(place)) - np.repeat(first, np.diff(first, append=len(place)))
        touched: set[int] = set()
        for at in np.flatnonzero(rank < self._values).tolist():
            number = int(place[at])
            touched.add(number)
            kept = self._samples.setdefault(number, [])
            if len(kept) < self._values or chance[at] < kept[-1][0]:
                kept.append((float(chance[at]), rows.targets[int(lines[at])]))
        for number in touched:
            kept = self._samples[number]
            kept.sort()
            del kept[self._values :]

    def found(self) -> list[Place]:
        """Return every place that was answered with success, names that are values merged."""
        room = len(self._names) * _ROOM
        requests, successes = _grown(self._requests, room), _grown(self._successes, room)
        used = [int(n) for n in np.flatnonzero(successes)]
        counts: dict[str, int] = {}
        for number in used:
            name = self._names[number // _ROOM]
            counts[name] = counts.get(name, 0) + int(requests[number])
        by = merged(counts, self._limits)
        places: dict[tuple[int, str], Place] = {}
        for number in used:
            name, method = by[self._names[number // _ROOM]], number % _ROOM
            place = places.setdefault((method, name), Place(METHODS[method], name))
            place.requests += int(requests[number])
            place.successes += int(successes[number])
            place.samples = sorted([*place.samples, *self._samples.get(number, [])])[: self._values]
        return sorted(places.values(), key=lambda place: -place.requests)

    @property
    def never_answered(self) -> int:
        """Return the requests of places that were never answered with success."""
        return int(self._requests[self._successes == 0].sum())


def path_of(target: str) -> str:
    """Return the path of a request's target, which proxies give with scheme and host."""
    path = target.partition("?")[0].partition("#")[0]
    if "://" in path[:12]:
        path = f"/{path.partition('://')[2].partition('/')[2]}"
    return path or "/"


def _of_agent(agent: str) -> int:
    return {CRAWLER: _CRAWLER, MONITOR: _MONITOR}.get(agents()(agent), 0)


def _numbers(memo: _Memo, texts: Sequence[str]) -> NDArray[np.int64]:
    return np.fromiter(map(memo.__getitem__, texts), dtype=np.int64, count=len(texts))


def _grown(counts: NDArray[np.int64], room: int) -> NDArray[np.int64]:
    if len(counts) >= room:
        return counts
    return np.concatenate([counts, np.zeros(room - len(counts), dtype=np.int64)])
