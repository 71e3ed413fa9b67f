"""Go without pprof, calls that run together, knots of channels, and caches that evict."""

import numpy as np
import pytest

from slowcoach.diagnosis.causes.cache_thrashing import CAUSE as THRASHING
from slowcoach.diagnosis.evidence.go_caches import Adder, Entries, entries_of, evicting
from slowcoach.diagnosis.evidence.go_waits import knotted
from slowcoach.diagnosis.evidence.goroutines import state_of, units_of
from slowcoach.diagnosis.evidence.units import Unit, UnitSight, UnitSorter
from slowcoach.diagnosis.models import Activity, Growth, Observed, Phase, Stuck
from slowcoach.diagnosis.view import View
from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.recorders.go_goroutines import Goroutine

SERVED = (Frame("main.page", "./app.go", 20), Frame("net/http.(*conn).serve", "server.go", 2000))
CALL = (
    Frame("net/http.(*Client).Do", "net/http/client.go", 600),
    Frame("main.ask", "./app.go", 30),
)


def family(kids: int) -> list[Goroutine]:
    """Return requests' goroutines: each waits for so many of its own that call a service."""
    found: list[Goroutine] = []
    for number in (10, 20):
        wait = Frame("sync.(*WaitGroup).Wait", "sync/waitgroup.go", 118)
        found.append(Goroutine(number, "sync.WaitGroup.Wait", (wait, *SERVED)))
        found += [
            Goroutine(number + 1 + kid, "select", CALL, "main.page", number) for kid in range(kids)
        ]
    return found


@pytest.mark.parametrize("kids", [1, 4])
def test_how_many_calls_a_request_has_at_a_time_is_told(kids: int) -> None:
    sight = UnitSight()
    for turn in range(4):
        sight.add(units_of(family(kids), turn), float(turn))
    (call,) = [a for a in UnitSorter().activities(sight) if a.state == "net"]
    assert call.mean == pytest.approx(2)
    assert call.beside == pytest.approx(kids)


# ------------------------------------------------------------------ knots of channels


def stood(*states: str) -> UnitSight:
    frames = units_of([Goroutine(1, "chan send", SERVED)])[0].frames
    sight = UnitSight()
    for at in (0.0, 9.0):
        sight.add([Unit(n, state, "thread", frames) for n, state in enumerate(states)], at)
    return sight


def stuck(*states: str) -> list[Stuck]:
    return [Stuck(carrier="thread", place="main.page", seconds=9, state=s) for s in states]


def test_who_sends_and_receives_while_nobody_works_stands_at_locks() -> None:
    found = knotted(stuck("send", "future"), stood("send", "future"), UnitSight())
    assert [each.state for each in found] == ["semaphore", "join"]


@pytest.mark.parametrize(
    "states",
    [("send", "future", "net"), ("future", "future")],
    ids=["somebody_works", "all_merely_receive"],
)
def test_a_wait_that_may_end_is_no_knot(states: tuple[str, ...]) -> None:
    given = stuck(*(s for s in states if s != "net"))
    assert knotted(given, stood(*states), UnitSight()) == tuple(given)


def test_what_works_without_requests_too_does_not_untie_a_knot() -> None:
    found = knotted(stuck("send"), stood("send", "sleep"), stood("sleep"))
    assert [each.state for each in found] == ["semaphore"]


@pytest.mark.parametrize("reason", ["stopping the world", "GC mark termination"])
def test_a_goroutine_that_begins_a_collection_is_the_collectors(reason: str) -> None:
    assert state_of(reason, []) == "gc"


# ------------------------------------------------------------------ caches that evict

ADDS = ("container/list.(*List).PushFront", "main.(*Cache).Put", "main.tile", "main.page")
ELSEWHERE = ("runtime.mallocgc", "main.tile", "main.page")
ADDER = Adder(("main.tile", "main.(*Cache).Put"), "./app.go")


def heap(made: float, living: float) -> list[Profile]:
    """Return a heap profile as its reader gives it: one for each kind of value."""
    names = list(dict.fromkeys([*ADDS, *ELSEWHERE]))
    chains = [[names.index(n) for n in reversed(stack)] for stack in (ADDS, ELSEWHERE)]
    frames = tuple(Frame(name, "./app.go", 7) for name in names)
    return [
        Profile(
            name=value,
            unit="count",
            frames=frames,
            tree=tree_of_stacks(chains, np.asarray([count, 1e6])),
            samples=2,
            value=value,
        )
        for value, count in (("alloc_objects", made), ("inuse_objects", living))
    ]


def test_entries_are_counted_by_who_adds_them() -> None:
    assert entries_of(heap(500, 64)) == {ADDER: Entries(500, 64)}


def test_a_list_that_takes_entries_and_grows_no_more_evicts() -> None:
    (found,) = evicting(entries_of(heap(500, 64)), entries_of(heap(9500, 64)))
    assert found.added == 9000
    assert found.bounded
    (leak,) = evicting(entries_of(heap(500, 500)), entries_of(heap(9500, 9500)))
    assert not leak.bounded
    assert (leak.before, leak.after) == (500, 9500)


def judged(added: int) -> float:
    """Return the score when 100 requests added so many entries to a cache that is full."""
    cache = Growth(
        name="the cache that main.(*Cache).Put adds to",
        kind="entries of a list",
        before=64,
        after=64,
        added=added,
        bounded=True,
        functions=ADDER.functions,
        file="app.go",
    )
    work = Activity(
        carrier="thread", state="cpu", function="main.tile", path=("main.tile",), mean=4
    )
    phase = Phase(
        concurrency=4,
        seconds=10,
        completed=100,
        latencies_ms=(400.0,) * 100,
        cpu_user_s=19,
        activities=(work,),
    )
    observed = Observed(
        url="http://127.0.0.1:1/tile",
        port=1,
        runtime="go",
        cores=2,
        one_core_each=False,
        tasks_seen=True,
        stacks_seen=True,
        growth=(cache,),
        alone=phase.model_copy(update={"concurrency": 1, "latencies_ms": (200.0,) * 100}),
        loaded=phase,
    )
    return THRASHING.judge(View(observed)).score


def test_like_requests_that_add_many_entries_thrash_a_cache_and_one_session_each_does_not() -> None:
    assert judged(4000) > 0.8
    assert judged(100) == 0
