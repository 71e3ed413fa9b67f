"""What the kernel counts: CPU, memory, switches, disk, of the service and of the machine.

Cost: a few small files of /proc per look. Needs Linux.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.diagnosis.evidence.process import descendants, stat_fields

_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_USER, _SYSTEM = 11, 12
_KILO = 1024


@dataclass(frozen=True, slots=True)
class Counters:
    """One look; all times in seconds, sizes in bytes, since the start of each process."""

    at: float
    user_s: float
    system_s: float
    wait_for_cpu_s: float
    rss: int
    involuntary: int
    read_chars: int
    written_chars: int
    written_bytes: int
    read_bytes: int
    machine_busy_s: float
    machine_iowait_s: float
    own_s: float
    database_s: float = 0.0


def read_counters(pid: int, at: float, database_pids: tuple[int, ...] = ()) -> Counters:
    """Look at a process with its descendants, and at the machine."""
    family = descendants(pid)
    totals = [_one(p) for p in family]
    summed = [sum(values) for values in zip(*totals, strict=True)] if totals else [0.0] * 9
    busy, iowait = _machine()
    times = os.times()
    return Counters(
        at=at,
        user_s=summed[0],
        system_s=summed[1],
        wait_for_cpu_s=summed[2],
        rss=int(summed[3]),
        involuntary=int(summed[4]),
        read_chars=int(summed[5]),
        written_chars=int(summed[6]),
        written_bytes=int(summed[7]),
        read_bytes=int(summed[8]),
        machine_busy_s=busy,
        machine_iowait_s=iowait,
        own_s=times.user + times.system + times.children_user + times.children_system,
        database_s=sum(_cpu(p) for p in database_pids),
    )


def _cpu(pid: int) -> float:
    with suppress(OSError, ValueError, IndexError):
        fields = stat_fields(pid)
        return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICK
    return 0.0


def _one(pid: int) -> list[float]:
    values = [0.0] * 9
    with suppress(OSError, ValueError, IndexError):
        fields = stat_fields(pid)
        values[0], values[1] = int(fields[_USER]) / _TICK, int(fields[_SYSTEM]) / _TICK
    with suppress(OSError, ValueError):
        status = Path(f"/proc/{pid}/status").read_text()
        values[3] = _number(status, r"VmRSS:\s+(\d+)") * _KILO
        values[4] = _number(status, r"nonvoluntary_ctxt_switches:\s+(\d+)")
    with suppress(OSError, ValueError, IndexError):
        waits = 0
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            waits += int(Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[1])
        values[2] = waits / 1e9
    with suppress(OSError, ValueError):
        io = Path(f"/proc/{pid}/io").read_text()
        names = ("rchar", "wchar", "write_bytes", "read_bytes")
        values[5:9] = [_number(io, rf"^{name}: (\d+)") for name in names]
    return values


def _number(text: str, pattern: str) -> float:
    found = re.search(pattern, text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def _machine() -> tuple[float, float]:
    with suppress(OSError, ValueError):
        line = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
        user, nice, system, _idle, iowait, irq, softirq, steal = map(int, line)
        return (user + nice + system + irq + softirq + steal) / _TICK, iowait / _TICK
    return 0.0, 0.0


def cpu_of(pids: tuple[int, ...]) -> float:
    """Return the processor time of some processes, in seconds."""
    return sum(map(_cpu, pids))


def rss_of(pids: tuple[int, ...]) -> int:
    """Return the resident memory of some processes, in bytes."""
    total = 0
    for pid in pids:
        with suppress(OSError, ValueError, IndexError):
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            total += pages * os.sysconf("SC_PAGE_SIZE")
    return total
