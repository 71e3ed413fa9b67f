"""What /proc says of processes and of the machine at one moment: counters, no differences.

Cost: three small files for each process and one for each thread, some ten microseconds each.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.diagnosis.evidence.process import stat_fields

_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_STATE, _USER, _SYSTEM, _THREADS, _START, _RSS = 0, 11, 12, 17, 19, 21
_MOST_THREADS = 1_000  # beyond this so many are read, and the rest follows from the CPU time
_NANO = 1e9
_MICRO = 1e6
_STEAL = 8
_FILES = re.compile(r"^Max open files\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Process:
    """One process: times in seconds since its `start` (clock ticks), memory in bytes."""

    start: int
    user: float
    system: float
    rss: int
    threads: int
    state: str
    files: int | None


Times = tuple[float, float]
"""Seconds that a thread ran, and that it stood ready without a processor."""


def processes(pids: Iterable[int]) -> dict[int, Process]:
    """Return the processes that are still there; zombies have ended."""
    found: dict[int, Process] = {}
    for pid in pids:
        with suppress(OSError, ValueError, IndexError):
            fields = stat_fields(pid)
            if fields[_STATE] == "Z":
                continue
            found[pid] = Process(
                start=int(fields[_START]),
                user=int(fields[_USER]) / _TICK,
                system=int(fields[_SYSTEM]) / _TICK,
                rss=int(fields[_RSS]) * _PAGE,
                threads=int(fields[_THREADS]),
                state=fields[_STATE],
                files=open_files(pid),
            )
    return found


def open_files(pid: int) -> int | None:
    """Return how many files a process has open; None when it may not be seen."""
    folder = f"/proc/{pid}/fd"
    with suppress(OSError):
        counted = os.stat(folder).st_size  # noqa: PTH116 - since Linux 6.2 their number
        return counted or len(os.listdir(folder))  # noqa: PTH208 - names only, no objects
    return None


def thread_times(pids: Iterable[int]) -> dict[tuple[int, int], Times]:
    """Return the times of each thread by (pid, tid), of so many threads at most."""
    found: dict[tuple[int, int], Times] = {}
    for pid in pids:
        with suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
                if len(found) >= _MOST_THREADS:
                    return found
                with suppress(OSError, ValueError):
                    found[pid, int(name)] = _schedstat(f"/proc/{pid}/task/{name}/schedstat")
    return found


def _schedstat(file: str) -> Times:
    with open(file, "rb") as opened:  # noqa: PTH123 - called for each thread each second
        ran, ready, _ = opened.read().split()
    return int(ran) / _NANO, int(ready) / _NANO


def is_stopped(pid: int) -> bool:
    """Tell whether a process is stopped by a signal or a debugger at this moment."""
    with suppress(OSError, ValueError, IndexError):
        return stat_fields(pid)[_STATE] in {"T", "t"}
    return False


def running_threads(pids: Iterable[int]) -> int:
    """Return how many threads of processes run or stand ready at this moment."""
    found = 0
    for pid in pids:
        with suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
                with suppress(OSError, ValueError):
                    found += _is_running(f"/proc/{pid}/task/{name}/stat")
    return found


def _is_running(file: str) -> bool:
    with open(file, "rb") as opened:  # noqa: PTH123 - called for each thread ten times a second
        text = opened.read()
    return text[text.rindex(b")") + 2 : text.rindex(b")") + 3] == b"R"


def machine_running() -> int | None:
    """Return how many threads of the machine run or stand ready at this moment, less this one."""
    with suppress(OSError, ValueError, IndexError):
        text = Path("/proc/loadavg").read_text(encoding="ascii")
        return max(int(text.split()[3].partition("/")[0]) - 1, 0)
    return None


def pressures() -> dict[str, float]:
    """Return the seconds so far in which some task of the machine waited, by resource."""
    found: dict[str, float] = {}
    for name in ("cpu", "io", "memory"):
        with suppress(OSError, ValueError, IndexError):
            some = Path(f"/proc/pressure/{name}").read_text(encoding="ascii").splitlines()[0]
            found[name] = int(some.rpartition("total=")[2]) / _MICRO
    return found


def stolen() -> float | None:
    """Return the CPU seconds that the hypervisor gave to others so far, of all cores."""
    with suppress(OSError, ValueError, IndexError), Path("/proc/stat").open("rb") as file:
        return int(file.readline().split()[_STEAL]) / _TICK
    return None


def file_limit(pid: int) -> int | None:
    """Return how many files a process may open; None when unlimited or not to be seen."""
    with suppress(OSError):
        found = _FILES.search(Path(f"/proc/{pid}/limits").read_text(encoding="ascii"))
        return int(found.group(1)) if found else None
    return None


def machine_memory() -> int | None:
    """Return the memory of the machine in bytes."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * _PAGE
    except (ValueError, OSError, AttributeError):
        return None


def allowed_cores(pid: int) -> int:
    """Return on how many cores a process may run."""
    with suppress(OSError, AttributeError):
        return len(os.sched_getaffinity(pid))
    return os.cpu_count() or 1
