"""Whether requests are still answered at the end of the load."""

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.view import View, ramp


def silence(view: View) -> float:
    """Return the seconds at the end of the load in which no request was answered."""
    points = view.observed.memory
    if not points:
        return view.loaded.seconds if not view.loaded.completed else 0.0
    final = points[-1].completed
    last = next((p.at_s for p in points if p.completed == final), points[-1].at_s)
    return points[-1].at_s - last


def standstill(view: View) -> float:
    """Return how sure it is (0..1) that nothing moves any more: threads stand, nobody answers."""
    limits = rule("lock.deadlock")
    standing = [s.seconds for s in view.observed.stuck if s.state in {"lock", "semaphore", "join"}]
    least, enough = limits.limit("least_s"), limits.limit("seconds")
    return (
        ramp(len(standing), 1, limits.limit("threads"))
        * ramp(max(standing, default=0.0), least, enough)
        * ramp(silence(view), least, enough)
    )
