"""StackProf of Ruby as JSON (`stackprof --json`): with its raw stacks (`raw: true`), or only the
table of frames and who called whom.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from slowcoach.profiling import callgraph
from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.jsontext import (
    holds,
    items,
    load,
    look,
    number,
    numbers,
    refuse,
    table,
    whole,
    words,
)
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.v8_lines import hot_lines

_COLLECTING = "(garbage collection)"
_DIGITS = 10
_KEYS = {"gc_samples", "missed_samples", "raw_timestamp_deltas"}


def matches(data: bytes) -> bool:
    """Tell whether it is a JSON object with StackProf's keys."""
    seen = look(data)
    if seen.kind != "{" or "traceEvents" in seen.keys:
        return False
    known = seen.keys & _KEYS or any(holds(data, key) for key in _KEYS)
    return bool(known) and holds(data, "mode", "frames", "interval")


def read(data: bytes, name: str) -> list[Profile]:
    """Return the one profile; raises UnreadableError saying which part is wrong."""
    content = load(data, name, "a StackProf dump")
    frames = table(content, "frames", name)
    interval = content.get("interval")
    size = number(interval, f"{name}: interval") if isinstance(interval, int | float) else 1
    if size <= 0:
        refuse(f"{name}: interval", "more than 0", size)
    unit = "none" if content.get("mode") == "object" else "microseconds"
    size = 1 if unit == "none" else size
    if content.get("raw"):
        return [_with_stacks(content, frames, unit, size, name)]
    return [_without(frames, unit, size, name)]


def _frame(item: object, where: str) -> Frame:
    if not isinstance(item, dict):
        refuse(where, "an object", item)
    return Frame(
        words(item.get("name")) or "(unknown)", words(item.get("file")), whole(item.get("line"))
    )


def _with_stacks(
    content: dict[str, Any], frames: dict[str, Any], unit: str, size: float, name: str
) -> Profile:
    """Return the profile of the raw part: height, frames from the root, count, and so on."""
    ids = {key: index for index, key in enumerate(frames)}
    shown = tuple(_frame(item, f"{name}: frames: {key}") for key, item in frames.items())
    runs = _runs(numbers(items(content, "raw", name), f"{name}: raw"), ids, shown, name)
    weights = _weights(content, [count for _, count in runs], unit, size, name)
    kept = [index for index, weight in enumerate(weights) if weight > 0]
    tree = tree_of_stacks(
        [runs[index][0] for index in kept],
        np.array([weights[index] for index in kept], dtype=np.float64),
    )
    count = sum(count for _, count in runs)
    return Profile(name, unit, shown, tree, count, lines=_hot_lines(frames, shown))


def _runs(
    raw: list[float], ids: dict[str, int], shown: tuple[Frame, ...], name: str
) -> list[tuple[list[int], int]]:
    """Return each stack and how often it was seen in a row."""
    runs: list[tuple[list[int], int]] = []
    at, size = 0, len(raw)
    stack: list[int] = []
    while at < size:
        height = int(raw[at])
        end = at + height + 1
        if height < 0 or end >= size or raw[end] < 0:
            refuse(f"{name}: raw[{at}]", "a stack's height, its frames and a count", raw[at])
        try:
            found = [ids[str(frame)] for frame in raw[at + 1 : end]]
        except KeyError as error:
            refuse(f"{name}: raw[{at}]", "numbers of frames", str(error))
        if len(found) == 1 and shown[found[0]].name == _COLLECTING:
            found = stack + found  # it runs on top of what it interrupts
        stack = found
        runs.append((stack, int(raw[end])))
        at = end + 1
    return runs


def _weights(
    content: dict[str, Any], counts: list[int], unit: str, size: float, name: str
) -> list[float]:
    """Return what each run weighs: its samples' own times where wall time was taken."""
    deltas = content.get("raw_timestamp_deltas")
    if content.get("mode") in ("object", "cpu") or not isinstance(deltas, list) or not deltas:
        return [count * size for count in counts]
    times = numbers(deltas, f"{name}: raw_timestamp_deltas")
    weights, start = [], 0
    for count in counts:
        weights.append(sum(times[start : start + count]))
        start += count
    return weights


def _without(frames: dict[str, Any], unit: str, size: float, name: str) -> Profile:
    """Return the profile of the table: self and total are exact, the tree is an estimate."""
    ids = {key: index for index, key in enumerate(frames)}
    shown, own, total = [], [], []
    calls: list[dict[int, float]] = []
    for key, item in frames.items():
        where = f"{name}: frames: {key}"
        shown.append(_frame(item, where))
        own.append(_count(item, "samples", where) * size)
        total.append(_count(item, "total_samples", where) * size)
        edges = item.get("edges")
        edges = edges.items() if isinstance(edges, dict) else ()
        calls.append(
            {
                ids[callee]: number(cost, f"{where}: edges") * size
                for callee, cost in edges
                if callee in ids and callee != key
            }
        )
    if not sum(own) > 0:
        refuse(name, "samples", "none")
    count = int(sum(own) / size)
    made = callgraph.profile(name, unit, tuple(shown), own, total, calls, count)
    return replace(made, lines=_hot_lines(frames, made.frames))


def _hot_lines(frames: dict[str, Any], shown: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Return each frame with the line that was seen most; `lines` has [total, self] by line."""
    ticks: dict[int, dict[int, int]] = {}
    for index, item in enumerate(frames.values()):
        lines = item.get("lines")
        for line, counts in lines.items() if isinstance(lines, dict) else ():
            seen = counts[-1:] if isinstance(counts, list) else [counts]
            if line.isdecimal() and len(line) < _DIGITS and seen and whole(seen[0]):
                ticks.setdefault(index, {})[int(line)] = int(seen[0])
    return hot_lines(shown, ticks)


def _count(item: dict[str, Any], key: str, where: str) -> float:
    value = number(item.get(key) or 0, f"{where}: {key}")
    if value < 0:
        refuse(f"{where}: {key}", "0 or more", value)
    return value


READER = Reader("stackprof", matches, read)
