"""Garbage collection as a runtime itself counts it: pauses so far, at next to no cost.

The JVM keeps counters in a file that others may map; Go tells where it serves expvar.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from slowcoach.profiling.recorders.java_counters import counters

_FREQUENCY, _TICKS = "sun.os.hrt.frequency", 1e9
_NANO = 1e9
_TIMEOUT_S = 0.5
_LARGEST = 4_000_000
_OK = 200


@dataclass(frozen=True, slots=True)
class Collections:
    """So far: how many collections stopped the program, and for how many seconds in all."""

    count: int
    seconds: float


Collector = Callable[[], Collections | None]


def java(pid: int) -> Collector:
    """Return the collector of a JVM."""
    return lambda: of_counters(counters(pid))


def of_counters(found: Mapping[str, int]) -> Collections | None:
    """Return what a JVM's counters tell; None without them.

    With ZGC and Shenandoah "time" may count cycles beside the program rather than pauses, so the
    safepoints are taken where a collector counts more than they.
    """
    ticks = found.get(_FREQUENCY) or _TICKS
    times = [v for k, v in found.items() if _of_collector(k, "time")]
    if not times:
        return None
    counts = sum(v for k, v in found.items() if _of_collector(k, "invocations"))
    stopped = found.get("sun.rt.safepointTime")
    ticked = sum(times) if stopped is None else min(sum(times), stopped)
    return Collections(counts, ticked / ticks)


def _of_collector(name: str, ending: str) -> bool:
    return name.startswith("sun.gc.collector.") and name.endswith(f".{ending}")


def go(ports: tuple[int, ...]) -> Collector | None:
    """Return the collector of a Go program that serves expvar at one of its ports, else None."""
    for port in ports:
        if _expvar(port) is not None:
            return lambda: _expvar(port)
    return None


def _expvar(port: int) -> Collections | None:
    with suppress(OSError, HTTPException, ValueError, TypeError, KeyError):
        link = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
        try:
            link.request("GET", "/debug/vars")
            answer = link.getresponse()
            if answer.status == _OK:
                return of_expvar(json.loads(answer.read(_LARGEST)))
        finally:
            link.close()
    return None


def of_expvar(data: Mapping[str, Any]) -> Collections:
    """Return what Go's expvar tells; raises KeyError or TypeError for what is none."""
    stats = data["memstats"]
    return Collections(int(stats["NumGC"]), int(stats["PauseTotalNs"]) / _NANO)


def collector_of(pid: int, runtime: str, ports: tuple[int, ...]) -> Collector | None:
    """Return the collector of a process by its runtime; None where none tells."""
    if runtime == "java":
        found = java(pid)
        return found if found() is not None else None
    return go(ports) if runtime == "go" else None
