"""autocannon's `-j` JSON. Its connections wait for answers: a closed test, with -R too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import named, one_step, refuse
from slowcoach.load.streams import Stream, count, figure, mapping

RESOLUTION_MS = 1.0  # it records whole ms
STALL = (
    "autocannon: what users would have waited during a stall: each connection waits for its "
    "answer before it asks again"
)

_PERCENTILE = re.compile(r"p(\d{1,2})(?:_(\d{1,3}))?")
_CODE = re.compile(r"[1-5]\d\d")
_FAILED = 400
_FAMILIES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_UNKNOWN = (
    "autocannon: percentiles other than those it writes, the interval of each, and how figures "
    "went over time",
    STALL,
)


def _matches(source: Source) -> bool:
    head = source.head.lstrip()
    return head.startswith(b"{") and b'"non2xx"' in head and b'"latency":{' in head


def _read(source: Source) -> Outcome:
    document = mapping(Stream(source).document())
    latency = mapping(document.get("latency"))
    families = {name: count(document.get(name)) for name in _FAMILIES}
    if not latency or all(number is None for number in families.values()):
        refuse(source, "autocannon's JSON with `latency` and `2xx`", ", ".join(document)[:80])
    completed = sum(number or 0 for number in families.values())
    errors = _errors(document, families)
    unanswered = count(document.get("errors")) or 0
    length = figure(document.get("duration")) or 0.0
    failed = sum(errors.values())
    made_up = (count(latency.get("totalCount")) or 0) > completed
    figures = Figures(
        latency=_latencies(latency, completed, made_up=made_up),
        sent=completed + unanswered,
        completed=completed,
        failed=failed,
        errors=errors,
        duration_s=length or None,
        throughput_rps=completed / length if length > 0 else None,
        goodput_rps=max(completed + unanswered - failed, 0) / length if length > 0 else None,
        received_bytes=count(mapping(document.get("throughput")).get("total")),
    )
    url, started = document.get("url"), document.get("start")
    return Outcome(
        tool="autocannon",
        model="closed",
        whole=figures,
        steps=one_step(count(document.get("connections")), "users", figures),
        started=named(started) if isinstance(started, str) else None,
        target=named(url) if isinstance(url, str) else None,
        unknown=(*([_MADE_UP] if made_up else []), *_UNKNOWN),
        warnings=() if completed else ("no request was answered: there are no latencies",),
    )


_MADE_UP = (
    "autocannon: percentiles: with -R it adds made-up latencies, one for each ms that a request "
    "took, whatever the rate is (run it with --ignoreCoordinatedOmission)"
)


def _errors(document: Mapping[str, Any], families: Mapping[str, int | None]) -> dict[str, int]:
    """Return what failed by kind. autocannon's `errors` count its timeouts too."""
    timeouts = count(document.get("timeouts")) or 0
    found = {"timeout": timeouts}
    found["no answer"] = max((count(document.get("errors")) or 0) - timeouts, 0)
    statuses = mapping(document.get("statusCodeStats"))
    if statuses:
        for code, told in statuses.items():
            if _CODE.fullmatch(code) and int(code) >= _FAILED:
                found[f"HTTP {code}"] = count(mapping(told).get("count")) or 0
    else:
        found |= {f"HTTP {family}": families[family] or 0 for family in ("4xx", "5xx")}
    return {kind: number for kind, number in found.items() if number}


def _latencies(told: Mapping[str, Any], completed: int, *, made_up: bool) -> Latencies:
    if not completed:
        return Latencies(count=0, resolution_ms=RESOLUTION_MS)
    stated: dict[float, float] = {}
    for name, value in told.items():
        found, ms = _PERCENTILE.fullmatch(name), figure(value)
        if found is not None and ms is not None:
            stated[round(float(f"{found[1]}.{found[2] or 0}") / 100, 9)] = ms
    return Latencies(
        count=completed,
        stated={} if made_up else stated,
        mean_ms=None if made_up else figure(told.get("average")),
        # its `min` is 1 at least, though latencies of 0 ms are among the percentiles
        most_ms=figure(told.get("max")),
        resolution_ms=RESOLUTION_MS,
    )


READER = Reader(
    name="autocannon",
    title="autocannon (JSON)",
    matches=_matches,
    read=_read,
    example="autocannon -j -d 30 -c 8 URL > autocannon.json",
)
