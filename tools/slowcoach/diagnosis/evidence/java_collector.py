"""How much of a JVM's time its garbage collector takes, between two moments.

Cost: the processor time of each thread is read from /proc (50 µs a thread), the JVM's counters
from the file that it maps for jstat. The program takes no notice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity
from slowcoach.profiling.recorders.java_counters import counters

# a thread's name is cut after 15 characters; the serial collector works in the VM thread
_COLLECTORS = re.compile(
    r"^(?:GC Thread|G1 |Concurrent Mark|CMS|ZGC|ZWorker|ZDriver|Shenandoah|VM Thread)"
)
_COMPILERS = re.compile(r"^C[12] Compiler")
_COLLECTOR = re.compile(r"^sun\.gc\.collector\.(\d+)\.(invocations|time)$")
_FREQUENCY, _TICKS = "sun.os.hrt.frequency", 1e9
_CONTENDED = "sun.rt._sync_ContendedLockAttempts"


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor seconds of the collector's and of all threads but the compiler's, seconds of
    pauses, and the collections (young, old) so far.
    """

    collector_s: float
    all_s: float
    paused_s: float
    runs: tuple[int, int, int]


def spent(pid: int) -> Spent:
    """Return what was spent so far; raises OSError when the process is gone."""
    collector, compiler = 0.0, 0.0
    for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
        with suppress(OSError, ValueError, IndexError):
            name = Path(f"/proc/{pid}/task/{task}/comm").read_text(encoding="utf-8")
            if _COLLECTORS.match(name):
                collector += _seconds(pid, task)
            elif _COMPILERS.match(name):
                compiler += _seconds(pid, task)
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    every = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") - compiler
    told = counters(pid)
    runs, paused = [0, 0, 0], 0
    for key, value in told.items():
        if at := _COLLECTOR.match(key):
            if at[2] == "time":
                paused += value
            else:
                runs[min(int(at[1]) * 2, 2)] += value
    ticks = told.get(_FREQUENCY) or _TICKS
    return Spent(collector, every, paused / ticks, (runs[0], runs[1], runs[2]))


def contended(pid: int) -> int | None:
    """Return how often threads found a monitor taken so far; None where the JVM does not tell."""
    return counters(pid).get(_CONTENDED)


def _seconds(pid: int, task: str) -> float:
    return int(Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0]) / 1e9


def collector_share(before: Spent, after: Spent, seconds: float) -> float:
    """Return the part of the computing that was garbage collection: the pauses of the time, in
    which all that computes stands, or the collector's processor time of all; what is more.
    """
    every = after.all_s - before.all_s
    enough = every > looking("least_processor_s")
    by_cpu = (after.collector_s - before.collector_s) / every if enough else 0.0
    by_pauses = (after.paused_s - before.paused_s) / seconds if seconds > 0 else 0.0
    return min(1.0, max(0.0, by_cpu, by_pauses))


def with_collector(activities: Iterable[Activity], part: float) -> tuple[Activity, ...]:
    """Return the activities with this part of the computing counted as the collector's: threads
    that allocate stand while it runs, and a dump finds them where they were.
    """
    least = looking("least_activity")
    found: list[Activity] = []
    for a in activities:
        if a.state != "cpu" or part * a.mean < least:
            found.append(a)
            continue
        for state, share in (("cpu", 1 - part), ("gc", part)):
            lines = {line: round(mean * share, 3) for line, mean in a.lines.items()}
            update = {"state": state, "mean": round(a.mean * share, 4), "lines": lines}
            found.append(a.model_copy(update=update))
    return tuple(sorted(found, key=lambda a: -a.mean))
