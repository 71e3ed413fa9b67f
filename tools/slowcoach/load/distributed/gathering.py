"""Several runners' requests, gathered while they run, and the outcome of all of them together."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slowcoach.load.distributed.runner_log import Row, RunnerLog, RunnerResult
from slowcoach.load.histogram import Histogram, merged
from slowcoach.load.outcome import Figures, Generator, Latencies, Outcome
from slowcoach.load.tally import OTHERS, Batch, Tally

if TYPE_CHECKING:
    from slowcoach.load.engine_kind import Watch
    from slowcoach.load.schedule import Schedule

_MS = 1000
_LAG_S = 4  # rows are held back for two seconds, and logs take some time
_LATE_S = 600.0  # no request of a test begins so long after its end
_SHORTFALL = 0.01  # k6 shares whole requests out among runners: so much is rounding
_Key = tuple[int, int, int, str]


class Gathering:
    """Takes lines of every runner's log from any thread; one thread asks for what came of them."""

    def __init__(self, schedule: Schedule, endpoints: Sequence[str]) -> None:
        self._schedule = schedule
        self._endpoints = endpoints
        self._lock = threading.Lock()
        self._pending: dict[_Key, list[float | None]] = defaultdict(list)
        self._tally = Tally(schedule)
        self._newest = 0
        self._latest_ms = (schedule.length_s + _LATE_S) * _MS
        self._zero_ms: int | None = None
        self.logs: dict[int, RunnerLog] = {}

    def read(self, runner: int, line: str) -> None:
        """Take a line of a runner's log."""
        with self._lock:
            log = self.logs.setdefault(runner, RunnerLog())
            rows = log.read(line)
            if self._zero_ms is None:
                self._zero_ms = log.start_ms
            for row in rows:
                if row.began_ms - (self._zero_ms or 0) > self._latest_ms:
                    log.unreadable += 1
                    continue
                self._take(row, self._zero_ms or 0)

    def _take(self, row: Row, zero_ms: int) -> None:
        began = max(row.began_ms - zero_ms, 0)
        ended = int(began + (row.ms or 0.0)) // _MS
        self._pending[began // _MS, ended, row.endpoint, row.failure].append(row.ms)
        self._newest = max(self._newest, ended)

    def tell(self, watch: Watch) -> None:
        """Tell the watcher of the seconds that are over, as far as rows of them have come."""
        self._drain()
        self._tally.tell(self._newest - _LAG_S, watch)

    @property
    def requests(self) -> int:
        """Return how many requests were told so far."""
        return sum(log.rows for log in self.logs.values())

    def _drain(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, defaultdict(list)
        for (began, ended, endpoint, failure), told in pending.items():
            known = endpoint < len(self._endpoints)
            name = self._endpoints[endpoint] if known else OTHERS
            self._tally.add(began, name, _batch(told, failure), ended=ended)

    def outcome(self, tool: str, runners: int, *, target: str, ended: bool) -> Outcome:
        """Return what came of the test. `ended`: it was not stopped early."""
        self._drain()
        results = {n: log.result for n, log in sorted(self.logs.items()) if log.result is not None}
        whole = self._whole(results, ended=ended and len(results) == runners)
        corrected = self._is_open and not whole.dropped
        steps = self._tally.steps(corrected=corrected)
        moments = self._tally.moments()
        if whole.dropped:  # runners tell how many, not when
            steps = tuple(replace(s, figures=replace(s.figures, dropped=None)) for s in steps)
            moments = tuple(replace(moment, dropped=None) for moment in moments)
        return Outcome(
            tool=tool,
            model=self._tally.model,
            whole=whole,
            steps=steps,
            endpoints=self._tally.endpoints(whole.duration_s, corrected=corrected),
            moments=moments,
            generator=Generator(name=tool, processes=runners),
            started=_started(self._zero_ms),
            target=target,
            unknown=_unknown(results),
            warnings=tuple(self._warnings(results, runners)),
        )

    def _whole(self, results: Mapping[int, RunnerResult], *, ended: bool) -> Figures:
        whole = self._tally.whole(corrected=self._is_open)
        if not results:
            return replace(whole, dropped=None)
        if self._complete(results):
            whole = replace(whole, received_bytes=sum(r.received_bytes for r in results.values()))
        else:
            whole = figures_of_results(whole, list(results.values()))
        dropped = self._dropped(results, whole.sent or 0, ended=ended)
        latency = replace(whole.latency, corrected=self._is_open and not dropped)
        return replace(whole, dropped=dropped, latency=latency)

    def _complete(self, results: Mapping[int, RunnerResult]) -> bool:
        return all(n in results and log.rows == results[n].requests for n, log in self.logs.items())

    def _dropped(
        self, results: Mapping[int, RunnerResult], sent: int, *, ended: bool
    ) -> int | None:
        if not self._is_open:
            return None
        told = sum(result.dropped for result in results.values())
        due = round(sum((s.first + s.last) / 2 * s.length_s for s in self._schedule.stages))
        short = due - sent
        return max(told, short) if ended and short > due * _SHORTFALL else told

    @property
    def _is_open(self) -> bool:
        return self._schedule.unit == "req/s"

    def _warnings(self, results: Mapping[int, RunnerResult], runners: int) -> list[str]:
        found: list[str] = []
        for n in sorted(set(range(1, runners + 1)) - set(results)):
            rows = self.logs[n].rows if n in self.logs else 0
            counted = (
                f"{rows:,} of its requests are counted" if rows else "nothing is counted of it"
            )
            found.append(f"runner {n} of {runners} told no result: {counted}")
        for n, result in results.items():
            if (rows := self.logs[n].rows) != result.requests:
                found.append(
                    f"runner {n}: {result.requests - rows:,} of {result.requests:,} requests are "
                    "missing in its log: the whole counts them, seconds, steps and endpoints do not"
                )
        logs = sorted(self.logs.items())
        found += [f"runner {n}: {log.script_error}" for n, log in logs if log.script_error]
        lost = sum(log.unreadable for log in self.logs.values())
        return found + ([f"{lost} lines of runners' logs could not be read"] if lost else [])


def _batch(told: list[float | None], failure: str) -> Batch:
    values = [ms for ms in told if ms is not None]
    if not failure:
        return Batch(good=Histogram.of(values))
    return Batch(
        bad=Histogram.of(values),
        errors=Counter({failure: len(told)}),
        unanswered=0 if failure.startswith("status ") else len(told),
    )


def figures_of_results(whole: Figures, results: Sequence[RunnerResult]) -> Figures:
    """Return the whole's figures by the runners' own counts, where rows got lost."""
    good, both = merged(r.good for r in results), merged(r.all for r in results)
    sent = sum(result.requests for result in results)
    length_s = whole.duration_s or 0.0
    return replace(
        whole,
        latency=_latencies(both),
        good=_latencies(good),
        sent=sent,
        completed=both.n - whole.errors.get("timeout", 0),
        failed=sent - good.n,
        throughput_rps=both.n / length_s if length_s else None,
        goodput_rps=good.n / length_s if length_s else None,
        received_bytes=sum(result.received_bytes for result in results),
    )


def _latencies(found: Histogram) -> Latencies:
    return Latencies(
        count=found.n,
        histogram=found,
        mean_ms=found.mean,
        least_ms=found.least if found.n else None,
        most_ms=found.most if found.n else None,
    )


def _started(zero_ms: int | None) -> str | None:
    if zero_ms is None:
        return None
    return datetime.fromtimestamp(zero_ms / _MS, UTC).isoformat(timespec="milliseconds")


def _unknown(results: Mapping[int, RunnerResult]) -> tuple[str, ...]:
    found = ["how busy the runners' processors were, and how late they sent"]
    if any(result.thresholds for result in results.values()):
        found.append("k6 judges thresholds in each runner, of its share alone: not the verdict")
    return tuple(found)
