"""The outcome of a test that another program ran and whose requests were gathered here."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slowcoach.load.outcome import Generator, Outcome

if TYPE_CHECKING:
    from slowcoach.load.engine_kind import Order
    from slowcoach.load.generator_process import GeneratorProcess
    from slowcoach.load.tally import Tally


def outcome_of(
    order: Order,
    tally: Tally,
    health: GeneratorProcess | None,
    *,
    name: str,
    began_s: float | None,
    unknown: tuple[str, ...],
    warnings: tuple[str, ...],
    processes: int = 1,
) -> Outcome:
    """Return what came of an order. `name` is the program's with its version, `began_s` the wall
    clock's seconds at the first request; the generator's shares are of the cores that it can keep
    busy. Latencies count as corrected in an open test of which nothing was dropped.
    """
    corrected = tally.model == "open" and not tally.dropped
    whole = tally.whole(corrected=corrected)
    began = datetime.fromtimestamp(time.time() if began_s is None else began_s, UTC)
    return Outcome(
        tool=name,
        model=tally.model,
        whole=whole,
        steps=tally.steps(corrected=corrected),
        endpoints=tally.endpoints(whole.duration_s, corrected=corrected),
        moments=tally.moments(),
        generator=Generator(
            name=name,
            cpu_share=health.cpu_share if health else None,
            ready_share=health.ready_share if health else None,
            in_flight_limit=order.in_flight_limit,
            processes=processes,
        ),
        started=began.isoformat(),
        target=order.target.origin,
        unknown=unknown,
        warnings=warnings,
    )
