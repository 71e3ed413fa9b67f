"""How the process under load was, by the second: what its kernel and runtime count."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TargetMoment:
    """The target (with its child processes) between two looks. None: not to be had here.

    CPU in cores (1.0: one core busy); `ready` threads on average that stood ready without a
    processor; `throttled` the share of the time that its control group stood still; `pressure`
    the kernel's some-share by resource (cpu, io, memory); `sockets` by state; `resets` counts
    that grew in these seconds (listen overflows and drops too). `busiest_thread` is the share of
    the time in which one thread ran or stood ready, `busiest_process` the same of one process's
    threads together; `stopped` the share in which a signal or debugger held it; `accept_queue`
    the most connections that waited to be accepted; `machine_running` how many threads of the whole
    machine ran or stood ready on average; `own_busy` how much of the time the busiest thread of
    this process (a built-in generator) ran or stood ready. `occupied` is how much of the cores
    that it can use was wanted at random moments (0..1: 1 when some thread always ran or stood
    ready on each); `unsent` how many of its answers on average lay unsent in the kernel.
    """

    at_s: float
    length_s: float
    cpu: float | None = None
    cpu_system: float | None = None
    ready: float | None = None
    throttled: float | None = None
    pressure: Mapping[str, float] = field(default_factory=dict[str, float])
    rss_bytes: int | None = None
    threads: int | None = None
    open_files: int | None = None
    sockets: Mapping[str, int] = field(default_factory=dict[str, int])
    resets: Mapping[str, int] = field(default_factory=dict[str, int])
    gc_pause_ms: float | None = None
    gc_share: float | None = None
    steal: float | None = None
    busiest_thread: float | None = None
    busiest_process: float | None = None
    stopped: float | None = None
    accept_queue: int | None = None
    own_busy: float | None = None
    machine_running: float | None = None
    occupied: float | None = None
    unsent: float | None = None


@dataclass(frozen=True, slots=True)
class TargetSeries:
    """A target's moments, and the limits it lives in (None: not known).

    `cores` that it may use (machine, affinity and quota, whichever is least); `memory_limit` in
    bytes of its control group or of the machine; `file_limit` of open files; `source` says where
    it was read ("pid 4711 and 2 children", "Prometheus at ..."). `lanes` is on how many cores its
    runtime computes at a time (one for each Python or Node process); `quota` the control group's
    limit in cores and `machine_cores` those of the machine; `backlog` how many connections may
    wait to be accepted; `peers` the most connections that it held open to others, by peer.
    """

    source: str
    moments: tuple[TargetMoment, ...]
    cores: float | None = None
    memory_limit: int | None = None
    file_limit: int | None = None
    unknown: tuple[str, ...] = ()
    runtime: str = ""
    lanes: float | None = None
    quota: float | None = None
    machine_cores: int | None = None
    backlog: int | None = None
    peers: Mapping[str, int] = field(default_factory=dict[str, int])

    def between(self, start_s: float, end_s: float) -> tuple[TargetMoment, ...]:
        """Return the moments wholly within two times of the test."""
        return tuple(m for m in self.moments if m.at_s >= start_s and m.at_s + m.length_s <= end_s)


def encoded(series: TargetSeries) -> bytes:
    """Return what a picture shows of a target, as JSON: the cores that it used, and when."""
    moments = [
        {"at_s": round(m.at_s, 3), "length_s": round(m.length_s, 3), "cpu": round(m.cpu, 4)}
        for m in series.moments
        if m.cpu is not None
    ]
    data = {"source": series.source, "cores": series.cores, "moments": moments}
    return json.dumps(data, separators=(",", ":")).encode()
