"""Which functions of a Go program call others, by the calls in its code (x86-64)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from slowcoach.diagnosis.goroutines_memory.functions import Functions
from slowcoach.diagnosis.interpreter.memory import ProcessMemory, UnreadableMemoryError
from slowcoach.profiling.model import Frame

_CALL: Final = 0xE8
_CALL_SIZE: Final = 5
_LONGEST: Final = 1 << 18


class Call(NamedTuple):
    """A call: the addresses of the function that it stands in and of the one that it calls, and
    the frames there.
    """

    inside: int
    called: int
    frames: tuple[Frame, ...]


def callers(
    memory: ProcessMemory,
    functions: Functions,
    called: Collection[int],
    own: Callable[[str], bool],
) -> Iterator[Call]:
    """Yield the calls of functions (by their addresses) in those whose name is `own`.

    The frames are leaf first: functions that were inlined are told too.
    """
    for entry, size, name in functions.named():
        if not own(name) or size > _LONGEST:
            continue
        try:
            code = memory.read(entry, size)
        except UnreadableMemoryError:
            continue
        at = code.find(_CALL)
        while 0 <= at <= size - _CALL_SIZE:
            back = entry + at + _CALL_SIZE
            offset = int.from_bytes(code[at + 1 : at + _CALL_SIZE], "little", signed=True)
            if back + offset in called and (place := functions.place(back)) is not None:
                yield Call(entry, back + offset, place.frames)
            at = code.find(_CALL, at + 1)


def entries_named(functions: Functions, pattern: re.Pattern[str]) -> frozenset[int]:
    """Return the addresses of the functions whose name begins as a pattern says."""
    return frozenset(entry for entry, _, name in functions.named() if pattern.match(name))
