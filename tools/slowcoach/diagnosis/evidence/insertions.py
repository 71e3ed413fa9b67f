"""How often entries are put into a dict, and whether those that went come back.

Counted in its table of keys, which only grows until it is made anew. Cost: two small reads of the
target's memory per dict and look (about 3 µs), and the keys of small ones ten times a second.
"""

import time
from contextlib import suppress
from dataclasses import dataclass, field

from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter

_FOLLOWED = 12
_KEYS_EVERY_S = 0.1
_KEYS_LIMIT = 128


@dataclass(slots=True)
class _Followed:
    address: int
    table: int
    used: int
    free: int
    begun: float
    at: float
    count: int = 0
    looks: int = 0
    remade: int = 0
    returned: int = 0
    keys: frozenset[int] = frozenset()
    gone: set[int] = field(default_factory=set[int])
    keys_at: float = 0.0


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
            same = table == dict_.table and used >= dict_.used
            # a full one was made anew
            dict_.count += used - dict_.used if same else dict_.free + 1
            dict_.looks += 1
            dict_.remade += not same
            dict_.table, dict_.used, dict_.free = table, used, free
            dict_.at = time.monotonic()
            with suppress(UnreadableMemoryError):
                self._look_at_keys(dict_)

    def _look_at_keys(self, dict_: _Followed) -> None:
        if dict_.at < dict_.keys_at + _KEYS_EVERY_S or dict_.used > _KEYS_LIMIT:
            return
        keys = self._i.dict_hashes(dict_.address)
        dict_.returned += len(dict_.gone & (keys - dict_.keys))
        dict_.gone |= dict_.keys - keys
        dict_.keys, dict_.keys_at = keys, dict_.at

    def returned(self, name: str) -> int:
        """Return how many keys were seen to come back."""
        dict_ = self._followed.get(name)
        return dict_.returned if dict_ else 0

    def per_second(self, name: str) -> float | None:
        """Return how many entries a second were put into a dict, at least; None: not counted."""
        dict_ = self._followed.get(name)
        if dict_ is None or dict_.at <= dict_.begun:
            return None
        return dict_.count / (dict_.at - dict_.begun)

    def exact(self, name: str) -> bool:
        """Tell whether hardly any table was made anew between looks: then all were counted."""
        dict_ = self._followed.get(name)
        return dict_ is not None and 2 * dict_.remade <= dict_.looks
