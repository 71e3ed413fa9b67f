"""Look beside another recording at what every thread and task of Python processes waits for.

The interpreters' memory is read (`diagnosis.interpreter`), nothing is stopped: one to five
milliseconds of our own processor time a look, of which at most a twelfth of a core is used.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.stacks import Looks, Sampler, Seen
from slowcoach.diagnosis.interpreter import gil
from slowcoach.diagnosis.interpreter.locks import Held, LockReader
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import (
    Interpreter,
    UnknownInterpreterError,
    open_interpreter,
)
from slowcoach.diagnosis.interpreter.stacks import PyFrame
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.waiting_states import CONTENDED, state_of

RATE = 20  # looks a second
_SHARE_OF_CORE = 0.08
_REFRESH_S = 0.5  # between two looks for new processes
_SLOW_S = 0.25  # between two looks at an interpreter that only py-spy's dump can read
_END_S = 10.0


@dataclass(slots=True)
class ProcessTimes:
    """What the kernel counted of one process: seconds run and ready, of all its threads."""

    pid: int
    begun: float
    ended: float = 0.0
    cpu: float = 0.0
    ready: float = 0.0
    threads: int = 0
    first: dict[int, tuple[float, float]] = field(default_factory=dict[int, tuple[float, float]])


@dataclass(slots=True)
class Watch:
    """All that was seen, by moment: states with their count, who held what others waited for.

    `held` counts (waiting state, the line that held its lock); `names` are by native thread id.
    """

    seen: Counter[Seen] = field(default_factory=Counter[Seen])
    held: Counter[tuple[Seen, PyFrame]] = field(default_factory=Counter[tuple[Seen, PyFrame]])
    gil: Counter[tuple[int, int]] = field(default_factory=Counter[tuple[int, int]])
    looks: int = 0
    failures: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    names: dict[int, str] = field(default_factory=dict[int, str])
    times: dict[int, ProcessTimes] = field(default_factory=dict[int, ProcessTimes])
    collections: int = 0
    version: str = ""
    why_not: str = ""


class _One:
    """One process under the eye."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.sampler = Sampler([pid], 0, python=True)
        self.interpreter: Interpreter | None = next(iter(self.sampler.interpreters), None)
        self.locks = LockReader(self.interpreter) if self.interpreter else None
        self.collections = self._collections()

    def _collections(self) -> int:
        with suppress(UnreadableMemoryError):
            return sum(self.interpreter.collections()) if self.interpreter else 0
        return 0

    def collected(self) -> int:
        return max(self._collections() - self.collections, 0)

    def look(self) -> Counter[Seen]:
        looks = Looks()
        self.sampler.look(looks)
        return looks.seen

    def close(self) -> None:
        self.sampler.__exit__()


class Watcher:
    """Looks in a thread of its own while the block runs; `watch` has what was seen.

    `pids` is asked again and again, so that workers that start later are seen too. With
    `slowly`, interpreters that cannot be read are looked at by py-spy's dump, more rarely.
    """

    def __init__(
        self,
        pids: Callable[[], Iterable[int]],
        cancellation: Cancellation | None = None,
        *,
        rate: int = RATE,
        slowly: bool = False,
    ) -> None:
        self.watch = Watch()
        self._pids, self._cancellation = pids, cancellation
        self._rate, self._slowly = rate, slowly
        self._open: dict[int, _One] = {}
        self._closed: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slowcoach-watch", daemon=True)

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the looks; what was seen stays."""
        self._stop.set()
        self._thread.join(_END_S)

    def _run(self) -> None:
        begun = time.monotonic()
        refreshed = 0.0
        try:
            while not self._called_off():
                start = time.thread_time()
                now = time.monotonic()
                if now - refreshed > _REFRESH_S:
                    refreshed = now
                    self._refresh(now)
                self._look(now)
                used = time.thread_time() - start
                self.watch.cpu_s += used
                self.watch.seconds = time.monotonic() - begun
                self._stop.wait(max(self._pause(), used / _SHARE_OF_CORE - used))
        finally:
            for pid in list(self._open):
                self._end(pid)

    def _called_off(self) -> bool:
        asked = self._cancellation is not None and self._cancellation.asked
        return asked or self._stop.is_set()

    def _pause(self) -> float:
        dumps = any(one.interpreter is None for one in self._open.values())
        return _SLOW_S if dumps else 1 / self._rate

    def _refresh(self, now: float) -> None:
        wanted = set(self._pids())
        for pid in set(self._open) - wanted:
            self._end(pid)
        for pid in wanted - set(self._open) - self._closed:
            self._begin(pid, now)
        for pid in self._open:
            self._count(pid, now)

    def _begin(self, pid: int, now: float) -> None:
        """Open a process once its interpreter has started; one of an unknown version stays out."""
        try:
            found = open_interpreter(pid)
            ready = bool(found.state and found.modules())
            self.watch.version = ".".join(map(str, found.version))
            found.memory.close()
        except UnreadableMemoryError:
            ready = False
        except (UnknownInterpreterError, OSError) as error:
            self.watch.why_not = str(error)
            ready = self._slowly
        if not ready:
            return
        self._open[pid] = _One(pid)
        times = ProcessTimes(pid, now, now, first=dict(proc.thread_times(pid)))
        self.watch.times[pid] = times

    def _end(self, pid: int) -> None:
        one = self._open.pop(pid)
        self._count(pid, time.monotonic())
        self.watch.collections += one.collected()
        if one.locks is not None:
            with suppress(UnreadableMemoryError, OSError):
                self.watch.names.update(one.locks.names())
        one.close()
        self._closed.add(pid)

    def _count(self, pid: int, now: float) -> None:
        """Add up what threads ran; those that have ended keep their last figures."""
        times, threads = self.watch.times[pid], proc.thread_times(pid)
        if not threads:
            return
        was = {thread: times.first.get(thread, (0.0, 0.0)) for thread in threads}
        times.cpu = sum(ran - was[thread][0] for thread, (ran, _) in threads.items())
        times.ready = sum(queued - was[thread][1] for thread, (_, queued) in threads.items())
        times.ended, times.threads = now, max(times.threads, len(threads))

    def _look(self, now: float) -> None:
        for pid, one in self._open.items():
            with suppress(UnreadableMemoryError, OSError):
                seen = one.look()
                self.watch.seen += seen
                self._note_locks(pid, one, seen)
        if self._open:
            self.watch.looks += 1

    def _note_locks(self, pid: int, one: _One, seen: Counter[Seen]) -> None:
        if one.locks is None or one.interpreter is None:
            return
        with suppress(UnreadableMemoryError):
            holder = gil.holder(one.interpreter)
            if holder is not None:
                self.watch.gil[pid, holder] += 1
        blocked = [each for each in seen if state_of(each) in CONTENDED]
        if not blocked:
            return
        held: dict[int, list[Held]] = {}
        for found in one.locks.held():
            held.setdefault(found.key, []).append(found)
        for each in blocked:
            key = one.locks.waits_for.get(each.thread, _address(each))
            holders = [has.frame for has in held.get(key, ()) if has.owner != each.thread]
            for frame in holders or _beyond(each, seen):
                self.watch.held[each, frame] += 1


def _beyond(waiting: Seen, seen: Iterable[Seen]) -> list[PyFrame]:
    """Return where others are further on in the function that waits: they may hold its lock,
    taken by a bare `acquire()`.
    """
    if waiting.task or not waiting.frames:
        return []
    own = waiting.frames[0]
    found: list[PyFrame] = []
    for other in seen:
        if other.task or other.wait.target == waiting.wait.target:
            continue
        found += [
            frame
            for frame in other.frames
            if (frame.name, frame.file) == (own.name, own.file) and frame.line > own.line
        ]
    return found


def _address(seen: Seen) -> int:
    return int(seen.wait.target, 16) if seen.wait.target.startswith("0x") else 0
