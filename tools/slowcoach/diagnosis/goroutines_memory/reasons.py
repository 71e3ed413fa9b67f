"""Go's words for what goroutines wait for, as a program itself has them."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from slowcoach.core.errors import UnsupportedError
from slowcoach.diagnosis.goroutines_memory.module import Module, find_text, find_words
from slowcoach.diagnosis.interpreter.memory import ProcessMemory, UnreadableMemoryError

MOST_REASONS: Final = 80
_FIRST: Final = b"GC assist marking"  # the second of Go's reasons; the first is ""
_LONGEST: Final = 64
_WORD: Final = 8


def reasons_of(memory: ProcessMemory, module: Module) -> tuple[str, ...]:
    """Return Go's words for what goroutines wait for, by number, as the program has them.

    Raises UnsupportedError when they are not found.
    """
    for text in find_text(memory, module, _FIRST):
        wanted = struct.pack("<QQ", text, len(_FIRST))
        for at in find_words(memory, module, wanted):
            if memory.words(at - 2 * _WORD, 2)[1] == 0:
                return ("", *_strings(memory, at))
    raise UnsupportedError(
        f"pid {memory.pid}: what goroutines wait for is not found in it",
        hint="Serve net/http/pprof in it, which tells its goroutines",
    )


def _strings(memory: ProcessMemory, at: int) -> Iterable[str]:
    for index in range(MOST_REASONS):
        address, length = memory.words(at + index * 2 * _WORD, 2)
        if not 0 < length <= _LONGEST:
            return
        try:
            text = memory.read(address, length).decode("ascii")
        except (UnreadableMemoryError, UnicodeDecodeError):
            return
        yield text
