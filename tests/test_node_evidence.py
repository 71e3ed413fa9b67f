"""Node.js: caches that lose entries, what stands, calls of which one takes the time."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.diagnosis.activity import SHARED
from slowcoach.diagnosis.evidence.node_caches import losing
from slowcoach.diagnosis.evidence.node_cpu import computing
from slowcoach.diagnosis.evidence.node_facts import Facts
from slowcoach.diagnosis.evidence.node_notes import notes_of
from slowcoach.diagnosis.evidence.node_pending import waiting
from slowcoach.diagnosis.evidence.node_stuck import stuck_in
from slowcoach.diagnosis.evidence.node_told import told
from slowcoach.profiling.recorders import node_waits
from slowcoach.profiling.recorders.node_profiles import cpu_views

APP = "file:///srv/app.js"
MUTEX = "file:///srv/node_modules/async-mutex/lib/Mutex.js"
HANDLER, MOVE = ["handler", APP, 30, 3], ["move", APP, 12, 5]
NOTHING = told([])


def cache(back: int, misses: int, *stacks: list[list[Any]]) -> dict[str, Any]:
    return {
        "kind": "Map",
        "size": 100,
        "hits": 5000,
        "misses": misses,
        "sets": misses,
        "back": back,
        "again": 0,
        "lost": misses,
        "ms": 2000.0,
        "stacks": [[[HANDLER, MOVE, GET], list(each)] for each in stacks],
    }


GET = ["TileStore.get", APP, 44, 3]
LRU = ["set", "file:///srv/node_modules/lru-cache/index.js", 5, 3]


@pytest.mark.parametrize(
    ("told_", "names"),
    [
        (cache(150, 500, [HANDLER, MOVE, LRU]), ("move",)),
        (
            cache(150, 500, [HANDLER, MOVE, ["TileStore.put", APP, 50, 3]]),
            ("move", "TileStore.put"),
        ),
        (cache(0, 500, [HANDLER, MOVE]), None),  # what is under way comes once
        (cache(150, 500, [MOVE, ["keep", APP, 70, 3]]), ("move", "keep")),  # after an await
        (cache(150, 500, [LRU]), None),  # a library's own
    ],
)
def test_a_cache_that_loses_what_is_asked_for_again_is_told_by_who_fills_it(
    told_: dict[str, Any], names: tuple[str, ...] | None
) -> None:
    found = losing([told_], 8.0)
    assert [g.functions for g in found] == ([names] if names else [])
    for growth in found:
        assert growth.bounded
        assert growth.turnover == pytest.approx(0.75)
        assert growth.added == 600  # of a load of eight seconds, though looked at for two


def test_only_what_is_made_again_for_look_ups_is_a_cache_that_loses_entries() -> None:
    # beside such: what is under way, a lock by key, a counter, a session, a record of the last ones
    containers = Path(__file__).parent / "data" / "diagnosis" / "programs" / "node_containers.cjs"
    looks = node_waits.SOURCE.with_name("node_caches.cjs")
    caches = {("Map", "evicting"), ("Map", "expiring"), ("object", "byObject")}
    found = set[tuple[str, ...]]()
    for _ in range(3):  # on a machine that others load, few requests come to an end in its time
        done = subprocess.run(
            [needs.program("node"), containers, looks], capture_output=True, check=True, timeout=60
        )
        told_ = json.loads(done.stdout)
        found = {tuple(each) for each in told_["found"]}
        assert found <= caches
        assert told_["plain"]
        assert not told_["left"]
        if found == caches:
            break
    assert found == caches


def still(leaf: str, seconds: float, count: float, *frames: list[Any]) -> dict[str, Any]:
    ms = 1000 * seconds * count
    return {"leaf": leaf, "frames": list(frames), "ms": ms, "count": count, "seen": 3}


def test_awaits_that_nothing_ends_stand_at_the_innermost_own_function() -> None:
    acquire = ["Mutex.acquire", MUTEX, 9, 3]
    said = [
        still("(await)", 6.1, 4, HANDLER),
        still("(await)", 6.0, 4, HANDLER, MOVE),
        still("(promise)", 6.0, 4, HANDLER, MOVE, acquire),
    ]
    found = stuck_in([{"still": said}], 3.0)
    assert {(s.place, s.state, s.path) for s in found} == {
        ("move (app.js:12)", "lock", ("handler", "move"))
    }
    assert len(found) == 4
    assert stuck_in([{"still": said}], 7.0) == ()
    assert stuck_in([{}], 3.0) == ()


def test_what_waits_for_nothing_outside_waits_for_a_lock_whatever_its_name() -> None:
    await_ = still("(await)", 6.0, 3, HANDLER, MOVE)
    call = still("(http 127.0.0.1:9001)", 6.0, 1, ["other", APP, 3, 1])
    assert {s.state for s in stuck_in([{"still": [await_]}], 3.0)} == {"lock"}
    assert {s.state for s in stuck_in([{"still": [await_, call]}], 3.0)} == {"other"}


@pytest.mark.parametrize(
    ("times_ms", "evenness"), [((240, 12, 12), 0.4), ((88, 88, 88), 1.0), ((50,), 1.0)]
)
def test_of_several_calls_of_a_line_it_is_told_whether_one_takes_the_time(
    times_ms: tuple[int, ...], evenness: float
) -> None:
    wait = {
        "leaf": "(http 127.0.0.1:9001)",
        "frames": [HANDLER],
        "ms": 100.0 * sum(times_ms),
        "squares": 100.0 * sum(t * t for t in times_ms),
        "count": 100.0 * len(times_ms),
        "seen": 9,
    }
    seen = told(notes_of([{"seconds": 10.0, "windows": 1, "waits": [wait]}]))
    (found,) = waiting(seen, NOTHING, None, Facts())
    assert found.evenness == pytest.approx(evenness, abs=0.02)


@pytest.mark.parametrize(
    ("package", "state"),
    [("async-mutex", "lock"), ("p-limit", "queue"), ("piscina", "executor")],
)
def test_a_librarys_promise_is_waited_for_as_what_the_library_is(package: str, state: str) -> None:
    inner = ["run", f"file:///srv/node_modules/{package}/index.js", 9, 3]
    waits = [
        {"leaf": leaf, "frames": frames, "ms": 60_000.0, "count": 100.0, "seen": 9}
        for leaf, frames in (("(await)", [HANDLER]), ("(promise)", [HANDLER, inner]))
    ]
    seen = told(notes_of([{"seconds": 10.0, "windows": 1, "waits": waits}]))
    assert {a.state for a in waiting(seen, NOTHING, None, Facts())} == {state}


@pytest.mark.parametrize(
    ("connections", "asker", "shared"),
    [
        (3.0, [["heard", APP, 70, 3]], False),  # who has one asks for the next that waits
        (3.0, [], False),  # so does a library
        (3.0, [HANDLER, MOVE], True),  # each asks at once, and waits for its answer
        (1.0, [["heard", APP, 70, 3]], True),
    ],
)
def test_several_connections_whose_calls_are_begun_elsewhere_are_taken_by_turns(
    connections: float, asker: list[list[Any]], shared: bool
) -> None:
    waits = [
        {"leaf": leaf, "frames": frames, "ms": 1000.0 * mean, "count": 200.0, "seen": 99}
        for leaf, frames, mean in (
            ("(await)", [HANDLER], 90),
            ("(promise)", [HANDLER, MOVE], 90),
            ("(socket 127.0.0.1:9001)", asker, 30),
        )
    ]
    seen = told(notes_of([{"seconds": 10.0, "windows": 1, "waits": waits}]))
    found = waiting(seen, NOTHING, None, Facts(connections={9001: connections}, requests=10.0))
    assert {a.target for a in found if a.state == "net"} == {SHARED if shared else ""}


def test_what_computes_inside_and_which_library_called_is_told() -> None:
    library = "file:///srv/node_modules/pages/lib/render.js"

    def node(number: int, name: str, url: str, *children: int) -> dict[str, Any]:
        frame = {"functionName": name, "url": url, "lineNumber": 4, "columnNumber": 0}
        return {"id": number, "callFrame": frame, "children": list(children), "hitCount": 0}

    content = {
        "nodes": [
            node(1, "(root)", "", 2),
            node(2, "page", APP, 3),
            node(3, "render", library, 4, 5),
            node(4, "escape", library),
            node(5, "Row", APP),
        ],
        "startTime": 0,
        "endTime": 10_000,
        "samples": [4, 4, 4, 3, 3, 3, 5, 5, 5, 5],
        "timeDeltas": [1000] * 10,
    }
    wall = cpu_views(content, "loop")[1]
    found = computing(wall, float(wall.tree.weight.sum()))
    leaves = {leaf: mean for a in found if a.function == "page" for leaf, mean in a.leaves.items()}
    assert leaves == {
        "render.js:render": pytest.approx(1 / 3, abs=0.001),
        "render.js:escape": pytest.approx(1 / 3, abs=0.001),
    }
    assert {a.function: a.called_by for a in found} == {"page": "", "Row": "render.js:render"}
