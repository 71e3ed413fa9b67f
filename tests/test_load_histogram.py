"""Histograms of latencies: merging is exact, quantiles are within half a per cent, intervals hold
what they promise, and what is kept comes back or is refused.
"""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from slowcoach.load.histogram import BUCKETS, GROWTH, LEAST_MS, Histogram, merged

Values = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Values]
DRAWS: dict[str, Draw] = {
    "lognormal": lambda random, n: random.lognormal(1.0, 0.8, n),
    "exponential": lambda random, n: random.exponential(5.0, n),
    "two peaks": lambda random, n: np.where(
        random.random(n) < 0.9, random.normal(2, 0.1, n), random.normal(900, 50, n)
    ).clip(0),
    "a heavy tail": lambda random, n: random.pareto(1.1, n) + 0.1,
    "one value": lambda _, n: np.full(n, 12.5),
    "whole ms": lambda random, n: np.rint(random.exponential(3.0, n)),
    "microseconds to hours": lambda random, n: 10 ** random.uniform(-3, 7, n),
}
QUANTILES = (0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)


def order_statistic(values: Values, q: float) -> float:
    """Return the value of rank ceil(q n), by sorting."""
    return float(np.sort(values)[max(math.ceil(q * len(values) - 1e-9), 1) - 1])


@pytest.mark.parametrize("name", DRAWS)
def test_a_quantile_is_within_half_a_per_cent_of_the_sorted_values(name: str) -> None:
    random = np.random.default_rng(5)
    for n in (1, 2, 3, 10, 1_000, 20_000):
        values = DRAWS[name](random, n)
        found = Histogram.of(values)
        for q in QUANTILES:
            wanted = order_statistic(values, q)
            assert abs((found.quantile(q) or 0) - wanted) <= 0.005 * wanted + LEAST_MS * GROWTH
        assert found.quantile(0) == values.min()
        assert found.quantile(1) == values.max()


@pytest.mark.parametrize("name", DRAWS)
def test_merged_parts_are_the_histogram_of_the_pooled_values(name: str) -> None:
    random = np.random.default_rng(6)
    values = DRAWS[name](random, 5_000)
    for pieces in (1, 2, 7, 100):
        cuts = np.sort(random.integers(0, len(values), pieces - 1))
        parts = [Histogram.of(part) for part in np.split(values, cuts)]
        one_by_one = Histogram()
        for part in parts:
            one_by_one.merge(part)
        whole = Histogram.of(values).encoded()
        for found in (merged(parts), one_by_one):
            told = found.encoded()
            assert told.pop("sum_ms") == pytest.approx(whole["sum_ms"])
            assert told == {key: value for key, value in whole.items() if key != "sum_ms"}


def test_merging_does_not_change_what_is_merged() -> None:
    parts = [Histogram.of([1.0, 2.0]), Histogram.of([3.0])]
    before = [part.encoded() for part in parts]
    whole = merged(parts)
    whole.add([500.0], times=3)
    assert [part.encoded() for part in parts] == before
    assert merged([]).n == 0
    assert merged([Histogram(), Histogram()]).quantile(0.5) is None


def test_percentiles_of_machines_are_not_averaged() -> None:
    fast = [Histogram.of(np.full(1_000, 10.0)) for _ in range(9)]
    slow = Histogram.of(np.full(1_000, 900.0))
    whole = merged([*fast, slow])
    assert whole.quantile(0.99) == pytest.approx(900.0, rel=0.005)
    assert whole.quantile(0.5) == pytest.approx(10.0, rel=0.005)


def test_many_of_a_value_are_added_at_once() -> None:
    once, many = Histogram(), Histogram()
    once.add([4.0, 9.0], times=1_000)
    for _ in range(1_000):
        many.add([4.0, 9.0])
    assert once.encoded() == many.encoded()


def test_what_is_no_latency_is_not_counted_and_below_zero_is_zero() -> None:
    found = Histogram.of([math.nan, math.inf, -3.0, 5.0])
    assert (found.n, found.least, found.most) == (2, 0.0, 5.0)
    assert Histogram.of([]).quantile(0.5) is None
    assert Histogram.of([]).mean is None
    assert Histogram.of([1e300]).quantile(0.5) == 1e300


def test_of_zeros_alone_every_quantile_and_interval_is_zero() -> None:
    found = Histogram.of(np.zeros(10_000))
    assert found.quantile(0.5) == 0
    assert found.interval(0.5) == (0, 0)


def test_an_interval_is_not_told_where_there_are_too_few_latencies() -> None:
    random = np.random.default_rng(7)
    assert Histogram.of(random.exponential(5, 100)).interval(0.99) is None
    assert Histogram.of(random.exponential(5, 100)).interval(0.5) is not None
    assert Histogram.of(random.exponential(5, 2_000)).interval(0.99) is not None


def test_an_interval_is_wider_for_more_confidence_and_narrower_for_more_latencies() -> None:
    random = np.random.default_rng(8)
    few, many = (
        Histogram.of(random.exponential(5, 500)),
        Histogram.of(random.exponential(5, 50_000)),
    )

    def width(found: Histogram, confidence: float) -> float:
        ends = found.interval(0.9, confidence)
        assert ends is not None
        assert ends[0] <= (found.quantile(0.9) or 0) <= ends[1]
        return ends[1] - ends[0]

    assert width(few, 0.99) > width(few, 0.95) > width(few, 0.5)
    assert width(few, 0.95) > 3 * width(many, 0.95)


@pytest.mark.parametrize(("n", "q"), [(400, 0.5), (2_000, 0.95), (5_000, 0.99)])
def test_the_interval_holds_the_true_quantile_in_95_of_100_tests(n: int, q: float) -> None:
    """The distribution is wide, so that buckets of 1 % do not widen the interval much."""
    random = np.random.default_rng(9)
    true = math.exp(4 * _normal(q))
    trials, inside = 1_500, 0
    for _ in range(trials):
        ends = Histogram.of(random.lognormal(0.0, 4.0, n)).interval(q)
        assert ends is not None
        inside += ends[0] <= true <= ends[1]
    assert 0.93 <= inside / trials <= 0.97


def _normal(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(p)


def test_the_share_above_a_limit_is_right_within_a_bucket() -> None:
    values = np.random.default_rng(10).exponential(10.0, 50_000)
    found = Histogram.of(values)
    for limit in (0.5, 5.0, 10.0, 50.0, 1e9):
        low, high = (float((values > limit * factor).mean()) for factor in (GROWTH, 1 / GROWTH))
        assert low - 1e-9 <= found.above(limit) <= high + 1e-9
    assert Histogram().above(1.0) == 0


@pytest.mark.parametrize("name", DRAWS)
def test_what_is_kept_comes_back_as_it_was(name: str) -> None:
    found = Histogram.of(DRAWS[name](np.random.default_rng(11), 3_000))
    again = Histogram.decoded(json.loads(json.dumps(found.encoded(), allow_nan=False)))
    assert again.encoded() == found.encoded()
    again.merge(found)
    assert again.n == 2 * found.n
    assert again.quantile(0.9) == found.quantile(0.9)


def test_an_empty_one_is_kept_too() -> None:
    again = Histogram.decoded(json.loads(json.dumps(Histogram().encoded(), allow_nan=False)))
    assert again.n == 0
    assert again.quantile(0.5) is None
    again.add([1.0])
    assert again.n == 1


def test_it_stays_small_however_many_latencies_it_holds() -> None:
    found = Histogram.of(np.random.default_rng(12).lognormal(1.0, 0.8, 200_000))
    assert len(json.dumps(found.encoded())) < 12_000
    assert len(Histogram.of([0.0, 1e300]).counts) == BUCKETS


GOOD = Histogram.of([1.0, 2.0, 3.0]).encoded()
HOSTILE: dict[str, dict[str, Any]] = {
    "other buckets": {"growth": 1.02},
    "another least": {"least_ms": 1.0},
    "no counts": {"counts": None},
    "counts that are a text": {"counts": "1,2"},
    "counts that are a number": {"counts": 7},
    "triples": {"counts": [[1, 2, 3]]},
    "not all pairs": {"counts": [[1, 2], [3]]},
    "nested deeper": {"counts": [[[1, 2]]]},
    "a bucket below the first": {"counts": [[-1, 3]]},
    "a bucket beyond the last": {"counts": [[BUCKETS, 3]]},
    "a bucket far beyond": {"counts": [[10**9, 3]]},
    "a bucket of many digits": {"counts": [[10**400, 3]]},
    "a count below zero": {"counts": [[5, -3]]},
    "counts of many digits": {"counts": [[5, 10**30]]},
    "counts beyond 64 bits together": {"counts": [[5, 2**62], [6, 2**62]]},
    "words for counts": {"counts": [["a", "b"]]},
    "null for a count": {"counts": [[5, None]]},
    "objects for counts": {"counts": [{"a": 1}]},
    "fewer than it says": {"n": 4},
    "no number of them": {"n": None},
    "no sum": {"sum_ms": None},
    "a sum that is a text": {"sum_ms": "6"},
    "a sum that is not a number": {"sum_ms": math.nan},
    "an infinite greatest": {"max_ms": math.inf},
    "a least that is a truth": {"min_ms": True},
    "a least above the greatest": {"min_ms": 9.0},
    "a least below zero": {"min_ms": -1.0},
    "a greatest of many digits": {"max_ms": 10**400},
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_kept_data_that_is_damaged_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Histogram.decoded({**GOOD, **HOSTILE[kind]})


def test_a_bucket_that_stands_twice_counts_twice() -> None:
    found = Histogram.decoded({**GOOD, "counts": [[700, 1], [700, 1], [701, 1]]})
    assert found.n == 3
    assert int(found.counts[0]) == 2
