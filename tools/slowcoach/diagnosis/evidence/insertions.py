"""How often entries are put into a dict: counted in its table of keys, which only grows until it
is made anew.

Cost: two small reads of the target's memory per dict and look (about 3 µs).
"""

import time
from contextlib import suppress
from dataclasses import dataclass

from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter

_FOLLOWED = 12


@dataclass(slots=True)
class _Followed:
    address: int
    table: int
    used: int
    free: int
    begun: float
    at: float
    count: int = 0


class InsertionCounter:
    """Follows a few dicts by name. What is counted is the least that was inserted: a table may
    be made anew more than once between two looks.
    """

    def __init__(self, interpreter: Interpreter) -> None:
        self._i = interpreter
        self._followed: dict[str, _Followed] = {}

    def follow(self, name: str, address: int) -> None:
        """Count from now on what is put into the dict at an address."""
        if name in self._followed or len(self._followed) >= _FOLLOWED:
            return
        with suppress(UnreadableMemoryError):
            now = time.monotonic()
            self._followed[name] = _Followed(address, *self._i.dict_table(address), now, now)

    def look(self) -> None:
        """Count what came since the last look."""
        for name, dict_ in list(self._followed.items()):
            try:
                table, used, free = self._i.dict_table(dict_.address)
            except UnreadableMemoryError:
                del self._followed[name]
                continue
            dict_.count += (
                used - dict_.used
                if table == dict_.table and used >= dict_.used
                else dict_.free + 1  # it was full before it was made anew
            )
            dict_.table, dict_.used, dict_.free = table, used, free
            dict_.at = time.monotonic()

    def per_second(self, name: str) -> float | None:
        """Return how many entries a second were put into a dict, at least; None: not counted."""
        dict_ = self._followed.get(name)
        if dict_ is None or dict_.at <= dict_.begun:
            return None
        return dict_.count / (dict_.at - dict_.begun)
