"""One place that computes is told from many small costs."""

from collections import Counter
from collections.abc import Callable

import pytest

from slowcoach.diagnosis.causes._compute import Spread
from slowcoach.diagnosis.decide import decide
from slowcoach.diagnosis.evidence.activities import Sorter, baseline_of
from slowcoach.diagnosis.evidence.stacks import Looks, Seen
from slowcoach.diagnosis.evidence.waits import RUN
from slowcoach.diagnosis.interpreter.stacks import PyFrame
from slowcoach.diagnosis.models import Activity, Observed, Phase
from test_causes import recorded

LOGGING = "/usr/lib/python3.12/logging/__init__.py"
NOTES = (PyFrame("note", "/srv/app/app.py", 20), PyFrame("answer", "/srv/app/app.py", 50))
ENTERED = "cpu.spread--a_library_entered_at_many_places"
STEPS = "cpu.spread--steps_behind_a_lock"


@pytest.mark.parametrize(
    ("leaf", "state"),
    [
        (PyFrame("Handler.acquire", LOGGING, 922), "gil"),
        (PyFrame("Handler.handle", LOGGING, 1020), "gil"),
        (PyFrame("Handler.acquire", "/srv/app/app.py", 9), "cpu"),
        (PyFrame("Formatter.format", LOGGING, 680), "cpu"),
    ],
    ids=["taking", "taking since 3.13", "the program's own", "computing"],
)
def test_who_takes_over_a_lock_computes_nothing(leaf: PyFrame, state: str) -> None:
    seen = Seen(1, 7, False, RUN, (leaf, *NOTES))
    looks = Looks(seen=Counter({seen: 5}), looks=10)
    (found,) = Sorter(baseline_of(Looks()), 0).activities(looks)
    assert found.state == state


def changed(observed: Observed, change: Callable[[Activity], Activity]) -> Observed:
    def of(phase: Phase) -> Phase:
        return phase.model_copy(update={"activities": tuple(map(change, phase.activities))})

    phases = {"alone": of(observed.alone), "loaded": of(observed.loaded)}
    return observed.model_copy(update=phases)


def through_one_call(a: Activity) -> Activity:
    return a.model_copy(update={"callee": ("written/book.py:save",)}) if a.callee else a


def of_one_function(a: Activity) -> Activity:
    return a.model_copy(update={"function": "sheet", "path": ("sheet",)}) if a.path else a


def in_one_leaf(a: Activity) -> Activity:
    return a.model_copy(update={"leaves": {"written/cells.py:hashed": a.mean}})


@pytest.mark.parametrize("change", [through_one_call, of_one_function, in_one_leaf])
def test_a_library_that_is_one_piece_of_work_is_not_spread(
    change: Callable[[Activity], Activity],
) -> None:
    assert decide(changed(recorded(ENTERED), change)).cause in {"unsure", "cpu.hot_function"}


@pytest.mark.parametrize(
    ("others", "cause"), [(1.0, "cpu.spread"), (0.2, "cpu.hot_function")], ids=["a third", "most"]
)
def test_a_step_of_one_that_leads_others_is_hot_when_it_is_most_of_the_work(
    others: float, cause: str
) -> None:
    def smaller(a: Activity) -> Activity:
        step = a.function == "lot_entry" and a.callee[:1] == ("logging/__init__.py:Logger.info",)
        if a.state == "gil" or step:
            return a
        leaves = {leaf: others * mean for leaf, mean in a.leaves.items()}
        return a.model_copy(update={"mean": others * a.mean, "leaves": leaves})

    assert decide(changed(recorded(STEPS), smaller)).cause == cause


def test_a_share_that_few_stacks_tell_is_not_surely_large() -> None:
    few, many = (Spread((), 0.4, 0.4, 4, samples=n) for n in (20, 2000))
    assert few.concentrated(-1) < many.concentrated(-1) < many.concentrated(0)
    assert many.concentrated(0) == few.concentrated(0)
    uncounted = Spread((), 0.4, 0.4, 4)
    assert uncounted.concentrated(0) == uncounted.concentrated(-1)
