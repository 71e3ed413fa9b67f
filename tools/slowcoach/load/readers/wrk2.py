"""wrk2's text. Requests are due at a rate, and latencies count from when each was due."""

from __future__ import annotations

import re

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers import _spectrum
from slowcoach.load.readers._reports import head_of, refuse, text_of
from slowcoach.load.readers._spectrum import Row
from slowcoach.load.readers._wrk_text import Printed, percentiles, printed, tool

_UNCORRECTED = re.compile(
    r"^  Latency Distribution \(HdrHistogram - Uncorrected Latency", re.MULTILINE
)
_SPECTRUM = "  Detailed Percentile spectrum:"
_TOTALS = re.compile(r"^#\[(?:Mean +|Max +)= +(\d{1,15}\.\d{1,6}), ", re.MULTILINE)
_UNKNOWN = (
    "wrk2: the rate that was asked for (-R), so whether all requests that were due were sent",
    "wrk2: latencies of the first seconds of a thread, in which it calibrates, and how latencies "
    "went over time",
)
_PLAIN = "wrk2: percentiles, which only --latency prints"


def _matches(source: Source) -> bool:
    return tool(head_of(source)) == "wrk2"


def _read(source: Source) -> Outcome:
    text = text_of(source)
    found = printed(text)
    if isinstance(found, str):
        refuse(source, f"wrk2's output with {found}", text[-200:])
    parts = _UNCORRECTED.split(text, maxsplit=1)
    latency, rows = _latencies(source, parts[0], found, corrected=True)
    service = None
    if len(parts) > 1:
        service, _ = _latencies(source, parts[1], None, corrected=False)
    told = [_spectrum.unknown(rows, "wrk2")] if rows else [_PLAIN]
    return Outcome(
        tool="wrk2",
        model="open",
        whole=_figures(found, latency, service),
        target=found.target,
        unknown=(*told, *_UNKNOWN),
        warnings=() if found.completed else ("no request was answered: there are no latencies",),
    )


def _latencies(
    source: Source, part: str, found: Printed | None, *, corrected: bool
) -> tuple[Latencies, list[Row]]:
    _, mark, spectrum = part.partition(_SPECTRUM)
    if not mark:
        mean, most = (found.mean_ms, found.most_ms) if found else (None, None)
        stated = percentiles(part)
        plain = Latencies(stated=stated, mean_ms=mean, most_ms=most, corrected=corrected)
        return plain, []
    rows = [row for line in spectrum.splitlines() if (row := _spectrum.row_of(line)) is not None]
    if not rows and "Total count    =            0" in spectrum:
        return Latencies(count=0, corrected=corrected), []
    if not _spectrum.ordered(rows):
        refuse(source, "a percentile spectrum whose values and counts grow", spectrum)
    totals = _TOTALS.findall(spectrum)
    mean, most = (float(totals[0]), float(totals[1])) if len(totals) > 1 else (None, None)
    return _spectrum.latencies_of(rows, corrected=corrected, mean_ms=mean, most_ms=most), rows


def _figures(found: Printed, latency: Latencies, service: Latencies | None) -> Figures:
    failed = sum(found.errors.values())
    sent = found.completed + found.unanswered
    # a request that timed out may be answered later: only statuses are surely among the answers
    good = max(found.completed - found.errors.get("HTTP 400 and above", 0), 0)
    return Figures(
        latency=latency,
        service=service,
        sent=sent,
        completed=found.completed,
        failed=min(failed, sent),
        errors=found.errors,
        duration_s=found.duration_s,
        throughput_rps=found.completed / found.duration_s,
        goodput_rps=good / found.duration_s,
        received_bytes=found.received_bytes,
    )


READER = Reader(
    name="wrk2",
    title="wrk2 (text)",
    matches=_matches,
    read=_read,
    example="wrk2 -t2 -c8 -d30s -R200 --latency URL > wrk2.txt",
)
