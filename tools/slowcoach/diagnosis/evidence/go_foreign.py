"""What goroutines are at that are in code of another language (cgo), by what the kernel says of the
thread: Go knows that it called, and no more.

Cost: nothing where no goroutine is in such a call; else one small file of /proc for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

from slowcoach.diagnosis.activity import INSIDE, TURN
from slowcoach.diagnosis.evidence.go_frames import frame_of
from slowcoach.diagnosis.evidence.go_roles import CHANNEL
from slowcoach.diagnosis.evidence.waits import Wait, WaitReader
from slowcoach.diagnosis.goroutines_memory.reader import GoroutineReader
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.go_goroutines import Goroutine

_CALLS = re.compile(r"^runtime\.cgocall$|\._Cfunc_")  # the compiler's name of a C function's call


def abroad(
    dump: Sequence[Goroutine], reader: GoroutineReader, waits: WaitReader
) -> dict[int, Wait]:
    """Return what the threads of goroutines in other languages' code wait for, by number; by that
    of who waits for them as well, where a library called from a goroutine of its own.
    """
    away = {g.number: g for g in dump if g.state == "syscall" and is_abroad(g)}
    if not away:
        return {}
    found: dict[int, Wait] = {}
    with suppress(OSError):
        for number, thread in reader.threads(away).items():
            with suppress(OSError, ValueError):
                found[number] = waits.lasting(thread)
    callers = {away[n].parent: n for n in found if not any(map(_own, away[n].frames))}
    waiting = {g.number for g in dump if g.number in callers and g.state in CHANNEL}
    return found | {caller: found[callers[caller]] for caller in waiting}


def is_abroad(goroutine: Goroutine) -> bool:
    """Tell whether a goroutine called code of another language and is not back."""
    return any(_CALLS.search(frame.name) for frame in goroutine.frames[:2])


def _own(frame: Frame) -> bool:
    return frame_of(frame).own


def told(state: str, wait: Wait) -> tuple[str, str]:
    """Return the state and the target of what is abroad: a library of a database that works on its
    own files, computes, or sleeps until others are done with them, is one inside the process.
    """
    if wait.kind == "disk":
        return "disk", wait.target
    if wait.kind == "run":
        return (state, INSIDE) if state == "db" else ("native" if state == "other" else state, "")
    return state, TURN if state == "db" and wait.kind == "sleep" else ""


Abroad = Mapping[int, Wait]
