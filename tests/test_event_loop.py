"""The figures of an event loop, and what is concluded from them."""

from dataclasses import replace
from typing import Any

import pytest

from slowcoach.core.knowledge import rule
from slowcoach.profiling.event_loop import EventLoop, fields, judge
from slowcoach.profiling.recorders.node_profiles import cpu_views, local
from slowcoach.profiling.recorders.node_recording import loop_figures

QUIET = EventLoop(
    seconds=10,
    delay_p50_ms=0.2,
    delay_p99_ms=3,
    delay_max_ms=12,
    chance_ms=1,
    utilization=0.3,
    gc_ms=20,
    gc_count=9,
    active=(("Timeout", 2),),
    version="v22.0.0",
    queued_share=0.01,
)


def said(**changed: object) -> dict[str, Any]:
    """Return what the watch in the program says of ten seconds of 10 ms turns, each 12 ms long."""
    figures = {
        "seconds": 10.0,
        "ticks": 833,
        "resolution_ms": 10,
        "mean_ms": 12.0,
        "spread_ms": 0.0,
        "delay_p50_ms": 2.0,
        "delay_p99_ms": 2.0,
        "delay_max_ms": 2.0,
        "utilization": 0.2,
        "gc_ms": 1.0,
        "gc_count": 1,
        "active": {"Timeout": 1, "TCPSocketWrap": 4},
        "version": "v22.0.0",
    }
    return {**figures, **changed}


def test_a_quiet_loop_is_no_finding() -> None:
    assert judge(QUIET) == ([], [])


def test_a_loop_that_is_often_late_is_a_warning_with_a_cause() -> None:
    (found,), unknown = judge(replace(QUIET, delay_p99_ms=120, delay_max_ms=400))

    assert (found.severity, found.cause) == ("warning", "loop.blocked")
    assert found.evidence[0].limit == rule("profile.event_loop_delay").limit("p99_ms")
    assert not unknown


def test_one_long_turn_is_information() -> None:
    (found,), _ = judge(replace(QUIET, delay_max_ms=400))

    assert found.severity == "info"


def test_of_a_thread_that_queued_for_a_processor_nothing_is_concluded() -> None:
    found, (unknown,) = judge(replace(QUIET, delay_p99_ms=120, queued_share=0.6))

    assert not found
    assert "queue for a processor" in unknown.why


def test_a_turn_that_went_on_all_the_time_is_named_by_its_stack() -> None:
    late = replace(QUIET, delay_p99_ms=9000, standing=("spin (app.js:3)", "main (app.js:9)"))

    assert judge(late)[0][0].where == ("spin (app.js:3)", "main (app.js:9)")


def test_the_turn_that_was_not_over_at_the_end_counts() -> None:
    loop = loop_figures(said(ticks=300, mean_ms=10.0), None)
    never = loop_figures(said(ticks=0, mean_ms=None, spread_ms=None), None)

    assert loop is not None
    assert loop.delay_max_ms == pytest.approx(10_000 - 3_000 - 10)
    assert loop.delay_p99_ms == 2.0
    assert never is not None
    assert never.delay_p50_ms == pytest.approx(9_990)
    assert never.chance_ms == pytest.approx(9_990 / 2 - 5)


def test_what_comes_in_by_chance_waits_half_a_turn_less_the_timers_own() -> None:
    loop = loop_figures(said(), None)

    assert loop is not None
    assert loop.chance_ms == pytest.approx(1.0, abs=0.05)
    assert loop.active == (("TCPSocketWrap", 4), ("Timeout", 1))
    assert loop_figures(None, None) is None


def test_the_answers_fields_are_figures() -> None:
    told = fields(QUIET)

    assert told["runtime"] == "Node.js v22.0.0"
    assert told["active"] == {"Timeout": 2}
    assert told["mean_wait_ms"] == 1


def node(number: int, name: str, url: str, children: list[int], ticks: dict[int, int]) -> Any:
    """Return a node of a CPU profile; its function begins in line 5."""
    return {
        "id": number,
        "callFrame": {"functionName": name, "url": url, "lineNumber": 4, "columnNumber": 0},
        "children": children,
        "positionTicks": [{"line": line, "ticks": count} for line, count in ticks.items()],
    }


def test_idle_time_is_in_the_wall_view_alone_and_does_not_narrow_intervals() -> None:
    content = {
        "nodes": [
            node(1, "(root)", "", [2, 3], {}),
            node(2, "(idle)", "", [], {}),
            node(3, "price", "file:///srv/a%20shop/app.js", [], {7: 2, 9: 1}),
        ],
        "samples": [2, 2, 2, 3],
        "timeDeltas": [0, 1000, 1000, 1000, 1000],
    }
    content["samples"].append(3)
    on_cpu, wall = cpu_views(content, "kept")

    assert (on_cpu.total, on_cpu.samples) == (1000, 1)
    assert (wall.total, wall.samples) == (4000, 5)
    assert wall.frames[int(wall.present[0])].name == "(idle)"
    price = int(on_cpu.present[0])
    assert on_cpu.frames[price].place == "price (/srv/a shop/app.js:5)"
    assert on_cpu.hottest(price).line == 7


def test_only_addresses_of_files_become_paths() -> None:
    assert local("node:internal/timers") == "node:internal/timers"
    assert local("https://host/app.js") == "https://host/app.js"
