"""Maps of a Go program: found in memory, what they lose and take again, and who fills them."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
from slowcoach.diagnosis.evidence.go_fillers import Filler, takers
from slowcoach.diagnosis.evidence.go_maps import MapWatch
from slowcoach.diagnosis.evidence.go_turnover import (
    Change,
    Turned,
    changed,
    doubt_of,
    growths,
    turned,
)
from slowcoach.diagnosis.goroutines_memory.map_types import MapType, Part, map_types
from slowcoach.diagnosis.goroutines_memory.maps import Held, held, maps_of
from slowcoach.diagnosis.goroutines_memory.reader import GoroutineReader
from slowcoach.diagnosis.models import Activity, Growth
from slowcoach.profiling.recorders.go_program import version

PROGRAM = Path(__file__).parent / "data" / "diagnosis" / "programs" / "maps.go"
KEPT = 100
COMPUTES = tuple(
    Activity(carrier="thread", state="cpu", function="main.work", path=(name, "main.work"), mean=1)
    for name in ("main.(*cache).get", "main.(*whole).get", "main.(*set).add")
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GoroutineReader, str]]:
    """Yield a reader of a program whose maps are full and in use, and its version of Go."""
    needs.program("go")
    file = tmp_path_factory.mktemp("go") / "maps"
    subprocess.run(
        ["go", "build", "-trimpath", "-o", str(file), PROGRAM.name],
        check=True,
        cwd=PROGRAM.parent,
        env={**os.environ, "GOTOOLCHAIN": "local"},
    )
    with subprocess.Popen([str(file)], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            built = version(child.pid).removeprefix("go")
            if int(built.split(".")[1]) < 24:
                pytest.skip(f"maps of Go {built} are not known")
            with GoroutineReader(child.pid, built) as opened:
                yield opened, built
        finally:
            child.kill()


@pytest.fixture(scope="module")
def told(running: tuple[GoroutineReader, str]) -> tuple[Growth, ...]:
    """Return what a watch of some seconds tells of the program's maps."""
    reader, built = running
    found: tuple[Growth, ...] = ()
    for _ in range(6):  # on a busy machine a map may be dropped whole before it is looked at
        watch = MapWatch(reader, built)
        watch.begin()
        until = time.monotonic() + 3
        while time.monotonic() < until:
            watch.look()
            time.sleep(0.05)
        found = watch.evicting(COMPUTES)
        if of(found, "main.(*cache).get") and of(found, "main.(*whole).get"):
            break
    return found


def of(told: tuple[Growth, ...], function: str) -> list[Growth]:
    return [growth for growth in told if function in growth.functions]


def test_maps_are_found_in_memory_with_their_keys(running: tuple[GoroutineReader, str]) -> None:
    reader, built = running
    types = map_types(reader.memory, int(built.split(".")[1]))
    found = [held(reader.memory, each) for each in maps_of(reader.memory, tuple(types.values()))]
    wanted = {f"kept {n}".encode() for n in range(KEPT)}
    assert any(each is not None and set(each.entries) == wanted for each in found)


def test_a_cache_of_fewer_places_than_keys_is_told_with_who_asks_it(
    told: tuple[Growth, ...],
) -> None:
    [cache] = of(told, "main.(*cache).get")
    assert cache.functions == ("main.(*cache).get", "main.(*cache).put")
    assert (cache.bounded, cache.doubt) == (True, "")
    assert cache.returned
    assert 60 <= cache.after <= 64
    assert cache.added > 100
    assert cache.file.endswith("maps.go")


def test_a_cache_that_is_dropped_whole_is_followed_to_the_one_in_its_place(
    told: tuple[Growth, ...],
) -> None:
    assert {growth.doubt for growth in of(told, "main.(*whole).get")} <= {"", "cleared"}
    assert of(told, "main.(*whole).get")


def test_a_set_that_is_cleared_each_time_is_no_certain_cache(told: tuple[Growth, ...]) -> None:
    assert all(growth.doubt for growth in of(told, "main.(*set).add"))


def test_what_stays_is_brought_up_to_date_or_is_under_way_is_no_cache(
    told: tuple[Growth, ...],
) -> None:
    names = {name for growth in told for name in growth.functions}
    assert not names & {"main.main", "main.(*state).update"}


def test_functions_that_take_from_channels_are_told_by_the_code(
    running: tuple[GoroutineReader, str],
) -> None:
    found = takers(running[0].memory, running[0].functions)
    assert not {"main.work", "main.(*cache).get"} & found


def holding(*keys: str, element: int = 1) -> Held:
    return Held({key.encode(): (element,) for key in keys}, 1)


def test_keys_that_were_lost_and_come_are_counted() -> None:
    ever: Counter[bytes] = Counter([b"c"])
    change = changed(ever, (holding("a"), holding("a", "b"), holding("b", "c")), 0.5)
    assert change == Change(rate=2.0, fresh=2, again=1, replaced=0, size=2)
    assert ever[b"c"] == 2
    assert changed(ever, (holding("a"), holding("a"), holding("a", element=2)), 1.0).replaced == 1


def changes(size: int, fresh: int, again: int, count: int = 6) -> list[Change]:
    return [Change(100.0, fresh, again, 0, size)] * count


@pytest.mark.parametrize(
    ("seen", "keys", "returned"),
    [
        (changes(64, 8, 8), 72, 48),  # more keys than places
        (changes(64, 8, 8), 64, 0),  # a pool's: each key has its place
        (changes(64, 8, 0), 500, None),  # keys that do not come back
        (changes(3, 2, 2), 9, None),  # too small
        (changes(64, 8, 8, count=2), 72, None),  # seen too rarely
    ],
)
def test_a_map_turns_over_when_its_keys_come_back(
    seen: list[Change], keys: int, returned: int | None
) -> None:
    found = turned(seen, 6, keys)
    assert (found.returned if found else None) == returned


def test_a_map_that_grows_does_not_turn_over() -> None:
    seen = [Change(100.0, 8, 8, 0, 20 * n) for n in range(1, 9)]
    assert turned(seen, 8, 500) is None


FILLS = Filler(7, ("main.get", "main.put"), "app.go", True, True, False, False)


@pytest.mark.parametrize(
    ("state", "filler", "doubt"),
    [
        (Turned(1.0, 64, 64, 9), FILLS, ""),
        (Turned(1.0, 64, 64, 0), FILLS, "replaced"),
        (Turned(1.0, 64, 64, 9, limited=True, remade=True), FILLS, ""),
        (Turned(1.0, 64, 64, 9, remade=True), FILLS, "cleared"),
        (Turned(1.0, 64, 64, 0, remade=True), FILLS, "cleared"),
        (Turned(1.0, 64, 64, 9, emptied=True), FILLS, "emptied"),
        # no code clears it: another map, of another request, stands at its address
        (Turned(1.0, 64, 64, 9, reseeded=True), FILLS, "emptied"),
        (Turned(1.0, 64, 64, 9, limited=True, reseeded=True), FILLS._replace(clears=True), ""),
        # what sweeps out old entries beside the requests leaves none that are under way
        (Turned(1.0, 64, 64, 0, emptied=True), FILLS._replace(apart=True), ""),
    ],
)
def test_what_may_be_no_cache_is_doubted(state: Turned, filler: Filler, doubt: str) -> None:
    assert doubt_of(state, filler) == doubt


def test_what_is_under_way_in_a_small_map_and_a_set_are_not_told() -> None:
    kind = MapType(7, 136, 8, 16, 16, 16, 8, (Part("raw", 0, 8),))
    assert not growths(Turned(9.0, 8, 8, 9, emptied=True), 2.0, [FILLS], (kind,))
    generic = FILLS._replace(kind=0)
    assert not growths(Turned(9.0, 64, 64, 9), 2.0, [generic], (kind._replace(element=0),))
    [growth] = growths(Turned(9.0, 64, 64, 9), 2.0, [generic], (kind,))
    assert (growth.added, growth.name) == (18, "the cache that put adds to")


def test_a_map_that_only_a_library_fills_is_named_by_who_adds_to_its_caches() -> None:
    kind = MapType(7, 136, 8, 16, 16, 16, 8, (Part("raw", 0, 8),))
    adds = FILLS._replace(kind=0, functions=("main.desk", "main.envelope"))

    [growth] = growths(Turned(9.0, 64, 64, 9), 2.0, [], (kind,), [adds])

    assert growth.functions == ("main.desk", "main.envelope")
    assert not growths(Turned(9.0, 64, 64, 0), 2.0, [], (kind,), [adds])  # no key came back
