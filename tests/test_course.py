"""Requests that become dearer with their number go through what those before them left."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from slowcoach.diagnosis.causes._course import course_of
from slowcoach.diagnosis.decide import decide
from slowcoach.diagnosis.models import MemoryPoint, Observed
from slowcoach.diagnosis.view import View

RECORDED = Path(__file__).parent / "data" / "diagnosis" / "evidence"
WRAPPED = "memory.leak--go_wrapped_again"


def recorded() -> Observed:
    return Observed.model_validate_json((RECORDED / f"{WRAPPED}.json").read_text())


def course(costs_s: Sequence[float], answers: int = 20) -> tuple[MemoryPoint, ...]:
    spent, points = 0.0, [MemoryPoint(at_s=0, completed=0, rss=0, cpu_s=1.0)]
    for k, cost in enumerate(costs_s, 1):
        spent += cost * answers
        points.append(MemoryPoint(at_s=k, completed=k * answers, rss=0, cpu_s=1.0 + spent))
    return tuple(points)


def dearer(points: tuple[MemoryPoint, ...]) -> float:
    return course_of(View(recorded().model_copy(update={"course": points}))).dearer


def test_a_chain_that_each_request_makes_longer_is_seen() -> None:
    found = course_of(View(recorded()))
    assert found.last_ms > 1.5 * found.first_ms > 0
    assert found.dearer > 0.5


@pytest.mark.parametrize(
    ("costs", "is_seen"),
    [
        ([0.02, 0.03, 0.04, 0.05, 0.06, 0.07], True),
        ([0.03] * 6, False),
        ([0.05, 0.05, 0.04, 0.04, 0.03, 0.03], False),  # it warms up
        ([0.03, 0.03, 0.03, 0.03, 0.09, 0.09], False),  # something came between, once
        ([0.03, 0.03, 0.033, 0.033, 0.036, 0.036], False),  # a busy machine
        ([0.001, 0.002, 0.003, 0.004, 0.005, 0.006], False),  # a few ticks of the clock
    ],
)
def test_what_does_not_go_on_rising_is_no_course(costs: list[float], is_seen: bool) -> None:
    assert (dearer(course(costs)) > 0) is is_seen


def test_too_few_looks_say_nothing() -> None:
    assert dearer(course([0.02, 0.04, 0.06])) == 0
    assert dearer(()) == 0


def test_the_hot_function_is_named_as_what_goes_through_it() -> None:
    verdict = decide(recorded())
    assert verdict.cause == "memory.leak"
    assert any("gone through in" in place and "RoundTrip" in place for place in verdict.best.where)


def test_a_rise_without_memory_that_grows_leaves_no_certain_hot_function() -> None:
    flat = tuple(p.model_copy(update={"rss": 30_000_000}) for p in recorded().memory)
    verdict = decide(recorded().model_copy(update={"memory": flat}))
    assert verdict.cause != "cpu.hot_function"
