"""Latencies as the shapes of a drawing: histograms on a logarithmic axis, with percentiles."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slowcoach.core.stats import percentile
from slowcoach.core.units import duration

LATENCY, BEFORE, AFTER = "latency.json", "latency.before.json", "latency.after.json"
_TOP, _BOTTOM, _SIDE = 52.0, 28.0, 8.0
_LABEL_ROWS = {"p50": 12.0, "p95": 28.0, "p99": 44.0}  # a label right of its line crosses no other
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
_LEAST_RATIO = 4.0  # the axis spans at least this factor
_LABEL_WIDTH = 88.0  # a label nearer to the right edge than this stands left of its line
_FEWEST = 2
_FEWEST_BINS = 12
_BINS_BY_ROOT = 4


@dataclass(frozen=True, slots=True)
class Series:
    """One set of requests: what it is called, and its figures as text."""

    name: str
    kind: str
    count: int
    figures: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled place on the axis."""

    x: float
    y: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A histogram in one size, in pixels of its own view box."""

    kind: str
    width: float
    height: float
    base: float
    shapes: tuple[tuple[str, str], ...]
    ticks: tuple[Mark, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """The latencies of a run: the drawings (for wide and narrow screens) and the figures."""

    series: tuple[Series, ...]
    drawings: tuple[Drawing, ...]
    concurrency: str


def distribution(artefacts: Mapping[str, tuple[bytes, str]]) -> Distribution | None:
    """Return the latencies that a run left, None when there are none that can be read.

    With `latency.before.json` the run's own are those after a change, with `latency.after.json`
    those before it.
    """
    own = _document(artefacts.get(LATENCY))
    if own is None:
        return None
    later, earlier = (_document(artefacts.get(name)) for name in (AFTER, BEFORE))
    before, after = (own, later) if later else (earlier, own)
    found = [
        _series("before", "before", _loaded(before)) if before else None,
        _series("after" if before else "under load", "main", _loaded(after)),
        None if before else _series("one at a time", "alone", _numbers(after.get("unloaded"))),
    ]
    series = tuple(item for item in found if item is not None)
    if not series:
        return None
    fit = int(_BINS_BY_ROOT * math.sqrt(max(s.count for s in series)))  # few requests: broad bins
    drawings = (
        _drawing(series, "wide", 720, 260, min(72, max(_FEWEST_BINS, fit))),
        _drawing(series, "narrow", 340, 240, min(36, max(_FEWEST_BINS, fit))),
    )
    concurrency = after.get("concurrency")
    return Distribution(series, drawings, str(concurrency) if concurrency else "")


def _document(artefact: tuple[bytes, str] | None) -> dict[str, Any] | None:
    if artefact is None:
        return None
    try:
        found: Any = json.loads(artefact[0])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _loaded(document: dict[str, Any]) -> list[float]:
    windows: Any = document.get("windows")
    return [v for window in windows for v in _numbers(window)] if isinstance(windows, list) else []


def _numbers(values: Any) -> list[float]:
    if not isinstance(values, list):
        return []
    kinds = (int, float)
    return [float(v) for v in values if isinstance(v, kinds) and math.isfinite(v) and v > 0]


def _series(name: str, kind: str, values: Sequence[float]) -> Series | None:
    if len(values) < _FEWEST:
        return None
    ordered = sorted(values)
    wanted = [*_SHARES.values(), 1.0]
    figures = tuple(duration(percentile(ordered, q) / 1000) for q in wanted)
    return Series(name, kind, len(ordered), figures, tuple(ordered))


def _drawing(
    series: Sequence[Series], kind: str, width: float, height: float, bins: int
) -> Drawing:
    low = min(s.values[0] for s in series) / 1.1
    high = max(s.values[-1] for s in series) * 1.1
    high = max(high, low * _LEAST_RATIO)
    span = math.log(high / low)

    def x_of(value: float) -> float:
        return round(_SIDE + (width - 2 * _SIDE) * math.log(value / low) / span, 1)

    base = height - _BOTTOM
    shares = [_shares(s.values, low, span, bins) for s in series]
    tallest = max(max(share) for share in shares)
    step = (width - 2 * _SIDE) / bins
    shapes = tuple(
        (s.kind, _path(share, tallest, base, step)) for s, share in zip(series, shares, strict=True)
    )
    main = next((s for s in series if s.kind == "main"), series[0])
    marks = tuple(
        _mark(x_of(percentile(main.values, q)), _LABEL_ROWS[name], name, text, width)
        for (name, q), text in zip(_SHARES.items(), main.figures, strict=False)
    )
    return Drawing(kind, width, height, base, shapes, _ticks(low, high, x_of, width), marks)


def _shares(values: Sequence[float], low: float, span: float, bins: int) -> list[float]:
    """Return the share of the values in each of `bins` equal steps of the logarithm."""
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(math.log(value / low) / span * bins))] += 1
    return [count / len(values) for count in counts]


def _path(shares: Sequence[float], tallest: float, base: float, step: float) -> str:
    """Return a stepped area from the axis and back to it."""
    parts = [f"M{_SIDE:.1f} {base:.1f}"]
    for index, share in enumerate(shares):
        y = base - share / tallest * (base - _TOP)
        parts.append(f"V{y:.1f}H{_SIDE + (index + 1) * step:.1f}")
    return "".join(parts) + f"V{base:.1f}Z"


def _mark(x: float, y: float, name: str, text: str, width: float) -> Mark:
    near_edge = x > width - _LABEL_WIDTH
    return Mark(x, y, f"{name} {text}", "end" if near_edge else "start")


def _ticks(low: float, high: float, x_of: Any, width: float) -> tuple[Mark, ...]:
    """Return ticks at round values, thinned until their labels do not touch."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    values = [step * 10.0**power for power in range(first, last + 1) for step in _STEPS]
    ticks: list[Mark] = []
    for value in values:
        if not low <= value <= high:
            continue
        x = x_of(value)
        if 20 < x < width - 20 and (not ticks or x - ticks[-1].x > 52):  # noqa: PLR2004 - pixels
            ticks.append(Mark(x, 0, duration(value / 1000), "middle"))
    return tuple(ticks)
