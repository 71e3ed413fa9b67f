"""Runs an order with the built-in engine, in this process or in several."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from slowcoach.core.job import Job
from slowcoach.load.builtin.pauses import pauses_of
from slowcoach.load.builtin.report import Sent, outcome_of
from slowcoach.load.builtin.requests import Requests, requests_of
from slowcoach.load.builtin.running import Local, heard
from slowcoach.load.builtin.sender import Load
from slowcoach.load.builtin.series import Series
from slowcoach.load.engine_kind import Order, StopTestError, Watch
from slowcoach.load.open_files import room_for
from slowcoach.load.outcome import Outcome

_SEED = 20_260_102


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


def run(order: Order, job: Job, watch: Watch) -> Outcome:
    """Send an order's load and return what came of it (see `engine_kind.Engine`)."""
    requests = requests_of(order.plan, order.target, order.environment)
    load, warnings = _with_room(load_of(order, requests))
    started = datetime.now(UTC)
    series = Series()
    local, moments = heard(lambda emit: Local(load, emit))
    ended_s: float | None = None
    begun = time.monotonic()
    try:
        with job.cancellation.on_ask(local.end):
            for moment in moments:
                job.cancellation.check()
                series.add(moment)
                if ended_s is not None:
                    continue
                try:
                    watch(moment)
                except StopTestError as why:
                    ended_s = time.monotonic() - begun
                    warnings.append(f"stopped early: {why}")
                    local.stop()
            job.cancellation.check()
    finally:
        local.end()
    record, health = local.result()
    return outcome_of(
        Sent(
            order=order,
            labels=requests.labels,
            record=record,
            moments=series.moments,
            health=[health],
            in_flight_limit=load.in_flight_limit,
            started=started,
            ended_s=ended_s,
            warnings=tuple(warnings),
        )
    )


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
