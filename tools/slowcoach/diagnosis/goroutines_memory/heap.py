"""The parts of a Go program's memory that are gone through: its heap, and its variables.

Cost: nothing of the program's. Memory that changes meanwhile is read as it is at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slowcoach.diagnosis.interpreter.memory import (
    Mapping,
    ProcessMemory,
    UnreadableMemoryError,
    mappings,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

_HEAP_END: Final = 0x7000 << 32  # threads and libraries are above, Go's heap is not
_GROWS_BY: Final = 4 << 20  # what Go's heap is aligned to, and grows by
_NAMED: Final = ("", "[anon: Go: heap]")
_PIECE: Final = 4 << 20
_MOST_VARIABLES: Final = 8 << 20  # bytes of one range of them


def heap_parts(memory: ProcessMemory, largest: int) -> Iterator[tuple[int, Words]]:
    """Yield the parts of a heap of up to so many bytes, with where they begin."""
    import numpy as np

    parts = heap(memory)
    if sum(m.end - m.start for m in parts) > largest:
        return
    for part in parts:
        data = b"".join(_read(memory, at, part) for at in range(part.start, part.end, _PIECE))
        yield part.start, np.frombuffer(data, dtype="<u8")


def heap_pieces(memory: ProcessMemory, largest: int) -> Iterator[tuple[int, Words]]:
    """Yield the same in small pieces, one at a time."""
    import numpy as np

    parts = heap(memory)
    if sum(m.end - m.start for m in parts) > largest:
        return
    for part in parts:
        for at in range(part.start, part.end, _PIECE):
            yield at, np.frombuffer(_read(memory, at, part), dtype="<u8")


def heap(memory: ProcessMemory) -> list[Mapping]:
    """Return the mapped ranges that are Go's heap."""
    return [
        m
        for m in mappings(memory.pid)
        if m.start < _HEAP_END
        and not (m.start % _GROWS_BY or m.end % _GROWS_BY)
        and m.permissions.startswith("rw")
        and m.path in _NAMED
    ]


def _read(memory: ProcessMemory, at: int, part: Mapping) -> bytes:
    """Return a piece of a range, zeros where it cannot be read."""
    size = min(_PIECE, part.end - at)
    try:
        return memory.read(at, size)
    except UnreadableMemoryError:
        return bytes(size)


def variables(memory: ProcessMemory) -> Iterator[tuple[int, Words]]:
    """Yield the writable data of the program, and what the system put behind it."""
    import numpy as np

    program, last = str(Path(f"/proc/{memory.pid}/exe").readlink()), 0
    for each in mappings(memory.pid):
        mine = each.path == program or (not each.path and each.start == last)
        if mine and each.permissions.startswith("rw"):
            last = each.end
            with suppress(UnreadableMemoryError):
                size = min(each.end - each.start, _MOST_VARIABLES)
                yield each.start, np.frombuffer(memory.read(each.start, size), dtype="<u8")
