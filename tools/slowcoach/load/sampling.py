"""Watch a process under load from a thread beside it: `with sampling(pid) as watch`.

Each look reads counters of /proc (a millisecond or two); what happened between two looks is
computed afterwards, in `watching.series`. Nothing is stopped, nothing is injected.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from slowcoach.core.errors import UnreachableError, UnsupportedError
from slowcoach.diagnosis.evidence.process import descendants, listeners, runtime_of
from slowcoach.load.target_series import TargetSeries
from slowcoach.load.watching import collectors, kernel, network
from slowcoach.load.watching.control_group import group_of
from slowcoach.load.watching.series import Facts, Look, series_of

_GLANCES = 10  # in each interval: is it stopped, how long is its accept queue
_FAMILY_EVERY = 5  # looks between two for new children and peers: they read all of /proc
_MOST_SHARE = 0.05  # of one core that the watching may cost
_END_S = 5.0
_MOST_THREADS = 256
_MOST_GLANCE_S = 0.005
_SLOW_GLANCES = 10
_GOLDEN, _UNEVEN = 0.618033988749895, 0.5


@dataclass(frozen=True, slots=True)
class _Glance:
    stopped: bool
    queue: int
    machine: int | None
    running: int | None
    unsent: int | None


def pid_of(port: int) -> int | None:
    """Return the eldest process that listens at a port of this machine; None when none is seen."""
    found = set(listeners(port))
    for pid in sorted(found):
        with suppress(OSError, ValueError, IndexError):
            if not found & set(_parents(pid)):
                return pid
    return min(found, default=None)


def _parents(pid: int) -> Iterator[int]:
    seen = {pid}
    while (pid := int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])) > 1:
        if pid in seen:
            return
        seen.add(pid)
        yield pid


class Sampler:
    """Looks at a process and its descendants until it is stopped; `series` has what was seen."""

    def __init__(self, pid: int, interval_s: float = 1.0) -> None:
        self.pid = pid
        self._interval_s = interval_s
        self._looks: list[Look] = []
        self._family = descendants(pid)
        self._runtime = runtime_of(self._workers()[0])
        self._group = group_of(pid)
        self._near = network.same_network(pid)
        self._held = network.inodes(self._family)
        listening = self._listening()
        self._ports = frozenset(each.port for each in listening)
        self._collector = collectors.collector_of(
            self._workers()[0], self._runtime, tuple(sorted(self._ports)) if self._near else ()
        )
        self._backlog = self._threads = self._slow = 0
        self._turn, self._may_ask = 0.0, True
        self._peers: dict[str, int] = {}
        self._glances: list[_Glance] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slowcoach-sampling", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Take the last look and end."""
        self._stop.set()
        self._thread.join(_END_S)

    def series(self, started: float) -> TargetSeries:
        """Return what was seen, in seconds from `started` (a time of `time.monotonic()`)."""
        facts = Facts(
            pid=self.pid,
            runtime=self._runtime,
            affinity=kernel.allowed_cores(self.pid),
            machine_cores=os.cpu_count(),
            quota=self._group.cores(),
            memory_limit=self._group.memory_limit() or kernel.machine_memory(),
            file_limit=kernel.file_limit(self.pid),
            backlog=self._backlog or None,
            peers=dict(self._peers),
            collector=self._collector is not None,
        )
        return series_of(tuple(self._looks), facts, started)

    def _workers(self) -> list[int]:
        return self._family[1:] or self._family

    def _listening(self) -> list[network.Listening]:
        found = network.listening() if self._near else {}
        return [each for inode, each in found.items() if inode in self._held]

    def _run(self) -> None:
        count = 0
        while True:
            begun = time.thread_time()
            if count % _FAMILY_EVERY == 0:
                self._refresh()
            look = self._look()
            if look is None:
                return
            self._looks.append(look)
            if self._stop.is_set():
                return
            count += 1
            cost = time.thread_time() - begun
            self._wait(max(self._interval_s, cost / _MOST_SHARE))

    def _wait(self, seconds: float) -> None:
        """Wait for the next look, with a glance at what comes and goes faster than that.

        Glances lie unevenly (multiples of the golden section), so that they do not fall into step
        with a target that goes round and round.
        """
        self._glances = []
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._glances.append(self._glance())
            self._turn = (self._turn + _GOLDEN) % 1.0
            if self._stop.wait(min(left, seconds / _GLANCES * (_UNEVEN + self._turn))):
                return

    def _glance(self) -> _Glance:
        """Look at what comes and goes; what costs much on a large machine is left out."""
        is_small = self._threads <= _MOST_THREADS
        begun = time.thread_time()
        sockets = network.Glance()
        if self._near and self._ports:
            sockets = network.glance(self._ports, answers=self._may_ask)
        self._backlog = max(self._backlog, sockets.most)
        found = _Glance(
            stopped=kernel.is_stopped(self.pid),
            queue=sockets.waiting,
            machine=kernel.machine_running(),
            running=kernel.running_threads(self._family) if is_small else None,
            unsent=sockets.unsent,
        )
        if time.thread_time() - begun > _MOST_GLANCE_S:
            self._slow += 1
            self._may_ask = self._may_ask and self._slow < _SLOW_GLANCES
        return found

    def _refresh(self) -> None:
        self._family = descendants(self.pid)
        for peer, count in network.peers(self._family, self._ports).items():
            self._peers[peer] = max(self._peers.get(peer, 0), count)

    def _look(self) -> Look | None:
        found = kernel.processes(self._family)
        if self.pid not in found:
            return None
        glances = self._glances
        machine = [each.machine for each in glances if each.machine is not None]
        unsent = [each.unsent for each in glances if each.unsent is not None]
        self._threads = sum(each.threads for each in found.values())
        return Look(
            at=time.monotonic(),
            processes=found,
            threads=kernel.thread_times(found),
            own={} if os.getpid() in found else kernel.thread_times([os.getpid()]),
            throttled=self._group.throttled(),
            pressure=kernel.pressures(),
            stolen=kernel.stolen(),
            dropped=network.counters(self.pid),
            sockets=network.states(self.pid),
            collections=self._collector() if self._collector else None,
            stopped=fmean(each.stopped for each in glances) if glances else None,
            accept_queue=max((each.queue for each in glances), default=None),
            machine_running=fmean(machine) if machine else None,
            running=tuple(each.running for each in glances if each.running is not None),
            unsent=fmean(unsent) if unsent else None,
        )


@contextmanager
def sampling(pid: int, interval_s: float = 1.0) -> Iterator[Sampler]:
    """Watch a process and its descendants inside the block.

    Raises UnreachableError for a pid that is none and UnsupportedError without /proc. What may
    not be seen of another user's process is told in the series' `unknown`.
    """
    if not Path("/proc/self/stat").exists():
        raise UnsupportedError(
            "watching the target needs Linux's /proc",
            hint="Run the test on the target's machine, or give the address of its Prometheus",
        )
    if not kernel.processes([pid]):
        raise UnreachableError(
            f"pid {pid}: no such process", hint="Check the pid, or leave it out: `pgrep -a NAME`"
        )
    watch = Sampler(pid, interval_s)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()
