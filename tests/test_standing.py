"""What threads compute with or without requests is told from what requests do."""

from collections import Counter

import pytest

from slowcoach.diagnosis.decide import decide
from slowcoach.diagnosis.evidence.activities import Sorter, baseline_of
from slowcoach.diagnosis.evidence.stacks import Looks, Seen
from slowcoach.diagnosis.evidence.standing import computing_idle, standing
from slowcoach.diagnosis.evidence.waits import RUN, Wait
from slowcoach.diagnosis.interpreter.stacks import PyFrame
from slowcoach.diagnosis.models import Activity, Observed
from test_causes import recorded

STDLIB = "/usr/lib/python3.12/"
INSTALLED = "/srv/venv/lib/python3.12/site-packages/"
ROOT = (
    PyFrame("Thread._bootstrap_inner", f"{STDLIB}threading.py", 1073),
    PyFrame("Thread._bootstrap", f"{STDLIB}threading.py", 1030),
)
WATCH = (PyFrame("Watch.run", "/srv/app/app.py", 30), *ROOT)
RESTS = (PyFrame("Event.wait", f"{STDLIB}threading.py", 655), *WATCH)
SERVES = (PyFrame("serve", f"{INSTALLED}served/loop.py", 10), *ROOT)
ANSWERS = (PyFrame("answer", "/srv/app/app.py", 50), *SERVES)
SELECTS = (PyFrame("select", f"{STDLIB}selectors.py", 450), *SERVES)
WATCHER, WORKER = 7, 8


def seen(thread: int, frames: tuple[PyFrame, ...], wait: Wait = RUN, *, gc: bool = False) -> Seen:
    return Seen(1, thread, False, wait, frames, collecting=gc)


def looks(*counted: tuple[Seen, int]) -> Looks:
    return Looks(seen=Counter(dict(counted)), looks=10)


IDLE = looks(
    (seen(WATCHER, WATCH, gc=True), 8),
    (seen(WATCHER, RESTS, Wait("lock")), 2),
    (seen(WORKER, SELECTS, Wait("select")), 10),
)


def beside(idle: Looks, loaded: Looks) -> tuple[Activity, ...]:
    return standing(loaded, Sorter(baseline_of(idle), 0), computing_idle(idle))


def test_a_thread_that_collects_without_requests_is_counted_beside_them() -> None:
    loaded = looks(
        (seen(WATCHER, WATCH, gc=True), 7),
        (seen(WATCHER, WATCH, Wait("gil")), 2),
        (seen(WORKER, ANSWERS, Wait("gil")), 9),
    )
    (found,) = beside(IDLE, loaded)
    assert (found.state, found.function, found.path) == ("gc", "Watch.run", ("Watch.run",))
    assert found.mean == pytest.approx(0.7)
    assert {a.function for a in Sorter(baseline_of(IDLE), 0).activities(loaded)} == {"answer"}


def test_no_more_is_counted_than_is_computed_without_requests() -> None:
    idle = looks((seen(WATCHER, WATCH), 1), (seen(WATCHER, RESTS, Wait("lock")), 9))
    (found,) = beside(idle, looks((seen(WATCHER, WATCH), 9), (seen(WATCHER, RESTS), 1)))
    assert found.mean == pytest.approx(0.1)


@pytest.mark.parametrize(
    "frames", [ANSWERS, SELECTS, RESTS], ids=["a request", "a selector", "a wait"]
)
def test_what_a_request_or_a_wait_has_a_thread_do_is_not_beside_them(
    frames: tuple[PyFrame, ...],
) -> None:
    assert beside(IDLE, looks((seen(WORKER, frames), 9))) == ()


def test_a_function_that_an_installed_library_calls_says_so() -> None:
    called = (PyFrame("note", "/srv/app/app.py", 70), *SERVES)
    by_itself = (PyFrame("note", "/srv/app/app.py", 70), *ANSWERS)
    for frames, expected in ((called, "served/loop.py:serve"), (by_itself, "")):
        (found,) = Sorter(baseline_of(IDLE), 0).activities(looks((seen(WORKER, frames), 5)))
        assert found.called_by == expected
        assert found.leaves == {"note": 0.5}


def less_callers(observed: Observed) -> Observed:
    def without(a: Activity) -> Activity:
        return a.model_copy(update={"called_by": ""})

    phases = {
        name: phase.model_copy(update={"activities": tuple(map(without, phase.activities))})
        for name, phase in (("alone", observed.alone), ("loaded", observed.loaded))
    }
    return observed.model_copy(update=phases)


def test_where_layers_call_nobody_back_it_is_not_said_whether_they_are_one_piece_of_work() -> None:
    observed = less_callers(recorded("cpu.spread--a_library_that_calls_back"))
    assert decide(observed).cause == "unsure"


def test_collections_of_a_thread_are_no_fault_of_requests_that_wait_for_something_else() -> None:
    scores = {
        j.cause: j.score
        for j in decide(recorded("io.external--beside_a_collecting_thread")).considered
    }
    assert scores["gc.pressure"] < scores["io.external"] / 5
