"""Doubly linked lists of a Go program, and how fast they take entries, read from its memory.

The list of Go itself (container/list) and those of libraries of caches are rings: each entry has
the next, the previous and its list as first words, and the list begins with an entry of its own
that has no list. Two words in different objects that point at one address are what they are
known by. Cost: nothing of the program's; of ours one pass over a heap and some reads an entry.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from slowcoach.diagnosis.goroutines_memory.heap import heap_parts
from slowcoach.diagnosis.interpreter.memory import ProcessMemory, UnreadableMemoryError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

_LARGEST: Final = 128 << 20  # bytes of a heap that is held as a whole
_WORD: Final = 8
_SHIFT: Final = 3  # of an address to a number of words
_AT_ONCE: Final = 1 << 17  # words, so that they stay in the processor's cache
_NEXT, _PREVIOUS, _LIST = 0, 1, 2
_ENTRY: Final = struct.Struct("<5Q")
_LEAST: Final = 16  # shorter lists are no caches
_MOST: Final = 20_000
_MOST_CANDIDATES: Final = 2_000
_TRIES: Final = 3


class Entry(NamedTuple):
    """An entry by its address and what it holds: addresses are used again."""

    address: int
    first: int
    second: int


def lists_of(memory: ProcessMemory) -> tuple[int, ...]:
    """Return the addresses of the lists with some entries; none where the heap is very large."""
    found: list[int] = []
    for base, words in heap_parts(memory, _LARGEST):
        found += [
            candidate
            for candidate in _candidates(base, words)[:_MOST_CANDIDATES]
            if any(len(walk(memory, candidate)) >= _LEAST for _ in range(_TRIES))
        ]
    return tuple(found)


def walk(memory: ProcessMemory, at: int, *, back: bool = False) -> frozenset[Entry]:
    """Return the entries of a list; what changes meanwhile is seen in part.

    From the front, where new entries are put, or from the back: an entry that goes from there
    to the front meanwhile, since it is used, is met all the same.
    """
    onward = _PREVIOUS if back else _NEXT
    entries: dict[int, Entry] = {}
    with suppress(UnreadableMemoryError):
        address = memory.word(at + _WORD * onward)
        while address != at and address not in entries and len(entries) < _MOST:
            data = _ENTRY.unpack(memory.read(address, _ENTRY.size))
            if data[_LIST] != at:
                break
            entries[address] = Entry(address, *data[_LIST + 1 :])
            address = data[onward]
    return frozenset(entries.values())


def _candidates(base: int, words: Words) -> list[int]:
    """Return where a list may begin: one of its neighbours at least knows it (one may change)."""
    import numpy as np

    last, found = len(words) - _LIST - 1, list[int]()
    for begin in range(0, last, _AT_ONCE):
        part = words[begin : begin + _AT_ONCE + _LIST]
        # what is below the heap wraps round, and is far beyond its end
        places = (part - np.uint64(base)) >> np.uint64(_SHIFT)
        inside = (places < np.uint64(last)) & (part & np.uint64(_WORD - 1) == 0)
        at = np.flatnonzero(inside[:-2] & inside[1:-1] & (part[2:] == 0))
        here = (at + begin).astype(np.uint64) * np.uint64(_WORD) + np.uint64(base)
        after, before = (places[at + side].astype(np.int64) for side in (_NEXT, _PREVIOUS))
        known = (words[after + _LIST] == here) | (words[before + _LIST] == here)
        found += here[known].tolist()
    return found
