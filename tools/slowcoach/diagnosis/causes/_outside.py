"""What can be said of queues from outside only: where nobody looked at threads or tasks."""

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.limits import shape
from slowcoach.diagnosis.load_signs import (
    load_figures,
    process_free,
    process_held,
    scaling_of,
)
from slowcoach.diagnosis.models import Judgement
from slowcoach.diagnosis.ramp import ramp
from slowcoach.diagnosis.view import View


def _idles(view: View) -> float:
    """Return how sure it is that the processor idles: unknown without the process, so half."""
    if not view.observed.pid:
        return 0.5
    return 1 - ramp(view.cores_used / view.parallel, shape("idle_cores") / 2, shape("idle_cores"))


def _limited(view: View) -> tuple[float, float, float]:
    """Return how sure it is that requests are served one by one, or some at a time, and how many
    make progress at a time.
    """
    found = scaling_of(view.observed.sweep)
    if found is None:
        return 0.0, 0.0, 0.0
    return float(found.kind == "serial"), float(found.kind == "limited"), found.at_a_time


def workers(view: View, word: str) -> Judgement:
    """Judge that all workers are taken: the whole process queues, and some at a time progress."""
    serial, limited, count = _limited(view)
    sign = process_held(view) * max(limited, serial / 2) * _idles(view)
    return _told(view, word, sign, f"the whole process serves about {count:.0f} at a time")


def loop(view: View, word: str) -> Judgement:
    """Judge that a loop is held up: the whole process queues, one by one."""
    serial, _, _ = _limited(view)
    sign = process_held(view) * serial / 2 * _idles(view)
    return _told(view, word, sign, "the whole process serves one request at a time")


def resource(view: View, word: str, *, one: bool) -> Judgement:
    """Judge a lock (`one`) or a pool: only the endpoint queues, one by one or some at a time."""
    serial, limited, count = _limited(view)
    sign = process_free(view) * (serial if one else max(limited, serial / 2)) * _idles(view)
    why = f"only this endpoint queues, about {count:.0f} at a time"
    found = _told(view, word, sign / 2, why)
    if not one or not view.observed.contended:
        return found
    # the runtime's own count tells a lock from other things of which there is one
    each = view.observed.contended / view.requests
    least = rule("lock.contention").limit("contended")
    found = _told(view, word, sign * (1 + ramp(each, least / 2, least)) / 2, why)
    counted = Evidence(metric="locks found taken per request", value=each, unit="count")
    return found.model_copy(update={"figures": (*found.figures, counted)})


def _told(view: View, word: str, sign: float, why: str) -> Judgement:
    score = sign * shape("from_outside") * view.late
    return Judgement(
        cause=word,
        score=score,
        why=f"{why}, seen from outside" if score else "nobody could look at what requests wait for",
        figures=tuple(load_figures(view)) if score else (),
    )
