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
_FIRST: Final = b"\x48\x8d\x05"  # LEAQ offset(IP), AX
_BEFORE: Final = 160  # bytes of code before a call, in which what it is given is put in place


class Call(NamedTuple):
    """A call: the addresses of the function that it stands in and of the one that it calls, and
    the frames there. `given` is the constant address that the call was given first, 0 for none.
    """

    inside: int
    called: int
    frames: tuple[Frame, ...]
    given: int = 0


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
                given = _given(code, entry, at)
                yield Call(entry, back + offset, place.frames, given)
            at = code.find(_CALL, at + 1)


def _given(code: bytes, entry: int, at: int) -> int:
    """Return the constant address that was put last into the first register for a call."""
    found = code.rfind(_FIRST, max(0, at - _BEFORE), at)
    if found < 0:
        return 0
    end = found + len(_FIRST) + 4
    return entry + end + int.from_bytes(code[end - 4 : end], "little", signed=True)


def entries_named(functions: Functions, pattern: re.Pattern[str]) -> frozenset[int]:
    """Return the addresses of the functions whose name begins as a pattern says."""
    return frozenset(entry for entry, _, name in functions.named() if pattern.match(name))
