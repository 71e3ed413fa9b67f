"""How long requests take: alone, then together; and what the kernel counted meanwhile.

Cost: the load itself (`concurrency` requests at a time, back to back) for the time asked.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.evidence.counters import Counters
from slowcoach.diagnosis.models import Phase
from slowcoach.load.driver import LoadResult, Request, Tick, drive

_KEPT_LATENCIES = 3000


@dataclass(frozen=True, slots=True)
class Sent:
    """One phase's load and the counters around it."""

    result: LoadResult
    before: Counters
    after: Counters


def send(
    request: Request,
    look: Callable[[], Counters],
    *,
    duration_s: float,
    concurrency: int,
    timeout_s: float,
    cancellation: Cancellation,
    on_tick: Callable[[Tick], None] | None = None,
    addresses: Sequence[str] = (),
    rate: float | None = None,
) -> Sent:
    """Send requests to these addresses and count; `on_tick` hears how far it is.

    With `rate` (requests per second) they are sent when due, else back to back.
    """
    before = look()
    result = drive(
        request,
        duration_s=duration_s,
        concurrency=concurrency,
        timeout_s=timeout_s,
        cancellation=cancellation,
        addresses=addresses,
        on_tick=on_tick,
        rate=rate,
    )
    return Sent(result, before, look())


def phase_of(sent: Sent, concurrency: int) -> Phase:
    """Return the phase's figures; stacks are added by the caller."""
    result, before, after = sent.result, sent.before, sent.after
    seconds = max(1e-3, after.at - before.at)
    service = after.user_s + after.system_s - before.user_s - before.system_s
    database = after.database_s - before.database_s
    own = after.own_s - before.own_s
    busy = after.machine_busy_s - before.machine_busy_s
    latencies = result.latencies_ms
    step = max(1, len(latencies) // _KEPT_LATENCIES)
    return Phase(
        concurrency=concurrency,
        seconds=seconds,
        completed=len(latencies),
        latencies_ms=tuple(round(value, 3) for value in latencies[::step]),
        body_bytes=_mean_size(result),
        errors=dict(result.errors),
        cpu_user_s=after.user_s - before.user_s,
        cpu_system_s=after.system_s - before.system_s,
        run_queue_s=max(0.0, after.wait_for_cpu_s - before.wait_for_cpu_s),
        involuntary=max(0, after.involuntary - before.involuntary),
        read_chars=max(0, after.read_chars - before.read_chars),
        written_chars=max(0, after.written_chars - before.written_chars),
        written_bytes=max(0, after.written_bytes - before.written_bytes),
        machine_busy_s=busy,
        database_cpu_s=database,
        own_cpu_s=own,
        others_cpu_s=max(0.0, busy - service - database - own),
    )


def _mean_size(result: LoadResult) -> float:
    sizes = [sample.body_bytes for sample in result.samples if sample.status is not None]
    return sum(sizes) / len(sizes) if sizes else 0.0


def now() -> float:
    """Return the monotonic time in seconds."""
    return time.monotonic()
