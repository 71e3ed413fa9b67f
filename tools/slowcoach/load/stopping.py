"""Who watches a test while it runs: tells how far it is, and ends it when going on is harm."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from slowcoach.core.finding import Evidence, Finding, Severity
from slowcoach.core.knowledge import page, rule
from slowcoach.core.units import duration, number, quantity, share
from slowcoach.load.engine_kind import StopTestError
from slowcoach.load.guard import look_at_switch
from slowcoach.load.histogram import merged
from slowcoach.load.outcome import Moment
from slowcoach.load.plan import PassCriteria
from slowcoach.load.schedule import Schedule

if TYPE_CHECKING:
    from slowcoach.core.job import Job

BREAKING = frozenset({"stress", "spike", "breakpoint"})
"""Scenarios that are there to break the target: to stop is their result."""

RULE = "load.stopped"
_QUANTILES = (("p99_response_ms", 0.99), ("p95_response_ms", 0.95))


class Watcher:
    """Hears of each second of one scenario. `began_s` and `total_s` are those of the whole plan."""

    def __init__(
        self,
        job: Job,
        schedule: Schedule,
        criteria: PassCriteria,
        *,
        key: str,
        began_s: float = 0.0,
        total_s: float | None = None,
    ) -> None:
        self._job, self._schedule, self._criteria = job, schedule, criteria
        self._key, self._breaks = key, key in BREAKING
        self._began_s = began_s
        self._total_s = total_s if total_s is not None else schedule.length_s
        self._rule = rule(RULE)
        self._window: deque[Moment] = deque()
        self.moments: list[Moment] = []
        self.finding: Finding | None = None

    def __call__(self, moment: Moment) -> None:
        """Tell a second's figures; raises StopTestError, or CancelledError when called off."""
        self.moments.append(moment)
        self._window.append(moment)
        end_s = moment.start_s + moment.length_s
        longest = max(self._rule.limit("window"), self._rule.limit("slow_for"))
        while self._window[0].start_s < end_s - longest:
            self._window.popleft()
        self._tell(moment, end_s)
        look_at_switch()
        evidence = self._errors() or (None if self._breaks else self._slowness())
        if evidence is not None and self.finding is None:
            severity = Severity.INFO if self._breaks else None
            where = [f"{self._schedule.scenario}, after {duration(end_s)}"]
            self.finding = self._rule.finding([evidence], where=where, severity=severity)
            raise StopTestError(str(evidence))

    def _tell(self, moment: Moment, end_s: float) -> None:
        p95 = moment.percentile(0.95)
        rate = (moment.completed or 0) / moment.length_s
        parts = [f"{number(rate)} req/s"]
        if p95 is not None:
            parts.append(f"p95 {quantity(p95, 'ms')}")
        parts.append(f"errors {share((moment.failed or 0) / max(moment.sent or 0, 1))}")
        left = max(self._total_s - self._began_s - end_s, 0.0)
        text = f"{self._schedule.scenario}: {', '.join(parts)}, {duration(left)} left"
        self._job.progress(min(self._began_s + end_s, self._total_s), self._total_s, text)

    def _last(self, limit: str) -> list[Moment] | None:
        """Return the moments of the last seconds that a limit names; None before there are some."""
        length = self._rule.limit(limit)
        end_s = self._window[-1].start_s + self._window[-1].length_s
        found = [m for m in self._window if m.start_s >= end_s - length]
        return found if end_s - self._window[0].start_s >= length else None

    def _errors(self) -> Evidence | None:
        last = self._last("window")
        sent, failed = _sum(m.sent for m in last or ()), _sum(m.failed for m in last or ())
        if sent < self._rule.limit("least_requests"):
            return None
        limit = self._rule.limit("error_share")
        if self._key == "breakpoint":
            limit = float(page("load_scenarios").data["sizing"]["stop_error_share"])
        if failed / sent <= limit:
            return None
        length = quantity(self._rule.limit("window"), "s")
        return Evidence(
            metric=f"errors of the last {length}",
            value=failed / sent,
            unit="share",
            limit=limit,
        )

    def _slowness(self) -> Evidence | None:
        last = self._last("slow_for")
        asked = [(q, ms) for name, q in _QUANTILES if (ms := getattr(self._criteria, name))]
        if last is None or not asked:
            return None
        q, limit_ms = asked[0]
        found = merged(m.histogram for m in last if m.histogram is not None)
        value = found.quantile(q)
        most = limit_ms * self._rule.limit("slow_factor")
        if value is None or value <= most or found.n < self._rule.limit("least_requests"):
            return None
        length = quantity(self._rule.limit("slow_for"), "s")
        return Evidence(
            metric=f"p{q * 100:g} of the last {length}", value=value, unit="ms", limit=most
        )


def _sum(values: Iterable[int | None]) -> int:
    return sum(value or 0 for value in values)
