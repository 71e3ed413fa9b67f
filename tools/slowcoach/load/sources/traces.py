"""Traces as OTLP JSON, of Jaeger or of Zipkin: the real mix, its routes, rates and dependencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.units import number
from slowcoach.load.correlation import correlate
from slowcoach.load.exchange import WRITES, Exchange
from slowcoach.load.plan import Endpoint
from slowcoach.load.sealing import sealed
from slowcoach.load.secrecy import Vault, env, taken
from slowcoach.load.sources import _documents, _mix
from slowcoach.load.sources._entries import Route, Seen, gathered
from slowcoach.load.sources._routes import filled, mark_of, named, secrets_of, varying
from slowcoach.load.traffic import Given, Rates, Source, Traffic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from slowcoach.queries.logs.event import Source as SpanSource

_WHAT = "traces as OTLP JSON, of Jaeger or of Zipkin"
_HINT = "Export them as JSON"
_QUANTILES = (0.5, 0.9, 0.95, 0.99)
_MINUTE = 60.0
_PER_CALL = 5
_MS = 1000.0


def read(given: Given) -> Traffic:
    """Return the requests that entered the busiest service from outside, with their rates."""
    from slowcoach.queries.logs.stream import Stream

    if given.path is None:
        raise UnreadableError(f"expected {_WHAT}", hint=_HINT)
    stop = given.cancellation
    stream = Stream(str(given.path), lambda _done, _all: stop.check() if stop else None)
    kind = next((source for source in _kinds() if source.matches(stream.head)), None)
    if kind is None:
        raise UnreadableError(f"{given.path}: expected {_WHAT}", hint=_HINT)
    services, peers, notes = gathered(kind.read(stream))
    if not services:
        raise UnreadableError(
            f"{given.path}: no span of a server that tells of an HTTP request",
            hint="Export traces with the server's spans (http.request.method, http.route)",
        )
    service, seen = max(services.items(), key=lambda item: len(item[1].starts))
    if len(services) > 1:
        others = [name or "unnamed" for name in services if name != service]
        notes.append(f"requests of {len(others)} other services left out: {_few(others)}")
    return _traffic(service, seen, peers, given, [*notes, *stream.warnings])


def _kinds() -> Sequence[SpanSource]:
    from slowcoach.queries.logs.sources import jaeger, otlp, zipkin

    return (otlp.SOURCE, jaeger.SOURCE, zipkin.SOURCE)


def _few(names: Sequence[str]) -> str:
    return ", ".join(name[:60] for name in names[:_PER_CALL])


def _traffic(
    service: str, seen: Seen, peers: Counter[str], given: Given, notes: list[str]
) -> Traffic:
    base = _base(seen, given)
    total = len(seen.durations_ms)
    left_out: Counter[str] = Counter()
    data: dict[str, tuple[str, ...]] = {}
    vault = Vault()
    endpoints: list[Endpoint] = []
    for (method, route), found in sorted(seen.routes.items(), key=lambda item: -item[1].count):
        why = _unwanted(method, route)
        if why is not None:
            left_out[why] += found.count
            continue
        made = _endpoint(base, method, route, found, data, vault)
        endpoints.append(made)
    if not endpoints:
        raise UnreadableError(
            f"{given.path}: no request in it that could be repeated: {_mix.counted(left_out)}",
            hint="Traces hold no bodies: writes cannot be repeated from them",
        )
    said = [
        f"{total} requests entered {service or 'the service'} in these traces",
        "rates are those of the traces kept: with sampling the real ones are higher in proportion",
        *_dependencies(peers, total),
        *notes,
        *_mix.notes(left_out, endpoints, writes=True),
    ]
    return Traffic(
        endpoints=tuple(endpoints),
        data=data,
        rates=rates_of(seen.starts),
        statuses=dict(seen.statuses),
        latency_ms=_quantiles(seen.durations_ms),
        methods=dict(_methods(seen)),
        notes=tuple(said),
    )


def _methods(seen: Seen) -> Counter[str]:
    found: Counter[str] = Counter()
    for (method, _), route in seen.routes.items():
        found[method] += route.count
    return found


def _unwanted(method: str, route: str) -> str | None:
    if method in WRITES:
        return "writes, whose bodies traces do not hold"
    return _mix.unusable(method, f"http://host{route}" if route else "", "")


def _base(seen: Seen, given: Given) -> str:
    if given.base is not None:
        return _mix.origin_of(given.base)
    origin = seen.origins.most_common(1)[0][0] if seen.origins else ""
    try:
        return _mix.origin_of(origin)
    except InputError:
        raise InputError(
            f"{given.path}: its spans name no host",
            hint="Give `url` too, such as http://127.0.0.1:8000",
        ) from None


def _endpoint(
    base: str,
    method: str,
    route: str,
    found: Route,
    data: dict[str, tuple[str, ...]],
    vault: Vault,
) -> Endpoint:
    """Return a route as a request; its gaps take the values that were really asked."""
    path, values = filled(route, found.paths, data)
    query, varied = varying(route, found.queries, {**data, **values})
    values |= varied
    for name in values:
        vault.handed_on(mark_of(name), taken(name))
    for name in secrets_of(route):
        vault.handed_on(mark_of(name), env(name))
    # an address of the target's own, whatever a span says
    url = f"{base}/{path.lstrip('/')}{f'?{query}' if query else ''}"
    session = correlate([Exchange(method, url, route=named(route))], vault)
    step = sealed(session.steps[0], vault)
    data.update(values)
    return step.model_copy(update={"weight": float(found.count)})


def _dependencies(peers: Counter[str], total: int) -> Iterator[str]:
    if peers and total:
        calls = (f"{number(n / total)} of {name[:40]}" for name, n in peers.most_common(_PER_CALL))
        yield f"calls for each request: {', '.join(calls)}"


def _quantiles(values: Sequence[float]) -> dict[float, float]:
    import numpy as np

    if not values:
        return {}
    found = np.quantile(np.asarray(values), _QUANTILES)
    return {q: round(float(ms), 3) for q, ms in zip(_QUANTILES, found, strict=True)}


def rates_of(starts: Sequence[float]) -> Rates | None:
    """Return the rates of requests by when they began, in s; None for less than a second's.

    Empty seconds and minutes are not written out: a clock that is wrong by years costs nothing.
    """
    import numpy as np

    if not starts or (length := max(starts) - min(starts)) < 1.0:
        return None
    at = np.asarray(starts) - min(starts)
    whole = int(length)
    seconds = np.unique(at[at < whole].astype(np.int64), return_counts=True)[1].astype(float)
    mean = float(seconds.sum()) / whole
    variance = float((seconds**2).sum()) / whole - mean**2
    found = Rates(
        median=(rate := round(len(starts) / length, 4)),
        p999=rate,
        peak_second=float(seconds.max()),
        burstiness=round(variance / mean, 3),
    )
    if length < _MINUTE:
        return found
    count = int(length // _MINUTE)
    minutes = np.unique((at[at < count * _MINUTE] // _MINUTE).astype(np.int64), return_counts=True)
    counts = np.sort(minutes[1]) / _MINUTE
    median, p999 = (round(_with_zeros(counts, count, q), 4) for q in (0.5, 0.999))
    return replace(found, median=median, p999=p999)


def _with_zeros(counts: NDArray[np.float64], total: int, q: float) -> float:
    """Return a quantile of `total` values, of which only those above 0 are given, in order."""
    place = q * (total - 1)
    below = int(place)
    zeros = total - len(counts)
    low, high = (
        0.0 if at < zeros else float(counts[min(at - zeros, len(counts) - 1)])
        for at in (below, below + 1)
    )
    return low + (place - below) * (high - low)


def matches(given: Given) -> bool:
    """Tell whether a file begins as traces do."""
    head = _documents.head_of(given).decode("utf-8", "replace").removeprefix("\ufeff")
    return any(kind.matches(head) for kind in _kinds())


SOURCE = Source(
    name="traces", title="Traces (OTLP JSON, Jaeger, Zipkin)", matches=matches, read=read
)
