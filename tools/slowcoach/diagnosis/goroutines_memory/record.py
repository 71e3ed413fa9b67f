"""One goroutine's own record (`g`) in a program's memory, as far as it is read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from slowcoach.diagnosis.goroutines_memory.layout import NOWHERE, SCHEDULED, STACK, Layout

SYSCALL: Final = 3  # the status of one in a call of the system's, or in code of another language
_WORD: Final = 8
_SCAN: Final = 0x1000  # a bit of the status: the collector looks at the goroutine's stack
_OF_THREAD: Final = 48  # the thread that runs it (`m`), before what is scheduled


@dataclass(frozen=True, slots=True)
class G:
    """`moves` counts how often it stopped; `thread` is Go's record of its thread, in a call."""

    low: int
    high: int
    sp: int
    pc: int
    itself: int
    status: int
    number: int
    reason: int
    moves: int
    parent: int
    created: int
    started: int
    thread: int = 0


def record_of(data: bytes, layout: Layout) -> G:
    """Return the record in these bytes."""
    status = _u32(data, layout.status) & ~_SCAN
    stopped = layout.syscall if status == SYSCALL else SCHEDULED
    return G(
        low=u64(data, STACK),
        high=u64(data, STACK + _WORD),
        sp=u64(data, stopped),
        pc=u64(data, stopped + _WORD),
        itself=u64(data, SCHEDULED + 2 * _WORD),
        status=status,
        number=u64(data, layout.number),
        reason=data[layout.reason],
        moves=data[layout.moves],
        parent=0 if layout.parent == NOWHERE else u64(data, layout.parent),
        created=u64(data, layout.created),
        started=u64(data, layout.started),
        thread=u64(data, _OF_THREAD) if status == SYSCALL else 0,
    )


def u64(data: bytes, at: int) -> int:
    """Return the word at a place."""
    return int.from_bytes(data[at : at + _WORD], "little")


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + _WORD // 2], "little")
