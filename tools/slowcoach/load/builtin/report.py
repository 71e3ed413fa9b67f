"""From what the engine noted to the outcome that judging reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from slowcoach.load.builtin.health import Health
from slowcoach.load.builtin.record import Part, Record
from slowcoach.load.builtin.warm_cells import cells_between
from slowcoach.load.client import OUT_OF_FILES, OUT_OF_PORTS
from slowcoach.load.engine_kind import Order
from slowcoach.load.histogram import Histogram
from slowcoach.load.outcome import Figures, Generator, Latencies, Moment, Outcome, Step
from slowcoach.load.schedule import Stage
from slowcoach.load.warm_up import warm_up_s

_OWN_LIMITS = (OUT_OF_FILES, OUT_OF_PORTS)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A test as it was sent: what was noted, its seconds, and how the generator's processes were.

    `ended_s` is when it was stopped early, None when it came to its end.
    """

    order: Order
    labels: Sequence[str]
    record: Record
    moments: Sequence[Moment]
    health: Sequence[Health]
    in_flight_limit: int
    started: datetime
    ended_s: float | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether requests were due at a rate."""
        return self.order.schedule.unit == "req/s"

    @property
    def length_s(self) -> float:
        """Return how long requests were due."""
        whole = self.order.schedule.length_s
        return whole if self.ended_s is None else min(whole, self.ended_s)


def outcome_of(sent: Sent) -> Outcome:
    """Return the outcome of a test."""
    whole = _merged(sent.record.cells)
    steps, warnings = _steps(sent)
    return Outcome(
        tool=f"slowcoach {version('slowcoach')}",
        model="open" if sent.is_open else "closed",
        whole=_figures(whole, sent.length_s, sent),
        steps=steps,
        endpoints=_endpoints(sent),
        moments=tuple(sent.moments),
        generator=_generator(sent),
        started=sent.started.astimezone(UTC).isoformat(timespec="microseconds"),
        target=sent.order.target.origin,
        warnings=(*sent.warnings, *warnings, *_doubts(sent, whole)),
    )


def _merged(parts: Sequence[Part]) -> Part:
    found = Part()
    for part in parts:
        found.merge(part)
    return found


def _figures(part: Part, length_s: float, sent: Sent) -> Figures:
    return Figures(
        latency=_latencies(part.latency, corrected=sent.is_open),
        good=_latencies(part.good, corrected=sent.is_open),
        service=_latencies(part.service, corrected=False),
        sent=part.sent,
        completed=part.completed,
        failed=part.errors.total(),
        errors=dict(part.errors.most_common()),
        dropped=part.dropped if sent.is_open else None,
        duration_s=length_s,
        throughput_rps=part.ended / length_s if length_s else None,
        goodput_rps=part.ended_good / length_s if length_s else None,
        received_bytes=part.received,
    )


def _latencies(found: Histogram, *, corrected: bool) -> Latencies:
    return Latencies(
        count=found.n,
        histogram=found,
        mean_ms=found.mean,
        least_ms=found.least if found.n else None,
        most_ms=found.most if found.n else None,
        corrected=corrected,
    )


def _endpoints(sent: Sent) -> Mapping[str, Figures]:
    parts = zip(sent.labels, sent.record.endpoints, strict=True)
    ordered = sorted(parts, key=lambda pair: -pair[1].sent)
    return {label: _figures(part, sent.length_s, sent) for label, part in ordered}


def _steps(sent: Sent) -> tuple[tuple[Step, ...], list[str]]:
    """Return the loads that were held, the first one without its warm-up, and what was left out."""
    steps: list[Step] = []
    warnings: list[str] = []
    for stage in sent.order.schedule.stages:
        end_s = min(stage.end_s, sent.length_s)
        if not stage.held or end_s <= stage.start_s:
            continue
        start_s = stage.start_s
        if not steps:
            start_s = _after_warm_up(sent, stage, end_s)
        if start_s > stage.start_s:
            left_out = start_s - stage.start_s
            warnings.append(f"{left_out:g} s of warm-up are left out of the first step")
        steps.append(_step(sent, stage, start_s, end_s))
    return tuple(steps), warnings


def _after_warm_up(sent: Sent, stage: Stage, end_s: float) -> float:
    """Return the edge of a cell at or after the end of the warm-up."""
    cut = stage.start_s + warm_up_s(sent.moments, stage.start_s, end_s)
    if cut <= stage.start_s:
        return stage.start_s
    edges = [edge for edge in sent.record.edges if stage.start_s <= edge < min(stage.end_s, end_s)]
    return next((edge for edge in edges if edge >= cut), edges[-1])


def _step(sent: Sent, stage: Stage, start_s: float, end_s: float) -> Step:
    cells = cells_between(sent.record.edges, start_s, stage.end_s)
    part = _merged([sent.record.cells[i] for i in cells])
    unit = sent.order.schedule.unit
    return Step(
        name=f"{stage.first:g} {unit}",
        load=stage.first,
        unit=unit,
        start_s=start_s,
        end_s=end_s,
        figures=_figures(part, end_s - start_s, sent),
        scenario=sent.order.schedule.scenario,
    )


def _generator(sent: Sent) -> Generator:
    ready = [each.ready_share for each in sent.health if each.ready_share is not None]
    return Generator(
        name="builtin",
        slip_p99_ms=sent.record.slips.quantile(0.99),
        cpu_share=max((each.cpu_share for each in sent.health), default=None),
        ready_share=max(ready, default=None),
        in_flight_limit=sent.in_flight_limit if sent.is_open else None,
        processes=len(sent.health),
    )


def _doubts(sent: Sent, whole: Part) -> list[str]:
    found: list[str] = []
    if sent.record.unfinished:
        count = sent.record.unfinished
        found.append(
            f"{count:,} requests had no answer yet when the test ended; no figure has them"
        )
    if sent.record.broken:
        found.append(
            f"{sent.record.broken:,} journeys ended early: an answer had no value for the next step"
        )
    own = {kind: whole.errors[kind] for kind in _OWN_LIMITS if whole.errors[kind]}
    if own:
        told = ", ".join(f"{kind} {count:,} times" for kind, count in own.items())
        found.append(f"this machine, not the target, failed requests: {told}")
    return found
