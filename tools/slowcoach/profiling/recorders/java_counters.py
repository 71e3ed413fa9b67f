"""The JVM's own counters: garbage collections, safepoints, contended locks, threads.

HotSpot keeps them in a file that others may map (`/tmp/hsperfdata_USER/PID`, as jstat reads it):
reading it costs the program nothing.
"""

import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from slowcoach.core.units import duration, number, share

_MAGIC: Final = 0xCAFEC0C0
_HEADER, _ENTRY = "IbbbbiiqiI", "iiibbbbi"  # prologue and entry of HotSpot's perfMemory.hpp
_LONG: Final = ord("J")
_MOST = 10_000
_LARGEST = 4_000_000
_FREQUENCY, _TICKS = "sun.os.hrt.frequency", 1e9


def counters(pid: int) -> dict[str, int]:
    """Return the numbers of a JVM by name; empty without the file (-XX:-UsePerfData)."""
    root = Path(f"/proc/{pid}/root/tmp")
    names = {str(pid), _inside(pid)}
    for name in names:
        for file in root.glob(f"hsperfdata_*/{name}"):
            try:
                with file.open("rb") as opened:
                    return parsed(opened.read(_LARGEST))
            except (OSError, struct.error, ValueError):
                continue
    return {}


def _inside(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return str(pid)
    lines = [line for line in text.splitlines() if line.startswith("NSpid:")]
    return lines[0].split()[-1] if lines else str(pid)


def parsed(data: bytes) -> dict[str, int]:
    """Return the numbers of such a file by name. Raises struct.error or ValueError."""
    if int.from_bytes(data[:4], "big") != _MAGIC:
        raise ValueError("expected the JVM's counters")
    order = "<" if data[4] else ">"
    head = struct.Struct(order + _HEADER)
    *_, at, count = head.unpack_from(data)
    entry = struct.Struct(order + _ENTRY)
    found: dict[str, int] = {}
    for _ in range(min(count, _MOST)):
        length, name_at, items, kind, _flags, _unit, _vary, data_at = entry.unpack_from(data, at)
        if kind == _LONG and not items:
            end = data.index(b"\0", at + name_at)
            name = data[at + name_at : end].decode("ascii", "replace")
            found[name] = struct.unpack_from(f"{order}q", data, at + data_at)[0]
        if length <= 0:
            break
        at += length
    return found


class Counted:
    """What a JVM's counters counted from now on."""

    def __init__(self, pid: int) -> None:
        self._pid, self._begun = pid, time.monotonic()
        self._first = counters(pid)

    def figures(self) -> dict[str, str]:
        """Return in words what happened since, empty where the JVM keeps no counters."""
        now = counters(self._pid)
        if not now or not self._first:
            return {}
        seconds = max(time.monotonic() - self._begun, 1e-3)
        since = {name: value - self._first.get(name, 0) for name, value in now.items()}
        return told(since, now, seconds)


def told(since: Mapping[str, int], now: Mapping[str, int], seconds: float) -> dict[str, str]:
    """Return in words what counters counted in these seconds."""
    ticks = now.get(_FREQUENCY) or _TICKS
    found: dict[str, str] = {}
    collections = sum(v for k, v in since.items() if _of_collector(k, "invocations"))
    if any(_of_collector(name, "time") for name in now):
        paused = sum(v for k, v in since.items() if _of_collector(k, "time")) / ticks
        found["garbage collection"] = (
            f"{number(collections)} runs took {duration(paused)}, {share(paused / seconds)} of the "
            "time"
        )
    if "sun.rt.safepoints" in now:
        stopped = since.get("sun.rt.safepointTime", 0) / ticks
        found["safepoints"] = (
            f"{number(since['sun.rt.safepoints'])}, all threads stopped for {duration(stopped)} "
            f"({share(stopped / seconds)})"
        )
    if "sun.rt._sync_ContendedLockAttempts" in now:
        found["contended monitors"] = (
            f"{number(since['sun.rt._sync_ContendedLockAttempts'])} attempts"
        )
    if "java.threads.live" in now:
        live, most = now["java.threads.live"], now["java.threads.livePeak"]
        found["threads"] = f"{live} live, {most} at most"
    return found


def _of_collector(name: str, ending: str) -> bool:
    return name.startswith("sun.gc.collector.") and name.endswith(f".{ending}")
