"""The figures of Gatling's report: js/stats.json and global_stats.json, or js/stats.js alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.load.names import Names
from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.streams import Stream, mapping

_NAMES = ("stats.json", "stats.js", "global_stats.json")
_MARKS = (b"numberOfRequests", b"meanResponseTime", b"percentiles1")
_KEY = re.compile(rb"^(\s*)([A-Za-z_]\w*)\s*:", re.MULTILINE)
_DEFAULTS = (0.5, 0.75, 0.95, 0.99)
_HEADING = re.compile(r"<span>(\d+(?:\.\d+)?)(?:st|nd|rd|th) pct</span>")
_LARGEST_PAGE = 2 << 20
_DEEPEST = 50
_UNKNOWN = (
    "open or closed: Gatling's report does not say how users were injected",
    "intervals of the percentiles, and figures by the second: give the simulation.log beside it",
    "latencies finer than 1 ms",
    "kinds of errors",
)


def matches(source: Source) -> bool:
    """Know a JSON object, or a script that sets `stats`, with Gatling's figures."""
    head = source.head.lstrip()
    if not head.startswith((b"{", b"var stats")):
        return False
    return all(mark in head for mark in _MARKS)


def read(source: Source) -> Outcome:
    """Return what the report tells, from the file beside that tells most.

    Raises UnreadableError for another document.
    """
    source = _best(source)
    stream = Stream(source)
    document = _document(source, stream)
    stats = document.get("stats", document)
    quantiles, said = _quantiles(source.path)
    whole = _figures(mapping(stats), quantiles)
    if whole.sent is None:
        raise UnreadableError(
            f"{source.path}: expected Gatling's numberOfRequests, got none",
            hint="Give js/stats.json or js/stats.js of the report, or the simulation.log",
        )
    names, endpoints = Names(), dict[str, Figures]()
    _collect(document, "", quantiles, (names, endpoints))
    return Outcome(
        tool="Gatling",
        model="unknown",
        whole=whole,
        endpoints=endpoints,
        unknown=(*_UNKNOWN, *said),
        warnings=(*stream.warnings, *names.warnings),
    )


def folder(path: Path) -> str:
    """Return the folder of the report: its files tell the same."""
    return str(path.parent)


def _best(source: Source) -> Source:
    """Return the whole report where a file of the total alone is given."""
    for name in _NAMES[:2] if source.path.name == _NAMES[2] else ():
        beside = source.path.with_name(name)
        if beside.is_file():
            return replace(source, path=beside, size=beside.stat().st_size)
    return source


def _document(source: Source, stream: Stream) -> Mapping[str, Any]:
    data = stream.whole().lstrip()
    if data.startswith(b"{"):
        return mapping(Stream(source).document())
    text = _KEY.sub(rb'\1"\2":', data[data.find(b"{") :]).decode("utf-8", "replace")
    try:
        return mapping(json.JSONDecoder(parse_constant=lambda _: None).raw_decode(text)[0])
    except (ValueError, RecursionError) as error:
        raise UnreadableError(
            f"{source.path}: expected Gatling's stats.js, got {error}",
            hint="Give the simulation.log beside the report",
        ) from None


def _quantiles(path: Path) -> tuple[tuple[float, ...], list[str]]:
    """Return which percentiles the report has, from the headings of its page."""
    page = path.parent.parent / "index.html"
    try:
        if page.stat().st_size <= _LARGEST_PAGE:
            found = _HEADING.findall(page.read_text(encoding="utf-8", errors="replace"))
            if len(found) == len(_DEFAULTS):
                return tuple(float(text) / 100 for text in found), []
    except OSError:
        pass
    return _DEFAULTS, [
        "which percentiles: taken to be 50, 75, 95 and 99, Gatling's defaults (without the "
        "report's index.html the figures have no names)"
    ]


def _collect(
    node: Mapping[str, Any],
    prefix: str,
    quantiles: tuple[float, ...],
    into: tuple[Names, dict[str, Figures]],
    depth: int = 0,
) -> None:
    """Add the requests and groups within a node."""
    names, endpoints = into
    if depth > _DEEPEST:
        return
    for each in map(mapping, mapping(node.get("contents")).values()):
        title = prefix + str(each.get("name", ""))
        is_group = each.get("type") == "GROUP"
        shown = f"{title} (with its parts)" if is_group else title
        endpoints[names.titles[names.code(shown)]] = _figures(mapping(each.get("stats")), quantiles)
        _collect(each, f"{title} / ", quantiles, into, depth + 1)


def _figures(stats: Mapping[str, Any], quantiles: tuple[float, ...]) -> Figures:
    requests = mapping(stats.get("numberOfRequests"))
    sent, failed = _figure(requests.get("total")), _figure(requests.get("ko"))
    rates = mapping(stats.get("meanNumberOfRequestsPerSecond"))
    rate, good_rate = _figure(rates.get("total")), _figure(rates.get("ok"))
    return Figures(
        latency=_latencies(stats, "total", quantiles, sent),
        good=_latencies(stats, "ok", quantiles, _figure(requests.get("ok"))),
        sent=None if sent is None else round(sent),
        failed=None if failed is None or sent is None else round(min(failed, sent)),
        duration_s=sent / rate if sent and rate else None,
        throughput_rps=rate,
        goodput_rps=None if good_rate is None or rate is None else min(good_rate, rate),
    )


def _latencies(
    stats: Mapping[str, Any], of: str, quantiles: tuple[float, ...], count: float | None
) -> Latencies:
    def told(name: str) -> float | None:
        return _figure(mapping(stats.get(name)).get(of)) if count else None

    stated = {q: told(f"percentiles{at}") for at, q in enumerate(quantiles, 1)}
    return Latencies(
        count=None if count is None else round(count),
        stated={q: value for q, value in stated.items() if value is not None},
        mean_ms=told("meanResponseTime"),
        least_ms=told("minResponseTime"),
        most_ms=told("maxResponseTime"),
        resolution_ms=1.0,
    )


def _figure(value: Any) -> float | None:
    """Return a figure that is a number or, in the script, text ("-" when there is none)."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if 0 <= found < float("inf") else None


READER = Reader(
    name="gatling_stats",
    title="Gatling report (js/stats)",
    matches=matches,
    read=read,
    example="mvn gatling:test",
    run=folder,
)
