"""What is compared of load tests: latencies of successes by the second, and how many there were.

Each file is one run. Its seconds are windows of one process, as `latency.json` has them; a source
that only states percentiles gives one value each.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from slowcoach.benchmarks.model import Metric
from slowcoach.core.errors import UnreadableError
from slowcoach.load.histogram import GROWTH, LEAST_MS, Histogram
from slowcoach.load.outcome import Moment, Outcome
from slowcoach.load.reading import read, recognize
from slowcoach.load.streams import source_of

_PERCENTILES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
_MOST_VALUES = 200_000  # of a run; beyond them its latencies are thinned evenly
_EDGES = 4  # with fewer moments, the first and the last are compared too


def is_load_result(path: Path) -> bool:
    """Tell whether a file was written by a load tool; a folder is taken for results of one."""
    if path.is_dir():
        return True
    try:
        recognize(source_of(path))
    except UnreadableError:
        return False
    return True


def metrics_of(path: Path) -> list[Metric]:
    """Return what can be compared of a file or folder; raises UnreadableError."""
    return metrics(read(path)[0])


def metrics(outcome: Outcome) -> list[Metric]:
    """Return p50, p95, p99 and the rate of successes of one run."""
    moments = outcome.moments
    inner = moments[1:-1] if len(moments) > _EDGES else moments
    found = _latencies(outcome, inner)
    rates = [m.succeeded / m.length_s for m in inner if m.succeeded is not None]
    if rates:
        runs = tuple((rate,) for rate in rates)
        found.append(Metric("goodput", "req/s", runs, separate=False, lower_is_better=False))
    elif outcome.whole.goodput_rps is not None:
        runs = ((outcome.whole.goodput_rps,),)
        found.append(Metric("goodput", "req/s", runs, lower_is_better=False))
    return found


def _latencies(outcome: Outcome, moments: tuple[Moment, ...]) -> list[Metric]:
    histograms = [h for m in moments if (h := m.good or m.histogram) is not None and h.n]
    if not histograms:
        latency = outcome.whole.good or outcome.whole.latency
        stated = [(name, latency.percentile(q)) for name, q in _PERCENTILES]
        return [Metric(name, "ms", ((v,),)) for name, v in stated if v is not None]
    share = min(_MOST_VALUES / sum(h.n for h in histograms), 1.0)
    windows = tuple(values_of(h, max(round(h.n * share), 1)) for h in histograms)
    return [Metric(name, "ms", windows, q, separate=False) for name, q in _PERCENTILES]


def values_of(found: Histogram, count: int) -> tuple[float, ...]:
    """Return as many latencies in ms, evenly taken from the order of all."""
    ranks = (np.arange(count) + 0.5) * found.n / count
    places = np.searchsorted(np.cumsum(found.counts), np.floor(ranks), side="right")
    values = LEAST_MS * GROWTH ** (found.first + places + 0.5)
    return tuple(np.clip(values, found.least, found.most).tolist())
