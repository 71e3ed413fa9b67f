"""Collapsed (folded) stacks: `main;parse;read 42`, one stack a line, as stackcollapse-*.pl,
Inferno, py-spy (`-f raw`), austin and async-profiler write them.
"""

import re
from collections.abc import Iterable

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.calltree import StackTree
from slowcoach.profiling.model import Frame, Profile, Reader, Tree
from slowcoach.profiling.text import opening, utf8

_LOOKED_AT = 50
_LINE = re.compile(rb"^\S.* \d+(\.\d+)?$")
_NUMBER = re.compile(rb"\d+\.\d+([eE][-+]?\d+)?")
_SPY_FRAME = re.compile(r"(?P<name>.+) \((?P<file>[^()]+):(?P<line>\d+)\)")
_COMMENT = (b"#", b"//")
_NOT_COUNTS = 100.0
_WARNED = 3


def matches(data: bytes) -> bool:
    """Tell whether the first line is a stack with a count, and so are most that follow.

    A file without any `;` (single frames) counts only when every line is such.
    """
    start = opening(data)
    lines = [line.strip() for line in start.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]]
    if len(start) < len(data) and len(lines) > 1:
        lines.pop()  # it may be cut by our look
    lines = [line for line in lines if line and not line.startswith(_COMMENT)]
    if not lines or b"\0" in start:
        return False
    if lines[0][:1] in b"{[<" and b";" not in lines[0]:
        return False
    good = [line for line in lines if _LINE.match(line)]
    if any(b";" in line for line in good):
        return _LINE.match(lines[0]) is not None and 2 * len(good) >= len(lines)
    return len(good) == len(lines)


def read(data: bytes, name: str) -> list[Profile]:
    """Return the one profile of a collapsed file; raises UnreadableError when most lines are not
    `stack count`. Single lines that are not are left out with a warning.
    """
    weights, lines, odd = _stacks(utf8(data, name).split(b"\n"))
    if not weights or len(odd) > lines:
        where = f"line {odd[0][0]}" if odd else "line 1"
        got = repr(odd[0][1][:60].decode("utf-8", "replace")) if odd else "nothing"
        raise UnreadableError(
            f"{name}: {where}: expected 'frame;frame;frame count', got {got}",
            hint="Give collapsed stacks: one stack a line, then a space and its count",
        )
    tree, names = _tree(weights)
    warnings = [
        f"line {number} is not 'stack count' and was left out: "
        f"{line[:60].decode('utf-8', 'replace')!r}"
        for number, line in odd[:_WARNED]
    ]
    if len(odd) > _WARNED:
        warnings.append(f"{len(odd) - _WARNED:,} more lines were left out for the same reason")
    profile = Profile(
        name=name,
        unit="samples",
        frames=_frames(names),
        tree=tree,
        samples=_samples(weights.values(), lines),
        warnings=tuple(warnings),
    )
    return [profile]


def _stacks(
    lines: Iterable[bytes],
) -> tuple[dict[bytes, float], int, list[tuple[int, bytes]]]:
    """Return weight by stack, the number of good lines, and what is not a stack."""
    weights: dict[bytes, float] = {}
    odd: list[tuple[int, bytes]] = []
    good = 0
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        stack, _, count = line.rpartition(b" ")
        if stack and count.isdigit():
            weight: float = int(count)
        elif stack and _NUMBER.fullmatch(count):
            weight = float(count)
        else:
            if line and not line.startswith(_COMMENT):
                odd.append((number, line))
            continue
        good += 1
        weights[stack] = weights.get(stack, 0) + weight
    return weights, good, odd


def _tree(weights: dict[bytes, float]) -> tuple[Tree, list[bytes]]:
    tree, ids = StackTree(), dict[bytes, int]()
    previous: list[bytes] = []
    # `;` sorts after characters of names; as NUL it sorts before, so prefixes stay together
    for stack in sorted(weights, key=lambda text: text.replace(b";", b"\0")):
        frames = stack.split(b";")
        shared = 0
        for mine, theirs in zip(frames, previous, strict=False):
            if mine != theirs:
                break
            shared += 1
        tree.keep(shared)
        tree.push(ids.setdefault(frame, len(ids)) for frame in frames[shared:])
        tree.add(weights[stack])
        previous = frames
    return tree.finish(), list(ids)


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
