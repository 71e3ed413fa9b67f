"""oha's JSON. Its file does not tell whether a rate was asked for, nor how latencies count."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import named, refuse
from slowcoach.load.streams import Stream, count, figure, mapping

HOW = (
    "oha: whether a rate (-q) and --latency-correction were given: only with both do latencies "
    "count from when requests were due; without, each connection waits for its answer before it "
    "asks again, which hides what users would have waited during a stall"
)

UNFINISHED = "aborted due to deadline"  # those in flight when the time was over: no failures
FAILED = 400
_OTHERS = (
    "oha: the number of connections (-c), and how figures went over time",
    "oha: percentiles other than those it writes and the interval of each",
    HOW,
)
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,4})?)")
_CODE = re.compile(r"[1-5]\d\d")


def _matches(source: Source) -> bool:
    head = source.head.lstrip()
    return head.startswith(b"{") and b'"summary"' in head and b'"latencyPercentiles"' in head


def _read(source: Source) -> Outcome:
    document = mapping(Stream(source).document())
    summary = mapping(document.get("summary"))
    length = figure(summary.get("total"))
    if not length or length < 0:
        refuse(source, "oha's JSON with `summary.total`", json.dumps(summary)[:80])
    statuses = {
        int(code): number
        for code, value in mapping(document.get("statusCodeDistribution")).items()
        if _CODE.fullmatch(code) and (number := count(value))
    }
    errors = {
        text: number
        for text, value in mapping(document.get("errorDistribution")).items()
        if (number := count(value))
    }
    percentiles = mapping(document.get("latencyPercentiles"))
    received = count(summary.get("totalData"))
    return outcome(statuses, errors, _latencies(summary, percentiles), length, received)


def outcome(
    statuses: Mapping[int, int],
    errors: Mapping[str, int],
    latency: Latencies,
    length: float,
    received: int | None,
) -> Outcome:
    """Return what both of oha's summaries tell; `length` in seconds."""
    completed = sum(statuses.values())
    unanswered = {kind_of(text): n for text, n in errors.items() if text != UNFINISHED}
    wrong = {f"HTTP {code}": n for code, n in statuses.items() if code >= FAILED}
    failed = sum(wrong.values()) + sum(unanswered.values())
    left = sum(unanswered.values())
    figures = Figures(
        latency=replace(latency, count=completed) if completed else Latencies(count=0),
        sent=completed + left,
        completed=completed,
        failed=failed,
        errors=wrong | unanswered,
        duration_s=length,
        throughput_rps=completed / length,
        goodput_rps=(completed - sum(wrong.values())) / length,
        received_bytes=received,
    )
    said: list[str] = []
    if not completed:
        said.append("no request was answered: there are no latencies")
    elif left:
        said.append(f"{left:,} requests without an answer are left out of the latencies")
    if unfinished := errors.get(UNFINISHED):
        said.append(
            f"{unfinished:,} requests were not answered when the time was over: they are left out"
        )
    return Outcome(
        tool="oha", model="unknown", whole=figures, unknown=_OTHERS, warnings=tuple(said)
    )


def kind_of(error: str) -> str:
    """Return the kind of an error that oha prints."""
    return "timeout" if error == "timeout" else named(error)


def _latencies(summary: Mapping[str, Any], percentiles: Mapping[str, Any]) -> Latencies:
    def ms(value: Any) -> float | None:
        seconds = figure(value)
        return None if seconds is None else seconds * 1000

    stated = {
        round(float(found[1]) / 100, 9): took
        for name, value in percentiles.items()
        if (found := _PERCENTILE.fullmatch(name)) and (took := ms(value)) is not None
    }
    return Latencies(
        stated=stated,
        mean_ms=ms(summary.get("average")),
        least_ms=ms(summary.get("fastest")),
        most_ms=ms(summary.get("slowest")),
    )


READER = Reader(
    name="oha",
    title="oha (JSON)",
    matches=_matches,
    read=_read,
    example="oha -z 30s -q 200 --latency-correction --output-format json URL > oha.json",
)
