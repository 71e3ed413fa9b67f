"""Percentiles, intervals and tests against published or closed-form figures."""

import math
import random

import pytest

from slowcoach.core import stats


def test_percentile_is_linear_between_order_statistics() -> None:
    assert stats.percentile([4, 1, 3, 2], 0.5) == 2.5
    assert stats.percentile([1, 2, 3, 4], 0.95) == pytest.approx(3.85)
    assert stats.percentile([7], 0.99) == 7


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        stats.percentile([], 0.5)


def test_wilson_gives_the_textbook_interval() -> None:
    low, high = stats.wilson(8, 10)
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)
    assert stats.wilson(0, 0) == (0.0, 1.0)
    assert stats.wilson(0, 50)[0] == 0


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.7062), (2, 4.3027), (5, 2.5706), (10, 2.2281), (200, 1.9719)]
)
def test_t_quantile_matches_the_tables(freedom: float, expected: float) -> None:
    assert stats.t_quantile(0.975, freedom) == pytest.approx(expected, abs=1e-4)


def test_welch_interval_is_that_of_r() -> None:
    # t.test(c(5.1,4.8,5.6,5.0,5.3), c(6.0,6.4,5.7,6.9)): df 5.03, 95 % of the difference
    low, high = stats.welch_interval([5.1, 4.8, 5.6, 5.0, 5.3], [6.0, 6.4, 5.7, 6.9])
    assert low == pytest.approx(0.335, abs=0.02)
    assert high == pytest.approx(1.845, abs=0.02)


def test_few_runs_are_relabelled_in_every_way() -> None:
    assert stats.permutation_p([1, 2, 3], [11, 12, 13]) == pytest.approx(2 / 20)
    assert stats.smallest_p(3, 3) == pytest.approx(0.1)
    assert stats.permutation_p([1, 1, 1], [1, 1, 1]) == 1


def test_many_runs_are_relabelled_at_random_but_always_the_same() -> None:
    generator = random.Random(1)
    before = [generator.gauss(0, 1) for _ in range(20)]
    after = [generator.gauss(0.7, 1) for _ in range(20)]
    p = stats.permutation_p(before, after)
    assert p == stats.permutation_p(before, after)
    assert 0 < p < 0.2


def test_bootstrap_covers_the_mean_and_repeats() -> None:
    values = [float(v) for v in range(30)]
    low, high = stats.bootstrap_interval(values)
    assert low < 14.5 < high
    assert (low, high) == stats.bootstrap_interval(values)


def test_benjamini_hochberg_matches_p_adjust() -> None:
    assert stats.benjamini_hochberg([0.01, 0.04, 0.03, 0.5]) == pytest.approx(
        [0.04, 0.16 / 3, 0.16 / 3, 0.5]
    )
    assert stats.benjamini_hochberg([]) == []


def test_t_probability_approaches_the_normal() -> None:
    assert stats.t_probability(1.96, 1e6) == pytest.approx(0.975, abs=1e-4)
    assert math.isclose(stats.t_probability(0, 3), 0.5)
