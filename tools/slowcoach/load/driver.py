"""The built-in load generator: HTTP/1.1 keep-alive, closed and open model.

In the closed model workers send back to back, so a stalled server also stalls the sender and
hides how long users would have waited (coordinated omission). In the open model requests are
due at a fixed rate whatever the server does, and latency counts from when each was due.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable

from slowcoach.core.errors import InputError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.load.engine import Engine
from slowcoach.load.http1 import Wire, encode
from slowcoach.load.model import LoadResult, Request, Sample, Tick

__all__ = ["LoadResult", "Request", "Sample", "Tick", "drive"]

_SPARE_FILES = 64
_MOST_RPS = 100_000  # several times what one Python process can send


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
) -> LoadResult:
    """Send a request over and over for `duration_s` seconds and return how each went.

    Without `rate`: `concurrency` workers back to back (closed model). With `rate` (requests per
    second): sent when due (open model) unless `concurrency` are under way, which counts as
    dropped. Ends by itself within `duration_s + timeout_s` and a moment; `on_tick` hears about
    it each second from the loop's thread, and what it raises ends the test. To be called from a
    thread without a running event loop.

    A server that refuses is a result (`completed` is 0), not an exception. Raises InputError,
    UnreachableError for a host name that does not resolve, CancelledError when called off.
    """
    _check(duration_s, concurrency, rate, timeout_s)
    wire = encode(request)
    engine = Engine(
        wire=wire,
        addresses=_addresses(wire),
        tls=_tls(verify_tls) if wire.tls else None,
        duration_s=duration_s,
        concurrency=concurrency,
        rate=rate,
        timeout_s=timeout_s,
    )
    return asyncio.run(engine.run(cancellation or Cancellation(), on_tick))


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
    _allow_files(concurrency + _SPARE_FILES)


def _allow_files(count: int) -> None:
    """Raise the limit of open files so that each request may have its connection."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= count:
        return
    if hard != resource.RLIM_INFINITY and hard < count:
        raise InputError(
            f"concurrency: {count} connections need more open files than this system's {hard}",
            hint="Ask for less, or raise `ulimit -n`",
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


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
