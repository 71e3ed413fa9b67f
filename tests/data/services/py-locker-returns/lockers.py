import itertools
import secrets
import threading
from collections import deque
from dataclasses import dataclass

DOORS = {"S": range(1, 25), "M": range(25, 41), "L": range(41, 47)}


@dataclass
class Entry:
    number: int
    locker: str
    parcel: str
    door: int
    pin: str


class Lockers:
    def __init__(self):
        self._numbers = itertools.count(70_001)
        self._guard = threading.Lock()
        self._recent: deque[Entry] = deque(maxlen=500)

    def assign(self, locker: str, parcel: str, size: str) -> Entry:
        doors = DOORS[size]
        with self._guard:
            number = next(self._numbers)
            entry = Entry(number, locker, parcel, doors[number % len(doors)], f"{secrets.randbelow(10**6):06}")
            self._recent.append(entry)
        return entry

    def free(self, locker: str) -> dict[str, int]:
        with self._guard:
            used = [e.door for e in self._recent if e.locker == locker]
        return {size: len(set(doors) - set(used)) for size, doors in DOORS.items()}
