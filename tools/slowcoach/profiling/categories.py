"""What the weight of a recording is spent on, by category: own code, libraries, waits. Pure.

The patterns are data: knowledge/pages/frame_families.md.
"""

from functools import cache
from typing import Literal, get_args

from slowcoach.core.knowledge import page
from slowcoach.core.stats import wilson
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
    parents, frames = tree.parent.tolist(), tree.frame.tolist()
    collects, best = [False] * len(parents), [_UNKNOWN] * len(parents)
    found: list[tuple[Category, float]] = []
    for node, weight in enumerate(tree.weight.tolist()):
        if node == 0:
            continue
        frame, above = frames[node], parents[node]
        collects[node] = collects[above] or kinds[frame].collector
        best[node] = waits[frame]
        if kinds[frame].waiting and above:
            best[node] = min(waits[frame], best[above])
        if weight > 0:
            category = _name(best[node]) if kinds[frame].waiting else usual[frame]
            found.append(("gc" if collects[node] else category, weight))
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
