"""What lines of own code cost with the library code that they call, waits within them included.

Idle threads of pools are left out: their waits are below no own code. Pure.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from slowcoach.core.stats import wilson
from slowcoach.profiling.calltree import nearest
from slowcoach.profiling.frames import kinds
from slowcoach.profiling.judged import Share
from slowcoach.profiling.model import Floats, Profile

_TYPES = re.compile(r"\([^)]*\)|\[[^\]]*\]")  # receivers, parameters, Go's type arguments
Place = tuple[str, str | None]
Caller = tuple[str | None, int | str]


@dataclass(frozen=True, slots=True)
class Hot:
    """One own function: name and file as recorded, the line that holds most, and its weight."""

    name: str
    file: str | None
    line: int | None
    weight: float


@dataclass(frozen=True)
class Costs:
    """Weights of own code in all threads of a recording; `total` is what own code does in all.

    `samples` is the number of looks behind it (None: traced, no interval).
    """

    by_line: dict[tuple[str | None, int], float]
    callees: dict[Caller, dict[str, float]]
    functions: tuple[Hot, ...]
    total: float
    samples: float | None
    own_time: bool
    """Lines have only their own time (V8): what they call is beside it."""

    def share(self, weight: float) -> Share:
        """Return a weight's share of the total with its interval."""
        value = min(weight / self.total, 1.0) if self.total > 0 else 0.0
        if self.samples is None:
            return Share(value, value, value, sampled=False)
        low, high = wilson(value * self.samples, self.samples)
        return Share(value, low, high, sampled=True)

    def knows(self, file: str | None) -> bool:
        """Tell whether lines of a file are known, and not only its functions."""
        return any(of == file for of, _ in self.by_line)

    def by_lines(self, function: Hot) -> bool:
        """Tell whether calls of library functions are known by line."""
        return (function.file, function.name) not in self.callees

    def called(self, function: Hot, first: int, last: int) -> dict[str, float]:
        """Return what the library functions that these lines call cost, by bare name; of the
        whole function where a format's frames are functions.
        """
        found: dict[str, float] = {}
        callers: list[Caller] = [(function.file, line) for line in range(first, last + 1)]
        for caller in (*callers, (function.file, function.name)):
            for name, weight in self.callees.get(caller, {}).items():
                found[name] = found.get(name, 0.0) + weight
        return found

    def lines(self, file: str | None, first: int, last: int) -> float:
        """Return the weight of a file's lines, both ends within."""
        return sum(self.by_line.get((file, line), 0.0) for line in range(first, last + 1))


def costs(profiles: Sequence[Profile]) -> Costs:
    """Return the costs of own code, function by function and line by line.

    Where a format's frames are functions, a line costs at most what its function does.
    """
    by_line: dict[tuple[str | None, int], float] = {}
    callees: dict[Caller, dict[str, float]] = {}
    functions: dict[Place, tuple[float, float, int | None]] = {}
    total, looks = 0.0, 0.0
    for profile in profiles:
        own = _charged(profile)
        done = float(own.sum())
        total += done
        looks += math.nan if profile.samples is None else _part(profile, done)
        for index in np.flatnonzero(own > 0).tolist():
            frame, weight = profile.hottest(index), float(own[index])
            _add(functions, frame.name, frame.file, frame.line, weight)
            if not profile.lines and frame.line is not None:
                key = (frame.file, frame.line)
                by_line[key] = by_line.get(key, 0.0) + weight
        _add_lines(by_line, profile, own)
        _add_callees(callees, profile)
    own_time = any(each.by_line is not None and each.by_line.total is None for each in profiles)
    hot = (Hot(name, file, line, sum_) for (name, file), (sum_, _, line) in functions.items())
    ranked = tuple(sorted(hot, key=lambda each: -each.weight))
    samples = None if math.isnan(looks) else looks
    return Costs(by_line, callees, ranked, total, samples, own_time)


def _part(profile: Profile, weight: float) -> float:
    return (profile.samples or 0) * weight / profile.total if profile.total > 0 else 0.0


def _add(
    functions: dict[Place, tuple[float, float, int | None]],
    name: str,
    file: str | None,
    line: int | None,
    weight: float,
) -> None:
    held, best, at = functions.get((name, file), (0.0, -1.0, None))
    if weight > best:
        best, at = weight, line
    functions[(name, file)] = (held + weight, best, at)


def _charged(profile: Profile) -> Floats:
    """Return each frame's weight with the library code below it, 0 for frames of libraries."""
    tree = profile.tree
    library = np.array([what.library for what in kinds(profile.frames)] + [True])
    if profile.flat is not None:
        return np.where(library[:-1], 0.0, profile.flat.own)
    owner = tree.frame[nearest(tree.parent, ~library[tree.frame])]
    some = owner >= 0
    sums = np.bincount(owner[some], weights=tree.weight[some], minlength=len(profile.frames))
    return np.asarray(sums, dtype=np.float64)


def _add_lines(
    by_line: dict[tuple[str | None, int], float], profile: Profile, charged: Floats
) -> None:
    lines = profile.by_line
    if lines is None:
        return
    weights = lines.own if lines.total is None else lines.total
    rows = zip(lines.frame.tolist(), lines.line.tolist(), weights.tolist(), strict=True)
    for frame, line, weight in rows:
        most = float(charged[frame])
        if line > 0 and weight > 0 and most > 0:
            key = (profile.hottest(frame).file, line)
            by_line[key] = by_line.get(key, 0.0) + min(weight, most)


def _add_callees(callees: dict[Caller, dict[str, float]], profile: Profile) -> None:
    """Add what own code's direct calls of library functions cost, by line where frames have one
    of their own, else by function.
    """
    tree = profile.tree
    library = np.array([what.library for what in kinds(profile.frames)] + [True])  # the root too
    above = np.where(tree.parent > 0, tree.frame[tree.parent], -1)
    nodes = np.flatnonzero(library[tree.frame] & ~library[above])
    nodes = nodes[nodes > 0]  # the root's parent is none
    size = len(library)
    pairs, of_node = np.unique(above[nodes] * size + tree.frame[nodes], return_inverse=True)
    held = np.bincount(of_node, weights=profile.inclusive[nodes], minlength=len(pairs))
    for pair, weight in zip(pairs.tolist(), held.tolist(), strict=True):
        caller, name = profile.hottest(pair // size), bare(profile.frames[pair % size].name)
        at = caller.name if profile.lines or caller.line is None else caller.line
        sums = callees.setdefault((caller.file, at), {})
        sums[name] = sums.get(name, 0.0) + weight


def bare(name: str) -> str:
    """Return a function's name without its package, class and types."""
    parts = re.split(r"[.:/]+", _TYPES.sub("", name))
    return next((part for part in reversed(parts) if part), name)
