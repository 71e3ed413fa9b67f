"""What users see at a rate that the service can bear: an open load below its throughput.

Cost: a few seconds of load at less than the throughput that was measured, ended when errors climb.
"""

from collections.abc import Callable

from slowcoach.diagnosis.evidence.latency import Sent
from slowcoach.diagnosis.limits import shape
from slowcoach.diagnosis.load_shape import Steady
from slowcoach.load.model import Tick


class ErrorsClimbError(Exception):
    """More requests fail than a test may cause."""


def stop_when_errors_climb(tick: Tick) -> None:
    """Raise ErrorsClimbError when more than a few requests failed."""
    if tick.errors > max(1.0, shape("steady_errors") * tick.sent):
        raise ErrorsClimbError


def steady_of(send: Callable[[float], Sent], throughput: float) -> Steady:
    """Send at a share of the throughput (requests per second) by `send`, and return what came."""
    share = shape("steady_share")
    rate = throughput * share
    try:
        sent = send(rate)
    except ErrorsClimbError:
        return Steady(rate=rate, share=share, why_not="requests failed at a steady rate")
    result = sent.result
    if result.errors or len(result.latencies_ms) < shape("steady_answers"):
        return Steady(
            rate=rate,
            share=share,
            why_not="requests failed" if result.errors else "too few answers for percentiles",
        )
    before, after = sent.before, sent.after
    known = (after.user_s + after.system_s - before.user_s - before.system_s) + (
        after.database_s - before.database_s + after.own_s - before.own_s
    )
    others = after.machine_busy_s - before.machine_busy_s - known
    return Steady(
        rate=round(rate, 2),
        share=share,
        answers=result.completed,
        p50_ms=round(result.percentile(0.5) or 0.0, 3),
        p95_ms=round(result.percentile(0.95) or 0.0, 3),
        dropped=result.dropped,
        others_cores=round(max(0.0, others) / max(1e-3, after.at - before.at), 3),
    )
