"""The worker threads of Node.js processes, looked at as the loops are, from when they begin.

Pools make them when they are used, and let them stand in native code (at Atomics.wait) while they
have no work: such are not waited for, but asked again now and then. When a load has ended they may
all stand so: what they noted is read before, at the end of a window of notes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from slowcoach.core.errors import SlowcoachError
from slowcoach.diagnosis.evidence.node_sight import NodeSight, take_worker
from slowcoach.profiling.recorders import node_waits
from slowcoach.profiling.recorders.inspector import Calls, Inspector
from slowcoach.profiling.recorders.node_inspector import installed, method, sampling
from slowcoach.profiling.recorders.node_workers import Worker, answering, joined, workers

RATE: Final = 125
_MOST: Final = 16  # that begin while it is looked at
_PROBE_S, _AGAIN_S = 0.3, 1.0
_WINDOW_S, _WINDOWS_S = 2.6, 10.0  # of notes, and from one to the next
_GIVE_UP: Final = 2  # such that answered once, and not again
_ATOMICS: Final = node_waits.SOURCE.with_name("node_atomics.cjs")


def begin(stack: ExitStack, thread: Calls, said: list[str]) -> str | None:
    """Begin to look at a thread; return its notes. The stack ends it."""
    notes = stack.enter_context(installed(thread, node_waits.SOURCE, said, "notes", False, True))
    stack.enter_context(installed(thread, _ATOMICS, said, "mark of its locks"))
    stack.enter_context(sampling(thread, alloc=False, rate=RATE))
    return notes


@dataclass(slots=True)
class Watched:
    """The worker threads that are looked at in one phase, with the notes of each."""

    stack: ExitStack
    notes: dict[Worker, str | None] = field(default_factory=dict[Worker, "str | None"])
    said: dict[Worker, dict[str, Any]] = field(default_factory=dict["Worker", "dict[str, Any]"])
    read: dict[Worker, float] = field(default_factory=dict["Worker", float])  # when it is next
    due: float = 0.0
    failed: int = 0


class Crew:
    """The worker threads of some processes."""

    def __init__(self, inspectors: Sequence[Inspector]) -> None:
        self._inspectors = inspectors
        self._workers = [thread for one in inspectors for thread in workers(one)]

    def join(self, watched: Watched) -> None:
        """Begin to look at those that have not been. Of a program that makes one for each request
        only some are looked at.
        """
        late = [thread for one in self._inspectors for thread in joined(one)]
        self._workers += late[: max(0, _MOST - len(self._workers))]
        self._read(watched)
        left = [thread for thread in self._workers if thread not in watched.notes]
        if not left or time.monotonic() < watched.due or watched.failed >= _GIVE_UP:
            return
        for thread in self._awake(left):
            watched.notes[thread] = None  # once only, also where that fails half-way
            with suppress(SlowcoachError):
                watched.notes[thread] = begin(watched.stack, thread, []) or ""
            watched.failed += thread.silent
            watched.read[thread] = time.monotonic() + _WINDOW_S
        watched.due = time.monotonic() + _AGAIN_S

    def _read(self, watched: Watched) -> None:
        now = time.monotonic()
        due = [thread for thread, at in watched.read.items() if at <= now and watched.notes[thread]]
        for thread in due:
            watched.read[thread] = now + _WINDOWS_S
        for thread in self._awake(due):
            with suppress(SlowcoachError):
                notes = watched.notes[thread] or ""
                watched.said[thread] = thread.ask(notes, method("read"))

    def take(self, watched: Watched, sight: NodeSight) -> None:
        """Take what they did and waited for into the sight."""
        awake = self._awake(list(watched.notes))
        for thread in awake:
            with suppress(SlowcoachError):  # it may have ended
                take_worker(sight, thread, watched.notes[thread])
        sight.worker_said += [said for each, said in watched.said.items() if each not in awake]

    def _awake(self, threads: Sequence[Worker]) -> list[Worker]:
        """Return those that answer at once."""
        found: list[Worker] = []
        for one in self._inspectors:
            if of := [each for each in threads if each.inspector is one]:
                with suppress(SlowcoachError):
                    found += answering(one, of, _PROBE_S)
        return found
