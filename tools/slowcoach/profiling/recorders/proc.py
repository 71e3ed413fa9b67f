"""What /proc says of a process: threads and CPU time. None where there is no /proc."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_UTIME, _CUTIME = 11, 13  # after the name: fields 14 and 16 of proc(5), less the first two


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
    return sum(map(int, fields[_UTIME:_CUTIME])) / _TICKS


def name(pid: int) -> str:
    """Return `pid 42 (python3)`, or without the name when there is none to read."""
    try:
        comm = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return f"pid {pid}"
    return f"pid {pid} ({comm})"
