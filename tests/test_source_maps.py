"""Source maps: real bundles, maps by hand, and maps that lie."""

import base64
import json
import os
import shutil
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowcoach.profiling import readers, source_maps
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.source_maps.mapping import BadMapError, source_map

DATA = Path(__file__).parent / "data" / "source_maps"
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def vlq(*numbers: int) -> str:
    """Write numbers as a segment of a map."""
    text = ""
    for number in numbers:
        rest = abs(number) << 1 | (number < 0)
        while True:
            digit, rest = rest & 31, rest >> 5
            text += DIGITS[digit | (32 if rest else 0)]
            if not rest:
                break
    return text


def a_map(mappings: str, **more: object) -> dict[str, Any]:
    """Return a map with two sources and a name."""
    made: dict[str, Any] = {"version": 3, "sources": ["a.ts", "b.ts"], "names": ["priceOf"]}
    return {**made, "mappings": mappings, **more}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the bundles, with profiles that name their place."""
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    for file in tmp_path.glob("*.cpuprofile"):
        text = file.read_text(encoding="utf-8").replace("/PROJECT", str(tmp_path))
        file.write_text(text, encoding="utf-8")
    return tmp_path


def read(file: Path) -> Profile:
    """Read the one profile of a file."""
    return readers.read(file.read_bytes(), file.name)[0]


@pytest.mark.parametrize(
    ("bundle", "hot_line"),
    [("min", None), ("inline", 26), ("tsc-main", 26)],
    ids=["esbuild, minified", "esbuild, map within", "TypeScript"],
)
def test_functions_of_a_bundle_are_named_as_in_their_source(
    project: Path, bundle: str, hot_line: int | None
) -> None:
    profile = read(project / f"{bundle}.cpuprofile")

    top = profile.frames[profile.present[0]]
    assert top == Frame("roundUpward", str(project / "src" / "pricing.ts"), 24)
    if hot_line is not None:
        assert profile.hottest(int(profile.present[0])).line == hot_line
    named = {
        (frame.name, frame.line) for frame in profile.frames if "pricing.ts" in str(frame.file)
    }
    assert ("calculateTotals", 4) in named
    assert profile.warnings == ()


def test_a_line_of_many_source_lines_names_no_hot_line(project: Path) -> None:
    profile = read(project / "min.cpuprofile")

    for index in profile.present:
        frame = profile.frames[index]
        if "pricing.ts" in str(frame.file):
            assert profile.hottest(int(index)).line == frame.line


def test_without_its_map_a_profile_is_read_as_it_is(project: Path) -> None:
    for file in project.rglob("*.map"):
        file.unlink()
    profile = read(project / "min.cpuprofile")

    assert profile.frames[profile.present[0]].name == "l"
    assert profile.warnings == ()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 3, "mappings": "!!"}', "\x00" * 50])
def test_a_broken_map_is_left_aside_with_a_warning(project: Path, text: str) -> None:
    (project / "out" / "min.js.map").write_text(text, encoding="utf-8")
    profile = read(project / "min.cpuprofile")

    assert profile.frames[profile.present[0]].name == "l"
    assert len(profile.warnings) == 1
    assert "min.js" in profile.warnings[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
@pytest.mark.timeout(30)
def test_a_pipe_in_the_place_of_a_map_is_not_waited_for(project: Path) -> None:
    (project / "out" / "min.js.map").unlink()
    os.mkfifo(project / "out" / "min.js.map")

    assert read(project / "min.cpuprofile").frames[0].name


def test_no_map_is_fetched(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        port = server.getsockname()[1]
        script = project / "out" / "min.js"
        code = script.read_text(encoding="utf-8").partition("//#")[0]
        script.write_text(f"{code}//# sourceMappingURL=http://127.0.0.1:{port}/m", encoding="utf-8")
        (project / "out" / "min.js.map").unlink()
        assert read(project / "min.cpuprofile").frames
        with pytest.raises(TimeoutError):
            server.accept()


def test_allocations_of_a_bundle_are_named_too(project: Path) -> None:
    called = {"functionName": "a", "url": str(project / "out" / "min.js"), "scriptId": "1"}
    node = {"callFrame": {**called, "lineNumber": 0, "columnNumber": 10}, "selfSize": 5, "id": 2}
    root = {"callFrame": {**called, "functionName": "(root)", "url": "", "lineNumber": -1}}
    head = {"head": {**root, "selfSize": 0, "id": 1, "children": [node]}}
    profile = readers.read(json.dumps(head).encode(), "x.heapprofile")[0]

    assert [frame.name for frame in profile.frames][-1] == "calculateTotals"


def test_maps_that_come_with_a_trace_are_used() -> None:
    url = "https://shop.example/app.js"
    called = {"functionName": "t", "url": url, "lineNumber": 0, "columnNumber": 10}
    nodes = [
        {"id": 1, "callFrame": {"functionName": "(root)", "url": ""}},
        {"id": 2, "parent": 1, "callFrame": called},
    ]
    chunk = {"cpuProfile": {"nodes": nodes, "samples": [2, 2]}, "timeDeltas": [0, 100]}
    common = {"pid": 1, "tid": 1, "id": "0x1", "cat": "disabled-by-default-v8.cpu_profiler"}
    events = [
        {**common, "name": "Profile", "ph": "P", "ts": 1, "args": {"data": {"startTime": 1}}},
        {**common, "name": "ProfileChunk", "ph": "P", "ts": 2, "args": {"data": chunk}},
    ]
    given = a_map(vlq(9, 1, 41, 6, 0), sourceRoot="src")
    trace = {
        "traceEvents": events,
        "metadata": {"sourceMaps": [{"url": url, "sourceMap": given}]},
    }
    profile = readers.read(json.dumps(trace).encode(), "trace.json")[0]

    assert profile.frames[profile.present[0]] == Frame(
        "priceOf", "https://shop.example/src/b.ts", 42
    )


def test_numbers_of_all_sizes_are_decoded() -> None:
    steps = [(0, 0, 0, 0), (5, 1, 1_000_000, 31), (16, -1, -999_999, -30), (2**31, 0, 15, 2**30)]
    found = source_map(a_map(",".join(vlq(*step) for step in steps)))

    expected = np.cumsum(np.array(steps), axis=0).T
    columns = (found.column, found.source, found.source_line, found.source_column)
    for ours, theirs in zip(columns, expected, strict=True):
        assert ours.tolist() == theirs.tolist()


def test_places_between_segments_and_beyond_are_found() -> None:
    one, two = vlq(4, 0, 0, 0), vlq(10)  # from column 14 on nothing is mapped
    found = source_map(a_map(f";{one},{two};;{vlq(0, 1, 6, 2, 0)}"))

    assert found.at(0, 5) is None
    assert found.at(1, 3) is None
    assert found.at(1, 13) == found.at(1, 4)
    assert found.at(1, 5, exactly=True) is None
    assert found.at(1, 14) is None
    last = found.at(3, 1000)
    assert last is not None
    assert (last.source, last.line, last.column, last.name) == (1, 6, 2, "priceOf")
    assert found.at(4, 0) is None
    assert found.at(-1, 0) is None


def test_sections_are_put_together() -> None:
    part = a_map(vlq(2, 1, 9, 0))
    index = {
        "version": 3,
        "sections": [
            {"offset": {"line": 0, "column": 0}, "map": part},
            {
                "offset": {"line": 0, "column": 100},
                "map": a_map(f"{vlq(2, 0, 4, 0)};{vlq(1, 0, 1, 0)}"),
            },
            {"offset": {"line": 7, "column": 3}, "map": part},
        ],
    }
    found = source_map(index)

    places = [(0, 50), (0, 102), (1, 1), (7, 5)]
    originals = [found.at(*place) for place in places]
    assert [(o.source, o.line) for o in originals if o] == [(1, 9), (2, 4), (2, 5), (5, 9)]


def test_ignore_listed_sources_count_as_library(tmp_path: Path) -> None:
    for key in ("ignoreList", "x_google_ignoreList"):
        script = tmp_path / f"{key}.js"
        script.write_text("x", encoding="utf-8")
        text = json.dumps(a_map(vlq(0, 1, 2, 0), **{key: [1]}))
        Path(f"{script}.map").write_text(text, encoding="utf-8")
        place = {"lineNumber": 0, "columnNumber": 5}
        called: dict[str, Any] = {"functionName": "f", "url": str(script), **place}
        source_maps.move(called, source_maps.Maps())

        frame = Frame("f", called["url"], called["lineNumber"])
        assert kind(frame).library
        assert called["url"].endswith("b.ts")


def test_names_come_from_the_sources_text_where_the_map_has_none(tmp_path: Path) -> None:
    text = "export const priceOf = async (order) => {\n  method(x) {\n"
    made = {**a_map(f"{vlq(6, 0, 0, 23)};{vlq(0, 0, 1, -21)}"), "sourcesContent": [text, None]}
    inline = base64.b64encode(json.dumps(made).encode()).decode()
    script = tmp_path / "app.js"
    comment = f"//# sourceMappingURL=data:application/json;charset=utf-8;base64,{inline}"
    script.write_text(f"let t=async o=>{{}}\n{comment}\n", encoding="utf-8")
    maps = source_maps.Maps()
    for line, column, name in ((0, 6, "priceOf"), (1, 0, "method")):
        called = {
            "functionName": "t", "url": str(script), "lineNumber": line, "columnNumber": column
        }  # fmt: skip
        source_maps.move(called, maps)
        assert called["functionName"] == name


@pytest.mark.parametrize(
    "content",
    [
        None,
        {"version": 2, "mappings": ""},
        a_map("AAé"),
        a_map("A" * 5 + "," + "AA"),
        a_map("g"),
        a_map("gg,AAAA"),
        a_map("ggggggggggggggggA"),
        a_map(f"{vlq(5)},{vlq(-3)}"),
        a_map(vlq(-1)),
        {"version": 3, "sections": []},
        {"version": 3, "sections": [{"offset": {"line": -1, "column": 0}, "map": a_map("")}]},
        {"version": 3, "sections": [{"offset": {"line": 0, "column": 0}, "map": {
            "version": 3, "sections": []}}]},
    ],
)  # fmt: skip
def test_what_is_no_map_is_refused(content: object) -> None:
    with pytest.raises(BadMapError):
        source_map(content)


@pytest.mark.parametrize("mappings", ["", ";;;", ",", ",,;", vlq(1) + ";" * 5])
def test_maps_of_nothing_are_no_error(mappings: str) -> None:
    found = source_map(a_map(mappings))

    assert found.at(0, 5) is None
    assert found.line_of(0) is None


def test_indexes_beyond_the_lists_map_to_nothing() -> None:
    found = source_map(a_map(vlq(0, 50, -7, 2, 90)))

    assert found.at(0, 1) is None
    assert found.line_of(0) is None


@pytest.mark.parametrize(
    "source",
    [
        "https://raw.example/us/maker/9f1c/src/Tokenizer.ts",
        "webpack://maker/./src/Tokenizer.ts",
        "../../../../../home/maker/src/Tokenizer.ts",
        "../src/Tokenizer.ts",
    ],
)
def test_the_sources_of_an_installed_package_stay_in_it(tmp_path: Path, source: str) -> None:
    made = tmp_path / "node_modules" / "@maker" / "parser" / "lib" / "Tokenizer.js"
    made.parent.mkdir(parents=True)
    made.write_text("parse();\n//# sourceMappingURL=Tokenizer.js.map\n")
    told = {**a_map(vlq(0, 0, 0, 0)), "sources": [source]}
    made.with_name("Tokenizer.js.map").write_text(json.dumps(told))
    found = source_maps.Maps().of(str(made))
    assert found is not None
    frame = Frame("parse", found.file(0), 1)
    assert kind(frame).library
    assert found.file(0).startswith(str(made.parent.parent))
    assert found.file(0).endswith("/Tokenizer.ts")
