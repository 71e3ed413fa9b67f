"""Collapsed (folded) stacks: `main;parse;read 42`, one stack a line, as stackcollapse-*.pl,
Inferno, py-spy (`-f raw`), austin and async-profiler write them; with two counts a line, before
and after, as difffolded.pl and inferno-diff-folded do.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from itertools import islice

import numpy as np

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.calltree import ints, tree_of_sorted
from slowcoach.profiling.model import Frame, Profile, Reader, Tree
from slowcoach.profiling.readers import austin
from slowcoach.profiling.text import opening, utf8

_LOOKED_AT = 50
_LOOK = 65536
_LINE = re.compile(rb"^\S.* \d+(\.\d+)?$")
_MARKUP = re.compile(rb"[{\[]|<(?![\w.$ ]+>(?: \(| \d))")  # `<module> (a.py:1) 2` is a frame
_DIGITS = 30
_BETWEEN = b"\0"
_NUMBER = re.compile(rb"\d{1,30}\.\d{1,30}([eE][-+]?\d{1,2})?")
_SPY_FRAME = re.compile(r"(?P<name>.+) \((?P<file>[^()]+):(?P<line>[0-9]{1,15})\)")
_TWO = re.compile(rb"\S.* \d{1,30} \d{1,30}")
_COMMENT = (b"#", b"//")
_METRICS = (b"# HELP ", b"# TYPE ")  # as Prometheus reads them: also names with numbers
_NOT_COUNTS = 5_000.0  # a stack is rarely seen so often, and some are always seen seldom
_WARNED = 3
_MOST = 0.9


def matches(data: bytes) -> bool:
    """Tell whether the first line is a stack with a count, and so are most that follow.

    A file without any `;` (single frames) counts only when every line is such.
    """
    start = opening(data, max(_LOOK, data.find(b"\n") + 1))  # deep stacks make long lines
    lines = [line.strip() for line in start.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]]
    if len(start) < len(data) and len(lines) > 1:
        lines.pop()  # it may be cut by our look
    lines = [line for line in lines if line and not line.startswith(_COMMENT)]
    if not lines or b"\0" in start or start.startswith(_METRICS):
        return False
    if (_MARKUP.match(lines[0]) and b";" not in lines[0]) or austin.matches(data):
        return False
    good = [line for line in lines if _LINE.match(line)]
    if any(b";" in line for line in good):
        return _LINE.match(lines[0]) is not None and 2 * len(good) >= len(lines)
    return len(good) == len(lines)


def read(data: bytes, name: str) -> list[Profile]:
    """Return the one profile of a collapsed file, or the one before and the one after of a file
    of two; raises UnreadableError when most lines are not `stack count`. Single lines that are not
    are left out with a warning.
    """
    # `;` sorts after characters of names; as NUL it sorts before, so prefixes stay together
    text = utf8(data, name).replace(b"\0", b" ").replace(b";", _BETWEEN)
    lines = BytesIO(text)  # one line at a time: a list of them takes as much as the file
    first = [line for line in map(bytes.strip, islice(BytesIO(text), _LOOKED_AT)) if line]
    if sum(_TWO.fullmatch(line) is not None for line in first) < _MOST * len(first) or not first:
        return [_profile(lines, name)]
    return [
        replace(_profile(part, f"{name}: {side}"), value=side)
        for side, part in zip(("before", "after"), _counts(lines), strict=True)
        if part
    ]


def _counts(lines: Iterable[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return the lines with only their first and only their second count, without those of 0."""
    good = [line.rsplit(b" ", 2) for line in map(bytes.strip, lines) if _TWO.fullmatch(line)]
    before = [stack + b" " + count for stack, count, _ in good if count != b"0"]
    return before, [stack + b" " + count for stack, _, count in good if count != b"0"]


def _profile(text: Iterable[bytes], name: str) -> Profile:
    weights, lines, odd = _stacks(text)
    if not weights or len(odd) > lines:
        where = f"line {odd[0][0]}" if odd else "line 1"
        got = _shown(odd[0][1]) if odd else "nothing"
        raise UnreadableError(
            f"{name}: {where}: expected 'frame;frame;frame count', got {got}",
            hint="Give collapsed stacks: one stack a line, then a space and its count",
        )
    tree, names = _tree(weights)
    warnings = [
        f"line {number} is not 'stack count' and was left out: {_shown(line)}"
        for number, line in odd[:_WARNED]
    ]
    if len(odd) > _WARNED:
        warnings.append(f"{len(odd) - _WARNED:,} more lines were left out for the same reason")
    return Profile(
        name=name,
        unit="samples",
        frames=_frames(names),
        tree=tree,
        samples=_samples(weights.values(), lines),
        warnings=tuple(warnings),
    )


def _shown(line: bytes) -> str:
    return repr(line[:60].replace(_BETWEEN, b";").decode("utf-8", "replace"))


def _stacks(
    lines: Iterable[bytes],
) -> tuple[dict[bytes, float], int, list[tuple[int, bytes]]]:
    """Return weight by stack, the number of good lines, and what is not a stack."""
    weights: dict[bytes, float] = {}
    odd: list[tuple[int, bytes]] = []
    good = 0
    for number, raw in enumerate(lines, start=1):
        stack, _, count = raw.strip().rpartition(b" ")
        if stack and count.isdigit() and len(count) <= _DIGITS:
            weight: float = int(count)
        elif stack and _NUMBER.fullmatch(count):
            weight = float(count)
        else:
            line = raw.strip()
            if line and not line.startswith(_COMMENT):
                odd.append((number, line))
            continue
        good += 1
        weights[stack] = weights.get(stack, 0) + weight
    return weights, good, odd


def _tree(weights: dict[bytes, float]) -> tuple[Tree, list[bytes]]:
    ids = _Ids()
    number = ids.__getitem__
    frames, lengths = list[int](), list[int]()
    stacks = sorted(weights)
    for stack in stacks:
        names = stack.split(_BETWEEN)
        lengths.append(len(names))
        frames += map(number, names)
    weight = np.array([weights[stack] for stack in stacks], dtype=np.float64)
    return tree_of_sorted(ints(frames), ints(lengths), weight), list(ids)


class _Ids(dict[bytes, int]):
    """Numbers names as they are asked for."""

    def __missing__(self, name: bytes) -> int:
        known = self[name] = len(self)
        return known


def _frames(names: list[bytes]) -> tuple[Frame, ...]:
    """Return the frames; `name (file:line)` is split when most frames of the file are such."""
    texts = [name.decode("utf-8", "replace") for name in names]
    split = [_SPY_FRAME.fullmatch(text) for text in texts]
    if 2 * sum(match is not None for match in split) < len(split):
        return tuple(Frame(text) for text in texts)
    return tuple(
        Frame(match["name"], match["file"], int(match["line"])) if match else Frame(text)
        for text, match in zip(texts, split, strict=True)
    )


def _samples(weights: Iterable[float], lines: int) -> int:
    """Return the number of looks: the counts' sum, unless they are no counts (times, bytes)."""
    known = list(weights)
    counted = min(known) < _NOT_COUNTS and all(weight == int(weight) for weight in known)
    return max(int(sum(known)), 1) if counted else lines


READER = Reader("collapsed", matches, read)
