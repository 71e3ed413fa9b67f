"""Hostile profiles: each gives a clear error or a right answer, in bounded time and memory."""

import contextlib
import gzip
import json
import marshal
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import needs
from fuzz.hostile import number, part, varint
from fuzz.target import REFUSED, outcome
from slowcoach.core.errors import UnreadableError
from slowcoach.profiling import gzipped, readers

TESTS = Path(__file__).parent
SAMPLES = TESTS / "data" / "profiles"
REGRESSIONS = TESTS / "data" / "hostile"
BINARY = {"jfr", "opentelemetry", "pprof", "pstats"}


def samples() -> list[Path]:
    """Return every sample of a format."""
    folders = [SAMPLES / reader.format for reader in readers.readers()]
    return sorted(path for folder in folders for path in folder.glob("*") if path.is_file())


def as_id(path: Path) -> str:
    """Return what a test of a file is called."""
    return f"{path.parent.name}/{path.name}"


def plain(path: Path) -> bytes:
    """Return a sample unpacked."""
    return gzipped.plain(path.read_bytes(), path.name)


def totals(data: bytes) -> list[tuple[str, float, int]]:
    """Return what matters of a file's profiles."""
    found = readers.read(data, "same")
    return [(profile.unit, profile.total, len(profile.present)) for profile in found]


# ---- texts and JSON with a lie in each: (name, content, error) or (name, content, total)

SCHEMA = '"$schema":"https://www.speedscope.app/file-format-schema.json"'
FRAMES = '"shared":{"frames":[{"name":"f"},{"name":"g"}]}'


def speedscope(profile: str) -> bytes:
    """Return a file of one profile, its unit seconds."""
    return f'{{{SCHEMA},{FRAMES},"profiles":[{{"name":"p","unit":"seconds",{profile}}}]}}'.encode()


def sampled(samples_: str, weights: str) -> bytes:
    """Return a sampled profile."""
    return speedscope(f'"type":"sampled","samples":{samples_},"weights":{weights}')


def evented(*events: str) -> bytes:
    """Return an evented profile of events such as `O 0 1.5`."""
    rows = (event.split() for event in events)
    listed = ",".join(f'{{"type":"{kind}","frame":{f},"at":{at}}}' for kind, f, at in rows)
    return speedscope(f'"type":"evented","startValue":0,"events":[{listed}]')


def cpuprofile(parents: str, deltas: str = "[1,1]") -> bytes:
    """Return V8's profile of two nodes with these links."""
    frame = '"hitCount":0,"callFrame":{"functionName":"f","lineNumber":1,"columnNumber":1}'
    first, second = parents.split("/")
    nodes = f'{{"id":1,{frame}{first}}},{{"id":2,{frame}{second}}}'
    return f'{{"nodes":[{nodes}],"samples":[1,2],"timeDeltas":{deltas}}}'.encode()


def trace(frames: str) -> bytes:
    """Return trace events with samples over stack frames."""
    return (
        f'{{"traceEvents":[],"stackFrames":{frames},"samples":[{{"ts":0,"sf":1,"pid":1,"tid":1}},'
        '{"ts":5,"sf":1,"pid":1,"tid":1}]}'
    ).encode()


def firefox(stacks: str, samples_: str = '{"stack":[1],"time":[0]}') -> bytes:
    """Return a thread with this stack table."""
    thread = (
        f'"name":"t","stackTable":{stacks},"frameTable":{{"location":[0,0]}},"stringTable":["f"]'
    )
    return f'{{"meta":{{"interval":2}},"threads":[{{{thread},"samples":{samples_}}}]}}'.encode()


def pyinstrument(time: str) -> bytes:
    """Return a tree of one frame."""
    return (
        '{"sample_count":1,"target_description":"","cpu_time":1,'
        f'"root_frame":{{"function":"f","time":{time},"children":[]}}}}'
    ).encode()


def flamebearer(*levels: str) -> bytes:
    """Return a flame graph of Pyroscope's."""
    return (
        f'{{"flamebearer":{{"names":["total","f"],"levels":[{",".join(levels)}]}},'
        '"metadata":{"units":"samples","sampleRate":100,"format":"single"}}'
    ).encode()


def stackprof(raw: str) -> bytes:
    """Return a dump with these raw stacks."""
    frames = '{"1":{"name":"f"},"2":{"name":"g"}}'
    return (f'{{"mode":"cpu","interval":1,"gc_samples":0,"frames":{frames},"raw":{raw}}}').encode()


def heap(size: str) -> bytes:
    """Return a heap profile of one node."""
    return f'{{"head":{{"callFrame":{{"functionName":"f"}},"selfSize":{size}}}}}'.encode()


def safari(duration: str) -> bytes:
    """Return a recording of one sample."""
    return (
        '{"recording":{"sampleStackTraces":[{"stackFrames":[{"name":"f"}]}],'
        f'"sampleDurations":[{duration}]}}}}'
    ).encode()


def scalene(share: str) -> bytes:
    """Return a profile of one line."""
    line = f'{{"lineno":1,"n_cpu_percent_python":{share}}}'
    return (
        '{"elapsed_time_sec":2,"growth_rate":0,"files":{"a.py":{"functions":[],'
        f'"lines":[{line}]}}}}}}'
    ).encode()


def callgrind(*lines: str) -> bytes:
    """Return a file of one event."""
    return "\n".join(("# callgrind format", "events: T", *lines)).encode()


def xctrace(rows: str, before: str = "") -> bytes:
    """Return an exported table."""
    return f"<?xml version='1.0'?>{before}<trace-query-result>{rows}</trace-query-result>".encode()


def xctrace_row(weight: str) -> str:
    """Return a row of one sample."""
    return (
        f"<row><thread fmt='t'/><weight>{weight}</weight>"
        "<backtrace><frame name='f'/></backtrace></row>"
    )


LAUGHS = '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;">]>'
MEMRAY = "allocator,num_allocations,size,tid,thread_name,stack_trace\n"
HUGE = "9" * 5_000
CASES: list[tuple[str, bytes, str | float]] = [
    # cycles in parent links
    ("v8 node its own parent", cpuprofile('/,"parent":2'), "a cycle of parents"),
    ("v8 two parents in a circle", cpuprofile(',"parent":2/,"parent":1'), "a cycle of parents"),
    (
        "v8 children in a circle",
        cpuprofile(',"children":[2]/,"children":[1]'),
        "a cycle of parents",
    ),
    ("v8 children no list", cpuprofile(',"children":7/,"children":"x"'), 1.0),
    (
        "trace frames in a circle",
        trace('{"1":{"name":"f","parent":2},"2":{"name":"g","parent":1}}'),
        "a cycle of parents",
    ),
    ("firefox prefixes in a circle", firefox('{"frame":[0,1],"prefix":[1,0]}'), "cycle of parents"),
    ("firefox prefix beyond", firefox('{"frame":[0,1],"prefix":[null,9]}'), "a prefix and a frame"),
    ("firefox offset to itself", firefox('{"frame":[0,1],"prefixOffset":[0,-1]}'), "a prefix"),
    ("firefox offset a text", firefox('{"frame":[0,1],"prefixOffset":[0,"x"]}'), "a prefix"),
    ("firefox stack table fine", firefox('{"frame":[0,1],"prefix":[null,0]}'), 2.0),
    (
        "callgrind functions that call each other",
        callgrind(
            "fn=a", "1 3", "cfn=b", "calls=1 1", "1 7", "fn=b", "1 4", "cfn=a", "calls=1", "1 7"
        ),
        7.0,
    ),
    ("callgrind name before its use", callgrind("fn=(7)", "1 3"), r"the name of \(7\)"),
    # negative, endless and overflowing weights
    ("speedscope below 0", sampled("[[0]]", "[-1]"), "a number of 0 or more"),
    ("speedscope not a number", sampled("[[0]]", "[NaN]"), "not a JSON number"),
    ("speedscope 1e999", sampled("[[0]]", "[1e999]"), "a number of 0 or more"),
    ("speedscope 1e308 twice", sampled("[[0],[1]]", "[1e308,1e308]"), "a number of 0 or more"),
    ("speedscope 400 digits", sampled("[[0]]", f"[{'9' * 400}]"), "beyond all bounds"),
    ("speedscope 5,000 digits", sampled("[[0]]", f"[{HUGE}]"), "digits"),
    ("speedscope 2^63", sampled("[[0]]", f"[{2**63}]"), float(2**63)),
    ("speedscope frame beyond", sampled("[[2]]", "[1]"), "indexes of the 2 frames"),
    ("speedscope frame below 0", sampled("[[-1]]", "[1]"), "indexes of the 2 frames"),
    ("speedscope type a list", speedscope('"type":[],"samples":[]'), "evented or sampled"),
    ("speedscope end of another", evented("O 0 0", "C 1 1"), "the end of f"),
    ("speedscope end of nothing", evented("C 0 0"), "the end of nothing"),
    ("speedscope no end", evented("O 0 0", "O 1 1", "C 1 2"), "f open"),
    ("speedscope time back", evented("O 0 5", "C 0 1"), "a time not before 5"),
    ("speedscope time 1e999", evented("O 0 0", "C 0 1e999"), "a finite number"),
    ("collapsed below 0", b"a;b -5\n", "expected a profile"),
    ("collapsed mostly below 0", b"a;b 1\na;c -5\na;d -5\n", "expected a profile"),
    ("collapsed 2^63", f"a;b {2**63}\na;c 1\n".encode(), float(2**63)),
    ("collapsed 5,000 digits", f"a;b {HUGE}\n".encode(), "frame;frame;frame count"),
    ("collapsed line of 5,000 digits", f"a (f.py:{HUGE});b (f.py:1) 5\n".encode(), 5.0),
    ("austin below 0", b"P1;T1;a.py:f:1 -7\nP1;T1;a.py:g:1 7\n", 7.0),
    ("austin line of 5,000 digits", f"P1;T1;a.py:f:{HUGE} 7\n".encode(), 7.0),
    ("austin metric of 30 digits", b"P1;T1;a.py:f:1 " + b"9" * 30 + b"\n", "samples of Austin"),
    ("callgrind below 0", callgrind("fn=a", "1 -3"), "positions and costs|costs of the events"),
    ("callgrind 30 digits", callgrind("fn=a", f"1 {'9' * 30}"), "positions and costs"),
    ("v8 below 0", cpuprofile("/", "[-5,-5]"), 0.0),
    ("v8 time 1e999", cpuprofile("/", "[0,1e999]"), "a finite number"),
    ("pyinstrument below 0", pyinstrument("-1"), 0.0),
    ("pyinstrument 1e999", pyinstrument("1e999"), "a finite number"),
    ("stackprof below 0", stackprof("[1,1,-5]"), "a stack's height, its frames and a count"),
    ("stackprof height beyond", stackprof("[5,1,1]"), "a stack's height"),
    ("stackprof height below 0", stackprof("[-2,1,1]"), "a stack's height"),
    ("stackprof height 2^62", stackprof(f"[{2**62},1,1]"), "a stack's height"),
    ("stackprof unknown frame", stackprof("[1,9,1]"), "numbers of frames"),
    ("heap below 0", heap("-5"), "0 or more"),
    ("heap 2^63", heap(str(2**63)), float(2**63)),
    ("safari below 0", safari("-1"), "0 or more"),
    ("safari 1e308", safari("1e308"), "a finite number"),
    ("scalene below 0", scalene("-50"), "lines with CPU time"),
    ("scalene half", scalene("50"), 1.0),
    ("pyroscope below 0", flamebearer("[0,10,0,0]", "[0,5,-5,1]"), "whole numbers of 0 or more"),
    ("pyroscope outside", flamebearer("[0,10,0,0]", "[8,5,5,1]"), "bars below those"),
    ("pyroscope name beyond", flamebearer("[0,10,0,0]", "[0,5,5,7]"), "an index of the 2 names"),
    ("pyroscope 2^70", flamebearer("[0,10,0,0]", f"[0,{2**70},5,1]"), "whole numbers"),
    ("memray below 0", f"{MEMRAY}m,1,-5,1,t,f;a.py;1\n".encode(), "allocator, counts"),
    ("memray 30 digits", f"{MEMRAY}m,1,{'9' * 30},1,t,f;a.py;1\n".encode(), "allocator, counts"),
    ("memray columns", f"{MEMRAY}m,1,5\n".encode(), "allocator, counts"),
    ("memray 200 kB of a stack", f"{MEMRAY}m,1,5,1,t,{'f;a.py;1|' * 22_000}\n".encode(), 5.0),
    ("instruments deep at once", b"Weight\tSymbol Name\n1.00 s \ta\n1.00 s \t     b\n", "spaces"),
    ("instruments below 0", b"Weight\tSymbol Name\n-1.00 s \ta\n", "a weight with its unit"),
    ("xctrace below 0", xctrace(xctrace_row("-5")), 1.0),  # no weights: each sample is one
    ("xctrace a document type", xctrace(xctrace_row("&m;"), LAUGHS), "a document type"),
    ("xctrace fine", xctrace(xctrace_row("5")), 5.0),
    ("perf only comments", b"# a\n# b\n", "expected a profile"),
    ("perf time back", b"a 1 5.0: c:\n\tff f (a)\n\na 1 1.0: c:\n\tff f (a)\n\n", 4.0),
    ("perf 20 digits", b"a 1 99999999999999999999.0: c:\n\tff f (a)\n\n", 1.0),
    ("trace text for a time", b'[{"ph":"B","ts":"1e999","name":"a"}]', "a finite number"),
    ("trace below 0", b'[{"ph":"X","ts":1,"dur":-5,"name":"a"}]', 0.0),
]


@pytest.mark.parametrize(
    ("content", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_lies_in_texts_are_refused_or_do_no_harm(content: bytes, expected: str | float) -> None:
    outcome(content)
    if isinstance(expected, str):
        with pytest.raises(UnreadableError, match=expected):
            readers.read(content, "hostile")
    else:
        found = readers.read(content, "hostile")
        assert sum(profile.total for profile in found) == pytest.approx(expected)


# ---- lying lengths and numbers in binary formats


def pprof(*fields: bytes, sample: bytes = b"", location: bytes = b"") -> bytes:
    """Return a profile of one sample at one location, with other fields after it."""
    names = (b"", b"cpu", b"nanoseconds", b"f")
    sample = sample or part(1, varint(1)) + part(2, varint(5))
    location = location or number(1, 1) + part(4, number(1, 1) + number(2, 7))
    return b"".join(
        (
            part(1, number(1, 1) + number(2, 2)),
            part(2, sample),
            part(4, location),
            part(5, number(1, 1) + number(2, 3)),
            *(part(6, name) for name in names),
            *fields,
        )
    )


def jfr_sample() -> bytes:
    """Return the small sample of async-profiler."""
    return (SAMPLES / "jfr" / "async-cpu.jfr").read_bytes()


def jfr(at: int, value: int, width: int = 8) -> bytes:
    """Return a recording with one number of its header changed."""
    data = jfr_sample()
    return data[:at] + value.to_bytes(width, "big", signed=True) + data[at + width :]


def metadata(texts: bytes) -> bytes:
    """Return a chunk whose metadata event says this."""
    event = b"\x00" + b"\x01\x01\x01" + texts
    event = bytes((len(event) + 1,)) + event
    header = struct.pack(">4sHHqqqqqqqI", b"FLR\0", 2, 1, 68 + len(event), 0, 0, 0, 0, 0, 1, 1)
    return header + event


def pstats(content: Any) -> bytes:
    """Return a dump."""
    return marshal.dumps(content)


ROW: tuple[Any, ...] = (1, 1, 1.0, 1.0, {})
A, B = ("a.py", 1, "a"), ("a.py", 2, "b")
TEN = b"\xff" * 9 + b"\x01"
BINARIES: list[tuple[str, bytes, str | float]] = [
    ("pprof fine", pprof(), 5.0),
    ("pprof length beyond", pprof(b"\x12" + varint(1 << 31)), "at most the 0 bytes"),
    ("pprof length 2^64-1", pprof(b"\x12" + TEN), "at most the 0 bytes"),
    ("pprof varint of 11 bytes", pprof(b"\x48" + b"\xff" * 11), "does not end"),
    ("pprof weight below 0", pprof(sample=part(1, b"\x01") + part(2, TEN)), "difference of two"),
    ("pprof weight 2^63-1", pprof(sample=part(1, b"\x01") + part(2, varint(2**63 - 1))), 2.0**63),
    ("pprof no such location", pprof(sample=part(1, b"\x07") + part(2, b"\x05")), "location 7"),
    ("pprof no such function", pprof(location=number(1, 1) + part(4, number(1, 9))), "function 9"),
    (
        "pprof line 2^63",
        pprof(location=number(1, 1) + part(4, number(1, 1) + number(2, 2**63))),
        5.0,
    ),
    ("pprof a stack cut", pprof(sample=part(1, b"\x01\x80") + part(2, b"\x05")), "varint"),
    ("pprof two values of one", pprof(sample=part(1, b"\x01") + part(2, b"\x05\x05")), "1 values"),
    ("pprof string beyond", pprof(number(14, 99)), "one of 4 strings"),
    ("pprof a group", pprof(b"\x7b"), "wire type"),
    ("jfr fine", jfr_sample(), 55.0),
    ("jfr chunk of 0", jfr(8, 0), "is not finished"),
    ("jfr chunk below 0", jfr(8, -1), "is not finished"),
    ("jfr chunk of 2^62", jfr(8, 1 << 62), "it is cut"),
    ("jfr chunk too short", jfr(8, 100), "expected"),
    ("jfr event of 0", jfr_sample()[:68] + b"\x00" + jfr_sample()[69:], "an event of at most"),
    (
        "jfr event of 2^56",
        jfr_sample()[:68] + b"\xff" * 8 + jfr_sample()[76:],
        "an event of at most",
    ),
    ("jfr 2^31 texts", metadata(varint(1 << 31)), "expected a string"),
    ("jfr text of 2^31", metadata(b"\x01\x03" + varint(1 << 31)), "bytes of text"),
    ("jfr characters of 2^31", metadata(b"\x01\x04" + varint(1 << 31)), "expected a number"),
    ("jfr an element of 2^31", metadata(b"\x01\x01\x00\x00" + varint(1 << 31)), "expected"),
    ("pstats fine", pstats({A: ROW}), 1.0),
    ("pstats tuple of 2^31", b"{(" + struct.pack("<i", 2**31 - 1), "ends early"),
    ("pstats tuple below 0", b"{(" + struct.pack("<i", -1), "ends early"),
    ("pstats number of 2^31", b"{)\x00l" + struct.pack("<i", 2**31 - 1), "digits"),
    ("pstats nested", b"{(" + b"\x01\x00\x00\x00(" * 100_000, "nested too deep"),
    ("pstats itself", b"\xfb(\x01\x00\x00\x00r\x00\x00\x00\x00", "a reference to nothing"),
    ("pstats not a number", pstats({A: (1, 1, float("nan"), 1.0, {})}), "times by function"),
    ("pstats below 0", pstats({A: (1, 1, -1.0, 1.0, {})}), "weights of 0 or more"),
    ("pstats 10^400", pstats({A: (1, 1, 10**400, 1.0, {})}), "pstats"),
    ("pstats calls 0", pstats({A: (0, 0, 1.0, 1.0, {B: 1}), B: ROW}), 2.0),
    (
        "pstats callers in a circle",
        pstats(
            {A: (1, 1, 1.0, 2.0, {B: (1, 1, 1.0, 2.0)}), B: (1, 1, 1.0, 2.0, {A: (1, 1, 1.0, 2.0)})}
        ),
        2.0,
    ),
    ("pstats times that lie", pstats({A: (1, 1, 1e-9, 1e99, {B: (1, 1, 1.0, 1e99)}), B: ROW}), 1.0),
]


@pytest.mark.parametrize(
    ("content", "expected"), [case[1:] for case in BINARIES], ids=[case[0] for case in BINARIES]
)
def test_lies_in_binary_files_are_refused_or_do_no_harm(
    content: bytes, expected: str | float
) -> None:
    outcome(content)
    if isinstance(expected, str):
        with pytest.raises(UnreadableError, match=expected):
            readers.read(content, "hostile")
    else:
        assert readers.read(content, "hostile")[0].total == pytest.approx(expected)


def test_functions_that_call_each_other_keep_their_exact_times() -> None:
    circle = {
        A: (2, 1, 1.0, 3.0, {B: (1, 1, 1.0, 3.0)}),
        B: (1, 1, 2.0, 3.0, {A: (1, 1, 2.0, 3.0)}),
    }
    profile = readers.read(pstats(circle), "circle")[0]
    assert profile.self_weights.tolist() == [1.0, 2.0]
    assert profile.total_weights.tolist() == [3.0, 3.0]


def test_small_weights_are_not_lost_beside_immense_ones() -> None:
    profile = readers.read(sampled("[[0],[1]]", "[1e90,1]"), "immense")[0]
    assert profile.self_weights.tolist() == [1e90, 1.0]
    assert profile.total_weights.tolist() == [1e90, 1.0]


@pytest.mark.parametrize("path", sorted(REGRESSIONS.glob("*.*")), ids=lambda path: path.name)
def test_what_fuzzing_once_found_is_mended(path: Path) -> None:
    outcome(path.read_bytes())


# ---- encodings, packing, truncation


@pytest.mark.parametrize("path", samples(), ids=as_id)
def test_every_format_is_read_from_gzip(path: Path) -> None:
    data = plain(path)
    expected = totals(data)
    assert totals(gzip.compress(data, 1)) == expected
    assert totals(gzip.compress(gzip.compress(data, 1), 1)) == expected


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8-sig", "crlf"])
@pytest.mark.parametrize(
    "path", [path for path in samples() if path.parent.name not in BINARY], ids=as_id
)
def test_every_text_format_is_read_in_other_encodings(path: Path, encoding: str) -> None:
    data = plain(path)
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    if encoding == "crlf":
        changed = re.sub("\r?\n", "\r\n", text).encode()
    else:
        changed = text.encode(encoding)
        mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
        changed = mark + changed
    assert totals(changed) == totals(data)


@pytest.mark.parametrize(
    "path", [path for path in samples() if path.parent.name not in BINARY], ids=as_id
)
def test_bytes_that_are_no_utf8_are_read_or_refused(path: Path) -> None:
    data = plain(path)
    middle = len(data) // 2
    outcome(data[:middle] + "Höhe".encode("latin-1") + data[middle:])
    outcome(data.replace(b"f", b"\xe4"))


@pytest.mark.parametrize("path", samples(), ids=as_id)
def test_files_cut_anywhere_are_read_or_refused(path: Path) -> None:
    packed, data = path.read_bytes(), plain(path)
    for tenth in range(1, 10):
        cut = data[: len(data) * tenth // 10]
        with contextlib.suppress(UnreadableError):
            readers.read(cut, "cut")
    assert outcome(data[: len(data) // 2])
    if packed != data:
        assert outcome(packed[: len(packed) // 2]) == REFUSED


@pytest.mark.slow
def test_the_corpus_cut_anywhere_is_read_or_refused() -> None:
    for path in sorted(needs.shared("corpus/profiles").iterdir()):
        data = path.read_bytes()
        for tenth in range(1, 10):
            with contextlib.suppress(UnreadableError):
                readers.read(data[: len(data) * tenth // 10], path.name)


# ---- what is large once made: each in a process of its own, its memory and time measured

FRAMES_OF_A_STACK = "a stack: expected at most 1,000,000 frames, got 10,000,000"
LEVELS = "more than 1,000,000 levels"
UNPACKED = "at most 500 MB unpacked, got more"
LARGE: list[tuple[str, float, str | float, int]] = [  # maker, count, error or total, megabytes
    ("collapsed", 1e7, FRAMES_OF_A_STACK, 1_800),
    ("collapsed", 1e6, 10.0, 1_200),
    ("pprof", 1e7, FRAMES_OF_A_STACK, 1_200),
    ("speedscope_events", 2e5, 1.0, 800),
    ("nested_json", 1e7, LEVELS, 800),
    ("nested_tree", 1e5, 1.0, 800),
    ("nested_arguments", 5e4, 0.0, 800),
    ("every_level", 1e4, 10_001.0, 900),  # written stack by stack it has 50 million frames
    ("bomb_in_bomb", 1.2e9, UNPACKED, 1_800),
    ("streams", 1e6, "at most 100,000 streams of gzip", 600),
    ("zeros", 2.1e9, "a profile of at most 1 GB, got 2.1 GB", 400),
    ("zeros", 2e8, "got a file that begins", 800),
    ("threads", 5e3, 35_000.0, 600),
    ("profiles", 5e3, 5_000.0, 600),
    ("names", 2e4, 20_000.0, 600),
    ("one_name", 5e6, 1.0, 1_200),
]
GENEROUS_S = 100.0  # of processor time; all take less than fifteen on a quiet machine


@pytest.mark.slow
@pytest.mark.parametrize(
    ("maker", "count", "expected", "most_mb"),
    LARGE,
    ids=[f"{name} {count:.0e}" for name, count, *_ in LARGE],
)
def test_large_hostile_files_are_answered_in_bounded_time_and_memory(
    maker: str, count: float, expected: str | float, most_mb: int
) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "fuzz.hostile", maker, str(count)],
        env={**os.environ, "PYTHONPATH": str(TESTS), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=230,
        check=True,
    )
    said = json.loads(run.stdout)
    assert said["cpu_s"] < GENEROUS_S
    assert said["mb"] < most_mb, f"of which to make the file: {said['made_mb']}"
    if isinstance(expected, str):
        assert expected in said["error"]
        assert said["code"] == "unreadable"
    else:
        found = said["answer"]["profiles"]
        held = sum(profile["total"] for profile in found) if maker == "collapsed" else None
        assert (
            found[0]["total"] == pytest.approx(expected)
            or held == pytest.approx(expected)
            or (said["answer"]["n_profiles"] == count)
        )


# ---- names that would drive a terminal, a page or a reader, in every face

NASTY = (
    "\x1b[31mred\x1b]0;title\x07",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "nul\0nul",
    "\u202egnol\u2066",
    "\ud800lone",
    "[bold red]markup[/]",
    "a|b`c`[x](javascript:alert(3))",
    "line\nbreak\r\nof\u2028all\u2029kinds",
    "\x9b31m",
)
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def nasty_file(folder: Path) -> Path:
    """Return a profile all of whose texts are hostile."""
    frames = [{"name": name, "file": f"{name}.py", "line": 10**30} for name in NASTY]
    profile = {
        "type": "sampled",
        "name": "".join(NASTY),
        "unit": "seconds",
        "samples": [[i] for i in range(len(NASTY))],
        "weights": [1] * len(NASTY),
    }
    path = folder / "nasty\u202e<b>.json"
    content = {"$schema": "https://www.speedscope.app/file-format-schema.json"}
    shared = {"shared": {"frames": frames}, "profiles": [profile], "name": NASTY[0]}
    path.write_text(json.dumps({**content, **shared}), "ascii")
    return path


def slowcoach(*arguments: str) -> str:
    """Return what the command line prints; it must succeed."""
    run = subprocess.run(
        [sys.executable, "-m", "slowcoach_server", *arguments],
        capture_output=True,
        timeout=200,
        check=True,
    )
    return run.stdout.decode("utf-8")


@pytest.mark.slow
def test_hostile_names_stay_text_in_every_face(tmp_path: Path) -> None:
    path = str(nasty_file(tmp_path))
    shown = slowcoach("analyze-profile", path)
    assert "onerror=alert(1)" in shown
    assert "[bold red]markup" in shown
    assert not FORBIDDEN.search(shown)
    said = json.loads(slowcoach("call", "analyze_profile", json.dumps({"path": path})))
    assert len(said["profiles"][0]["frames"]) >= 3
    assert not FORBIDDEN.search(json.dumps(said, ensure_ascii=False).replace("\\n", ""))
    report = tmp_path / "report.html"
    slowcoach("report", said["run_id"], "-o", str(report))
    page = report.read_text("utf-8")
    assert "<img src=x" not in page
    assert "alert(2)</script>" not in page
    assert not re.search("[\x00-\x08\x0b\x0e-\x1f]", page)
