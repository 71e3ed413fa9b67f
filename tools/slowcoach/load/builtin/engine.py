"""Runs an order with the built-in engine, in this process or in several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from slowcoach.core.job import Job
from slowcoach.load.builtin.health import Health
from slowcoach.load.builtin.pauses import pauses_of
from slowcoach.load.builtin.record import Record
from slowcoach.load.builtin.report import Sent, outcome_of
from slowcoach.load.builtin.requests import Requests, requests_of
from slowcoach.load.builtin.running import Here
from slowcoach.load.builtin.sender import Load
from slowcoach.load.builtin.series import Series
from slowcoach.load.engine_kind import Order, StopTestError, Watch
from slowcoach.load.open_files import room_for
from slowcoach.load.outcome import Moment, Outcome

_SEED = 20_260_102
# A process of its own keeps other work of this one (a profile that is read, another test) from
# delaying requests: a busy thread beside the loop moved the median from 0.3 ms to 9 ms. A test
# that is shorter is not worth the second that it takes to begin.
_OWN_PROCESS_FROM_S = 10.0


def load_of(order: Order, requests: Requests, part: int = 0, parts: int = 1) -> Load:
    """Return one process's share of an order."""
    return Load(
        requests=requests,
        schedule=order.schedule,
        target=order.target,
        pauses=pauses_of(order.plan, order.schedule.scenario),
        timeout_s=order.timeout_s,
        in_flight_limit=max(-(-order.in_flight_limit // parts), 1),
        seed=_SEED if order.plan.arrivals == "poisson" else None,
        part=part,
        parts=parts,
    )


class Sending(Protocol):
    """A load that is under way somewhere. `began` is when its first request was due, in seconds of
    `time.time`, known once `moments` yields.
    """

    began: float

    def moments(self) -> Iterator[Moment]:
        """Yield each second as it ends, until the end; comes back at once when it was ended."""
        ...

    def stop(self) -> None:
        """Let it end soon, with what was measured."""
        ...

    def end(self) -> None:
        """End it at once, if it has not ended."""
        ...

    def result(self) -> tuple[Record, Sequence[Health]]:
        """Return what came of it, and how each process was."""
        ...


def run(order: Order, job: Job, watch: Watch) -> Outcome:
    """Send an order's load and return what came of it (see `engine_kind.Engine`)."""
    requests = requests_of(order.plan, order.target, order.environment)
    load, warnings = _with_room(load_of(order, requests, parts=order.processes))
    series = Series()
    with _sending(order, load, job) as sending:
        ended_s = _follow(sending, job, watch, series, warnings)
        record, health = sending.result()
    return outcome_of(
        Sent(
            order=order,
            labels=requests.labels,
            record=record,
            moments=series.moments,
            health=health,
            in_flight_limit=load.in_flight_limit * order.processes,
            started=datetime.fromtimestamp(sending.began, UTC),
            ended_s=ended_s,
            warnings=tuple(warnings),
        )
    )


@contextmanager
def _sending(order: Order, load: Load, job: Job) -> Iterator[Sending]:
    with ExitStack() as stack:
        sending: Sending
        if order.processes > 1 or order.schedule.length_s >= _OWN_PROCESS_FROM_S:
            from slowcoach.load.builtin.processes import Processes

            sending = stack.enter_context(Processes(order, load))
        else:
            sending = Here(load)
        stack.callback(sending.end)
        stack.enter_context(job.cancellation.on_ask(sending.end))
        yield sending


def _follow(
    sending: Sending, job: Job, watch: Watch, series: Series, warnings: list[str]
) -> float | None:
    """Let `watch` hear of each second; return when it stopped the test, None when it did not."""
    ended_s: float | None = None
    for moment in sending.moments():
        job.cancellation.check()
        series.add(moment)
        if ended_s is not None:
            continue
        try:
            watch(moment)
        except StopTestError as why:
            ended_s = moment.start_s + moment.length_s
            warnings.append(f"stopped early: {why}")
            sending.stop()
    job.cancellation.check()
    return ended_s


def _with_room(load: Load) -> tuple[Load, list[str]]:
    """Return a load that this system has open files for, and what had to be lowered."""
    if load.schedule.unit == "users":
        room_for(round(load.schedule.top))
        return load, []
    room = room_for(load.in_flight_limit, at_most=True)
    if room >= load.in_flight_limit:
        return load, []
    lowered = replace(load, in_flight_limit=room)
    text = f"at most {room:,} requests under way (open files) instead of {load.in_flight_limit:,}"
    return lowered, [text]
