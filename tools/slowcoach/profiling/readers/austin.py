"""Austin's text (3.x, or converted from its binary MOJO): `P<pid>;T<thread>;file:function:line`
frames and a metric, or time, idle and memory of the full mode. Each thread is a profile.
"""

import re

import numpy as np

from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.jsontext import refuse
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.text import opening, utf8

_SAMPLE = re.compile(rb"^P\d+;T[^;\s]+(;.*)? -?\d+(,-?\d+)*\s*$", re.MULTILINE)
_LINE = re.compile(r"[0-9]{1,15}")
_METRIC = re.compile(rb" (-?\d{1,18})((?:,-?\d+)*)$")
_MODE = re.compile(rb"^# mode: (\w+)", re.MULTILINE)


def matches(data: bytes) -> bool:
    """Tell whether the first line that is no comment is a sample with process and thread."""
    start = opening(data).replace(b"\r\n", b"\n")
    lines = (line for line in start.split(b"\n") if line.strip() and not line.startswith(b"#"))
    return _SAMPLE.match(next(lines, b"")) is not None


def read(data: bytes, name: str) -> list[Profile]:
    """Return a profile of each thread; lines that are no samples are left out with a warning."""
    text = utf8(data, name)
    mode = _MODE.search(text[: 1 << 16])
    memory = mode is not None and mode[1] == b"memory"
    threads: dict[bytes, dict[bytes, int]] = {}
    counts: dict[bytes, int] = {}
    odd = 0
    for line in text.split(b"\n"):
        line = line.rstrip()
        metric = _METRIC.search(line)
        if metric is None or not line.startswith(b"P"):
            odd += bool(line) and not line.startswith(b"#")
            continue
        process, thread, stack = (*line[: metric.start()].split(b";", 2), b"", b"")[:3]
        key = process + b";" + thread
        stacks = threads.setdefault(key, {})
        weight = max(int(metric[1]), 0)
        counts[key] = counts.get(key, 0) + 1
        stacks[stack] = stacks.get(stack, 0) + weight
    if not threads:
        refuse(name, "samples of Austin", "none")
    warnings = (f"{odd:,} lines are no samples and were left out",) if odd else ()
    unit = "bytes" if memory else "microseconds"
    return [_profile(key, stacks, unit, counts[key], warnings) for key, stacks in threads.items()]


def _profile(
    key: bytes, weights: dict[bytes, int], unit: str, count: int, warnings: tuple[str, ...]
) -> Profile:
    ids: dict[bytes, int] = {}
    stacks = [
        [ids.setdefault(frame, len(ids)) for frame in stack.split(b";") if frame]
        for stack in weights
    ]
    tree = tree_of_stacks(stacks, np.array(list(weights.values()), dtype=np.float64))
    process, _, thread = key.decode("utf-8", "replace").partition(";")
    title = f"process {process[1:]}, thread {thread[1:]}"
    frames = tuple(_frame(text) for text in ids)
    return Profile(title, unit, frames, tree, count, None, title, warnings)


def _frame(text: bytes) -> Frame:
    shown = text.decode("utf-8", "replace")
    parts = shown.rsplit(":", 2)
    if len(parts) < 3 or not _LINE.fullmatch(parts[2]) or not parts[0]:  # noqa: PLR2004
        return Frame(shown.strip(":"))
    file, function, line = parts
    return Frame(function, file, int(line))


READER = Reader("austin", matches, read)
