"""What a process and its profiler use while one is recorded, and a correction from it."""

import re
import time
from dataclasses import replace
from typing import NamedTuple

from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders import proc

_THREAD = re.compile(r"Thread (\d+)")
_THREADS_S = 0.5  # between two looks at the threads' CPU time
_HARDLY = 0.05  # of a core
_AGREES = 0.7  # less is no longer the noise of two clocks


class _Look(NamedTuple):
    at: float
    ran: float
    queued: float


def _wanted(first: _Look, last: _Look) -> float:
    """Return the share of time in which a thread wanted a processor.

    A thread that hardly runs is made ready by the profiler itself, look by look, and on a busy
    machine it then queues: its queueing says nothing.
    """
    seconds = last.at - first.at
    if seconds <= 0:
        return 1.0
    ran = (last.ran - first.ran) / seconds
    return ran if ran < _HARDLY else ran + (last.queued - first.queued) / seconds


class Meter:
    """Reads the CPU time of the target, of its threads and of the profiler, look by look."""

    def __init__(self, pid: int | None, *, subprocesses: bool = False) -> None:
        self._pid = pid
        self._subprocesses = subprocesses
        self._begun = time.monotonic()
        self._start = proc.cpu_seconds(pid) if pid is not None else None
        self.seconds = 0.0
        self.target: float | None = None
        self.profiler: float | None = None
        self._first: dict[int, _Look] = {}
        self._last: dict[int, _Look] = {}
        self._threads_read = 0.0
        if pid is not None:
            self._read_threads(pid, 0.0, new=False)

    def look(self, profiler: int) -> None:
        """Take the figures as of now; what has ended keeps its last ones."""
        seconds = time.monotonic() - self._begun
        own = proc.cpu_seconds(profiler)
        if own is not None:
            self.profiler, self.seconds = own / seconds, seconds
        now = proc.cpu_seconds(self._pid) if self._pid is not None else None
        if now is not None and self._start is not None:
            self.target = (now - self._start) / seconds
        if seconds - self._threads_read > _THREADS_S:
            self._read_threads(self._pid or profiler, seconds, new=True)

    def _read_threads(self, root: int, seconds: float, *, new: bool) -> None:
        """A command's processes are the profiler's children."""
        self._threads_read = seconds
        whole = self._subprocesses or self._pid is None
        for process in proc.descendants(root) if whole else [root]:
            for thread, (ran, queued) in proc.thread_times(process).items():
                self._last[thread] = last = _Look(seconds, ran, queued)
                self._first.setdefault(thread, _Look(seconds, 0.0, 0.0) if new else last)

    def scaled(self, profile: Profile, looks: int) -> Profile:
        """Bring a thread that hardly ran down to what it ran, of `looks` looks in all."""
        match = _THREAD.search(profile.name)
        thread = int(match[1]) if match else -1
        if thread not in self._last or not profile.samples:
            return profile
        factor = _wanted(self._first[thread], self._last[thread]) * looks / profile.samples
        if factor >= _AGREES:
            return profile
        tree = replace(profile.tree, weight=profile.tree.weight * factor)
        return replace(profile, tree=tree, samples=max(round(profile.samples * factor), 1))
