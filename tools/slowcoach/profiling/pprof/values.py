"""The value types of a pprof profile: which is shown first, in what unit, from how many looks."""

import numpy as np

from slowcoach.core.errors import UnreadableError
from slowcoach.core.units import share
from slowcoach.profiling.located import Located
from slowcoach.profiling.model import Floats, Ints, Profile
from slowcoach.profiling.pprof.message import Pprof
from slowcoach.profiling.protobuf import WireError
from slowcoach.profiling.values import COUNT, is_time, unit_of

_SAME = 1e-6
_ALLOCATED = "alloc_space"
_LABELS = 100  # kept, the heaviest


def profiles(pprof: Pprof, name: str) -> list[Profile]:
    """Return a profile for each value type that says something of its own, the default first."""
    types = pprof.value_types
    if not types:
        raise WireError("expected at least one sample type, got none")
    lowest = pprof.values.min(axis=0, initial=0)
    shown = _order(pprof, lowest)
    if lowest[shown[0]] < 0:
        raise UnreadableError(
            f"{name}: expected weights of 0 or more, got {lowest[shown[0]]}: it is the "
            "difference of two profiles",
            hint="Give one of the two; compare makes the difference",
        )
    # Go's `allocs?seconds=N` holds what was allocated meanwhile, and how much more is in use
    shown = [column for column in shown if lowest[column] >= 0]
    located = Located(pprof.code, pprof.code.places(pprof.stacks))
    return [_profile(pprof, located, column, name, several=len(shown) > 1) for column in shown]


def _order(pprof: Pprof, lowest: Ints) -> list[int]:
    """Return the columns to show, first the file's default, else (as pprof has it) the last."""
    kinds = [kind for kind, _ in pprof.value_types]
    wanted = pprof.default_type
    default = kinds.index(wanted) if wanted in kinds else len(kinds) - 1
    if lowest[default] < 0 and _ALLOCATED in kinds:
        default = kinds.index(_ALLOCATED)  # Go names no default in what it makes for seconds=N
    others = [
        column
        for column in range(len(kinds))
        if column != default and not _only_counts(pprof, column)
    ]
    return [default, *others]


def _only_counts(pprof: Pprof, column: int) -> bool:
    """Tell whether a column is another one's, a time, divided by the time between two looks."""
    if pprof.value_types[column][1] != COUNT:
        return False
    counts = pprof.values[:, column].astype(np.float64)
    for other, (_, unit) in enumerate(pprof.value_types):
        if is_time(unit) and counts.sum() > 0:
            times = pprof.values[:, other].astype(np.float64)
            scale = times.sum() / counts.sum()
            if scale and np.allclose(counts * scale, times, rtol=_SAME):
                return True
    return False


def _profile(pprof: Pprof, located: Located, column: int, name: str, *, several: bool) -> Profile:
    kind, unit = pprof.value_types[column]
    weights = pprof.values[:, column].astype(np.float64)
    return Profile(
        name=f"{name}: {kind}" if several and kind else name,
        unit=unit_of(kind, unit),
        frames=located.code.frames,
        tree=located.tree(weights),
        samples=_looks(pprof, column),
        warnings=_warnings(pprof, located, weights),
        value=kind,
        **located.lines(weights),
        labels=_labels(pprof, weights),
    )


def _warnings(pprof: Pprof, located: Located, weights: Floats) -> tuple[str, ...]:
    """Say how much of the weight is in code without names."""
    places = located.places
    filled = places.length > 0
    leaves = located.code.function[places.frames[places.start[filled]]]
    lost = float(weights[filled][leaves >= pprof.named].sum())
    whole = float(weights.sum())
    if not lost:
        return ()
    return (
        f"{share(lost / whole)} of the weight is in code without symbols, shown by its binary: "
        "symbolize the profile with `go tool pprof -proto BINARY FILE`",
    )


def _looks(pprof: Pprof, column: int) -> int | None:
    """Return the number of looks behind a column: its counts, for bytes at most one a period."""
    unit = pprof.value_types[column][1]
    total = _sum(pprof, column)
    period, period_unit = pprof.period
    looks = total / period if period and period_unit == unit != COUNT else None
    counts = next((c for c in range(column, -1, -1) if pprof.value_types[c][1] == COUNT), None)
    if counts is not None:
        counted = _sum(pprof, counts)
        looks = counted if looks is None else min(counted, looks)
    return None if looks is None else round(looks)


def _sum(pprof: Pprof, column: int) -> float:
    return float(pprof.values[:, column].sum(dtype=np.float64))


def _labels(pprof: Pprof, weights: Floats) -> tuple[tuple[str, float], ...]:
    texts, which, sample = pprof.labels
    sums = np.bincount(which, weights=weights[sample], minlength=len(texts))
    order = np.argsort(-sums, kind="stable")[:_LABELS]
    return tuple((texts[i], float(sums[i])) for i in order.tolist() if sums[i] > 0)
