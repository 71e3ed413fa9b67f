"""What other programs tell of their requests, gathered by the second, and the outcome it makes.

Requests belong to the second in which they began, so that a stall shows in the seconds whose
requests it delayed. Two histograms a second are kept: an hour takes some ten megabytes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from slowcoach.load.engine_kind import StopTestError
from slowcoach.load.histogram import Histogram, merged
from slowcoach.load.outcome import Figures, Latencies, LoadModel, Moment, Step
from slowcoach.load.warm_up import warm_up_s

if TYPE_CHECKING:
    from slowcoach.load.engine_kind import Watch
    from slowcoach.load.schedule import Schedule

MOST_NAMES = 200
OTHERS = "all others"


@dataclass(slots=True)
class Batch:
    """Requests to one endpoint that began in one second (from the test's beginning).

    `good` are latencies of successes in ms, `bad` of failures that have one: an error's answer,
    or a timeout. `errors` counts every failure by its kind, those without an answer too.
    """

    good: Histogram = field(default_factory=Histogram)
    bad: Histogram = field(default_factory=Histogram)
    errors: Counter[str] = field(default_factory=Counter[str])
    unanswered: int = 0

    @property
    def sent(self) -> int:
        """Return how many requests these are."""
        return self.good.n + self.failed

    @property
    def failed(self) -> int:
        """Return how many of them failed."""
        return self.errors.total()

    def merge(self, other: Batch) -> None:
        """Add another batch."""
        self.good.merge(other.good)
        self.bad.merge(other.bad)
        self.errors.update(other.errors)
        self.unanswered += other.unanswered

    def all(self) -> Histogram:
        """Return the latencies of successes and failures together."""
        return merged((self.good, self.bad))

    def figures(self, length_s: float, *, corrected: bool, dropped: int | None = None) -> Figures:
        """Return the figures of requests that began within `length_s` seconds."""
        answered = self.sent - self.unanswered
        found = self.all()
        return Figures(
            latency=_latencies(found, corrected=corrected),
            good=_latencies(self.good, corrected=corrected),
            sent=self.sent,
            completed=answered,
            failed=self.failed,
            errors=dict(self.errors.most_common()),
            dropped=dropped,
            duration_s=length_s,
            throughput_rps=answered / length_s if length_s else None,
            goodput_rps=self.good.n / length_s if length_s else None,
        )


class Tally:
    """The batches of a test, by second and by endpoint. To be used by one thread.

    What generators drop are sessions, of `requests_each` requests on average.
    """

    def __init__(self, schedule: Schedule, requests_each: float = 1.0) -> None:
        self._schedule = schedule
        self._requests_each = requests_each
        self._by_second: dict[int, Batch] = {}
        self._by_name: dict[str, Batch] = {}
        self._dropped: Counter[int] = Counter()
        self._users: dict[int, float] = {}
        self._ended: dict[int, Batch] = {}
        self._told = 0
        self.warm_up_s = 0

    @property
    def dropped(self) -> int:
        """Return how many requests were due and never sent, as far as was told."""
        return self._dropped.total()

    @property
    def sent(self) -> int:
        """Return how many requests there were."""
        return sum(batch.sent for batch in self._by_second.values())

    def add(self, second: int, name: str, batch: Batch, *, ended: int) -> None:
        """Add requests to endpoint `name` that began in a second and ended in another."""
        # what comes late is told with the next second rather than not at all
        self._ended.setdefault(max(ended, self._told), Batch()).merge(batch)
        self._by_second.setdefault(max(second, 0), Batch()).merge(batch)
        if name not in self._by_name and len(self._by_name) >= MOST_NAMES:
            name = OTHERS
        self._by_name.setdefault(name, Batch()).merge(batch)

    def add_dropped(self, second: int, count: int) -> None:
        """Note sessions that were due in a second and never begun."""
        self._dropped[max(second, 0)] += round(count * self._requests_each)

    def add_users(self, second: int, users: float) -> None:
        """Note how many users there were in a second (the most that was told)."""
        self._users[second] = max(users, self._users.get(second, 0.0))

    def tell(self, until: float, watch: Watch) -> None:
        """Tell the watcher of the seconds that are over: the requests that ended in each."""
        while self._told + 1 <= until:
            second = self._told
            self._told += 1
            watch(self._moment(second, self._ended.pop(second, Batch())))

    def tell_rest(self, watch: Watch) -> None:
        """Tell the watcher of what is left once the test has ended by itself."""
        with suppress(StopTestError):
            self.tell(max(self._ended, default=-1) + 1, watch)

    def count_requests(self, each: float) -> None:
        """Make requests of what a script counts in iterations of `each` requests."""
        self._schedule = replace(
            self._schedule,
            stages=tuple(
                replace(stage, first=stage.first * each, last=stage.last * each)
                for stage in self._schedule.stages
            ),
        )
        self._dropped = Counter({at: round(n * each) for at, n in self._dropped.items()})

    def moments(self) -> tuple[Moment, ...]:
        """Return each second with the requests that began in it."""
        seconds = {*self._by_second, *self._dropped}
        last = max(seconds, default=-1)
        empty = Batch()
        return tuple(self._moment(s, self._by_second.get(s, empty)) for s in range(last + 1))

    def _moment(self, second: int, batch: Batch) -> Moment:
        due = self._schedule.load_at(second + 0.5) if self._is_open else None
        return Moment(
            start_s=float(second),
            length_s=1.0,
            sent=batch.sent,
            completed=batch.sent - batch.unanswered,
            failed=batch.failed,
            dropped=self._dropped.get(second, 0) if self._is_open else None,
            users=self._users.get(second),
            due_rps=due,
            histogram=batch.all(),
        )

    @property
    def _is_open(self) -> bool:
        return self._schedule.unit == "req/s"

    @property
    def model(self) -> LoadModel:
        """Return the schedule's load model."""
        return "open" if self._is_open else "closed"

    def whole(self, *, corrected: bool) -> Figures:
        """Return the figures of the whole test."""
        total = Batch()
        for batch in self._by_second.values():
            total.merge(batch)
        length = max(self._by_second, default=-1) + 1
        length_s = min(float(length), self._schedule.length_s) or float(length)
        dropped = self.dropped if self._is_open else None
        return total.figures(length_s, corrected=corrected, dropped=dropped)

    def endpoints(self, length_s: float | None, *, corrected: bool) -> Mapping[str, Figures]:
        """Return the figures by endpoint, the most asked first."""
        ordered = sorted(self._by_name.items(), key=lambda item: -item[1].sent)
        return {
            name: batch.figures(length_s or 0.0, corrected=corrected) for name, batch in ordered
        }

    def steps(self, *, corrected: bool) -> tuple[Step, ...]:
        """Return the loads that were held, each of the whole seconds within it, the first without
        its warm-up.

        A step that the test did not come to is left out, one that it broke off in is as long as
        it was held.
        """
        last = float(max(self._by_second, default=-1) + 1)
        found: list[Step] = []
        for stage in self._schedule.stages:
            start, end = math.ceil(stage.start_s), math.floor(min(stage.end_s, last))
            if not stage.held or end <= start:
                continue
            if not found:
                self.warm_up_s = math.ceil(warm_up_s(self.moments(), start, end))
                start += self.warm_up_s
            batch = Batch()
            for second in range(start, end):
                batch.merge(self._by_second.get(second, Batch()))
            dropped = sum(self._dropped.get(s, 0) for s in range(start, end))
            figures = batch.figures(
                float(end - start),
                corrected=corrected,
                dropped=dropped if self._is_open else None,
            )
            found.append(self._step(stage.first, start, end, figures))
        return tuple(found)

    def doubts(self, stopped: str | None) -> list[str]:
        """Return what engines alike say of a test, once its `steps` were asked for."""
        found = [f"stopped early: {stopped}"] if stopped else []
        if self.warm_up_s:
            found.append(f"{self.warm_up_s} s of warm-up are left out of the first step")
        return found

    def _step(self, load: float, start: int, end: int, figures: Figures) -> Step:
        return Step(
            name=f"{load:g} {self._schedule.unit}",
            load=load,
            unit=self._schedule.unit,
            start_s=float(start),
            end_s=float(end),
            figures=figures,
            scenario=self._schedule.scenario,
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
