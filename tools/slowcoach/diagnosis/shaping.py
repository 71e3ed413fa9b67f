"""After the load: a few steps of concurrency, and a rate that the service can bear."""

from collections.abc import Callable
from typing import Protocol

from slowcoach.diagnosis.causes._silence import silence
from slowcoach.diagnosis.evidence.latency import Sent
from slowcoach.diagnosis.evidence.steady import steady_of, stop_when_errors_climb
from slowcoach.diagnosis.evidence.sweep import steps_to, swept
from slowcoach.diagnosis.limits import shape
from slowcoach.diagnosis.load_shape import Steady, Sweep
from slowcoach.diagnosis.models import Observed
from slowcoach.diagnosis.view import View
from slowcoach.load.model import LoadResult, Tick

_MS = 1000.0


class Send(Protocol):
    """Sends requests at a time, or at a rate, for some seconds."""

    def __call__(
        self,
        concurrency: int,
        duration_s: float,
        timeout_s: float,
        on_tick: Callable[[Tick], None] | None = None,
        rate: float | None = None,
    ) -> Sent: ...


def shaped(observed: Observed, load_s: float, send: Send) -> Observed:
    """Return what was observed with the steps and the steady rate, where they can be had.

    Nothing of it is watched, so this is the service as it is without anybody looking.
    """
    if why_not := _why_not(observed):
        return observed.model_copy(
            update={"sweep": Sweep(why_not=why_not), "steady": Steady(why_not=why_not)}
        )
    usual_s = View(observed).loaded_p95_ms / _MS
    timeout_s = max(shape("step_timeout_s"), shape("step_timeout_times") * usual_s)
    steps = steps_to(observed.loaded.concurrency)
    step_s = load_s * shape("sweep_share") / len(steps)
    step_s = min(shape("step_s"), max(shape("least_step_s"), step_s))

    def step(concurrency: int) -> LoadResult:
        return send(concurrency, step_s, timeout_s).result

    sweep = swept(steps, step)
    if sweep.why_not and len(sweep.steps) < len(steps):
        return observed.model_copy(update={"sweep": sweep, "steady": Steady(why_not=sweep.why_not)})
    steady_s = max(shape("least_steady_s"), load_s * shape("steady_part"))

    def at_rate(rate: float) -> Sent:
        return send(
            observed.loaded.concurrency, steady_s, timeout_s, stop_when_errors_climb, rate=rate
        )

    steady = steady_of(at_rate, min(sweep.steps[-1].throughput, _throughput(observed)))
    return observed.model_copy(update={"sweep": sweep, "steady": steady})


def _throughput(observed: Observed) -> float:
    return observed.loaded.completed / max(1e-3, observed.loaded.seconds)


def _why_not(observed: Observed) -> str:
    """Return why steps would tell nothing; "" when they would."""
    view = View(observed)
    if not observed.alone.completed or not observed.loaded.completed:
        return "requests were not answered"
    if view.failing:
        return "requests failed under the load"
    if view.loaded_ms > shape("long_ms") or silence(view) > shape("long_ms") / _MS:
        return "one request takes too long for steps"
    return ""
