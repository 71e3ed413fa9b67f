"""What a load test notes while it runs, cheaply, and the result it makes of it."""

import asyncio
import ssl
import time
from collections import Counter
from operator import itemgetter

from slowcoach.load.connection import Connection
from slowcoach.load.http1 import Response
from slowcoach.load.model import LoadResult, Sample, Tick, quantile

_FIRST_ERROR_STATUS = 400
_MS = 1000.0


class Exchange:
    """One request under way: when it was due, when it began, and on what."""

    __slots__ = ("connecting", "connection", "due", "ended", "retried", "started")

    def __init__(self, due: float, started: float) -> None:
        self.due = due
        self.started = started
        self.connection: Connection | None = None
        self.connecting: asyncio.Task[None] | None = None
        self.retried = False
        self.ended = False


class Recording:
    """The counts and rows of one test; times are of `time.perf_counter`."""

    def __init__(self, duration_s: float) -> None:
        self.sent = self.dropped = self.connections = 0
        self.slips: list[float] = []
        self._duration_s = duration_s
        self._completed = 0
        self._errors: Counter[str] = Counter()
        self._rows: list[tuple[float, float, float, int | None, str | None, int]] = []
        self._begun = self._ended = 0.0

    def begin(self) -> float:
        """Start the clock and return its time."""
        self._begun = self._ended = time.perf_counter()
        return self._begun

    def answer(self, exchange: Exchange, now: float, response: Response) -> None:
        """Note a whole response; a status of 400 and above is an error too."""
        status = response.status
        error = f"status {status}" if status >= _FIRST_ERROR_STATUS else None
        self._completed += 1
        self._note(exchange, now, status, error, response.body_bytes)

    def failure(self, exchange: Exchange, now: float, kind: str) -> None:
        """Note a request without an answer."""
        self._note(exchange, now, None, kind, 0)

    def _note(
        self, exchange: Exchange, now: float, status: int | None, error: str | None, size: int
    ) -> None:
        if error is not None:
            self._errors[error] += 1
        self._ended = now
        due, started = exchange.due, exchange.started
        # a plain tuple: the garbage collector stops looking at it
        self._rows.append(
            (due - self._begun, (now - due) * _MS, (now - started) * _MS, status, error, size)
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
        )

    def result(self, cpu_share: float) -> LoadResult:
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
            connections=self.connections,
        )

    def _throughput(self, samples: tuple[Sample, ...], elapsed: float) -> float:
        """Count answers within the time asked, so that one straggler does not thin them out."""
        in_time = sum(
            1
            for s in samples
            if s.status is not None and s.started_s + s.latency_ms / _MS <= self._duration_s
        )
        return in_time / self._duration_s if in_time else self._completed / elapsed


def kind_of(error: OSError) -> str:
    """Return the word for why no connection came about."""
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, ConnectionError):
        return "reset"
    return "timeout" if isinstance(error, TimeoutError) else "unreachable"
