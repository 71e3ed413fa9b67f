"""Whether the target had as much processor as it wanted. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.load.shape import Shape

RULE = "load.cpu_bound"
_ONE_AT_A_TIME = 1.5
_PLAIN_SHARE = 0.5  # of the CPU, where neither waits nor the machine's threads are told


@dataclass(frozen=True, slots=True)
class Saturation:
    """`full` from 0 (processors to spare) to 1 (it ran or stood ready all the time and got its
    share of the machine); `evidence` has the figures.
    """

    full: float
    evidence: tuple[Evidence, ...]


def saturation_of(shape: Shape) -> Saturation | None:
    """Return how full the target's processors were at its limit; None: not known.

    On a machine that others use CPU time says little: a full thread may get a quarter of a core.
    It stands ready then for the rest (run-queue wait), and its threads get about their share: the
    cores by the threads that want them. A server that waits for something else stands ready only
    after each wait, and runs for far less of that time than its share.
    """
    cpu, lanes = shape.at_full("cpu"), shape.lanes
    if cpu is None or not lanes:
        return None
    ready = shape.at_full("ready")
    limits = rule(RULE)
    evidence = [_cpu(cpu, lanes, limits.limit("busy"))]
    if ready is None:
        return Saturation(
            _between(cpu / lanes, _PLAIN_SHARE, limits.limit("busy")), tuple(evidence)
        )
    busy = (cpu + ready) / lanes
    evidence.append(
        Evidence(
            metric="ran or stood ready, by the cores it can use",
            value=busy,
            unit="ratio",
            limit=limits.limit("busy"),
        )
    )
    wanted = _between(busy, limits.limit("idle"), limits.limit("busy"))
    occupied = shape.at_full("occupied")
    if occupied is not None:
        limit = limits.limit("occupied")
        evidence.append(
            Evidence(
                metric="moments at which it wanted them", value=occupied, unit="share", limit=limit
            )
        )
        wanted = min(wanted, _between(occupied, limits.limit("unoccupied"), limit))
    share = _fair_share(shape)
    if share is None:
        return Saturation(wanted, tuple(evidence))
    fair = cpu / (max(cpu + ready, lanes) * share)
    evidence.append(
        Evidence(
            metric="CPU by its fair share of the machine",
            value=fair,
            unit="ratio",
            limit=limits.limit("fair_share"),
        )
    )
    got = _between(fair, limits.limit("least_fair_share"), limits.limit("fair_share"))
    if _is_one_lane(shape):
        got = 1.0
    return Saturation(min(wanted, got), tuple(evidence))


def _is_one_lane(shape: Shape) -> bool:
    """Tell whether one thread always wanted a processor and serves one request at a time."""
    busiest, best = shape.at_full("busiest_thread"), shape.best
    if busiest is None or best is None or shape.unloaded_s is None:
        return False
    in_service = best.good * shape.unloaded_s.value
    return busiest >= rule(RULE).limit("busy") and in_service <= _ONE_AT_A_TIME


def _cpu(cpu: float, lanes: float, limit: float) -> Evidence:
    return Evidence(
        metric="CPU used by the cores it can use",
        value=cpu / lanes,
        unit="share",
        limit=limit,
        note=f"{cpu:.2g} of {lanes:g} cores",
    )


def _fair_share(shape: Shape) -> float | None:
    """Return what part of a core each thread of the machine gets that wants one; None: unknown."""
    running = shape.at_full("machine_running")
    cores = shape.series.machine_cores if shape.series is not None else None
    if running is None or cores is None:
        return None
    return min(cores / running, 1.0) if running else 1.0


def _between(value: float, none: float, full: float) -> float:
    return min(max((value - none) / (full - none), 0.0), 1.0)
