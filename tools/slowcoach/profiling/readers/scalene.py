"""Scalene's JSON: shares of CPU time by line and, when it took them, by stack; allocations by
line. One profile for CPU and one for memory.
"""

import re
from typing import Any

import numpy as np

from slowcoach.profiling.calltree import NodeTree, tree_of_stacks
from slowcoach.profiling.jsontext import (
    holds,
    items,
    load,
    look,
    number,
    refuse,
    table,
    whole,
    words,
)
from slowcoach.profiling.model import Frame, Profile, Reader

_CPU = ("n_cpu_percent_python", "n_cpu_percent_c", "n_sys_percent")
_ALLOCATED = ("n_malloc_mb",)
_STACKED = re.compile(r"(?P<file>.*) (?P<name>\S+):(?P<line>[0-9]{1,9});?", re.DOTALL)
_HUNDRED = 100.0
_MEGABYTE = 1024.0 * 1024.0
Lines = list[tuple[Frame, dict[str, Any]]]


def matches(data: bytes) -> bool:
    """Tell whether it is a JSON object with Scalene's keys."""
    return look(data).kind == "{" and holds(data, "elapsed_time_sec", "files", "growth_rate")


def read(data: bytes, name: str) -> list[Profile]:
    """Return the CPU profile and, if memory was followed, that of allocations."""
    content = load(data, name, "a profile of Scalene")
    lines = _lines(table(content, "files", name), name)
    elapsed = number(content.get("elapsed_time_sec"), f"{name}: elapsed_time_sec")
    seconds = _by_line(lines, _CPU, elapsed / _HUNDRED, name)
    size = _by_line(lines, _ALLOCATED, _MEGABYTE, name)
    found = []
    if sum(seconds.values()) > 0:
        stacks = content.get("stacks")
        stacks = stacks if isinstance(stacks, list) else []
        found.append(_cpu(stacks, seconds, name))
    if sum(size.values()) > 0:
        found.append(_flat(size, f"{name} allocations", "bytes", None))
    if not found:
        refuse(name, "lines with CPU time or allocations", "none")
    return found


def _lines(files: dict[str, Any], name: str) -> Lines:
    """Return the lines of all files, named after the function that they stand in."""
    found: Lines = []
    for file, content in files.items():
        where = f"{name}: files: {file}"
        functions = content.get("functions") if isinstance(content, dict) else None
        named = {
            whole(function.get("lineno")): words(function.get("line"))
            for function in (functions if isinstance(functions, list) else ())
            if isinstance(function, dict)
        }
        for line in items(content, "lines", where):
            if not isinstance(line, dict):
                refuse(f"{where}: lines", "objects", line)
            function = named.get(whole(line.get("start_function_line"))) or "<module>"
            found.append((Frame(function, words(file), whole(line.get("lineno"))), line))
    return found


def _by_line(lines: Lines, keys: tuple[str, ...], size: float, name: str) -> dict[Frame, float]:
    weights: dict[Frame, float] = {}
    for frame, line in lines:
        weight = sum(number(line.get(key) or 0, f"{name}: {key}") for key in keys)
        if weight > 0:
            weights[frame] = weights.get(frame, 0.0) + weight * size
    return weights


def _cpu(stacks: list[Any], seconds: dict[Frame, float], name: str) -> Profile:
    """Return the profile of the stacks, which hold shares of the time that the lines have; the
    lines alone when there are none.
    """
    ids: dict[Frame, int] = {}
    found, shares, count = [], [], 0
    for index, stack in enumerate(stacks):
        frames, share, seen = _stack(stack, f"{name}: stacks[{index}]")
        if share > 0:
            found.append([ids.setdefault(frame, len(ids)) for frame in frames])
            shares.append(share)
            count += seen
    if not found:
        return _flat(seconds, f"{name} CPU", "seconds", None)
    weights = np.array(shares, dtype=np.float64)
    tree = tree_of_stacks(found, weights * (sum(seconds.values()) / weights.sum()))
    return Profile(f"{name} CPU", "seconds", tuple(ids), tree, count or None)


def _stack(stack: Any, where: str) -> tuple[list[Frame], float, int]:
    """Return a stack's frames, its share and how often it was seen."""
    frames, figures = (*stack, None, None)[:2] if isinstance(stack, list) else (None, None)
    texts = [words(text) or "" for text in items({"frames": frames}, "frames", where)]
    if not isinstance(figures, dict):
        return [], 0.0, 0
    share = number(figures.get("cpu_samples") or 0, f"{where}: cpu_samples")
    return [_frame(text) for text in texts if text], share, whole(figures.get("count")) or 0


def _frame(text: str) -> Frame:
    found = _STACKED.fullmatch(text)
    return Frame(found["name"], found["file"], int(found["line"])) if found else Frame(text)


def _flat(weights: dict[Frame, float], name: str, unit: str, samples: int | None) -> Profile:
    tree = NodeTree()
    for index, weight in enumerate(weights.values()):
        tree.add(tree.child(0, index), weight)
    return Profile(name, unit, tuple(weights), tree.finish(), samples)


READER = Reader("scalene", matches, read)
