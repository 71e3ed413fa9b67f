"""What the threads of any program wait for, looked at a few times a second beside a recording.

The kernel tells the system call of a thread and its arguments; by them the socket's peer, the
file, or the lock, and for the C library's mutexes the thread that holds it. Two small files of
/proc for each thread and look.
"""

import os
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from slowcoach.diagnosis.evidence.waits import Wait, WaitReader
from slowcoach.diagnosis.interpreter.memory import ProcessMemory, UnreadableMemoryError
from slowcoach.profiling.recorders import proc

STEP_S: Final = 0.2
_EARLY: Final = 0.9  # of a step; timers are not that exact
_MANY: Final = 300  # threads; of more only the first are looked at
_OWNER_AT: Final = 8  # of pthread_mutex_t, in the C library of GNU


class Look(NamedTuple):
    """One thread at one moment (monotonic clock); `holder` has the lock that it waits for."""

    at: float
    tid: int
    wait: Wait
    holder: int


@dataclass(slots=True)
class Looks:
    """All looks of one recording, and the threads' names; `alive` were there at the last look."""

    pid: int | None
    looks: list[Look] = field(default_factory=list[Look])
    alive: dict[int, str] = field(default_factory=dict[int, str])
    names: dict[int, str] = field(default_factory=dict[int, str])
    rounds: int = 0
    _last: float = 0.0

    def look(self, recorder: int) -> None:
        """Look at every thread; a command's processes are the recorder's children."""
        now = time.monotonic()
        if now - self._last < STEP_S * _EARLY:
            return
        self._last = now
        self.rounds += 1
        family = proc.descendants(self.pid or recorder)
        if self.pid is None:
            family = family[1:]
        self.alive = {}
        for process in family:
            with suppress(OSError, UnreadableMemoryError):
                self._process(process)

    def _process(self, pid: int) -> None:
        with _memory(pid) as memory:
            reader = WaitReader(pid, memory, 0, None)
            threads = reader.threads()
            for tid in threads[:_MANY]:
                self.alive[tid] = self.names[tid] = proc.comm(tid)
                try:
                    wait = reader.read(tid)
                except PermissionError:
                    wait = _state(pid, tid)
                except (OSError, ValueError, IndexError):
                    continue
                holder = _holder(memory, wait, tid, threads)
                self.looks.append(Look(time.monotonic(), tid, wait, holder))

    def by_thread(self) -> dict[int, list[Look]]:
        """Return each thread's looks in order of time."""
        found: dict[int, list[Look]] = {}
        for look in self.looks:
            found.setdefault(look.tid, []).append(look)
        return found


def _state(pid: int, tid: int) -> Wait:
    """Return what everybody may see of a thread: that it runs, waits, or waits for a disk."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/task/{tid}/stat").read_text(encoding="utf-8", errors="replace")
        letter = text.rpartition(")")[2].split()[0]
        return Wait({"R": "run", "D": "disk"}.get(letter, "other"))
    return Wait("other")


@contextmanager
def _memory(pid: int) -> Iterator[ProcessMemory | None]:
    try:
        memory = ProcessMemory(pid)
    except OSError:
        yield None
        return
    with memory:
        yield memory


def _holder(memory: ProcessMemory | None, wait: Wait, tid: int, threads: list[int]) -> int:
    """Return the thread that holds a mutex, or 0: what stands there must be a thread of ours."""
    if wait.kind != "lock" or memory is None:
        return 0
    with suppress(OSError, UnreadableMemoryError, ValueError):
        owner = int.from_bytes(memory.read(int(wait.target, 16) + _OWNER_AT, 4), "little")
        if owner != tid and owner in threads:
            return owner
    return 0


def between(looks: list[Look], start: float, end: float) -> list[Look]:
    """Return a thread's looks of a span of time."""
    times = [look.at for look in looks]
    return looks[bisect_right(times, start) : bisect_right(times, end)]


def told(wait: Wait) -> str:
    """Return what a thread waits for in words, or nothing when there is no more to say."""
    if wait.kind in {"socket", "disk", "pipe"} and wait.target:
        return wait.target if wait.kind != "pipe" else os.path.basename(wait.target)  # noqa: PTH119
    return ""
