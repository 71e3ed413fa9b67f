"""On how many cores a process may compute: what the system, its control group, and it itself allow.

A container's limit is a quota of time; a runtime may be told to use fewer threads. Needs Linux.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_OWN = re.compile(rb"(?:^|\0)GOMAXPROCS=(\d+)(?:\0|$)")
_READ_AT_START = "go"  # the runtime that is told its threads by that variable


def cores_of(pid: int, runtime: str = "") -> int:
    """Return the cores that a process may use at a time, 1 or more."""
    told: list[int] = []
    with suppress(OSError, AttributeError):  # it has ended; a system without affinities
        told.append(len(os.sched_getaffinity(pid)))
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/cgroup").read_text(errors="replace").splitlines()
        told += [math.ceil(quota) for line in lines for quota in _quotas(line)]
    if runtime == _READ_AT_START:
        with suppress(OSError):
            told += [
                limit for limit in [own_limit(Path(f"/proc/{pid}/environ").read_bytes())] if limit
            ]
    return max(1, min(told, default=1))


def own_limit(environment: bytes) -> int:
    """Return the threads that a Go program is told to compute with, 0 for no limit."""
    found = _OWN.search(environment)
    return int(found[1]) if found else 0


def _quotas(line: str, groups: Path = _GROUPS) -> Iterator[float]:
    """Yield the cores that a control group and those around it allow, by a line of cgroup(7)."""
    _, controllers, path = line.split(":", 2)
    if controllers and "cpu" not in controllers.split(","):
        return
    root = groups / controllers if controllers else groups
    inner = root / path.lstrip("/")
    for folder in (inner, *inner.parents):
        yield from quota(folder)
        if folder == root:
            return


def quota(folder: Path) -> Iterator[float]:
    """Yield the cores that a control group's folder tells, version 2 or 1, if it limits them."""
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        with suppress(OSError, ValueError):
            words = " ".join((folder / name).read_text() for name in names).split()
            if int(words[0]) > 0 and int(words[1]) > 0:
                yield int(words[0]) / int(words[1])
