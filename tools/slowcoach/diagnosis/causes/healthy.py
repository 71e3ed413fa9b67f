"""Nothing is wrong: within budget, no queueing, nothing that grows."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.core.units import duration
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._calls import talks
from slowcoach.diagnosis.causes._library_locks import behind_files
from slowcoach.diagnosis.causes._places import latency
from slowcoach.diagnosis.causes.memory_leak import slope_of
from slowcoach.diagnosis.load_signs import load_figures, queueing_at_rate
from slowcoach.diagnosis.models import Activity, Judgement
from slowcoach.diagnosis.view import View, ramp

_ON_PURPOSE = frozenset({"event", "condition", "queue", "sleep"})


def _judge(view: View) -> Judgement:
    limits = rule("healthy")
    figures = [
        *latency(view),
        Evidence(
            metric="latency under load (95th percentile)",
            value=view.loaded_p95_ms,
            unit="ms",
            limit=view.budget_p95,
        ),
        Evidence(
            metric="CPU per request", value=view.cpu_ms, unit="ms", limit=limits.limit("cpu_ms")
        ),
    ]
    figures += load_figures(view)
    if not view.loaded.completed:
        return Judgement(cause="healthy", score=0, why="no request was answered under load")
    busy = view.costly * view.compute_share * view.crowded
    score = limits.limit("score") * (1 - max(view.late, busy))
    score *= 1 - queueing_at_rate(view)
    if view.calm_alone_ms <= view.budget_p50 and _fair(view) and queueing_at_rate(view) < 1:
        score = max(score, limits.limit("fair_score"))
    score *= 1 - limits.limit("doubt") * max(_doubtful(view), _files_queue(view), _keeps(view))
    if _waits_on_purpose(view):
        score = max(score, limits.limit("purpose_score"))
    why = (
        f"{duration(view.alone_ms / 1000)} alone, {duration(view.loaded_ms / 1000)} at "
        f"{view.concurrency} at a time, {duration(view.cpu_ms / 1000)} of CPU per request"
    )
    return Judgement(
        cause="healthy",
        score=score,
        why=why,
        figures=tuple(figures),
        against="" if score else "the latency is out of its budget",
    )


def _fair(view: View) -> bool:
    """Tell whether the latency is what so many requests of this small cost must take together: in
    a service that computes nearly all the time, for else they queue for something else.
    """
    limits = rule("healthy")
    floor = max(view.calm_alone_ms, view.concurrency * view.cpu_ms * view.saturation)
    return (
        view.cpu_ms <= limits.limit("small_cpu_ms")
        and view.calm_loaded_ms <= floor * limits.limit("fair_factor")
        and view.calm_loaded_ms <= view.budget_p95
        and not view.failing
    )


def _doubtful(view: View) -> float:
    """Return how far computing fills the time (0..1) though the budget is met: what that is worth
    a budget that nobody gave does not tell.
    """
    limits, hot = rule("healthy"), rule("cpu.hot_function")
    if view.observed.budget is not None:
        return 0.0
    together = view.concurrency * view.cpu_ms / view.parallel
    least, small = limits.limit("doubt_cpu_ms"), limits.limit("small_cpu_ms")
    return (
        ramp(view.cpu_ms, least, (least + small) / 2)
        * ramp(together, hot.limit("together_ms"), limits.limit("doubt_ms"))
        * ramp(view.compute_share, 0.0, limits.limit("doubt_computing"))
    )


def _keeps(view: View) -> float:
    """Return how far memory grew with the requests (0..1), whatever its course: a short load does
    not tell a leak from a heap that fills.
    """
    leak, twice = rule("memory.leak"), rule("healthy").limit("kept")
    slope = slope_of(view.observed.memory)
    each, grown = leak.limit("bytes_per_request"), leak.limit("growth")
    return ramp(slope.per_request, each, twice * each) * ramp(slope.total, grown, twice * grown)


def _files_queue(view: View) -> float:
    """Return how far requests queue at files (0..1) though the budget is met."""
    limits = rule("healthy")
    if view.observed.budget is not None:
        return 0.0
    least, behind = limits.limit("doubt_files"), behind_files(view)

    def at_files(a: Activity) -> bool:
        return (a.state == "disk" and a.carrier != "loop") or behind(a)

    # while an event loop stands at a file, all other requests wait for it
    held = view.mean(lambda a: a.state == "disk" and a.carrier == "loop")
    return (
        ramp(max(view.share(at_files), min(1.0, held)), least / 2, least)
        * ramp(view.growth, limits.limit("little_growth"), limits.limit("growth"))
        * ramp(view.calm_loaded_ms, view.budget_p50 / 4, view.budget_p50 / 2)
    )


def _waits_on_purpose(view: View) -> bool:
    """Tell whether the time is a wait for an event or a timer that load does not lengthen.

    Where requests make others send something, it may be for those that they wait.
    """
    limits = rule("healthy")
    if talks(view):
        return False

    def waits(a: Activity) -> bool:
        inside = a.state == "future" or (a.state == "other" and a.carrier == "task")
        return a.carrier != "loop" and (a.state in _ON_PURPOSE or inside)

    # where somebody works for the request meanwhile, it waits for that work
    return (
        view.share(waits) >= limits.limit("purpose_share")
        and view.alone_share(waits) >= limits.limit("meant")
        and view.loaded_ms <= view.alone_ms * limits.limit("purpose_growth")
        and view.cpu_ms <= limits.limit("small_cpu_ms")
        and not view.failing
    )


CAUSE = Cause("healthy", _judge)
