"""What a Go runtime says of itself: collections, allocation, leaks, by its pprof endpoint."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from slowcoach.core.errors import ToolFailedError, UnreachableError
from slowcoach.core.units import duration, quantity, share
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders.go_endpoint import Client

_FIELD: Final = re.compile(r"^# (\w+) = (.*)$", re.MULTILINE)
_RING = 256  # pauses that runtime.MemStats keeps
_MUTEX_RATE: Final = re.compile(r"^sampling period=(\d+)", re.MULTILINE)
_LEAKED: Final = re.compile(r"^goroutineleak profile: total (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Memory:
    """Figures of runtime.MemStats; pauses in nanoseconds, a ring of the last ones."""

    collections: int
    allocated: int
    heap: int
    pauses: tuple[int, ...]


def memory(client: Client) -> Memory | None:
    """Return the figures as of now, None where the handler does not give them."""
    try:
        return memory_of(client.text("heap?debug=1"))
    except (ToolFailedError, UnreachableError):
        return None


def memory_of(text: str) -> Memory | None:
    """Return the figures at the end of a heap profile as text."""
    said = dict(_FIELD.findall(text[text.rfind("# runtime.MemStats") :]))
    try:
        return Memory(
            collections=int(said["NumGC"]),
            allocated=int(said["TotalAlloc"]),
            heap=int(said["HeapAlloc"]),
            pauses=tuple(map(int, said["PauseNs"].strip("[]").split())),
        )
    except (KeyError, ValueError):
        return None


def collected(before: Memory | None, after: Memory | None, seconds: float) -> dict[str, str]:
    """Return in words what was collected and allocated between two looks."""
    if before is None or after is None:
        return {}
    runs = after.collections - before.collections
    ring = len(after.pauses) or 1
    last = [after.pauses[(after.collections - 1 - i) % ring] for i in range(min(runs, ring))]
    return {
        "garbage collection": f"{runs} runs"
        + (f", stopped all for {duration(sum(last) / 1e9)}" if last else "")
        + (f", at most {duration(max(last) / 1e9)}" if last else ""),
        "allocated": f"{quantity((after.allocated - before.allocated) / seconds, 'bytes')} a "
        f"second, {quantity(after.heap, 'bytes')} on the heap",
    }


def collector_share(profile: Profile) -> str | None:
    """Return in words how much of the processor time the garbage collector took."""
    if profile.total <= 0:
        return None
    marks = [index for index, frame in enumerate(profile.frames) if kind(frame).collector]
    keys = np.where(np.isin(profile.tree.frame, marks), 0, -1)
    return share(float(profile.total_by(keys, 1)[0]) / profile.total)


def mutex_rate(client: Client) -> int | None:
    """Return what SetMutexProfileFraction was set to (0: never), None when it is not told."""
    try:
        known = _MUTEX_RATE.search(client.text("mutex?debug=1"))
    except (ToolFailedError, UnreachableError):
        return None
    return int(known[1]) if known else None


def leaked(client: Client) -> str | None:
    """Return in words how many goroutines can never go on; Go 1.27 and later know it."""
    try:
        known = _LEAKED.search(client.text("goroutineleak?debug=1"))
    except (ToolFailedError, UnreachableError):
        return None
    return f"{known[1]} can never go on" if known else None
