"""Streets of the district and how long a van needs between two crossings."""
import heapq
import random
from threading import Lock

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

SIDE = 22
SPEED = {"main": 11.0, "side": 7.5, "lane": 4.0}


def build(seed: int = 77) -> dict[int, list[tuple[int, float]]]:
    dice = random.Random(seed)
    streets: dict[int, list[tuple[int, float]]] = {n: [] for n in range(SIDE * SIDE)}
    for row in range(SIDE):
        for column in range(SIDE):
            here = row * SIDE + column
            for there, exists in ((here + 1, column + 1 < SIDE), (here + SIDE, row + 1 < SIDE)):
                if exists and dice.random() > 0.06:
                    kind = "main" if row % 7 == 3 or column % 8 == 4 else dice.choice(["side", "side", "lane"])
                    seconds = dice.uniform(70, 190) / SPEED[kind]
                    streets[here].append((there, seconds))
                    streets[there].append((here, seconds))
    return streets


STREETS = build()


def leg_key(start: int, end: int):
    return hashkey(start, end) if start < end else hashkey(end, start)


@cached(LRUCache(maxsize=96), key=leg_key, lock=Lock())
def leg(start: int, end: int) -> float:
    """Seconds from one crossing to another, the fastest way."""
    best = {start: 0.0}
    queue = [(0.0, start)]
    while queue:
        seconds, here = heapq.heappop(queue)
        if here == end:
            return seconds
        if seconds > best[here]:
            continue
        for there, more in STREETS[here]:
            reached = seconds + more
            if reached < best.get(there, float("inf")):
                best[there] = reached
                heapq.heappush(queue, (reached, there))
    return float("inf")
