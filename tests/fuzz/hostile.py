"""Hostile profiles that are large once made, each tried in a process of its own, whose time and
memory are measured: `python -m fuzz.hostile NAME COUNT` prints what came of it as JSON.
"""

import gzip
import json
import resource
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_SPEEDSCOPE = '{"$schema":"https://www.speedscope.app/file-format-schema.json",'
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def varint(value: int) -> bytes:
    """Return a number as protocol buffers have it."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))


def part(field: int, content: bytes) -> bytes:
    """Return a length-delimited field."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def number(field: int, value: int) -> bytes:
    """Return a field that is a number."""
    return varint(field << 3) + varint(value)


def collapsed(count: int) -> bytes:
    """Return one stack of so many frames, and one half as deep."""
    return b";".join([b"f"] * count) + b" 7\n" + b";".join([b"f"] * (count // 2)) + b";g 3\n"


def pprof(count: int) -> bytes:
    """Return a sample that stands at so many locations."""
    names = (b"", b"cpu", b"nanoseconds", b"f")
    return b"".join(
        (
            part(1, number(1, 1) + number(2, 2)),
            part(2, part(1, b"\x01" * count) + part(2, varint(5))),
            part(4, number(1, 1) + part(4, number(1, 1) + number(2, 7))),
            part(5, number(1, 1) + number(2, 3)),
            *(part(6, name) for name in names),
        )
    )


def speedscope_events(count: int) -> bytes:
    """Return so many calls within each other, and their ends."""
    opened = '{"type":"O","frame":0,"at":0},' * count
    closed = ('{"type":"C","frame":0,"at":1},' * count)[:-1]
    return (
        f'{_SPEEDSCOPE}"shared":{{"frames":[{{"name":"f"}}]}},"profiles":[{{"type":"evented",'
        f'"name":"p","unit":"seconds","startValue":0,"endValue":1,"events":[{opened}{closed}]}}]}}'
    ).encode()


def speedscope_sample(count: int) -> bytes:
    """Return one sample of so many frames."""
    stack = ("0," * count)[:-1]
    return (
        f'{_SPEEDSCOPE}"shared":{{"frames":[{{"name":"f"}}]}},"profiles":[{{"type":"sampled",'
        f'"name":"p","unit":"seconds","samples":[[{stack}]],"weights":[1]}}]}}'
    ).encode()


def nested_json(count: int) -> bytes:
    """Return lists within each other in a file of speedscope's."""
    return f'{_SPEEDSCOPE}"x":'.encode() + b"[" * count + b"]" * count + b"}"


def nested_tree(count: int) -> bytes:
    """Return a call tree of pyinstrument's, which is nested as the calls are."""
    return (
        b'{"sample_count":1,"target_description":"","cpu_time":1,"root_frame":'
        + b'{"function":"f","time":1,"children":[' * count
        + b"]}" * count
        + b"}"
    )


def nested_arguments(count: int) -> bytes:
    """Return an event whose arguments are nested."""
    return b'[{"ph":"B","ts":1,"name":"a","args":' + b'{"a":' * count + b"1" + b"}" * count + b"}]"


def perf_stack(count: int) -> bytes:
    """Return two events, the first of so many frames."""
    return b"a 1 0.5: cycles:\n" + b"\tff f (a)\n" * count + b"\na 1 0.7: cycles:\n\tff g (a)\n\n"


def firefox_stack(count: int) -> bytes:
    """Return a sample at the end of a stack table of one chain."""
    thread = {
        "name": "t",
        "stackTable": {"frame": [0] * count, "prefix": [None, *range(count - 1)]},
        "frameTable": {"location": [0]},
        "stringTable": ["f"],
        "samples": {"stack": [count - 1], "time": [0]},
    }
    return json.dumps({"meta": {"interval": 1}, "threads": [thread]}).encode()


def every_level(count: int) -> bytes:
    """Return a chain with weight in each of its nodes: written as stacks it is its square."""
    return b"# callgrind format\nevents: T\n" + b"".join(
        b"fn=f%d\n1 1\ncfn=f%d\ncalls=1 1\n1 %d\n" % (k, k + 1, count - k) for k in range(count)
    )


def callers(count: int) -> bytes:
    """Return functions that all call each other, callgrind's costs of the calls lying."""
    lines = [b"# callgrind format\nevents: T\n"]
    for one in range(count):
        lines.append(b"fn=f%d\n1 1\n" % one)
        lines += [b"cfn=f%d\ncalls=1 1\n1 99999999999\n" % other for other in range(count)]
    return b"".join(lines)


def bomb(count: int) -> bytes:
    """Return so many zero bytes, packed."""
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    return b"".join(stream.compress(block) for _ in range(count >> 20)) + stream.flush()


def bomb_in_bomb(count: int) -> bytes:
    """Return the same packed twice: ten thousand bytes for a million for a thousand million."""
    return gzip.compress(bomb(count))


def letter_bomb(count: int) -> bytes:
    """Return one endless name of a profile, packed."""
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"a" * (1 << 20)
    return b"".join(stream.compress(block) for _ in range(count >> 20)) + stream.flush()


def streams(count: int) -> bytes:
    """Return so many streams of gzip, all empty."""
    return gzip.compress(b"") * count


def zeros(count: int) -> bytes:
    """Return zeros; given as a sparse file."""
    return bytes(count)


def threads(count: int) -> bytes:
    """Return so many threads of one sample each."""
    return b"".join(b"P1;T%d;a.py:f:1 7\n" % number for number in range(count))


def profiles(count: int) -> bytes:
    """Return so many profiles in a file of speedscope's."""
    one = '{"type":"sampled","name":"p","unit":"seconds","samples":[[0]],"weights":[1]},'
    listed = (one * count)[:-1]
    return (f'{_SPEEDSCOPE}"shared":{{"frames":[{{"name":"f"}}]}},"profiles":[{listed}]}}').encode()


def names(count: int) -> bytes:
    """Return so many functions, each with one sample."""
    return b"".join(b"main;f%d 1\n" % number for number in range(count))


def one_name(count: int) -> bytes:
    """Return a function with a name of so many characters."""
    return b"main;" + b"f" * count + b" 1\n"


MAKERS: dict[str, Callable[[int], bytes]] = {
    maker.__name__: maker
    for maker in (
        *(collapsed, pprof, speedscope_events, speedscope_sample, nested_json, nested_tree),
        *(nested_arguments, perf_stack, firefox_stack, every_level, callers, bomb, bomb_in_bomb),
        *(letter_bomb, streams, zeros, threads, profiles, names, one_name),
    )
}


def tried(name: str, count: int) -> dict[str, Any]:
    """Return what the tool says of an input, its processor time and its memory in megabytes."""
    from slowcoach.catalogue import tools
    from slowcoach.core.errors import SlowcoachError
    from slowcoach.core.runs import Runs
    from slowcoach_server.present import structured, text

    with TemporaryDirectory() as folder:
        path = Path(folder) / "hostile"
        if name == "zeros":
            with path.open("wb") as file:
                file.truncate(count)
        else:
            path.write_bytes(MAKERS[name](count))
        size, made = path.stat().st_size, _peak()
        start = time.process_time()
        said: dict[str, Any]
        runs = Runs(f"sqlite:///{folder}/runs.db")
        try:
            answer = runs.call(tools()["analyze_profile"], {"path": str(path)})
            said = {"answer": structured(answer), "text": text(answer)}
        except SlowcoachError as error:
            said = {"error": str(error), "code": error.code}
        finally:
            runs.close()
    spent = time.process_time() - start
    return {**said, "bytes": size, "cpu_s": spent, "made_mb": made, "mb": _peak()}


def _peak() -> int:
    """Return the most memory that this process held, in MB; the parent's is not counted."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 // 1_000_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT // 1_000_000


if __name__ == "__main__":
    sys.stdout.write(json.dumps(tried(sys.argv[1], int(float(sys.argv[2])))))
