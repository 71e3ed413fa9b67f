"""Pools of goroutines in libraries: all taken by the service's own jobs, or with room left."""

from pathlib import Path

import pytest

from slowcoach.diagnosis.evidence.go_pools import full_pools, packages_at_work, still_full
from slowcoach.diagnosis.evidence.go_waits import Queues, for_workers, queued
from slowcoach.diagnosis.evidence.goroutines import units_of
from slowcoach.diagnosis.evidence.units import UnitSight, UnitSorter
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.go_goroutines import Goroutine, goroutines

DUMPS = Path(__file__).parent / "data" / "diagnosis" / "goroutines"
LIBRARY = "github.com/panjf2000/ants/v2"
SERVED = (Frame("main.page", "./app.go", 20), Frame("net/http.(*conn).serve", "server.go", 2000))
BEGUN = Frame(f"{LIBRARY}.(*goWorker).run.func1", "/go/pkg/mod/ants/v2@v2/worker.go", 67)
SUBMITS = (
    Frame("sync.(*Cond).Wait", "sync/cond.go", 71),
    Frame(f"{LIBRARY}.(*Pool).Submit", "/go/pkg/mod/ants/v2@v2/pool.go", 50),
)


def sight_of(*looks: list[Goroutine]) -> UnitSight:
    sight = UnitSight()
    for turn, dump in enumerate(looks):
        sight.add(units_of(dump, turn), float(turn))
    return sight


def recorded(name: str) -> UnitSight:
    return sight_of(goroutines((DUMPS / f"{name}.txt").read_text()))


def workers(at_work: int, free: int = 0) -> list[Goroutine]:
    call = Frame("net/http.(*Client).Do", "net/http/client.go", 600)
    job = (call, Frame("main.job.func1", "./app.go", 30), BEGUN)
    busy = [Goroutine(100 + n, "select", job) for n in range(at_work)]
    return busy + [Goroutine(200 + n, "chan receive", (BEGUN,)) for n in range(free)]


def jobs(count: int, first: int = 300) -> list[Goroutine]:
    stack = (*SUBMITS, Frame("main.job", "./app.go", 31))
    return [Goroutine(first + n, "sync.Cond.Wait", stack) for n in range(count)]


def words(sight: UnitSight, queues: Queues) -> dict[str, float]:
    return {
        a.state: a.mean
        for a in queued(UnitSorter().activities(sight), queues)
        if a.carrier == "thread"
    }


def test_requests_wait_for_a_librarys_workers_that_jobs_of_the_service_have() -> None:
    idle, loaded = recorded("jobs_have_the_pool_idle"), recorded("jobs_have_the_pool_loaded")
    (pool,) = full_pools(idle)
    assert pool.size == 6
    assert pool.calls == {f"{LIBRARY}.(*Pool).Submit"}
    assert still_full([pool], loaded) == (pool,)
    queues = Queues().beside([pool], packages_at_work(loaded))
    seen = queued(UnitSorter(idle).activities(loaded), queues)
    waiting = sum(a.mean for a in seen if a.state == "unstarted")
    assert waiting >= 6


@pytest.mark.parametrize(
    ("idle", "full"),
    [
        ([*workers(3), *jobs(4)], True),
        ([*workers(3, free=1), *jobs(4)], False),
        ([*workers(1), *jobs(4)], False),  # one worker is a lock's like
        ([*workers(3)], False),  # nobody waits for another one
    ],
)
def test_a_librarys_pool_is_full_where_no_worker_is_free_and_others_wait(
    idle: list[Goroutine], full: bool
) -> None:
    assert bool(full_pools(sight_of(idle))) is full


def test_a_pool_to_which_a_request_brings_another_worker_was_not_full() -> None:
    pools = full_pools(sight_of([*workers(3), *jobs(4)]))
    assert still_full(pools, sight_of([*workers(3), *jobs(5)]))
    assert not still_full(pools, sight_of([*workers(4), *jobs(4)]))


def test_who_waits_inside_of_a_librarys_pool_at_work_waits_for_its_workers() -> None:
    requests = [Goroutine(1 + n, "sync.Cond.Wait", (*SUBMITS, *SERVED)) for n in range(5)]
    sight = sight_of([*workers(3), *requests])
    queues = Queues().beside([], packages_at_work(sight))
    assert words(sight, queues)["executor"] == pytest.approx(5)
    assert words(sight, Queues())["condition"] == pytest.approx(5)


def limited(count: int, state: str, *frames: Frame, first: int) -> list[Goroutine]:
    stack = (*frames, Frame("main.limited", "./app.go", 35), Frame("main.stock", "./app.go", 50))
    return [Goroutine(first + n, state, stack) for n in range(count)]


@pytest.mark.parametrize(
    ("waiting", "at_work", "line"),
    [(4, 3, 35), (4, 1, 0), (0, 3, 0)],
    ids=["all_taken", "a_locks_like", "nobody_waits"],
)
def test_a_limit_by_hand_is_reached_where_some_are_at_work_behind_the_line_at_which_others_wait(
    waiting: int, at_work: int, line: int
) -> None:
    acquires = Frame(
        "golang.org/x/sync/semaphore.(*Weighted).Acquire", "/go/pkg/mod/x/sync@v0/s.go", 70
    )
    call = Frame("net/http.(*Client).Do", "net/http/client.go", 600)
    idle = [
        *limited(waiting, "select", acquires, first=300),
        *limited(at_work, "select", call, Frame("main.ask", "./app.go", 9), first=400),
    ]
    pools = full_pools(sight_of(idle))
    assert [place[2] for pool in pools for place in pool.places] == ([line] if line else [])
    more = limited(1, "select", call, Frame("main.ask", "./app.go", 9), first=500)
    assert not still_full(pools, sight_of([*idle, *more]))
    assert still_full(pools, sight_of(idle)) == pools


def by_jobs(begun: int, wait: int, at_work: int) -> UnitSight:
    """Return a look: the service's own jobs have three workers and others of its goroutines wait
    for theirs where they began; so many requests wait, and workers have so many of their jobs.
    """
    call = Frame("net/http.(*Client).Do", "net/http/client.go", 600)
    theirs = (call, Frame("main.page.func1", "./app.go", 21), BEGUN)
    follows = Frame("main.job", "./app.go", 31)
    return sight_of(
        [
            *workers(begun),
            *(Goroutine(300 + n, "chan receive", (follows,)) for n in range(8)),
            *(Goroutine(400 + n, "chan receive", SERVED) for n in range(wait)),
            *(Goroutine(500 + n, "select", theirs) for n in range(at_work)),
        ]
    )


@pytest.mark.parametrize(
    ("loaded", "queue"),
    [
        ((2, 8, 1), True),
        ((1, 3, 2), False),  # the job itself is slow
        ((3, 8, 2), False),  # requests bring workers of their own: another pool's, or there is room
        ((3, 8, 0), False),  # it may be anything that they wait for
    ],
    ids=["jobs_wait", "jobs_are_slow", "more_workers", "no_job_seen"],
)
def test_who_waits_for_a_job_that_workers_of_a_full_pool_seldom_have_waits_for_a_worker(
    loaded: tuple[int, int, int], *, queue: bool
) -> None:
    (pool,) = full_pools(by_jobs(3, 0, 0))
    assert pool.by_jobs
    assert not pool.places
    sight = by_jobs(*loaded)
    queues = Queues().beside(still_full([pool], sight), packages_at_work(sight))
    assert ("unstarted" in words(sight, queues)) == queue


def test_what_the_load_taught_tells_what_a_lone_request_waited_for_though_no_job_was_seen() -> None:
    (pool,) = full_pools(by_jobs(3, 0, 0))
    (taught,) = still_full([pool], by_jobs(2, 8, 1))
    waits = UnitSorter().activities(by_jobs(3, 1, 0))
    revised = for_workers(waits, taught.places)
    assert {a.state for a in waits if a.carrier == "thread"} == {"future"}
    assert {a.state for a in revised if a.carrier == "thread"} == {"unstarted"}
    assert for_workers(waits, ()) == waits
