"""What the weight of a recording is spent on, by category: own code, libraries, waits. Pure.

The patterns are data: knowledge/pages/frame_families.md.
"""

from functools import cache
from typing import Literal, get_args

import numpy as np

from slowcoach.core.knowledge import page
from slowcoach.core.stats import wilson
from slowcoach.profiling.calltree import nearest
from slowcoach.profiling.frames import PAGE, Kind, Pattern
from slowcoach.profiling.judged import Judged
from slowcoach.profiling.model import Frame

Category = Literal["user", "library", "runtime", "gc", "lock", "io_wait", "waiting", "idle"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
Shares = dict[Category, tuple[float, float, float]]
_UNKNOWN = 1_000  # a rank after every known kind of wait


@cache
def _waits() -> tuple[tuple[Category, Pattern], ...]:
    return tuple((row["category"], Pattern(row)) for row in page(PAGE).data["waits"])


@cache
def _runtime() -> Pattern:
    return Pattern(page(PAGE).data["runtime"])


def categories(recording: Judged) -> Shares:
    """Return each category's share of the whole with its 95 % interval; empty ones are left out.

    A traced profile's interval is the share itself.
    """
    sums = dict.fromkeys(CATEGORIES, 0.0)
    for category, weight in _weights(recording):
        sums[category] += weight
    whole, samples = sum(sums.values()), recording.profile.samples
    found: Shares = {}
    for category, weight in sums.items():
        if weight > 0:
            share = weight / whole
            ends = (share, share) if samples is None else wilson(share * samples, samples)
            found[category] = (round(share, 4), round(ends[0], 4), round(ends[1], 4))
    return found


def _weights(recording: Judged) -> list[tuple[Category, float]]:
    profile = recording.profile
    usual: list[Category] = [
        _usual(frame, kind) for frame, kind in zip(profile.frames, recording.kinds, strict=True)
    ]
    waits = [
        _wait(frame, kind) for frame, kind in zip(profile.frames, recording.kinds, strict=True)
    ]
    if profile.flat is None:
        return _by_node(recording, usual, waits)
    found: list[tuple[Category, float]] = []
    rows = zip(usual, waits, recording.kinds, profile.flat.own.tolist(), strict=True)
    for category, wait, kind, weight in rows:
        found.append((_name(wait) if kind.waiting else category, weight))
    return found


def _by_node(
    recording: Judged, usual: list[Category], waits: list[int]
) -> list[tuple[Category, float]]:
    """Return each node's category and weight; a wait is told by the waiting frames above too, and
    by the one library frame that made them.
    """
    tree, kinds = recording.profile.tree, recording.kinds
    nodes, frame = np.arange(len(tree.frame)), tree.frame  # the root's is -1: the last item
    waiting = np.array([*(kind.waiting for kind in kinds), False])[frame]
    collector = np.array([*(kind.collector for kind in kinds), False])[frame]
    best = np.array([*waits, _UNKNOWN])[frame]
    above = np.where(waiting & (tree.parent > 0), tree.parent, nodes)
    while True:  # as in `nearest`, the way doubles with every step
        best, further = np.minimum(best, best[above]), above[above]
        if np.array_equal(further, above):
            break
        above = further
    size = max(len(usual), _UNKNOWN) + 1
    which = np.where(waiting, best, frame)
    collects = ~waiting & (nearest(tree.parent, collector) > 0)  # its idle threads are idle
    which += size * (waiting + 2 * collects)
    sums = np.bincount(which[1:], weights=tree.weight[1:], minlength=4 * size).tolist()
    found: list[tuple[Category, float]] = []
    found.extend((category, float(sums[index])) for index, category in enumerate(usual))
    places = (*range(len(_waits())), _UNKNOWN)
    found.extend((_name(wait), float(sums[size + wait])) for wait in places)
    found.append(("gc", float(sum(sums[2 * size :]))))
    return found


def _usual(frame: Frame, kind: Kind) -> Category:
    """Return the category of a frame that works."""
    if kind.collector:
        return "gc"
    if not kind.library:
        return "user"
    return "runtime" if _runtime().fits(frame.name, _file(frame)) else "library"


def _wait(frame: Frame, kind: Kind) -> int:
    """Return the first kind of wait that a library or waiting frame is of, by its index."""
    if not (kind.library or kind.waiting):
        return _UNKNOWN
    fits = (i for i, (_, pattern) in enumerate(_waits()) if pattern.fits(frame.name, _file(frame)))
    return next(fits, _UNKNOWN)


def category(frame: Frame, kind: Kind) -> Category:
    """Return what a frame by itself is spent on: what it waits for, else whose work it is."""
    return _name(_wait(frame, kind)) if kind.waiting else _usual(frame, kind)


def _name(wait: int) -> Category:
    return _waits()[wait][0] if wait < _UNKNOWN else "waiting"


def _file(frame: Frame) -> str:
    return (frame.file or "").replace("\\", "/")
