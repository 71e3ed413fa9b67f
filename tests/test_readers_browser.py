"""Readers of browsers', native, Ruby and further Python profiles: against files of real tools,
and against what no tool would write.
"""

import codecs
import json
from pathlib import Path
from typing import Any

import pytest

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling import readers
from slowcoach.profiling.model import Frame, Profile

DATA = Path(__file__).parent / "data" / "profiles"
FORMATS = (
    "austin",
    "callgrind",
    "chrome-cpuprofile",
    "chrome-trace",
    "firefox",
    "instruments",
    "memray",
    "perf",
    "pyinstrument",
    "safari",
    "scalene",
    "stackprof",
    "trace-event",
    "v8-heapprofile",
    "xctrace",
)
SAMPLES = sorted(file for kind in FORMATS for file in (DATA / kind).iterdir())


def sample(name: str) -> list[Profile]:
    """Return the profiles of a sample file."""
    return readers.read((DATA / name).read_bytes(), name)


def read(content: object) -> list[Profile]:
    """Return the profiles of a text, or of what is JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    return readers.read(text.encode(), "it")


def names(profile: Profile) -> dict[str, tuple[float, float]]:
    """Return (self, total) by frame name."""
    return {
        profile.frames[index].name: (
            float(profile.self_weights[index]),
            float(profile.total_weights[index]),
        )
        for index in profile.present
    }


def figures(profiles: list[Profile]) -> list[Any]:
    """Return all that a reader found, to compare."""
    return [(profile.name, profile.unit, profile.samples, names(profile)) for profile in profiles]


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name}/{file.name}")
@pytest.mark.parametrize("variant", ["crlf", "bom", "utf16-le", "utf16-be"])
def test_line_ends_and_encodings_do_not_change_a_profile(file: Path, variant: str) -> None:
    plain = file.read_bytes()
    text = plain.decode()
    other = {
        "crlf": text.replace("\n", "\r\n").encode(),
        "bom": codecs.BOM_UTF8 + plain,
        "utf16-le": codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        "utf16-be": codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    }[variant]

    assert [r.format for r in readers.readers() if r.matches(other)] == [file.parent.name]
    assert figures(readers.read(other, "x")) == figures(readers.read(plain, "x"))


@pytest.mark.parametrize(
    ("name", "unit", "hottest", "least"),
    [
        ("chrome-trace/chromium.json", "microseconds", ("price", "page.html", 2), 0.8),
        ("trace-event/pyspy.json", "microseconds", ("price.<genexpr>", "shop.py", 3), 0.5),
        ("perf/stacks.txt", "seconds", ("price", "shop", None), 0.4),
        ("perf/one-line.txt", "seconds", ("price", "shop", None), 0.4),
        ("perf/no-times.txt", "samples", ("price", "shop", None), 0.4),
        ("callgrind/callgrind.out", "none", ("price", "shop.c", None), 0.7),
        ("pyinstrument/tree.json", "seconds", ("<genexpr>", "shop.py", 3), 0.5),
        ("pyinstrument/session.json", "seconds", ("<genexpr>", "shop.py", 3), 0.3),
        ("austin/wall.txt", "microseconds", ("price.<genexpr>", "shop.py", 3), 0.5),
        ("austin/full.txt", "microseconds", ("price.<genexpr>", "shop.py", 3), 0.5),
        ("scalene/cpu-only.json", "seconds", ("price.<genexpr>", "shop.py", 3), 0.8),
        ("safari/recording.json", "seconds", ("price", "page.html", 2), 0.7),
        ("instruments/time.txt", "milliseconds", ("price", None, None), 0.7),
        ("xctrace/time-profile.xml", "nanoseconds", ("price(int)", "shop.cpp", 4), 0.5),
    ],
)
def test_the_hot_function_of_a_real_profile_is_found(
    name: str, unit: str, hottest: tuple[str, str | None, int | None], least: float
) -> None:
    profile = sample(name)[0]
    frame = profile.frames[profile.present[0]]
    file = frame.file.rsplit("/", 1)[-1] if frame.file else None

    assert profile.unit == unit
    assert (frame.name, file, frame.line) == hottest
    assert profile.self_weights.max() / profile.total >= least


def test_javascript_of_node_is_found_below_sort_items() -> None:
    for name in ("node20", "node24"):
        profile = sample(f"chrome-cpuprofile/{name}.cpuprofile")[0]
        found = names(profile)

        assert found["sortItems"][1] > 0.7 * profile.total
        assert "(root)" not in found
        assert profile.samples


def test_heap_profiles_count_bytes() -> None:
    profile = sample("v8-heapprofile/node24.heapprofile")[0]

    assert profile.unit == "bytes"
    assert names(profile)["(root)"][1] == profile.total


def test_a_page_in_firefox_is_found_among_native_code() -> None:
    profile = sample("firefox/gecko.json")[0]
    found = {profile.frames[index].name: profile.frames[index] for index in profile.present}

    assert profile.unit == "milliseconds"
    assert (found["sortMany"].file or "").endswith("page.html")
    assert (found["sortMany"].line, found["fib"].line) == (3, 2)
    assert names(profile)["sortMany"][1] > names(profile)["fib"][1] > 0


def test_stackprofs_table_agrees_with_the_stacks_it_was_made_of() -> None:
    content = json.loads((DATA / "stackprof" / "cpu-raw.json").read_text(encoding="utf-8"))
    raw = {name: figure for name, figure in names(read(content)[0]).items() if figure[1]}
    del content["raw"]
    table = names(read(content)[0])

    assert table["Object#price"] == raw["Object#price"]
    assert table["Object#sort_items"] == raw["Object#sort_items"]
    assert read(content)[0].samples == content["samples"]


def test_callgrinds_costs_are_those_it_collected() -> None:
    profile = sample("callgrind/callgrind.out")[0]
    text = (DATA / "callgrind" / "callgrind.out").read_text(encoding="utf-8")
    summary = next(line for line in text.splitlines() if line.startswith("totals:"))

    assert profile.total == float(summary.split()[1])
    assert max(profile.total_weights) <= profile.total


def test_memrays_table_and_statistics_are_read_and_a_recording_says_what_to_do() -> None:
    table, statistics = sample("memray/peak.csv")[0], sample("memray/stats.json")[0]

    assert {table.unit, statistics.unit} == {"bytes"}
    assert table.total == 110077.0  # the peak that memray stats gives
    assert names(statistics)["iterencode"][0] > 0.3 * statistics.total
    with pytest.raises(UnreadableError, match="memray transform csv"):
        readers.read(b"memray\0\x0d\0\0\0", "it.bin")


def test_scalenes_memory_is_a_profile_of_its_own() -> None:
    cpu, memory = sample("scalene/cpu-and-memory.json")

    assert (cpu.unit, memory.unit) == ("seconds", "bytes")
    assert memory.frames[memory.present[0]].name == "report"


def node(number: int, name: str, *children: int, **more: object) -> dict[str, Any]:
    """Return a node of a CPU profile."""
    called = {"functionName": name, "url": "", "lineNumber": number, "columnNumber": 0}
    return {"id": number, "callFrame": called, "hitCount": 0, "children": children, **more}


def cpu(nodes: list[dict[str, Any]], samples: object, deltas: object) -> dict[str, Any]:
    """Return a CPU profile."""
    return {"nodes": nodes, "samples": samples, "timeDeltas": deltas}


def test_collecting_garbage_stands_on_top_of_what_it_interrupts() -> None:
    nodes = [node(1, "(root)", 2, 3, 4), node(2, "a"), node(3, "(garbage collector)")]
    profile = read(cpu([*nodes, node(4, "(idle)")], [2, 3, 2, 4, 2], [7, 1, 2, 4, 8]))[0]

    assert names(profile) == {"a": (5.0, 7.0), "(garbage collector)": (2.0, 2.0)}
    assert profile.total == 7.0  # idle is no frame


def test_a_clock_that_goes_back_stands_still() -> None:
    profile = read(
        cpu([node(1, "(root)", 2, 3), node(2, "a"), node(3, "b")], [2, 3, 2], [5, 4, -9])
    )

    assert names(profile[0]) == {"a": (4.0, 4.0), "b": (0.0, 0.0)}


def test_samples_without_times_are_left_out_and_said_so() -> None:
    profile = read(cpu([node(1, "(root)", 2), node(2, "a")], [2, 2, 2, 2], [0, 3]))[0]

    assert names(profile) == {"a": (3.0, 3.0)}
    assert profile.warnings == ("4 samples have only 2 times: the rest is lost",)


def test_hit_counts_serve_where_there_are_no_samples() -> None:
    nodes = [node(1, "(root)", 2), node(2, "a", 3), node(3, "b")]
    nodes[1]["hitCount"], nodes[2]["hitCount"] = 2, 5

    assert names(read({"nodes": nodes})[0]) == {"a": (2.0, 7.0), "b": (5.0, 5.0)}


def chunks(pid: int, function: str) -> list[dict[str, Any]]:
    """Return the events of a CPU profile in pieces, as Chrome's tracing writes them."""
    child = {**node(2, function), "parent": 1}
    data = {
        "cpuProfile": {"nodes": [node(1, "(root)"), child], "samples": [2, 2]},
        "timeDeltas": [1, 10 * pid],
    }
    common = {"pid": pid, "tid": 1, "cat": "c", "ph": "P", "id": "0x1"}
    return [
        {**common, "name": "ProfileChunk", "ts": 2, "args": {"data": data}},
        {**common, "name": "Profile", "ts": 1, "args": {"data": {"startTime": 0}}},
        {**common, "name": "thread_name", "ph": "M", "ts": 0, "args": {"name": f"T{pid}"}},
    ]


def test_profiles_of_two_processes_with_one_id_stay_apart() -> None:
    one, other = read({"traceEvents": [*chunks(1, "a"), *chunks(2, "b")]})

    assert (one.name, names(one)) == ("it - T1", {"a": (10.0, 10.0)})
    assert (other.name, names(other)) == ("it - T2", {"b": (20.0, 20.0)})


def test_a_timeline_without_samples_gives_its_calls() -> None:
    events = [
        {"pid": 1, "tid": 1, "cat": "c", "ph": "P", "name": "Profile", "ts": 0, "args": {}},
        {"pid": 1, "tid": 1, "cat": "c", "ph": "P", "name": "ProfileChunk", "ts": 0, "args": {}},
        {"pid": 1, "tid": 1, "cat": "c", "ph": "X", "name": "Task", "ts": 0, "dur": 4},
    ]
    assert names(read(events)[0]) == {"Task": (4.0, 4.0)}


def test_a_trace_without_its_end_is_read_up_to_there() -> None:
    text = (
        '{"other": 1, "traceEvents": [{"pid": 1, "tid": 1, "ph": "X", "ts": 0, "dur": 5, '
        '"name": "a"},\n{"pid": 1, "tid": 1, "ph": "X", "ts": 6, "dur": 5, "na'
    )
    profile = read(text)[0]

    assert names(profile) == {"a": (5.0, 5.0)}
    assert read("[" + text.split("[")[1].split("\n")[0])[0].warnings == ()


def test_ends_that_fit_nothing_are_counted_in_a_warning() -> None:
    begin = {"pid": 1, "tid": 1, "ph": "B", "ts": 0, "name": "a"}
    ends = [{"pid": 1, "tid": 1, "ph": "E", "ts": at, "name": "b"} for at in range(1, 9)]
    profile = read([begin, *ends, {**begin, "ph": "E", "ts": 10}])[0]

    assert names(profile) == {"a": (10.0, 10.0)}
    assert profile.warnings[0] == "b ended at 1 µs when a was open"
    assert profile.warnings[-1] == "6 more ends fitted no open call"


def processed(**parts: object) -> dict[str, Any]:
    """Return a profile as profiler.firefox.com saves it, with shared tables."""
    shared = {
        "stringArray": ["main", "price", "shop.js", "libc.so"],
        "stackTable": {"length": 3, "frame": [0, 1, 2], "prefixOffset": [0, 1, 1]},
        "frameTable": {"length": 3, "func": [0, 1, 2], "line": [7, None, None]},
        "funcTable": {
            "length": 3,
            "name": [0, 1, 1],
            "source": [0, 0, None],
            "resource": [-1, -1, 0],
            "lineNumber": [1, 3, None],
        },
        "sources": {"length": 1, "filename": [2]},
        "resourceTable": {"length": 1, "name": [3]},
    }
    samples = {"length": 3, "stack": [1, 2, None], "weight": None, "weightType": "samples"}
    thread = {"name": "Main", "pid": "4", "tid": 5, "samples": {**samples, **parts}}
    return {"meta": {"interval": 2}, "libs": [], "shared": shared, "threads": [thread]}


def test_processed_profiles_of_firefox_are_read() -> None:
    profile = read(processed())[0]

    assert set(profile.frames) == {
        Frame("main", "shop.js", 7),
        Frame("price", "shop.js", 3),
        Frame("price", "libc.so", None),
    }
    assert profile.unit == "milliseconds"
    assert profile.samples == 2
    assert names(profile)["main"] == (0.0, 4.0)


def test_weights_of_a_processed_profile_count_in_their_unit() -> None:
    profile = read(processed(weight=[10, 30, 5], weightType="bytes"))[0]

    assert (profile.unit, profile.total) == ("bytes", 40.0)


PERF = "{} 7/8 {}: 1000 {}: \n\t    1 f (/x (deleted))\n\t    2 main+0x1f (/x)\n\n"


def test_perf_events_of_the_first_kind_count_and_cores_of_both_sorts_are_one() -> None:
    kinds = ("cpu_core/cycles/", "cpu_atom/cycles/", "page-faults", "cpu_core/cycles/")
    text = "".join(PERF.format("my app", f"{at}.0", kind) for at, kind in enumerate(kinds))
    profile = read(text)[0]

    assert profile.name == "my app pid: 7 tid: 8"
    assert names(profile) == {"f": (3.0, 3.0), "main": (0.0, 3.0)}
    assert profile.warnings == ("1 events page-faults were left out: only the first kind counts",)


def test_perf_events_out_of_order_are_sorted() -> None:
    text = "".join(PERF.format("a", f"{at}.5", "cycles") for at in (5, 2, 3))

    assert read(text)[0].total == 3.0


def test_recursion_in_callgrind_keeps_each_functions_own_cost() -> None:
    text = (
        "# callgrind format\npositions: instr line\nevents: Ir Dr\nob=(1) x\nfl=(1) a.c\n"
        "fn=(1) main\n0x10 1 5 1\n+3 +1 5\ncfn=(2) f\ncalls=1 0x20 3\n* * 90 9\n"
        "fn=(2)\n0x20 3 60 6\ncfn=(3) g\ncalls=2 0x30 9\n* * 60 6\n"
        "fn=(3)\n0x30 9 30 3\ncfn=(2)\ncalls=2 0x20 3\n* * 45 4\n"
    )
    instructions, reads = read(text)

    assert (instructions.name, reads.name) == ("it -- Ir", "it -- Dr")
    assert names(instructions)["main"] == (10.0, 100.0)
    assert names(instructions)["f"][0] == 60.0
    assert names(instructions)["g"][0] == 30.0
    assert instructions.total == 100.0
    assert reads.total == 10.0


@pytest.mark.parametrize(
    ("name", "function", "line"),
    [
        ("chrome-trace/chromium.json", "price", 2),
        ("callgrind/callgrind.out", "price", 4),
        ("stackprof/wall-raw.json", "Object#shop", 9),
    ],
)
def test_the_line_that_ran_most_is_known(name: str, function: str, line: int) -> None:
    profile = sample(name)[0]
    index = next(i for i in profile.present if profile.frames[i].name == function)

    assert profile.hottest(int(index)).line == line


def test_ticks_of_node_say_which_line_ran() -> None:
    called = node(2, "a", positionTicks=[{"line": 7, "ticks": 1}, {"line": 9, "ticks": 5}])
    profile = read(cpu([node(1, "(root)", 2), called], [2, 2], [0, 3]))[0]

    assert [profile.hottest(int(index)).line for index in profile.present] == [9]
    assert [profile.frames[index].line for index in profile.present] == [3]


def test_xdebugs_units_are_understood() -> None:
    text = "events: Time_(10ns) Memory_(bytes)\n\nfl=a.php\nfn=f\n3 7 100\n"

    assert [(p.name, p.unit, p.total) for p in read(text)] == [
        ("it -- Time", "nanoseconds", 70.0),
        ("it -- Memory", "bytes", 100.0),
    ]


@pytest.mark.parametrize("depth", [3_000])
def test_nesting_beyond_the_interpreters_stack_is_read(depth: int) -> None:
    opened = '{"callFrame": {"functionName": "f", "url": ""}, "selfSize": 1, "children": ['
    profile = read('{"head": ' + opened * depth + "]}" * depth + "}")[0]

    assert names(profile) == {"f": (float(depth), float(depth))}


CYCLE = [node(1, "a", 2), node(2, "b", 1)]
STACKPROF = {"mode": "wall", "interval": 1, "gc_samples": 0, "frames": {"1": {"name": "a"}}}
TABLE = "allocator,num_allocations,size,tid,thread_name,stack_trace\n"
GECKO = json.loads((DATA / "firefox" / "gecko.json").read_text(encoding="utf-8"))


def looped() -> dict[str, Any]:
    """Return a profile of Firefox whose stacks lead back to themselves."""
    content: dict[str, Any] = json.loads(json.dumps(GECKO))
    content["processes"][0]["threads"][0]["stackTable"]["data"][0] = [1, 0]
    content["processes"][0]["threads"][0]["stackTable"]["data"][1] = [0, 0]
    return content


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (cpu(CYCLE, [1, 2], [1, 1]), "nodes: expected a tree, got a cycle"),
        (cpu([node(1, "a")], [1], ["x"]), "timeDeltas[0]: expected a number, got x"),
        (cpu([node(1, "a")], [[1]], [1]), "samples: expected ids of nodes"),
        (
            cpu([node(1, "a"), {"callFrame": 5}], [1], [1]),
            "nodes[1]: expected an object with an id",
        ),
        (cpu([node(1, "a", hitCount=0)], [1, 1], [1, 10**400]), "timeDeltas[1]: expected a finite"),
        ({"nodes": [node(1, "a") | {"hitCount": -3}]}, "hitCount: expected 0 or more, got -3"),
        ({"head": {"callFrame": {}, "selfSize": -1, "children": []}}, "selfSize: expected 0 or"),
        ({"head": {"callFrame": {}, "selfSize": 1, "children": [5]}}, "children: expected a list"),
        ([{"ph": "X", "ts": "soon", "dur": 1}], "events[0]: ts: expected a time"),
        ([{"ph": "I", "ts": 1}], "expected events that begin and end"),
        (
            {
                "traceEvents": [],
                "samples": [{"ts": 0, "sf": 1}, {"ts": 1, "sf": 1}],
                "stackFrames": {"1": {"name": "a", "parent": 2}, "2": {"name": "b", "parent": 1}},
            },
            "stackFrames: expected a tree",
        ),
        (looped(), "stackTable: expected a tree"),
        (STACKPROF | {"raw": [10**9, 1, 1]}, "raw[0]: expected a stack's height"),
        (STACKPROF | {"raw": [1, 2, 1]}, "raw[0]: expected numbers of frames, got '2'"),
        (STACKPROF | {"interval": 0, "raw": [1, 1, 1]}, "interval: expected more than 0"),
        ("events: Ir\nfn=f\n1 -5\n", "line 3: expected"),
        ("events: Ir\nfn=(2)\n1 5\n", "line 2: expected the name of (2) before its use"),
        ("events: Ir\nfn=f\nwhat is this\n", "line 3: expected a cost"),
        ("events: Ir\nfn=f\n1 " + "9" * 5000, "line 3: expected positions and costs"),
        ("events: " + "e " * 500 + "\nfn=f\n", "line 1: expected up to 100 events, got 500"),
        (TABLE + "MALLOC,1,x,1,t,f;a.py;1\n", "line 2: expected allocator"),
        (TABLE + "MALLOC,1,5,1,t,f\n", "line 2: expected frames"),
        (TABLE, "expected allocations, got none"),
        ("Weight\tSymbol Name\nmuch\tmain\n", "line 2: expected a weight"),
        ("Weight\tSymbol Name\n1 s \t main\n1 s \t   deep\n", "line 3: expected up to"),
        (
            '<!DOCTYPE a [<!ENTITY e "ee">]><trace-query-result><row><backtrace/></row>',
            "got a document type declaration",
        ),
        ("<trace-query-result><row><backtrace", "expected XML of `xctrace export`"),
        ({"version": 1, "recording": {"sampleStackTraces": [{"stackFrames": 5}]}}, "sampleDurat"),
    ],
)
def test_bad_input_is_refused_saying_where(content: object, where: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(content)

    assert "it" in caught.value.message
    assert where in caught.value.message


def test_names_keep_markup_and_escapes_as_they_are() -> None:
    name = "<img onerror=x>\x1b[31m"
    profile = read(cpu([node(1, "(root)", 2), node(2, name)], [2, 2], [0, 3]))[0]

    assert profile.frames[profile.present[0]].name == name


def test_perf_events_without_a_time_are_left_out_where_others_have_one() -> None:
    untimed = "a 7/8 cycles: \n\t    9 g (/x)\n\n"
    text = untimed + "".join(PERF.format("a", f"{at}.0", "cycles") for at in (1, 3)) + untimed

    assert names(read(text)[0]) == {"f": (2.0, 2.0), "main": (0.0, 2.0)}


def test_scalenes_line_numbers_may_be_anything() -> None:
    content = json.loads((DATA / "scalene" / "cpu-only.json").read_text(encoding="utf-8"))
    for file in content["files"].values():
        file["lines"][2]["start_function_line"] = {}
        file["functions"][0]["lineno"] = []

    assert read(content)[0].unit == "seconds"
