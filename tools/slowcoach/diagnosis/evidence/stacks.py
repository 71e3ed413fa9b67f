"""Look at every thread and task of a service again and again: its stack, and what it waits for.

Cost: 1 to 5 ms of this process's CPU per look at a Python service of ten threads (the rate is
lowered so that looking stays under a tenth of a core); the target is not stopped. Needs the
right to ptrace. A Python whose layout is not known is read with py-spy's dump instead (40 to
90 ms of CPU per look, threads only).
"""

import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.waits import RUN, Wait, WaitReader
from slowcoach.diagnosis.interpreter import gil
from slowcoach.diagnosis.interpreter.memory import (
    Binary,
    ProcessMemory,
    UnreadableMemoryError,
    find_binary,
)
from slowcoach.diagnosis.interpreter.objects import (
    Interpreter,
    UnknownInterpreterError,
    open_interpreter,
)
from slowcoach.diagnosis.interpreter.stacks import PyFrame
from slowcoach.diagnosis.interpreter.stacks_before_311 import stack_reader
from slowcoach.diagnosis.interpreter.tasks import TaskReader
from slowcoach.diagnosis.limits import harm

INTERVAL_S = 0.04
_PTHREAD_SIZE = 1024
_OTHERS_TURN = Wait("gil")  # it may run, and another thread holds the interpreter
_SHORT_WAITS = frozenset({"socket", "disk", "sleep", "gil", "child"})
_GIL_PER_INTERPRETER = (3, 14)


@dataclass(frozen=True, slots=True)
class Seen:
    """One thread (or suspended task) at one moment. Frames are leaf first."""

    pid: int
    thread: int
    task: bool
    wait: Wait
    frames: tuple[PyFrame, ...]
    awaits: str = ""
    collecting: bool = False
    without_gil: bool = False


@dataclass(slots=True)
class Looks:
    """All that was seen in a phase: how often each thing, and what did not move for how long."""

    seen: Counter[Seen] = field(default_factory=Counter[Seen])
    looks: int = 0
    still: dict[tuple[int, int], tuple[float, Seen]] = field(
        default_factory=dict[tuple[int, int], tuple[float, Seen]]
    )
    ended_at: float = 0.0

    def stuck(self, least_s: float) -> list[tuple[float, Seen]]:
        """Return what had not moved at the end for at least this long."""
        ages = [(self.ended_at - since, seen) for since, seen in self.still.values()]
        return sorted(
            ((age, seen) for age, seen in ages if age >= least_s), key=lambda pair: -pair[0]
        )


def _opened(pid: int) -> ProcessMemory | None:
    try:
        return ProcessMemory(pid)
    except OSError:
        return None


def _binary(pid: int) -> Binary | None:
    with suppress(OSError):
        return find_binary(pid, {"_PyRuntime"})
    return None


class _Process:
    """One worker process: its interpreter where it can be read, its threads' waits always."""

    def __init__(self, pid: int, own_port: int) -> None:
        self.pid = pid
        self.interpreter: Interpreter | None = None
        self.why_not = ""
        try:
            self.interpreter = open_interpreter(pid)
        except (UnknownInterpreterError, UnreadableMemoryError, OSError) as error:
            self.why_not = str(error)
        self.reader = stack_reader(self.interpreter) if self.interpreter else None
        self._tasks: TaskReader | None = None
        if self.interpreter and self.reader:
            self._tasks = TaskReader(self.interpreter, self.reader)
        memory = self._memory = self.interpreter.memory if self.interpreter else _opened(pid)
        self._native_ids: dict[int, int] = {}
        binary = self.interpreter.binary if self.interpreter else _binary(pid)
        gil = (binary.data_start, binary.data_end) if binary else None
        self.waits = WaitReader(pid, memory, own_port, gil)
        self._rested: dict[int, tuple[int, Wait, tuple[PyFrame, ...]]] = {}

    def close(self) -> None:
        if self._memory:
            self._memory.close()

    def look(self) -> list[Seen]:
        resting = self._resting()
        before = self._waits(resting)
        if self.reader is None:
            return self._dumped(before)
        found: list[Seen] = []
        interpreter = self.interpreter
        collecting = interpreter is not None and interpreter.collecting()
        held = interpreter is None or gil.held(interpreter)
        first = gil.holder(interpreter) if interpreter else None
        stacks = self.reader.threads({t: rested[2] for t, rested in resting.items()})
        last = gil.holder(interpreter) if first and interpreter else None
        for stack in stacks:
            was = before.get(stack.native_id)
            if was is None:
                continue
            if stack.native_id in resting:
                found.append(Seen(self.pid, stack.native_id, False, was, stack.frames))
                continue
            wait = _settled(was, self._wait(stack.native_id))
            self._note_rest(stack.native_id, was, wait, stack.frames)
            if wait == RUN and first and last and stack.native_id not in {first, last}:
                wait = _OTHERS_TURN
            runs = wait == RUN and was == wait
            found.append(
                Seen(
                    self.pid,
                    stack.native_id,
                    False,
                    wait,
                    stack.frames,
                    collecting=collecting and runs,
                    without_gil=runs and not held,
                )
            )
        tasks = self._tasks.tasks() if self._tasks else []
        return found + [Seen(self.pid, t.address, True, RUN, t.frames, t.awaits) for t in tasks]

    def _resting(self) -> dict[int, tuple[int, Wait, tuple[PyFrame, ...]]]:
        """Return the threads that have not run since the last look, as they were then."""
        found: dict[int, tuple[int, Wait, tuple[PyFrame, ...]]] = {}
        for thread, rested in self._rested.items():
            with suppress(OSError, ValueError, IndexError):
                if self.waits.slices(thread) == rested[0]:
                    found[thread] = rested
        self._rested = dict(found)
        return found

    def _note_rest(
        self, thread: int, before: Wait, after: Wait, frames: tuple[PyFrame, ...]
    ) -> None:
        if before == after and before.kind != "run":
            with suppress(OSError, ValueError, IndexError):
                slices = self.waits.slices(thread)
                # it may have run since: then its stack is another
                if self._wait(thread) == after:
                    self._rested[thread] = (slices, after, frames)

    def _waits(
        self, resting: Mapping[int, tuple[int, Wait, tuple[PyFrame, ...]]]
    ) -> dict[int, Wait]:
        found: dict[int, Wait] = {thread: rested[1] for thread, rested in resting.items()}
        with suppress(OSError):
            for thread in self.waits.threads():
                if thread in found:
                    continue
                with suppress(OSError, ValueError, IndexError):
                    found[thread] = self.waits.read(thread)
        return found

    def _wait(self, thread: int) -> Wait | None:
        with suppress(OSError, ValueError, IndexError):
            return self.waits.read(thread)
        return None

    def _dumped(self, waits: dict[int, Wait]) -> list[Seen]:
        from slowcoach.profiling.recorders.python import dump

        found: list[Seen] = []
        with suppress(SlowcoachError):
            for stack in dump(self.pid):
                frames = tuple(PyFrame(f.name, f.file or "", f.line or 0) for f in stack.frames)
                native = stack.os_thread_id or self._native_id(stack.thread_id, waits)
                wait = waits.get(native, RUN)  # the dump's own word for it may be a guess
                found.append(Seen(self.pid, native, False, wait, frames))
        return found

    def _native_id(self, thread: int, known: Iterable[int]) -> int:
        """Return the system's id of a thread by its pthread structure, which holds it."""
        if thread not in self._native_ids and self._memory:
            with suppress(UnreadableMemoryError):
                data = self._memory.read(thread, _PTHREAD_SIZE)
                wanted = set(known)
                numbers = (n for (n,) in struct.iter_unpack("<i", data))
                self._native_ids[thread] = next((n for n in numbers if n in wanted), 0)
        return self._native_ids.get(thread, 0)


def _settled(before: Wait, after: Wait | None) -> Wait:
    """Return the wait of a thread that was looked at before and after its stack was read.

    One that moved meanwhile was in a short wait or ran; a lock passed by is no waiting for it.
    """
    return before if before == after or before.kind in _SHORT_WAITS else RUN


class Sampler:
    """Looks at the workers of one service. Use as a context manager."""

    def __init__(self, pids: Iterable[int], own_port: int, python: bool) -> None:
        self._processes = [_Process(pid, own_port) for pid in pids] if python else []
        self.cpu_s = 0.0

    def __enter__(self) -> "Sampler":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.close()

    @property
    def interpreters(self) -> list[Interpreter]:
        """Return the interpreters that can be read."""
        return [p.interpreter for p in self._processes if p.interpreter]

    @property
    def why_not(self) -> str:
        """Return why an interpreter cannot be read ('' when all can)."""
        return next((p.why_not for p in self._processes if p.why_not), "")

    def look(self, into: Looks) -> None:
        """Look once at everything."""
        now = time.monotonic()
        for process in self._processes:
            with suppress(UnreadableMemoryError, OSError):
                for seen in process.look():
                    into.seen[seen] += 1
                    self._note_still(into, seen, now)
        into.looks += 1
        into.ended_at = now

    @staticmethod
    def _note_still(into: Looks, seen: Seen, now: float) -> None:
        key = (seen.pid, seen.thread)
        since, last = into.still.get(key, (now, None))
        into.still[key] = (since if last == seen else now, seen)

    def watch(self, cancellation: Cancellation, each: Callable[[], None] | None = None) -> "Watch":
        """Return a block during which a thread of its own looks all the time."""
        return Watch(self, cancellation, each)


class Watch:
    """Looks in a thread while the block runs; `looks` has what was seen."""

    def __init__(
        self, sampler: Sampler, cancellation: Cancellation, each: Callable[[], None] | None
    ) -> None:
        self.looks = Looks()
        self._sampler = sampler
        self._cancellation = cancellation
        self._each = each
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slowcoach-looks", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        most = harm("stacks_share")
        while not self._stop.is_set() and not self._cancellation.asked:
            begun = time.thread_time()
            self._sampler.look(self.looks)
            took = time.thread_time() - begun
            if self._each is not None:
                self._each()
            self._sampler.cpu_s += took
            self._stop.wait(max(INTERVAL_S, took / most))
