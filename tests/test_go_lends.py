"""Waits inside one call of a library: for its connections, or to be let on by it."""

from pathlib import Path

import pytest

from slowcoach.diagnosis.evidence.go_lends import Lending, lending, lent
from slowcoach.diagnosis.evidence.go_pools import packages_at_work
from slowcoach.diagnosis.evidence.go_waits import OPEN
from slowcoach.diagnosis.evidence.goroutines import units_of
from slowcoach.diagnosis.evidence.units import UnitSight, UnitSorter
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.go_goroutines import Goroutine, goroutines

DUMPS = Path(__file__).parent / "data" / "diagnosis" / "goroutines"
SERVED = Frame("net/http.(*conn).serve", "net/http/server.go", 2000)
CLIENT = "example.org/letters/v2"
POST = (Frame("main.post", "./app.go", 30), SERVED)
WAITS = Frame(f"{CLIENT}.(*Client).turn", "/go/pkg/mod/example.org/letters/v2@v2/c.go", 20)
SENDS = Frame(f"{CLIENT}.(*Client).Send", "/go/pkg/mod/example.org/letters/v2@v2/c.go", 50)
READS = Frame("internal/poll.(*FD).Read", "internal/poll/fd_unix.go", 165)
GUARD = Frame(f"{CLIENT}.Guard.func1", "/go/pkg/mod/example.org/letters/v2@v2/g.go", 9)
NEXT = Frame("net/http.HandlerFunc.ServeHTTP", "net/http/server.go", 2300)
NOTED = Frame("main.noted.func1", "./app.go", 9)


def sight_of(dump: list[Goroutine]) -> UnitSight:
    sight = UnitSight()
    sight.add(units_of(dump), 0.0)
    return sight


def words(sight: UnitSight, by: Lending) -> dict[str, float]:
    found: dict[str, float] = {}
    for a in lent(UnitSorter().activities(sight), OPEN, by):
        if a.carrier == "thread":
            found[a.state] = found.get(a.state, 0.0) + a.mean
    return found


def several(state: str, count: int, *frames: Frame, first: int = 1) -> list[Goroutine]:
    return [Goroutine(first + n, state, frames) for n in range(count)]


@pytest.mark.parametrize(
    ("name", "word", "going_on"),
    [("library_lends_two", "pool", 2), ("library_lets_three_on", "executor", 3)],
)
def test_recorded_waits_inside_a_library_are_for_what_the_others_have(
    name: str, word: str, going_on: int
) -> None:
    sight = sight_of(goroutines((DUMPS / f"{name}.txt").read_text()))
    found = words(sight, lending(sight, OPEN, {}))
    assert found[word] == 6 - going_on
    assert found["net"] == going_on


@pytest.mark.parametrize(
    ("waiting", "talking", "word"),
    [
        ("select", READS, "pool"),
        ("chan send", READS, "pool"),
        ("sync.Cond.Wait", READS, "pool"),
        ("select", Frame("time.Sleep", "runtime/time.go", 300), ""),  # nobody talks there
    ],
)
def test_who_waits_in_a_librarys_call_in_which_others_talk_waits_for_a_connection(
    waiting: str, talking: Frame, word: str
) -> None:
    state = "IO wait" if talking is READS else "sleep"
    sight = sight_of(
        [
            *several(waiting, 4, WAITS, SENDS, *POST),
            *several(state, 2, talking, SENDS, *POST, first=9),
        ]
    )
    assert words(sight, lending(sight, OPEN, {})).get("pool", 0) == (4 if word else 0)


def test_who_waits_so_alone_too_waits_for_its_answer() -> None:
    sight = sight_of(
        [
            *several("select", 4, WAITS, SENDS, *POST),
            *several("IO wait", 2, READS, SENDS, *POST, first=9),
        ]
    )
    assert not lending(sight, OPEN, {("main.post", "./app.go", 30): 0.9}).connections


def test_a_library_that_calls_on_the_program_from_where_others_wait_limits_how_many_go_on() -> None:
    work = (READS, Frame("main.page", "./app.go", 20), NEXT, GUARD, NEXT, NOTED, SERVED)
    sight = sight_of(
        [
            *several("select", 4, WAITS, GUARD, NEXT, NOTED, SERVED),
            *several("IO wait", 3, *work, first=9),
        ]
    )
    assert words(sight, lending(sight, OPEN, {}))["executor"] == 4


def test_a_limit_before_a_librarys_own_handler_is_no_pool_of_connections() -> None:
    proxy = Frame("net/http/httputil.(*ReverseProxy).ServeHTTP", "httputil/reverseproxy.go", 400)
    sight = sight_of(
        [
            *several("select", 4, GUARD, NEXT, NOTED, SERVED),
            *several("IO wait", 3, READS, proxy, GUARD, NEXT, NOTED, SERVED, first=9),
        ]
    )
    found = lending(sight, OPEN, {})
    assert found.limits
    assert not found.connections


def test_what_a_middleware_asks_for_in_another_package_does_not_let_on_the_program() -> None:
    store = Frame("example.org/store.(*Store).turn", "/go/pkg/mod/example.org/store@v1/s.go", 5)
    page = (Frame("main.page", "./app.go", 20), NEXT, GUARD, NEXT, NOTED, SERVED)
    sight = sight_of(
        [
            *several("select", 4, store, GUARD, NEXT, NOTED, SERVED),
            *several("sleep", 3, *page, first=9),
        ]
    )
    assert lending(sight, OPEN, {}) == Lending()


def test_a_servers_workers_are_the_requests_and_no_pool_that_these_wait_for() -> None:
    library = "github.com/valyala/fasthttp"
    worker = Frame(f"{library}.(*workerPool).workerFunc", "/go/pkg/mod/fasthttp@v1/w.go", 225)
    asks = Frame(f"{library}.(*HostClient).Do", "/go/pkg/mod/fasthttp@v1/client.go", 1000)
    sight = sight_of(several("IO wait", 3, READS, asks, POST[0], worker))
    assert not packages_at_work(sight)
