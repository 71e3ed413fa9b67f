"""Steps of a test found in its seconds, open told from closed, and what waiting users hide."""

import numpy as np
import pytest

from slowcoach.load.arrivals import model_of_arrivals
from slowcoach.load.histogram import Histogram
from slowcoach.load.names import Names, cleaned, templated
from slowcoach.load.omission import filled_in
from slowcoach.load.outcome import LoadModel, Moment
from slowcoach.load.samples import Samples
from slowcoach.load.steps import steps_of


def moments(counts: list[float], users: list[float] | None = None) -> list[Moment]:
    """Return seconds with as many requests."""
    return [
        Moment(
            start_s=float(at),
            length_s=1.0,
            sent=round(count),
            completed=round(count),
            failed=0,
            users=None if users is None else users[at],
        )
        for at, count in enumerate(counts)
    ]


STAIRS = [
    *(10.0 * at for at in range(10)),
    *[100.0] * 30,
    *(100.0 + 10 * at for at in range(10)),
    *[200.0] * 30,
    *[400.0] * 20,
]


@pytest.mark.parametrize("chance", [False, True])
def test_rates_that_are_held_are_steps_and_ramps_are_none(chance: bool) -> None:
    generator = np.random.default_rng(5)
    counts = list(generator.poisson(STAIRS)) if chance else STAIRS
    found = [step for step in steps_of(moments(counts), "open") if step.end_s - step.start_s > 8]
    assert [step.load for step in found] == pytest.approx([100, 200, 400], rel=0.05)
    assert [step.unit for step in found] == ["req/s"] * 3
    for step, (low, high) in zip(found, [(9, 42), (47, 81), (79, 100)], strict=True):
        assert low <= step.start_s < step.end_s <= high


def test_a_rate_that_rises_all_the_time_has_no_long_step() -> None:
    counts = list(np.random.default_rng(6).poisson(np.linspace(10, 1000, 300)))
    assert all(step.end_s - step.start_s < 20 for step in steps_of(moments(counts), "open"))


def test_a_rate_that_is_known_to_be_due_is_taken_before_what_was_sent() -> None:
    seen = [
        Moment(start_s=float(at), length_s=1.0, sent=3, due_rps=50.0 if at < 10 else 80.0)
        for at in range(20)
    ]
    assert [step.load for step in steps_of(seen, "open")] == [50, 80]


def test_dropped_requests_belong_to_the_rate_that_was_due() -> None:
    seen = [Moment(start_s=float(at), length_s=1.0, sent=30, dropped=30) for at in range(12)]
    (step,) = steps_of(seen, "open")
    assert step.load == 60
    assert step.figures.dropped == 30 * 10


def test_users_that_stand_still_are_a_step_although_some_seconds_tell_none() -> None:
    users = [1.0, 2.0, 3.0, *[4.0] * 20, 8.0, *[8.0] * 10, 0.0]
    told = moments([10.0] * len(users), users)
    gaps = [m if at % 7 else Moment(m.start_s, 1.0, sent=10) for at, m in enumerate(told)]
    assert [step.load for step in steps_of(gaps, "closed")] == [4, 8]


def test_without_users_a_closed_test_has_no_steps() -> None:
    assert steps_of(moments([50.0] * 30), "closed") == ()


def test_no_moments_have_no_steps() -> None:
    for model in ("open", "closed", "unknown"):
        assert steps_of([], model) == ()


@pytest.mark.parametrize(("users", "model"), [(5, "closed"), (0, "open")])
def test_a_user_in_anothers_place_is_a_closed_test(users: int, model: LoadModel) -> None:
    generator = np.random.default_rng(7)
    if users:
        took = generator.lognormal(-3, 0.5, size=(users, 100)) + 1e-4
        ends = np.cumsum(took, axis=1)
        starts = ends - took + 5e-5
    else:
        starts = np.cumsum(generator.exponential(0.02, size=500))
        ends = starts + generator.lognormal(-3, 0.5, size=500)
    assert model_of_arrivals(starts.ravel(), ends.ravel(), 0.001) == model


def test_chance_alone_decides_nothing() -> None:
    starts = np.arange(10_000) / 5_000
    assert model_of_arrivals(starts, starts + 0.01, 0.001) == "unknown"
    assert model_of_arrivals([0.0, 1.0], [0.5, 1.5], 0.001) == "unknown"


def test_missing_requests_are_filled_in_as_hdrhistogram_does() -> None:
    # 1,000 requests of 1 ms, one each 10 ms, and one that stood still for 1 s
    seen = Histogram.of([1.0] * 1_000 + [1_000.0])
    due = filled_in(seen, 10.0)
    expected = Histogram.of([1.0] * 1_000 + [1_000.0 - 10 * n for n in range(100)])
    assert due.n == pytest.approx(expected.n, rel=0.01)
    for q in (0.5, 0.9, 0.95, 0.99):
        assert due.quantile(q) == pytest.approx(expected.quantile(q), rel=0.03)


def test_ids_in_paths_are_taken_for_what_they_are() -> None:
    assert templated("GET http://127.0.0.1:80/a/17/b?x=1&y=ab") == (
        "GET http://127.0.0.1:80/a/{id}/b?x={id}&y=ab"
    )
    assert templated("/u/123e4567-e89b-12d3-a456-426614174000/") == "/u/{id}/"
    assert templated("/v2/items") == "/v2/items"


def test_names_are_fit_to_be_shown() -> None:
    assert cleaned("a\x1b[31m\n b" + "c" * 500).startswith("a [31m b")
    assert len(cleaned("x" * 10_000)) <= 200
    assert Names().titles == []


def test_long_tests_have_longer_moments() -> None:
    samples = Samples()
    name = samples.names.code("all")
    at = np.arange(0.0, 200_000.0, 4.0)
    samples.add(at, np.full(len(at), 5.0), [name] * len(at), [0] * len(at))
    found = samples.moments()
    assert len(found) <= 7_200
    assert sum(m.sent or 0 for m in found) == len(at)
    assert samples.length_s == 32
    assert any("long" in each for each in samples.doubts())


def test_times_that_are_none_are_left_out_and_said() -> None:
    samples = Samples()
    code = samples.names.code("all")
    samples.add([1.0, -5.0, 1e300, 2.0], [1.0, 1.0, 1.0, 1e12], [code] * 4, [0] * 4)
    assert samples.count == 1
    assert any("3 requests" in each for each in samples.doubts())
