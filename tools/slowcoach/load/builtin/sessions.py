"""Who sends: sessions that walk a path of requests, and users that begin one after another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import numpy as np

from slowcoach.load.builtin.pauses import Pauses
from slowcoach.load.builtin.requests import Path, Requests, Template
from slowcoach.load.http1 import Wire
from slowcoach.load.schedule import Schedule

_CHUNK = 4096
_SEED = 20_260_101
_LOOK_S = 0.1


class Session:
    """One visit: its path, the step it is at, and its values. A user's (`is_user`) begins anew."""

    __slots__ = ("at", "is_user", "path", "values")

    def __init__(self, *, is_user: bool) -> None:
        self.is_user = is_user
        self.path: Path
        self.values: dict[str, str] = {}
        self.at = 0

    @property
    def step(self) -> Template:
        """Return the request it is at."""
        return self.path.steps[self.at]

    @property
    def left(self) -> int:
        """Return how many requests of its path are still to come."""
        return len(self.path.steps) - self.at

    def wire(self) -> Wire:
        """Return the request it is at, with its values; raises ValueUnfitError."""
        return self.path.steps[self.at].render(self.values)


class Sessions:
    """Begins sessions: paths at random by weight, values in turn.

    All values of one session have the same number, so that lists which belong together (names
    and passwords) stay together. Processes that share a load take numbers in turn.
    """

    def __init__(self, requests: Requests, pauses: Pauses, part: int, parts: int) -> None:
        self._requests = requests
        self.only = next(iter(requests.paths)) if len(requests.paths) == 1 else None
        self._paths = self._chosen(part) if self.only is None else _always(self.only)
        self._number, self._stride = part, parts
        self.pauses = pauses.drawn(_SEED + part)

    def _chosen(self, part: int) -> Iterator[Path]:
        paths = self._requests.paths
        weights = np.array([path.weight for path in paths])
        random = np.random.default_rng([_SEED, part])
        while True:
            for at in random.choice(len(paths), _CHUNK, p=weights / weights.sum()).tolist():
                yield paths[at]

    def path(self) -> Path:
        """Return the next session's path."""
        return next(self._paths)

    def start(self, session: Session, path: Path) -> Session:
        """Put a session at the beginning of a path, with values of its own."""
        if path.is_plain:
            session.path, session.at = path, 0
            return session
        number, self._number = self._number, self._number + self._stride
        session.path, session.at = path, 0
        data = self._requests.data
        session.values = {
            name: data[name][number % len(data[name])] for name in path.names if name in data
        }
        return session


def _always(path: Path) -> Iterator[Path]:
    while True:
        yield path


class Users:
    """Keeps as many users as a closed schedule asks for: new ones begin, surplus ones leave when
    they have ended what they do. `begin` makes one.
    """

    def __init__(
        self,
        schedule: Schedule,
        part: int,
        parts: int,
        begun: float,
        begin: Callable[[], None],
    ) -> None:
        self.active = self._most = self._wanted = 0
        self._schedule, self._begun, self._begin = schedule, begun, begin
        self._part, self._parts = part, parts

    def start(self) -> None:
        """Begin users as they are due, from now on."""
        at_s = max(time.perf_counter() - self._begun, 0.0)
        if at_s >= self._schedule.length_s:
            return
        self._wanted = self._due(at_s)
        for _ in range(self._wanted - self.active):
            self.active += 1
            self._begin()
        self._most = max(self._most, self.active)
        asyncio.get_running_loop().call_later(_LOOK_S, self.start)

    def most(self) -> int:
        """Return the most users there were since it was asked last."""
        most, self._most = max(self._most, self.active), self.active
        return most

    def leaves(self) -> bool:
        """Tell whether a user who could go on is one too many, and count them out."""
        if self.active <= self._wanted:
            return False
        self.active -= 1
        return True

    def _due(self, at_s: float) -> int:
        total = round(self._schedule.load_at(max(at_s, 0.0)))
        return max((total - self._part + self._parts - 1) // self._parts, 0)
