"""What `drive` notes while it runs, cheaply, and the result it makes of it."""

import time
from collections import Counter
from operator import itemgetter

from slowcoach.load.client import OUT_OF_FILES, OUT_OF_PORTS, Exchange
from slowcoach.load.model import LoadResult, Sample, Tick, quantile

FIRST_ERROR_STATUS = 400
_TOO_MANY, _FIRST_SERVER_ERROR = 429, 500
_OWN_KINDS = frozenset({"timeout", OUT_OF_FILES, OUT_OF_PORTS, "tls"})
_MS = 1000.0


class Recording:
    """The counts and rows of one test; times are of `time.perf_counter`."""

    def __init__(self, duration_s: float) -> None:
        self.sent = self.dropped = 0
        self.slips: list[float] = []
        self._duration_s = duration_s
        self._completed = self._refused = 0
        self._errors: Counter[str] = Counter()
        self._rows: list[tuple[float, float, float, int | None, str | None, int]] = []
        self._begun = self._ended = 0.0

    def begin(self) -> float:
        """Start the clock and return its time."""
        self._begun = self._ended = time.perf_counter()
        return self._begun

    def ended(
        self, exchange: Exchange, now: float, status: int, size: int, kind: str | None
    ) -> None:
        """Note a request's end; a status of 400 and above is an error too."""
        error = kind
        if kind is None:
            self._completed += 1
            error = f"status {status}" if status >= FIRST_ERROR_STATUS else None
        if error is not None:
            self._errors[error] += 1
            refuses = status == _TOO_MANY or status >= _FIRST_SERVER_ERROR
            self._refused += refuses if kind is None else kind not in _OWN_KINDS
        self._ended = now
        due, started = exchange.due, exchange.started
        # a plain tuple: the garbage collector stops looking at it
        self._rows.append(
            (
                due - self._begun,
                (now - due) * _MS,
                (now - started) * _MS,
                status or None,
                error,
                size,
            )
        )

    def tick(self, in_flight: int) -> Tick:
        """Return how far the test is."""
        return Tick(
            elapsed_s=time.perf_counter() - self._begun,
            duration_s=self._duration_s,
            sent=self.sent,
            completed=self._completed,
            errors=self._errors.total(),
            dropped=self.dropped,
            in_flight=in_flight,
            refused=self._refused,
        )

    def cut(self) -> None:
        """Take what was until now as the whole test."""
        self._duration_s = min(self._duration_s, max(time.perf_counter() - self._begun, 1e-3))

    def result(self, cpu_share: float, connections: int) -> LoadResult:
        """Return what came of the test."""
        samples = tuple(map(Sample._make, sorted(self._rows, key=itemgetter(0))))
        elapsed = max(self._ended - self._begun, 1e-9)
        return LoadResult(
            samples=samples,
            sent=self.sent,
            completed=self._completed,
            errors=dict(self._errors),
            dropped=self.dropped,
            slip_p99_ms=(quantile(sorted(self.slips), 0.99) or 0.0) * _MS,
            duration_s=elapsed,
            throughput_rps=self._throughput(samples, elapsed),
            generator_cpu_share=cpu_share,
            connections=connections,
        )

    def _throughput(self, samples: tuple[Sample, ...], elapsed: float) -> float:
        """Count answers within the time asked, so that one straggler does not thin them out."""
        in_time = sum(
            1
            for s in samples
            if s.status is not None and s.started_s + s.latency_ms / _MS <= self._duration_s
        )
        return in_time / self._duration_s if in_time else self._completed / elapsed
