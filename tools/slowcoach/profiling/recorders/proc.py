"""What /proc says of a process: threads and CPU time. None where there is no /proc."""

import os
import time
from pathlib import Path

from slowcoach.core.job import Cancellation

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PARENT, _UTIME, _CUTIME = (
    1,
    11,
    13,
)  # after the name: fields 14 and 16 of proc(5), less the first two


def exists(pid: int) -> bool:
    """Tell whether there is such a process (True when it cannot be known)."""
    if Path("/proc/self").exists():
        return Path(f"/proc/{pid}").exists()
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def state(pid: int) -> str:
    """Return the state of a process as proc(5) has it ("T" stopped, "Z" ended), "" if unknown."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[0]


def is_stopped(pid: int) -> bool:
    """Tell whether a process was stopped by a signal: it answers nothing until it is continued."""
    return state(pid) == "T"


def threads(pid: int) -> int | None:
    """Return the number of threads of a process."""
    try:
        return len(os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208 - names only, no objects
    except OSError:
        return None


def cpu_seconds(pid: int) -> float | None:
    """Return the CPU time of a process so far, user and system, its waited-for children not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return sum(map(int, fields[_UTIME:_CUTIME])) / TICKS


def descendants(pid: int) -> list[int]:
    """Return the process and its descendants (itself alone where the system does not tell)."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        parent = _parent(entry)
        if parent is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for process in found:
        found += children.get(process, [])
    return found


def _parent(entry: Path) -> int | None:
    try:
        text = (entry / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return int(text.rpartition(")")[2].split()[_PARENT])


def thread_times(pid: int) -> dict[int, tuple[float, float]]:
    """Return for each thread of a process the seconds it ran, and was ready to run (schedstat)."""
    found: dict[int, tuple[float, float]] = {}
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            ran, queued, _ = (task / "schedstat").read_text(encoding="ascii").split()
        except (OSError, ValueError):
            continue
        found[int(task.name)] = int(ran) / 1e9, int(queued) / 1e9
    return found


def cpu_pressure() -> float | None:
    """Return the share of the last ten seconds in which some task waited for a processor."""
    try:
        some = Path("/proc/pressure/cpu").read_text(encoding="ascii").split()
        return float(some[1].removeprefix("avg10=")) / 100
    except (OSError, ValueError, IndexError):
        return None


def name(pid: int) -> str:
    """Return `pid 42 (python3)`, or without the name when there is none to read."""
    try:
        comm = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return f"pid {pid}"
    return f"pid {pid} ({comm})"


def load(pid: int, cancellation: Cancellation | None, seconds: float = 0.5) -> float | None:
    """Return how many cores a process uses, looked at for a while."""
    start, begun = cpu_seconds(pid), time.monotonic()
    if start is None:
        return None
    if cancellation is None:
        time.sleep(seconds)
    else:
        cancellation.sleep(seconds)
    end = cpu_seconds(pid)
    return None if end is None else (end - start) / (time.monotonic() - begun)


def comm(pid: int) -> str:
    """Return a process's short name, or nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
