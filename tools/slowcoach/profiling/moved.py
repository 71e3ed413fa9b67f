"""Work that moved: functions that cost what they did, but for other callers. Pure."""

from dataclasses import dataclass

import numpy as np

from slowcoach.core import stats
from slowcoach.core.knowledge import rule
from slowcoach.profiling.difference import Difference, Key, Side
from slowcoach.profiling.frames import shortened
from slowcoach.profiling.model import Frame
from slowcoach.profiling.ratio import Pair

_ROOT = -1
_Calls = dict[int, dict[int, float]]


@dataclass(frozen=True, slots=True)
class Moved:
    """One function whose time went from one direct caller to another; shares of its own total."""

    name: str
    giver: str
    taker: str
    given: Pair
    taken: Pair
    total: Pair


def moved(found: Difference) -> list[Moved]:
    """Return what surely moved, the costliest first; nothing for profiles without stacks."""
    sides = found.before, found.after
    if any(side.recording.profile.flat is not None for side in sides):
        return []
    names = list(found.before.keys)
    calls = [_calls(side) for side in sides]
    moves = (
        _move(found, function, (calls[0][function], calls[1][function]), names)
        for function in calls[0].keys() & calls[1].keys()
    )
    return sorted((m for m in moves if m is not None), key=lambda m: (-max(m.total), m.name))


def _calls(side: Side) -> _Calls:
    """Return total weight by function and direct caller, recursion counted once."""
    tree = side.recording.profile.tree
    top = np.flatnonzero(side.recording.profile.outermost(side.node_key.copy()))
    size = len(side.keys) + 1
    pairs = side.node_key[top] * size + side.node_key[tree.parent[top]] + 1
    known, which = np.unique(pairs, return_inverse=True)
    sums = np.bincount(which, weights=side.recording.profile.inclusive[top], minlength=len(known))
    found: _Calls = {}
    for pair, weight in zip(known.tolist(), sums.tolist(), strict=True):
        if weight > 0:
            found.setdefault(pair // size, {})[pair % size - 1] = weight
    return found


def _move(
    found: Difference,
    function: int,
    by: tuple[dict[int, float], dict[int, float]],
    names: list[Key],
) -> Moved | None:
    limits = rule("profile.moved")
    sides = found.before, found.after
    total = tuple(float(side.total[function]) / side.whole for side in sides)
    if min(total) < limits.limit("share"):
        return None
    counts = [(side.samples or np.inf) * share for side, share in zip(sides, total, strict=True)]
    wholes = [sum(calls.values()) for calls in by]
    shifts: dict[int, tuple[Pair, Pair]] = {}
    for caller in by[0].keys() | by[1].keys():
        p, q = (calls.get(caller, 0.0) / whole for calls, whole in zip(by, wholes, strict=True))
        shifts[caller] = (p, q), _interval(p, q, counts[0], counts[1])
    least = limits.limit("moved")
    giver = min(shifts, key=lambda c: (shifts[c][1][1], c))
    taker = max(shifts, key=lambda c: (shifts[c][1][0], -c))
    (given, below), (taken, above) = shifts[giver], shifts[taker]
    if given[0] - given[1] < least or taken[1] - taken[0] < least or below[1] >= 0 or above[0] <= 0:
        return None
    return Moved(
        _name(found, function, names),
        _name(found, giver, names),
        _name(found, taker, names),
        given,
        taken,
        (total[0], total[1]),
    )


def _interval(p: float, q: float, n: float, m: float) -> Pair:
    if np.isinf(n) or np.isinf(m):
        return q - p, q - p
    return stats.newcombe((p * n, n), (q * m, m))


def _name(found: Difference, function: int, names: list[Key]) -> str:
    if function == _ROOT:
        return "the program's start"
    side = found.after if function in found.after.frames else found.before
    frame = side.frames.get(function) or Frame(names[function][0])
    return shortened(frame).place
