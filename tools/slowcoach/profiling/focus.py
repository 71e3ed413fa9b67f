"""One function of a recording: callers, callees, lines, and what it could save. Pure."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from slowcoach.core.errors import InputError
from slowcoach.profiling.judged import Judged, Share
from slowcoach.profiling.model import Floats, Ints, Mask, Profile

_NAMED = 3
_PLACES = 3
_ROOT = -1
Weights = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Focus:
    """A function's shares of the busy weight; those of callers and callees are of its own total.

    `lines` has (line, own, total) as shares of the whole. `others` are further functions that the
    asked name fits.
    """

    place: str
    own: Share
    total: Share
    callers: Weights
    callees: Weights
    lines: list[tuple[int, float, float]]
    others: list[str]


def at_most(recording: Judged, count: int = _PLACES) -> list[tuple[str, Share]]:
    """Return the own functions that could save most, with the share of the busy weight that would
    be gone if each, with the library code it calls, cost nothing (Amdahl's limit).
    """
    weights = _with_libraries(recording)
    order = np.argsort(-weights, kind="stable")[:count].tolist()
    return [
        (recording.place(index), recording.share(float(weights[index])))
        for index in order
        if weights[index] > 0
    ]


def _with_libraries(recording: Judged) -> Floats:
    if recording.profile.flat is None:
        return recording.with_libraries
    own = np.array([not kind.library for kind in recording.kinds])
    return np.where(own, recording.own_weights, 0.0)


def focus(recording: Judged, profiles: Sequence[Profile], wanted: str) -> Focus:
    """Return what is known of a function, given by name or a part of `name (file:line)`; of
    several the costliest. Raises InputError with the nearest names when there is none.
    """
    function, others = _found(recording, wanted)
    profile = recording.profile
    mine = profile.tree.frame == function
    whole = float(profile.total_weights[function]) or 1.0
    return Focus(
        place=recording.place(function),
        own=recording.share(float(recording.own_weights[function])),
        total=recording.share(float(profile.total_weights[function])),
        callers=_named(recording, _callers(profile, mine), whole),
        callees=_named(recording, _callees(profile, mine, function), whole),
        lines=_lines(recording, profiles, function),
        others=[recording.place(index) for index in others],
    )


def _found(recording: Judged, wanted: str) -> tuple[int, list[int]]:
    frames = recording.profile.frames
    fits = [index for index, frame in enumerate(frames) if frame.name == wanted]
    if not fits:
        fits = [i for i in range(len(frames)) if wanted and wanted in recording.place(i)]
    if not fits:
        names = list(dict.fromkeys(frame.name for frame in frames))
        near = difflib.get_close_matches(wanted, names, _NAMED, 0) or names[:_NAMED]
        raise InputError(
            f"function: expected one that is in the profile, got {wanted[:80]!r}",
            hint=f"The nearest names: {', '.join(near)}",
        )
    total = recording.profile.total_weights
    fits.sort(key=lambda index: (-float(total[index]), index))
    return fits[0], fits[1 : _NAMED + 1]


def _callers(profile: Profile, mine: Mask) -> dict[int, float]:
    """Return the function's total weight by direct caller (-1: nobody), recursion counted once."""
    top = np.flatnonzero(profile.outermost(np.where(mine, 0, _ROOT)))
    return _sums(profile.tree.frame[profile.tree.parent[top]], profile.inclusive[top])


def _callees(profile: Profile, mine: Mask, function: int) -> dict[int, float]:
    """Return the total weight of what the function calls, each callee's recursion counted once."""
    called = np.zeros(len(mine), dtype=np.bool_)
    called[1:] = mine[profile.tree.parent[1:]] & (profile.tree.frame[1:] != function)
    keys = np.where(called, profile.tree.frame, _ROOT)
    top = np.flatnonzero(profile.outermost(keys))
    return _sums(keys[top], profile.inclusive[top])


def _sums(keys: Ints, weights: Floats) -> dict[int, float]:
    known, which = np.unique(keys, return_inverse=True)
    sums = np.bincount(which, weights=weights, minlength=len(known))
    return dict(zip(known.tolist(), sums.tolist(), strict=True))


def _named(recording: Judged, sums: dict[int, float], whole: float) -> Weights:
    order = sorted(sums, key=lambda index: (-sums[index], index))
    return [
        (recording.place(index) if index >= 0 else "the program's start", sums[index] / whole)
        for index in order
        if sums[index] > 0
    ]


def _lines(
    recording: Judged, profiles: Sequence[Profile], function: int
) -> list[tuple[int, float, float]]:
    """Return the function's lines by own weight, then by total, the largest first."""
    wanted, whole = recording.profile.frames[function], recording.profile.total or 1.0
    sums: dict[int, tuple[float, float]] = {}
    for profile in profiles:
        for frame, line, own, total in _rows(profile):
            here = profile.frames[frame]
            if (here.name, here.file) == (wanted.name, wanted.file) and line > 0:
                before = sums.get(line, (0.0, 0.0))
                sums[line] = (before[0] + own, before[1] + total)
    order = sorted(sums, key=lambda line: (-sums[line][0], -sums[line][1], line))
    most = float(recording.profile.total_weights[function]) / whole
    return [(line, sums[line][0] / whole, min(sums[line][1] / whole, most)) for line in order]


def _rows(profile: Profile) -> Iterator[tuple[int, int, float, float]]:
    """Return frame, line, own and total weight of each line; where a format tells lines by their
    own time only, that is the total.
    """
    lines = profile.by_line
    if lines is not None:
        totals = lines.own if lines.total is None else lines.total
        columns = (lines.frame, lines.line, lines.own, totals)
        yield from zip(*(column.tolist() for column in columns), strict=True)
        return
    own, total = profile.self_weights, profile.total_weights
    for index in range(len(profile.frames)):
        line = profile.hottest(index).line
        yield index, 0 if line is None else line, float(own[index]), float(total[index])
