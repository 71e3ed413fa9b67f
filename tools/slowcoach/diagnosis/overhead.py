"""What being watched cost the service: the load that was, against the like that was not. Pure."""

from __future__ import annotations

from slowcoach.core.units import number, share
from slowcoach.diagnosis.limits import harm
from slowcoach.diagnosis.models import Observed


def overhead_of(observed: Observed) -> str:
    """Return what watching cost, in words; "" where no step of the like concurrency was sent.

    The steps after the load are not watched. Their parts tell how far a throughput scatters by
    itself, and a service that warms up or slows down with time is another one by then: a loss
    is said as such only where it is larger than that.
    """
    loaded = observed.loaded
    steps = observed.sweep.steps if observed.sweep else ()
    like = next((s for s in steps if s.concurrency == loaded.concurrency and s.parts), None)
    if like is None or not loaded.completed or not like.throughput:
        return ""
    rate = loaded.completed / max(1e-3, loaded.seconds)
    lost = 1 - rate / like.throughput
    scatter = (max(like.parts) - min(like.parts)) / 2 / like.throughput
    rates = f"{number(rate)} requests/s watched, {number(like.throughput)} a moment later without"
    if lost <= harm("overhead"):
        return f"{rates}: watching cost less than {share(harm('overhead'))}"
    if lost <= scatter:
        return f"{rates}, which by itself scatters by {share(scatter)}: no cost of watching shows"
    return f"{rates}: watching may have cost {share(lost)} of the throughput"
