"""The kernel's account of a recording: how long threads ran, stood ready for a processor, waited.

Read from /proc at the start, once a second and at the end (three small files for each thread).
Empty where there is no /proc.
"""

import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from slowcoach.core import process
from slowcoach.profiling.recorders import proc

_STEP_S: Final = 1.0
_MANY_THREADS: Final = 400  # beyond this only the start and the end are read
_RECORDERS: Final = ("py-spy", "perf", "jcmd", "asprof")
_MINOR, _MAJOR, _USER, _SYSTEM, _BLOCKED = 7, 9, 11, 12, 39  # after the name, as in proc(5)
_SWITCHES = re.compile(r"^(non)?voluntary_ctxt_switches:\s+(\d+)", re.MULTILINE)
_NUMBER = re.compile(r"\d+")
_CGROUP: Final = Path("/sys/fs/cgroup")
_TICKS = proc.TICKS


class _Counts(NamedTuple):
    """Of one thread since its start; seconds, and counts. `queued` is None when not told."""

    ran: float
    queued: float | None
    blocked: float
    voluntary: int
    involuntary: int
    minor: int
    major: int


@dataclass(frozen=True, slots=True)
class Group:
    """Threads of one name (their numbers left out), in threads on average."""

    name: str
    threads: int
    running: float
    runnable: float | None


@dataclass(frozen=True, slots=True)
class Account:
    """Figures over `seconds`; running, runnable, waiting and disk in threads on average.

    `runnable` is None where the kernel does not tell; `throttled` is the share of the time in
    which the processes' control group was stopped at its limit; pressures are the shares of the
    time in which something on the machine waited for a processor, disk or memory.
    """

    seconds: float
    processes: int
    threads: int
    running: float
    runnable: float | None
    waiting: float
    disk: float
    voluntary: float
    involuntary: float
    minor_faults: float
    major_faults: float
    throttled: float | None
    pressure: dict[str, float]
    groups: tuple[Group, ...]


@dataclass(slots=True)
class _Thread:
    name: str
    since: float
    until: float
    first: _Counts
    last: _Counts


@dataclass(slots=True)
class Watch:
    """The looks of one recording; `account` is there after its end, None when nothing was seen."""

    pid: int | None
    begun: float = field(default_factory=time.monotonic)
    account: Account | None = None
    threads: dict[int, _Thread] = field(default_factory=dict[int, _Thread])
    processes: set[int] = field(default_factory=set[int])
    _others: frozenset[int] = frozenset()
    _pressures: dict[str, float] = field(default_factory=dict[str, float])
    _throttled: dict[Path, tuple[float, float]] = field(
        default_factory=dict[Path, tuple[float, float]]
    )

    def start(self) -> None:
        """Take the first look; children that we have by now belong to others."""
        self._others = frozenset(process.children())
        self._pressures = _pressures()
        self.look(first=True)

    def look(self, *, first: bool = False) -> None:
        """Read every thread; one that is new since the start began at nothing."""
        now = time.monotonic() - self.begun
        for pid in self._targets():
            self._throttle(pid)
            for task in _tasks(pid):
                self._read(task, now, new=not first)

    def finish(self) -> None:
        """Take the last look and sum up."""
        self.look()
        seconds = time.monotonic() - self.begun
        if self.threads and seconds > 0:
            self.account = _account(self, seconds, self._share_throttled(seconds))

    def pressure(self, seconds: float) -> dict[str, float]:
        """Return the shares of the time in which something on the machine waited, by resource."""
        before = self._pressures
        return {
            name: min((now - before[name]) / seconds, 1.0)
            for name, now in _pressures().items()
            if name in before
        }

    def _targets(self) -> list[int]:
        if self.pid is not None:
            return proc.descendants(self.pid)
        ours = [pid for pid in process.children() if pid not in self._others]
        family = {member for pid in ours for member in proc.descendants(pid)}
        return [pid for pid in family if not proc.comm(pid).startswith(_RECORDERS)]

    def _read(self, task: Path, now: float, *, new: bool) -> None:
        found = _counts(task)
        if found is None:
            return
        name, counts = found
        known = self.threads.get(int(task.name))
        if known is None:
            self.processes.add(int(task.parent.parent.name))
            start = _NOTHING if new else counts
            self.threads[int(task.name)] = _Thread(name, now if new else 0.0, now, start, counts)
        else:
            known.name, known.until, known.last = name, now, counts

    def _throttle(self, pid: int) -> None:
        for file in _throttle_files(pid):
            value = throttled(file)
            if value is not None:
                self._throttled[file] = (self._throttled.get(file, (value, value))[0], value)

    def _share_throttled(self, seconds: float) -> float | None:
        spans = [last - first for first, last in self._throttled.values()]
        return min(max(spans) / seconds, 1.0) if spans else None


_NOTHING = _Counts(0.0, 0.0, 0.0, 0, 0, 0, 0)


@contextmanager
def watched(pid: int | None) -> Iterator[Watch]:
    """Watch a process with its children, or what is started meanwhile, while the block runs."""
    watch = Watch(pid)
    if sys.platform != "linux":
        yield watch
        return
    watch.start()
    stop = threading.Event()
    ticker = threading.Thread(target=_tick, args=(watch, stop), daemon=True)
    ticker.start()
    try:
        yield watch
    finally:
        stop.set()
        ticker.join()
    watch.finish()


def _tick(watch: Watch, stop: threading.Event) -> None:
    while not stop.wait(_STEP_S):
        if len(watch.threads) <= _MANY_THREADS:
            watch.look()


def _tasks(pid: int) -> list[Path]:
    with suppress(OSError):
        return list(Path(f"/proc/{pid}/task").iterdir())
    return []


def _counts(task: Path) -> tuple[str, _Counts] | None:
    """Return a thread's name and counts, or None when it is gone."""
    try:
        text = (task / "stat").read_text(encoding="utf-8", errors="replace")
        switches = _SWITCHES.findall((task / "status").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    ran = (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS
    queued: float | None = None
    with suppress(OSError, ValueError):
        exact, waited, _ = (task / "schedstat").read_text(encoding="ascii").split()
        ran, queued = int(exact) / 1e9, int(waited) / 1e9
    by_kind = {kind: int(count) for kind, count in switches}
    return name, _Counts(
        ran=ran,
        queued=queued,
        blocked=int(fields[_BLOCKED]) / _TICKS,
        voluntary=by_kind.get("", 0),
        involuntary=by_kind.get("non", 0),
        minor=int(fields[_MINOR]),
        major=int(fields[_MAJOR]),
    )


def _account(watch: Watch, seconds: float, throttled: float | None) -> Account:
    groups: dict[str, list[tuple[float, float | None]]] = {}
    ran = queued = lived = blocked = 0.0
    knows = True
    counts = [0, 0, 0, 0]
    for thread in watch.threads.values():
        first, last = thread.first, thread.last
        own = max(last.ran - first.ran, 0.0)
        stood = None if last.queued is None else max(last.queued - (first.queued or 0.0), 0.0)
        ran, queued = ran + own, queued + (stood or 0.0)
        knows = knows and stood is not None
        lived += thread.until - thread.since
        blocked += last.blocked - first.blocked
        for index, change in enumerate(b - a for a, b in zip(first[3:], last[3:], strict=True)):
            counts[index] += change
        groups.setdefault(_NUMBER.sub("#", thread.name), []).append((own, stood))
    per_second = [max(count, 0) / seconds for count in counts]
    return Account(
        seconds=seconds,
        processes=len(watch.processes),
        threads=len(watch.threads),
        running=ran / seconds,
        runnable=queued / seconds if knows else None,
        waiting=max(lived - ran - queued, 0.0) / seconds,
        disk=max(blocked, 0.0) / seconds,
        voluntary=per_second[0],
        involuntary=per_second[1],
        minor_faults=per_second[2],
        major_faults=per_second[3],
        throttled=throttled,
        pressure=watch.pressure(seconds),
        groups=_groups(groups, seconds),
    )


def _groups(
    groups: dict[str, list[tuple[float, float | None]]], seconds: float
) -> tuple[Group, ...]:
    found = [
        Group(
            name,
            len(threads),
            sum(ran for ran, _ in threads) / seconds,
            None
            if any(stood is None for _, stood in threads)
            else sum(stood or 0.0 for _, stood in threads) / seconds,
        )
        for name, threads in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: -group.running))


def _pressures() -> dict[str, float]:
    """Return the seconds in which some task waited so far, by resource (pressure stalls)."""
    found: dict[str, float] = {}
    for name in ("cpu", "io", "memory"):
        with suppress(OSError, ValueError, IndexError):
            some = Path(f"/proc/pressure/{name}").read_text(encoding="ascii").splitlines()[0]
            found[name] = int(some.rpartition("total=")[2]) / 1e6
    return found


def _throttle_files(pid: int) -> list[Path]:
    """Return the files of a process's control group, and of those above it, that tell."""
    found: list[Path] = []
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "cpu" not in controllers.split(","):
                continue
            root = _CGROUP / "cpu" if controllers else _CGROUP
            folder = root / path.lstrip("/")
            while folder != root.parent:
                found.append(folder / "cpu.stat")
                folder = folder.parent
    return found


def throttled(file: Path) -> float | None:
    """Return the seconds for which a control group was stopped so far."""
    with suppress(OSError, ValueError):
        rows = dict(line.split() for line in file.read_text(encoding="ascii").splitlines())
        if "throttled_usec" in rows:
            return int(rows["throttled_usec"]) / 1e6
        if "throttled_time" in rows:
            return int(rows["throttled_time"]) / 1e9
    return None
