"""Soundings by cell: each cell's depths are smoothed from what the boats measured."""
import math
import random
from threading import RLock

from cachetools import TTLCache

SIDE = 34


class Soundings:
    def __init__(self, keep: int = 8) -> None:
        self._kept = TTLCache(maxsize=keep, ttl=600)
        self._lock = RLock()

    def cell(self, coast: str, column: int) -> list[list[float]]:
        name = f"{coast}/{column:03}"
        with self._lock:
            found = self._kept.get(name)
        if found is None:
            found = smoothed(measured(coast, column))
            with self._lock:
                self._kept[name] = found
        return found


def measured(coast: str, column: int) -> list[list[float]]:
    dice = random.Random(f"{coast}{column}")
    return [[4 + 9 * math.sin((x + column) / 7) ** 2 + dice.gauss(0, 0.6) for x in range(SIDE)] for _ in range(SIDE)]


def smoothed(depths: list[list[float]]) -> list[list[float]]:
    out = []
    for y in range(SIDE):
        row = []
        for x in range(SIDE):
            near = [depths[j][i] for j in range(max(0, y - 1), min(SIDE, y + 2)) for i in range(max(0, x - 1), min(SIDE, x + 2))]
            row.append(sum(near) / len(near))
        out.append(row)
    return out
