"""What the quiet path, the steps and the steady rate say, as signs (0..1) and figures. Pure."""

from dataclasses import dataclass
from statistics import median

from slowcoach.core.finding import Evidence
from slowcoach.diagnosis.limits import shape
from slowcoach.diagnosis.load_shape import Control, Step, Sweep
from slowcoach.diagnosis.ramp import ramp
from slowcoach.diagnosis.view import View


@dataclass(frozen=True, slots=True)
class Scaling:
    """How throughput follows the requests at a time. `kind`: serial, limited, falls, grows, bends.

    `at_a_time`: the highest throughput by that of one request at a time; `efficiency`: the last
    step's throughput by as many times that of one.
    """

    kind: str
    at_a_time: float
    efficiency: float


def scaling_of(sweep: Sweep | None) -> Scaling | None:
    """Return how throughput scales; None without steps from one request at a time on."""
    steps = sweep.steps if sweep and len(sweep.steps) >= shape("least_steps") else ()
    if not steps or steps[0].concurrency != 1 or not steps[0].throughput:
        return None
    most = max(s.throughput for s in steps)
    last = steps[-1]
    at_a_time = most / steps[0].throughput
    efficiency = last.throughput / steps[0].throughput / last.concurrency
    return Scaling(_kind(steps, at_a_time, efficiency), at_a_time, efficiency)


def _kind(steps: tuple[Step, ...], at_a_time: float, efficiency: float) -> str:
    most = max(s.throughput for s in steps)
    if steps[-1].throughput < shape("falls") * most:
        return "falls"
    if at_a_time <= shape("serial"):
        return "serial"
    if efficiency >= shape("grows"):
        return "grows"
    # flat from a step on that is below the last: as many at a time and no more
    flat = [s for s in steps[:-1] if s.throughput >= shape("flat") * most]
    return "limited" if flat else "bends"


def unhindered(view: View) -> float:
    """Return how sure it is that nobody waits for anybody: throughput grows with the requests."""
    found = scaling_of(view.observed.sweep)
    if found is None or not view.loaded.seconds or view.observed.sweep is None:
        return 0.0
    under_load = view.loaded.completed / view.loaded.seconds
    last = view.observed.sweep.steps[-1].throughput
    if last * shape("alike") > under_load:  # it was another state of the service
        return 0.0
    return ramp(found.efficiency, shape("bends"), shape("grows"))


def _asked(view: View) -> Control | None:
    control = view.observed.control
    if control is None or control.why_not:
        return None
    enough = len(control.loaded_ms) + control.unanswered >= shape("control_answers")
    return control if enough else None


def process_free(view: View) -> float:
    """Return how sure it is that the process as a whole takes requests up at once (0..1).

    Of several processes another may have answered, so it tells of one only.
    """
    control = _asked(view)
    if control is None or control.unanswered or view.observed.workers > 1:
        return 0.0
    ordered = sorted(control.loaded_ms)
    late = ordered[int(shape("free_quantile") * (len(ordered) - 1))] - control.idle_ms
    most = max(shape("free_ms"), shape("free_share") * view.loaded_ms)
    return 1 - ramp(late, most, 2 * most)


def process_held(view: View) -> float:
    """Return how sure it is that the whole process queues: the quiet path waits as others do."""
    control = _asked(view)
    queueing = view.loaded_ms - view.alone_ms
    if control is None or queueing <= 0:
        return 0.0
    if not control.loaded_ms:
        return 1.0
    late = median(control.loaded_ms) - control.idle_ms
    if late < shape("free_ms"):
        return 0.0
    return ramp(late / queueing, shape("held_share"), shape("held_full_share"))


def queueing_at_rate(view: View) -> float:
    """Return how far the latency at the steady rate is out of its budget (0..1).

    Where other processes took the processors meanwhile it says nothing.
    """
    steady = view.observed.steady
    if steady is None or steady.why_not or steady.others_cores > shape("steady_others"):
        return 0.0
    return ramp(steady.p50_ms, view.budget_p50, view.budget_p95)


def load_figures(view: View) -> list[Evidence]:
    """Return the figures of the quiet path, the steps and the steady rate."""
    return [*_quiet(view), *_steps(view), *_steady(view)]


def _quiet(view: View) -> list[Evidence]:
    control = _asked(view)
    if control is None or not control.loaded_ms:
        return []
    return [
        Evidence(
            metric="latency of a quiet path beside the load (median)",
            value=median(control.loaded_ms),
            unit="ms",
            note=f"{control.idle_ms:.1f} ms while idle; {control.unanswered} not answered",
        )
    ]


def _steps(view: View) -> list[Evidence]:
    sweep, found = view.observed.sweep, scaling_of(view.observed.sweep)
    if sweep is None or found is None:
        return []
    steps = ", ".join(f"{s.throughput:.3g}/s at {s.concurrency}" for s in sweep.steps)
    note = steps
    if sweep.sigma is not None:
        note += f"; contention {sweep.sigma:.2f} ({sweep.sigma_low:.2f} to {sweep.sigma_high:.2f})"
        note += f", coherency {sweep.kappa:.4f}"
    return [
        Evidence(
            metric="requests at a time that make progress (throughput by that of one)",
            value=found.at_a_time,
            unit="count",
            note=note,
        )
    ]


def _steady(view: View) -> list[Evidence]:
    steady = view.observed.steady
    if steady is None or steady.why_not:
        return []
    return [
        Evidence(
            metric="latency at a rate that it can bear (median)",
            value=steady.p50_ms,
            unit="ms",
            note=f"95th percentile {steady.p95_ms:.0f} ms at {steady.rate:.3g} requests/s, "
            f"{steady.share:.0%} of the throughput",
        )
    ]
