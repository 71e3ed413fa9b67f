"""The readers of load results as they are fuzzed: a file goes in, and a sound outcome comes out,
or a clear error.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from fuzz.target import CPU_S, MEMORY, REFUSED, BrokenError, bounded, need, peak
from slowcoach.core.errors import InputError, SlowcoachError, UnreadableError
from slowcoach.load.histogram import Histogram
from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.outcome_file import encoded
from slowcoach.load.reader_kind import Source, readers
from slowcoach.load.reading import recognize
from slowcoach.load.streams import source_of

_LONGEST_MESSAGE = 6_000
_CLOSE = 1e-6
_DAYS_MS = 1e11


def outcome(data: bytes, *, seconds: float = CPU_S) -> str:
    """Return the format that was read, or "refused" for a clear error; raises for a failure."""
    before = peak()
    with TemporaryDirectory() as folder, bounded(seconds):
        path = Path(folder) / "fuzzed"
        path.write_bytes(data)
        form = _read(path, len(data))
    grown = peak() - before
    if grown > MEMORY:
        raise BrokenError(f"{grown:,} bytes of memory for a file of {len(data):,}")
    return form


def _read(path: Path, size: int) -> str:
    try:
        source = source_of(path)
        name = _name(source, size)
        found = readers()[name].read(source)
    except SlowcoachError as error:
        check_error(error)
        return REFUSED
    check(found)
    return name


def _name(source: Source, size: int) -> str:
    """Return the format that it looks like, or else any: a user may name a wrong one."""
    try:
        return recognize(source).name
    except UnreadableError:
        return list(readers())[size % len(readers())]


def check_error(error: SlowcoachError) -> None:
    """Raise BrokenError for an error that does not help."""
    need(isinstance(error, InputError), f"an error about the file: {error!r}")
    need(bool(error.message and error.hint), f"an error with words: {error!r}")
    need(len(str(error)) < _LONGEST_MESSAGE, f"an error of {len(str(error)):,} characters")
    str(error).encode()


def check(found: Outcome) -> None:
    """Raise BrokenError for an outcome that contradicts itself or cannot be kept."""
    for figures in _figures(found):
        _check_figures(figures)
    starts = [moment.start_s for moment in found.moments]
    need(starts == sorted(starts), "moments in the order of time")
    for moment in found.moments:
        need(0 < moment.length_s < math.inf, f"a length of a moment, got {moment.length_s}")
        _check_stated(dict(moment.stated))
        for histogram in (moment.histogram, moment.good):
            _check_histogram(histogram)
        counts = (moment.sent, moment.completed, moment.failed, moment.dropped, moment.succeeded)
        need(all(n is None or n >= 0 for n in counts), f"counts of a moment, got {counts}")
    for text in (*found.unknown, *found.warnings, *found.endpoints, found.tool):
        need(text.isascii() or bool(text.encode("utf-8", "replace")), f"a text, got {text!r}")
    json.loads(encoded(found))
    json.dumps(json.loads(encoded(found)), allow_nan=False).encode()


def _figures(found: Outcome) -> Iterator[Figures]:
    yield found.whole
    yield from found.endpoints.values()
    yield from (step.figures for step in found.steps)


def _check_figures(figures: Figures) -> None:
    counts = (figures.sent, figures.completed, figures.failed, figures.dropped)
    need(all(n is None or n >= 0 for n in counts), f"counts, got {counts}")
    rates = (figures.duration_s, figures.throughput_rps, figures.goodput_rps)
    need(all(r is None or 0 <= r < math.inf for r in rates), f"rates, got {rates}")
    share = figures.error_rate
    need(share is None or 0 <= share <= 1, f"a share of errors, got {share}")
    if figures.throughput_rps is not None and figures.goodput_rps is not None:
        most = figures.throughput_rps * (1 + _CLOSE) + _CLOSE
        need(figures.goodput_rps <= most, f"a goodput within the throughput, got {rates}")
    for latency in (figures.latency, figures.good, figures.service):
        if latency is not None:
            _check_latency(latency)


def _check_latency(latency: Latencies) -> None:
    need(latency.count is None or latency.count >= 0, f"a count, got {latency.count}")
    _check_stated(dict(latency.stated))
    _check_histogram(latency.histogram)
    for value in (latency.mean_ms, latency.least_ms, latency.most_ms):
        need(value is None or 0 <= value < math.inf, f"a latency, got {value}")
    need(0 <= latency.error < math.inf and latency.resolution_ms >= 0, "an error of 0 or more")
    for q in (0.5, 0.95, 0.99):
        ends, value = latency.interval(q), latency.percentile(q)
        need(value is None or math.isfinite(value), f"a percentile, got {value}")
        if ends is not None and value is not None:
            need(ends[0] <= value * (1 + _CLOSE) <= ends[1] * (1 + _CLOSE) ** 2, f"{ends}, {value}")


def _check_stated(stated: dict[float, float]) -> None:
    for q, value in stated.items():
        need(0 <= q <= 1 and 0 <= value < math.inf, f"a percentile, got {q}: {value}")


def _check_histogram(found: Histogram | None) -> None:
    if found is None:
        return
    need(found.n == int(found.counts.sum()) and bool((found.counts >= 0).all()), "counts that fit")
    need(not found.n or 0 <= found.least <= found.most < _DAYS_MS, "latencies of days at most")
