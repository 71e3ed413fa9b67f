"""What wrk and wrk2 print alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slowcoach.load.readers._reports import decimal, milliseconds, named, whole

_TITLE = re.compile(r"^Running (\S{1,20}) test @ (\S{1,2000})$", re.MULTILINE)
_STATS = re.compile(r"^  Thread Stats +Avg +Stdev +Max +\+/- Stdev$", re.MULTILINE)
# wrk2's own marks; in its first ten seconds it knows no rate by the second, where wrk prints 0.00
_WRK2 = (
    re.compile(r"^  Latency Distribution \(HdrHistogram - Recorded Latency\)$", re.MULTILINE),
    re.compile(r"^  Thread calibration: ", re.MULTILINE),
    re.compile(r"^    Req/Sec +-?nan +-?nan +0\.00 +0\.00%$", re.MULTILINE),
)
_LOAD = re.compile(r"^  (\d{1,10}) threads and (\d{1,10}) connections$", re.MULTILINE)
_LATENCY = re.compile(r"^    Latency +(\S{1,20}) +(\S{1,20}) +(\S{1,20}) ", re.MULTILINE)
_PERCENTILE = re.compile(r"^ {0,8}(\d{1,3}(?:\.\d{1,6})?)% +(\d\S{1,20})$", re.MULTILINE)
_REQUESTS = re.compile(r"^  (\d{1,15}) requests in (\S{1,20}), (\S{1,20})B read$", re.MULTILINE)
_SOCKETS = re.compile(
    r"^  Socket errors: connect (\d{1,15}), read (\d{1,15}), write (\d{1,15}), "
    r"timeout (\d{1,15})$",
    re.MULTILINE,
)
_STATUS = re.compile(r"^  Non-2xx or 3xx responses: (\d{1,15})$", re.MULTILINE)
_RATE = re.compile(r"^Requests/sec: +(\S{1,20})$", re.MULTILINE)
_BINARY = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50}


@dataclass(frozen=True, slots=True)
class Printed:
    """The figures of the text. `errors` by kind: none is left out, zeros are."""

    target: str
    connections: int | None
    completed: int
    duration_s: float
    mean_ms: float | None
    most_ms: float | None
    errors: Mapping[str, int]
    rate_rps: float | None
    received_bytes: int | None

    @property
    def timeouts(self) -> int:
        """Return the requests that took longer than the time limit."""
        return self.errors.get("timeout", 0)

    @property
    def unanswered(self) -> int:
        """Return the requests that failed at the socket."""
        kinds = ("connect", "read", "write")
        return sum(self.errors.get(f"socket error: {kind}", 0) for kind in kinds)


def tool(head: str) -> str | None:
    """Return which of both wrote a text that begins so: "wrk", "wrk2" or neither."""
    if not (_TITLE.search(head) and _STATS.search(head)):
        return None
    return "wrk2" if any(mark.search(head) for mark in _WRK2) else "wrk"


def printed(text: str) -> Printed | str:
    """Return the figures, or what is missing in the text."""
    title, requests = _TITLE.search(text), _REQUESTS.search(text)
    if title is None:
        return "a line `Running 30s test @ URL`"
    lasted = milliseconds(requests[2]) if requests else None
    if requests is None or not lasted:
        return "a line `N requests in 30.00s`, which ends the output"
    load, latency = _LOAD.search(text), _LATENCY.search(text)
    completed = int(requests[1])
    told = latency is not None and completed > 0
    rate = _RATE.search(text)
    return Printed(
        target=named(title[2]),
        connections=whole(load[2]) if load else None,
        completed=completed,
        duration_s=lasted / 1000,
        mean_ms=milliseconds(latency[1]) if told and latency else None,
        most_ms=milliseconds(latency[3]) if told and latency else None,
        errors=_errors(text),
        rate_rps=decimal(rate[1]) if rate else None,
        received_bytes=_bytes(requests[3]),
    )


def _errors(text: str) -> Mapping[str, int]:
    found: dict[str, int] = {}
    if sockets := _SOCKETS.search(text):
        kinds = ("socket error: connect", "socket error: read", "socket error: write", "timeout")
        found = {kind: int(sockets[at]) for at, kind in enumerate(kinds, 1)}
    if status := _STATUS.search(text):
        found["HTTP 400 and above"] = int(status[1])
    return {kind: count for kind, count in found.items() if count}


def percentiles(text: str) -> dict[float, float]:
    """Return the latencies in ms by quantile (0..1) that `--latency` prints."""
    found: dict[float, float] = {}
    for line in _PERCENTILE.finditer(text):
        q, value = float(line[1]) / 100, milliseconds(line[2])
        if value is not None and 0 < q <= 1:
            found.setdefault(round(q, 9), value)
    return found


def _bytes(text: str) -> int | None:
    unit = text[-1:] if text[-1:] in _BINARY else ""
    value = decimal(text.removesuffix(unit))
    return None if value is None else round(value * _BINARY[unit])
