"""One request sent over and over, each sample kept: what a diagnosis measures with.

In the closed model workers send back to back, so a stalled server also stalls the sender and
hides how long users would have waited (coordinated omission). In the open model requests are
due at a fixed rate whatever the server does, and latency counts from when each was due.
Long and mixed tests are run by the engine of `builtin/`, on the same client.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from slowcoach.core.errors import CancelledError, InputError, ToolFailedError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.load.client import Client, Exchange
from slowcoach.load.engine_kind import StopTestError
from slowcoach.load.http1 import Wire, encode
from slowcoach.load.model import LoadResult, Request, Sample, Tick
from slowcoach.load.open_files import room_for
from slowcoach.load.pacing import Pacer, due_times
from slowcoach.load.recording import Recording
from slowcoach.load.schedule import Schedule, Stage

__all__ = ["LoadResult", "Request", "Sample", "Tick", "drive"]

_MOST_RPS = 100_000  # several times what one Python process can send
_TICK_S = 1.0
_RETRY_AFTER_S = 0.1  # a refusing server is asked again at this pace, not as fast as possible
_STOP_GRACE_S = 2.0


def drive(
    request: Request,
    *,
    duration_s: float,
    concurrency: int,
    rate: float | None = None,
    timeout_s: float = 30.0,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[Tick], None] | None = None,
    verify_tls: bool = True,
    addresses: Sequence[str] = (),
) -> LoadResult:
    """Send a request over and over for `duration_s` seconds and return how each went.

    Without `rate`: `concurrency` workers back to back (closed model). With `rate` (requests per
    second): sent when due (open model) unless `concurrency` are under way, which counts as
    dropped. Ends by itself within `duration_s + timeout_s` and a moment; `on_tick` hears about
    it each second from the loop's thread. What it raises ends the test and is raised, only after
    StopTestError what came of it until then is returned. With `addresses`
    (`targets.target_of` has checked them) only these are connected to, and the host's name is not
    asked for. To be called from a thread without a running event loop.

    A server that refuses is a result (`completed` is 0), not an exception. Raises InputError,
    UnreachableError for a host name that does not resolve, CancelledError when called off.
    """
    _check(duration_s, concurrency, rate, timeout_s)
    wire = encode(request)
    trial = _Trial(wire, duration_s, concurrency, rate, timeout_s)
    client = Client(
        addresses=[(each, wire.port) for each in addresses] or _addresses(wire),
        tls=_tls(verify_tls) if wire.tls else None,
        server_name=wire.host,
        timeout_s=timeout_s,
        on_end=trial.ended,
    )
    # returns nothing: asyncio shows what a main task returned to signal(), all samples of it
    asyncio.run(trial.run(client, cancellation or Cancellation(), on_tick))
    return trial.result()


def _check(duration_s: float, concurrency: int, rate: float | None, timeout_s: float) -> None:
    for name, value in (("duration_s", duration_s), ("timeout_s", timeout_s), ("rate", rate)):
        if value is not None and not 0 < value < float("inf"):
            raise InputError(f"{name}: expected more than 0, got {value}", hint="Give a number")
    if concurrency < 1:
        raise InputError(f"concurrency: expected 1 or more, got {concurrency}", hint="Give 1")
    if rate is not None and rate > _MOST_RPS:
        raise InputError(
            f"rate: expected at most {_MOST_RPS:,} requests per second, got {rate:,.0f}",
            hint="One process cannot send that: use k6 or Locust on several machines",
        )
    room_for(concurrency)


def _addresses(wire: Wire) -> list[tuple[str, int]]:
    try:
        found = socket.getaddrinfo(wire.host, wire.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(
            f"{wire.host}: the name does not resolve ({error})", hint="Check the URL's host"
        ) from None
    return list(dict.fromkeys((str(entry[4][0]), wire.port) for entry in found))


def _tls(verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class _Trial:
    """One test. All methods run in the event loop's thread."""

    def __init__(
        self,
        wire: Wire,
        duration_s: float,
        concurrency: int,
        rate: float | None,
        timeout_s: float,
    ) -> None:
        self._wire, self._duration_s, self._timeout_s = wire, duration_s, timeout_s
        self._concurrency, self._rate = concurrency, rate
        self._recording = Recording(duration_s)
        self._stopping = self._called_off = False
        self._failure: BaseException | None = None

    async def run(
        self, client: Client, cancellation: Cancellation, on_tick: Callable[[Tick], None] | None
    ) -> None:
        """Run the test to its end; leaves no connection and no task."""
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._on_exception)
        self._over = asyncio.Event()
        await client.open()
        with cancellation.on_ask(self._call_off_from_thread):
            cpu, wall = time.process_time(), time.perf_counter()
            self._start()
            try:
                await self._watch(on_tick)
            finally:
                wall = max(time.perf_counter() - wall, 1e-9)
                self._cpu_share = (time.process_time() - cpu) / wall
                self._stopping = True
                await client.close()
        if self._called_off:
            raise CancelledError
        if self._failure is not None:
            raise ToolFailedError(
                f"the load generator failed: {self._failure!r}", hint="This is a bug; report it"
            ) from self._failure

    def result(self) -> LoadResult:
        """Return what came of it, once it has run."""
        return self._recording.result(self._cpu_share, self._client.connections)

    def _start(self) -> None:
        begun = self._recording.begin()
        self._loop.call_later(self._duration_s + self._timeout_s + _STOP_GRACE_S, self._over.set)
        if self._rate is not None:
            Pacer(
                begun, due_times(_steady(self._rate, self._duration_s)), self._due, self._stop
            ).start()
            return
        self._loop.call_later(self._duration_s, self._stop)
        for _ in range(self._concurrency):
            self._begin(begun, begun)

    async def _watch(self, on_tick: Callable[[Tick], None] | None) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _TICK_S)
            if on_tick is not None and not self._called_off:
                try:
                    on_tick(self._recording.tick(len(self._client.under_way)))
                except StopTestError:
                    self._recording.cut()
                    return

    def _due(self, due: float, now: float) -> None:
        if len(self._client.under_way) >= self._concurrency:
            self._recording.dropped += 1
            return
        self._recording.slips.append(now - due)
        self._begin(due, now)

    def _begin(self, due: float, now: float) -> None:
        self._recording.sent += 1
        self._client.begin(Exchange(self._wire, due, now))

    def _begin_next(self) -> None:
        """Let a worker of the closed model go on."""
        if not self._stopping:
            now = time.perf_counter()
            self._begin(now, now)

    def ended(
        self, exchange: Exchange, now: float, status: int, size: int, kind: str | None
    ) -> None:
        """Note a request's end, and go on."""
        self._recording.ended(exchange, now, status, size, kind)
        if self._stopping:
            if not self._client.under_way:
                self._over.set()
        elif self._rate is None and kind is None:
            self._begin_next()
        elif self._rate is None:
            self._loop.call_later(_RETRY_AFTER_S, self._begin_next)

    def _stop(self) -> None:
        self._stopping = True
        if not self._client.under_way:
            self._over.set()

    def _call_off_from_thread(self) -> None:
        with suppress(RuntimeError):  # the loop has ended in the meantime
            self._loop.call_soon_threadsafe(self._call_off)

    def _call_off(self) -> None:
        self._called_off = self._stopping = True
        self._over.set()

    def _on_exception(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End the test for an error of ours; what sockets report is counted where it occurs."""
        error = context.get("exception")
        if error is not None and not isinstance(error, OSError):
            self._failure = error
            self._over.set()


def _steady(rate: float, duration_s: float) -> Schedule:
    return Schedule("", "req/s", (Stage(0.0, duration_s, rate, rate, held=True),))
