"""Who asked: a number for each client, by its session or user, else its address and agent."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.access_logs.layout import Columns

_WITH_PORT = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):\d+")
_EMPTY = frozenset({"", "-"})
_MOST = 200_000  # clients of each of the two generations that are remembered


class Clients:
    """Gives numbers to clients in the order in which they appear.

    Two generations bound the memory: who was not seen while so many others came is forgotten,
    and is a new client when it comes again.
    """

    def __init__(self) -> None:
        self._young: dict[object, int] = {}
        self._old: dict[object, int] = {}
        self.count = 0
        self._forgotten = 0

    def of(self, columns: Columns, count: int) -> NDArray[np.int64]:
        """Return the client of each line; 0 for all where the log does not tell any."""
        keys = _keys(columns)
        if keys is None:
            return np.zeros(count, dtype=np.int64)
        young = self._young
        found = np.empty(count, dtype=np.int64)
        found[:] = [young[key] if key in young else self._number(key) for key in keys]
        if len(young) > _MOST:
            self._old, self._young = young, {}
        return found

    def forget_before(self, number: int) -> None:
        """Let clients with a smaller number be new ones when they come again."""
        if number <= self._forgotten:
            return
        self._forgotten = number
        for known in (self._old, self._young):
            for key in [key for key, found in known.items() if found < number]:
                del known[key]

    def _number(self, key: object) -> int:
        number = self._old.get(key)
        if number is None:
            self.count += 1
            number = self.count
        self._young[key] = number
        return number


def _keys(columns: Columns) -> Sequence[object] | None:
    addresses = _addresses(columns)
    agents = columns.get("agent")
    if addresses is None and agents is None:
        keys: Sequence[object] | None = None
    elif addresses is None or agents is None:
        keys = addresses or agents
    else:
        keys = list(zip(addresses, agents, strict=True))
    users, sessions = columns.get("user"), columns.get("session")
    if users is not None and not _EMPTY.issuperset(users):
        keys = list(zip(users, keys or users, strict=True))
    if sessions is not None and not _EMPTY.issuperset(sessions):
        others = keys or sessions
        keys = [o if s in _EMPTY else s for s, o in zip(sessions, others, strict=True)]
    return keys


def _addresses(columns: Columns) -> Sequence[str] | None:
    """Return the clients' addresses; behind a proxy the first of those that it forwards."""
    direct, forwarded = columns.get("client"), columns.get("forwarded")
    if direct is not None and _WITH_PORT.fullmatch(direct[0]):
        direct = [text.rpartition(":")[0] for text in direct]
    if forwarded is None:
        return direct
    first = [text.partition(",")[0].strip() for text in forwarded]
    if direct is None:
        return first
    return [d if f in _EMPTY else f for d, f in zip(direct, first, strict=True)]
