"""A target during one level of load, from what was seen of it by the second. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, median

from slowcoach.load.target_series import TargetMoment, TargetSeries

_EDGE_S = 0.35  # a look at the target may reach so far over the edge of a level


@dataclass(frozen=True, slots=True)
class Target:
    """The target during a level, as means or medians of its moments; None: not known.

    `busy` are threads that ran or stood ready on average (CPU in cores and `ready` together);
    `own_busy` is the built-in generator's busiest thread.
    """

    cpu: float | None = None
    ready: float | None = None
    busiest_thread: float | None = None
    throttled: float | None = None
    machine_running: float | None = None
    gc_share: float | None = None
    gc_pause_ms: float | None = None
    rss: float | None = None
    open_files: int | None = None
    accept_queue: int | None = None
    overflows: int = 0
    steal: float | None = None
    own_busy: float | None = None
    occupied: float | None = None
    unsent: float | None = None

    @property
    def busy(self) -> float | None:
        """Return the threads that wanted a processor on average; None when it is not known."""
        return None if self.cpu is None or self.ready is None else self.cpu + self.ready


def target_between(series: TargetSeries | None, start_s: float, end_s: float) -> Target:
    """Return how the target was between two times of the test."""
    moments = series.between(start_s - _EDGE_S, end_s + _EDGE_S) if series is not None else ()
    if series is None or not moments:
        return Target()
    every = [
        (m, overlap)
        for m in series.moments
        if (overlap := min(m.at_s + m.length_s, end_s) - max(m.at_s, start_s)) > 0
    ]
    return Target(
        cpu=_weighted((m.cpu, overlap) for m, overlap in every),
        ready=_weighted((m.ready, overlap) for m, overlap in every),
        busiest_thread=_median(m.busiest_thread for m in moments),
        throttled=_mean_of(m.throttled for m in moments),
        machine_running=_median(m.machine_running for m in moments),
        gc_share=_mean_of(m.gc_share for m in moments),
        gc_pause_ms=max(
            (m.gc_pause_ms for m in moments if m.gc_pause_ms is not None), default=None
        ),
        rss=_median(m.rss_bytes for m in moments),
        open_files=max((m.open_files for m in moments if m.open_files is not None), default=None),
        accept_queue=max(
            (m.accept_queue for m in moments if m.accept_queue is not None), default=None
        ),
        overflows=sum(_overflows(m) for m in moments),
        steal=_mean_of(m.steal for m in moments),
        own_busy=_median(m.own_busy for m in moments),
        occupied=_weighted((m.occupied, overlap) for m, overlap in every),
        unsent=_weighted((m.unsent, overlap) for m, overlap in every),
    )


def _overflows(moment: TargetMoment) -> int:
    return max(moment.resets.get("listen overflows", 0), moment.resets.get("listen drops", 0))


def _median(values: Iterable[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return float(median(told)) if told else None


def _weighted(values: Iterable[tuple[float | None, float]]) -> float | None:
    """Return the mean of figures by how long each held."""
    told = [(value, weight) for value, weight in values if value is not None]
    total = sum(weight for _, weight in told)
    return sum(value * weight for value, weight in told) / total if total else None


def _mean_of(values: Iterable[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return fmean(told) if told else None
