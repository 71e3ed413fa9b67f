"""What samples of other projects' tests showed: variants of formats that are rarely written."""

import json
from pathlib import Path

import pytest

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling import readers
from slowcoach.profiling.model import Profile

DATA = Path(__file__).parent / "data" / "profiles"


def read(name: str) -> list[Profile]:
    """Return the profiles of a sample."""
    return readers.read((DATA / name).read_bytes(), name)


def names(profile: Profile) -> dict[str, tuple[float, float]]:
    """Return (self, total) by frame name."""
    return {
        profile.frames[i].name: (float(profile.self_weights[i]), float(profile.total_weights[i]))
        for i in profile.present
    }


def test_a_file_of_two_counts_a_line_is_the_profile_before_and_the_one_after() -> None:
    before, after = read("collapsed/before-after.txt")

    assert (before.value, after.value) == ("before", "after")
    assert (before.total, after.total) == (264.0, 156.0)  # what the two folded files add up to
    assert "_compile" not in names(after)
    assert "_compile" in names(before)


def test_a_name_that_ends_in_a_number_does_not_make_a_file_one_of_two_counts() -> None:
    (profile,) = readers.read(b"main;worker 1 5\nmain;other 3\nmain;last 2\n", "x")

    assert names(profile)["worker 1"] == (5.0, 5.0)


def test_metrics_of_prometheus_are_no_stacks() -> None:
    data = b"# HELP jobs Jobs.\n# TYPE jobs gauge\njobs 4\njobs_failed 1\n"

    with pytest.raises(UnreadableError):
        readers.read(data, "metrics.txt")


@pytest.mark.parametrize("name", ["header.txt", "source-lines.txt"])
def test_perfs_thread_may_be_named_with_spaces_and_a_number(name: str) -> None:
    (profile,) = read(f"perf/{name}")

    assert profile.name.startswith("shop worker 1 tid: ")
    assert profile.unit == "seconds"
    assert names(profile)["price"] == pytest.approx((profile.total, profile.total))
    assert names(profile)["main"][0] == 0


def test_perfs_frames_may_stand_without_their_files() -> None:
    (profile,) = read("perf/no-files.txt")

    assert profile.samples == 25
    assert names(profile)["price"] == (25.0, 25.0)
    assert {profile.frames[i].file for i in profile.present} == {None}


def test_a_tree_of_an_old_pyinstrument_is_read() -> None:
    (profile,) = read("pyinstrument/tree-3.json")

    assert profile.samples == 186
    assert profile.total == pytest.approx(3.812058)
    assert profile.unit == "seconds"


def test_texts_of_python_2_refer_to_those_before() -> None:
    # two functions f of a.py, in lines 1 and 2, called once for 0.5 and 0.25 s
    half, quarter = (
        b"g" + bytes.fromhex("000000000000e03f"),
        b"g" + bytes.fromhex("000000000000d03f"),
    )
    one, two = b"i\1\0\0\0", b"i\2\0\0\0"
    first = b"(\3\0\0\0t\4\0\0\0a.py" + one + b"t\1\0\0\0f"
    again = b"(\3\0\0\0R\0\0\0\0" + two + b"R\1\0\0\0"
    (profile,) = readers.read(
        b"{"
        + first
        + b"(\5\0\0\0" + one + one + half + half + b"{0"
        + again
        + b"(\5\0\0\0" + one + one + quarter + quarter + b"{0"
        + b"0",
        "x.pstats",
    )  # fmt: skip

    assert profile.total == 0.75
    assert {(frame.file, frame.line) for frame in profile.frames} == {("a.py", 1), ("a.py", 2)}


def test_another_process_may_stand_in_firefoxs_threads_as_text() -> None:
    content = json.loads((DATA / "firefox" / "gecko.json").read_bytes())
    plain = readers.read(json.dumps(content).encode(), "x")
    process = json.dumps({"meta": content["meta"], "libs": [], "threads": content["threads"]})
    nested = readers.read(json.dumps({**content, "threads": [process]}).encode(), "x")

    assert [names(profile) for profile in nested] == [names(profile) for profile in plain]


def test_calls_that_cost_more_than_the_lines_they_led_to_are_believed() -> None:
    lines = ["events: Ir", "fl=a.c", "fn=main", "1 10", "cfn=leaf", "calls=1 1", "1 30"]
    lines += ["fn=leaf", "1 20"]
    (profile,) = readers.read("\n".join(lines).encode(), "x")

    assert names(profile) == {"leaf": (30.0, 30.0), "main": (10.0, 40.0)}


def test_own_weights_of_instruments_are_used_where_they_stand() -> None:
    rows = ["Weight\tSelf Weight\tSymbol Names", "4.93 s  100.0%\t0 s\t start"]
    rows += ["2.45 s  49.7%\t846.00 ms\t  delta()", "1.6 s  32.5%\t1.60 s\t   alpha()"]
    (profile,) = readers.read("\n".join(rows).encode(), "x")

    assert names(profile)["delta()"][0] == 846.0
    assert profile.total == pytest.approx(2446.0)


def test_clocks_that_start_late_do_not_add_to_a_trace() -> None:
    events = [
        {"ph": "B", "pid": 1, "tid": 1, "ts": 5_000_000.0, "name": "a"},
        {"ph": "E", "pid": 1, "tid": 1, "ts": 5_000_007.0, "name": "a"},
        {"ph": "M", "pid": 1, "tid": 1, "name": "thread_name", "args": {"name": "main"}},
    ]
    (profile,) = readers.read(json.dumps(events).encode(), "x")

    assert profile.total == 7.0
    assert profile.name == "main (pid 1, tid 1)"
