"""The difference of two profiles: which functions changed, by how much, and how sure that is.

Functions are matched by name and the base name of their file; lines may have moved. A function's
cost is its own weight with that of the library code it calls. Pure.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from slowcoach.core import stats
from slowcoach.core.knowledge import rule
from slowcoach.profiling.frames import shortened
from slowcoach.profiling.judged import Judged, judged
from slowcoach.profiling.model import SECONDS_IN, Floats, Frame, Ints, Profile
from slowcoach.profiling.ratio import Pair, Ratio, Seen, of_shares, of_wholes, points
from slowcoach.profiling.unchanged import Counts, Scale, dispersion, noise, scale
from slowcoach.profiling.values import ON_CPU, WALL, one_view

Verdict = Literal["faster", "slower", "same", "unsure"]
Key = tuple[str, str]
_TWO = 2
_ADDRESS = re.compile(r"(?<=[/@+])0x[0-9a-f]+|(?<=\$\$Lambda)[$/\d.]+[0-9a-fx]*|\+0x[0-9a-f]+$")
_ID = re.compile(r"(?<=^thread \()(0x)?[0-9a-fA-F]+(?=\))|(?<=^process )\d+(?=:)")  # as py-spy


@dataclass(frozen=True, slots=True)
class FunctionChange:
    """One function before and after; pairs are (before, after), shares of each side's whole.

    `cost` is its own weight with the library code that it calls, `weight` the same in the
    profiles' unit. `points` is the interval of the cost's change as a share. `ratio` is for the
    same work where that is known, and so is `impact`: what it moves the whole by.
    """

    name: str
    before: Frame | None
    after: Frame | None
    own: Pair
    total: Pair
    cost: Pair
    weight: Pair
    points: Pair
    ratio: Ratio
    impact: float
    verdict: Verdict = "unsure"

    @property
    def place(self) -> str:
        """Return the function with the line that holds most of its weight, as it is now."""
        return shortened(self.after or self.before or Frame(self.name)).place


@dataclass(frozen=True, slots=True)
class Side:
    """One profile by function: `keys` in the order of the arrays, `node_key` a key's index by
    node of the recording's tree (-1 at the root).
    """

    recording: Judged
    keys: dict[Key, int]
    node_key: Ints
    frames: dict[int, Frame]
    own: Floats
    total: Floats
    cost: Floats
    whole: float
    samples: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Two profiles compared; `whole` is the change of the whole for the same work, None unknown.

    `scale` is how much work after holds relative to before (None: only shares are compared).
    """

    before: Side
    after: Side
    scale: Scale | None
    whole: Ratio | None
    verdict: Verdict
    functions: tuple[FunctionChange, ...]
    waits: bool

    @property
    def factor(self) -> float:
        """Return the whole of after by that of before for the same work (1 where unknown)."""
        return 1.0 if self.whole is None or self.whole.value is None else self.whole.value


def difference(
    before: Sequence[Profile], after: Sequence[Profile], threshold: float, runs: Pair = (1, 1)
) -> Difference:
    """Compare two profiles (each a file's list; `runs` is how many recordings are in each).

    `threshold` (a share) is within what an interval must lie to be called the same. Raises
    ValueError when a side holds no weight.
    """
    recordings = [judged(view) for view in _views(before, after)]
    waits = any(recording.waiting > recording.busy for recording in recordings)
    keys: dict[Key, int] = {}
    for recording in recordings:
        for frame in recording.profile.frames:
            keys.setdefault(key(frame), len(keys))
    old, new = (
        _side(recording, keys, waits, count)
        for recording, count in zip(recordings, runs, strict=True)
    )
    if old.whole <= 0 or new.whole <= 0:
        raise ValueError("no weight")
    counts = [Counts(side.cost, side.whole, side.samples) for side in (old, new)]
    work = scale(*counts, comparable=old.unit == new.unit)
    whole = _whole(old, new, work)
    enough = _enough(old, new)
    factor = 1.0 if whole is None or whole.value is None else whole.value
    variance = _variance(counts, work)
    names = [name for name, _ in keys]
    changes = [
        _change(old, new, index, names[index], factor, variance)
        for index in _looked_at(old, new, factor)
    ]
    changes = _judged(changes, threshold, enough)
    verdict = _overall(whole, changes, threshold, enough)
    return Difference(old, new, work, whole, verdict, tuple(changes), waits)


def key(frame: Frame) -> Key:
    """Return what a function is matched by: name without addresses and ids, file's base name."""
    file = (frame.file or "").replace("\\", "/").rstrip("/")
    return _ID.sub("", _ADDRESS.sub("", frame.name)), file.rsplit("/", 1)[-1]


def _views(
    before: Sequence[Profile], after: Sequence[Profile]
) -> tuple[list[Profile], list[Profile]]:
    """Return what the first profile measures, of both files; of after its first, if need be.

    All threads of a file belong together; of a recording's two views the same one is taken.
    """
    old = one_view(before)
    alike = [p for p in after if (p.value, _time(p.unit)) == (old[0].value, _time(old[0].unit))]
    named = [p for p in alike if p.name == old[0].name and p.name in {ON_CPU, WALL}]
    return old, one_view(named or alike or after)


def _time(unit: str) -> str:
    return "seconds" if unit in SECONDS_IN else unit


def _side(recording: Judged, keys: dict[Key, int], waits: bool, runs: float) -> Side:
    profile, size = recording.profile, len(keys)
    of_frame = np.array([keys[key(frame)] for frame in profile.frames] + [-1], dtype=np.int64)
    node_key = of_frame[profile.tree.frame]
    unit = SECONDS_IN.get(profile.unit, 1.0) / runs
    own = profile.self_weights if waits else recording.own_weights
    total = profile.total_weights
    whole = profile.total if waits else recording.busy
    by = of_frame[:-1]
    sums = [_summed(by, weights, size) * unit for weights in (own, total)]
    frames: dict[int, Frame] = {}
    for frame in np.argsort(-total, kind="stable").tolist():
        frames.setdefault(int(by[frame]), recording.hot_lines[frame])
    return Side(
        recording,
        keys,
        node_key,
        frames,
        own=sums[0],
        total=np.minimum(sums[1], whole * unit),
        cost=sums[0] if profile.flat else _costs(recording, of_frame, waits, size) * unit,
        whole=whole * unit,
        samples=profile.samples if waits else recording.samples,
        unit=_time(profile.unit),
    )


def _costs(recording: Judged, of_frame: Ints, waits: bool, size: int) -> Floats:
    """Return weight by the nearest own function; where there is none, by the leaf itself."""
    tree = recording.profile.tree
    charged = np.where(recording.owners >= 0, recording.owners, tree.frame)
    weights = tree.weight
    if not waits:
        idle = np.array([what.waiting for what in recording.kinds] + [False])
        weights = np.where(idle[tree.frame], 0.0, weights)
    return _summed(of_frame[charged[1:]], weights[1:], size)


def _summed(keys: Ints, weights: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(keys, weights=weights, minlength=count), dtype=np.float64)


def _looked_at(old: Side, new: Side, factor: float) -> list[int]:
    """Return the functions that are large enough, on one side, to be judged one by one."""
    costs = np.maximum(old.cost / old.whole, new.cost * (factor / new.whole))
    found: list[int] = np.flatnonzero(costs >= rule("profile.changed").limit("looked_at")).tolist()
    return found


def _variance(counts: Sequence[Counts], work: Scale | None) -> float:
    """Return the variance that every function's logarithm of ratio has beside that of sampling."""
    before, after = counts
    log = None if work is None else work.log
    known = 0.0 if work is None else work.for_others
    return _TWO * noise() + known + dispersion(before, after, log)


def _whole(old: Side, new: Side, work: Scale | None) -> Ratio | None:
    if work is None:
        return None
    log = math.log(new.whole / old.whole) - work.log
    return of_wholes(log, work.variance + _TWO * noise())


def _change(
    old: Side, new: Side, index: int, name: str, factor: float, variance: float
) -> FunctionChange:
    def shares(before: Floats, after: Floats) -> Pair:
        return float(before[index]) / old.whole, float(after[index]) / new.whole

    cost = shares(old.cost, new.cost)
    seen = Seen(cost[0], old.samples), Seen(cost[1], new.samples)
    return FunctionChange(
        name=name,
        before=old.frames.get(index),
        after=new.frames.get(index),
        own=shares(old.own, new.own),
        total=shares(old.total, new.total),
        cost=cost,
        weight=(float(old.cost[index]), float(new.cost[index])),
        points=points(*seen),
        ratio=of_shares(*seen, factor, variance),
        impact=cost[1] * factor - cost[0],
    )


def _enough(old: Side, new: Side) -> bool:
    least = rule("profile.too_few_samples").limit("samples")
    return all(side.samples is None or side.samples >= least for side in (old, new))


def _judged(changes: list[FunctionChange], threshold: float, enough: bool) -> list[FunctionChange]:
    """Return the changes with verdicts, what surely moves the whole most first."""
    adjusted = stats.benjamini_hochberg([change.ratio.p_value for change in changes])
    found = [
        replace(change, verdict=_verdict(change, p_value, threshold) if enough else "unsure")
        for change, p_value in zip(changes, adjusted, strict=True)
    ]
    sure = ("faster", "slower")
    return sorted(found, key=lambda c: (c.verdict not in sure, -abs(c.impact), c.name))


def _verdict(change: FunctionChange, p_value: float, threshold: float) -> Verdict:
    ratio, least = change.ratio, rule("profile.changed").limit("share")
    significant = p_value < rule("bench.regression").limit("significance")
    if significant and abs(change.impact) >= least:
        return "slower" if change.impact > 0 else "faster"
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return "same" if max(change.cost) < least else "unsure"
    widest = max(abs(ratio.low - 1), abs(ratio.high - 1))
    return "same" if widest <= threshold or widest * change.cost[0] < least else "unsure"


def _overall(
    whole: Ratio | None, changes: Sequence[FunctionChange], threshold: float, enough: bool
) -> Verdict:
    """Return one verdict; a whole that changed without a function that did is doubted."""
    if not enough or whole is None or whole.low is None or whole.high is None:
        return "unsure"
    sure = {change.verdict for change in changes} & {"slower", "faster"}
    if not sure:
        widest = max(abs(whole.low - 1), abs(whole.high - 1))
        return "same" if widest <= threshold else "unsure"
    negligible = rule("bench.regression").limit("negligible")
    if whole.low > 1 + negligible and "slower" in sure:
        return "slower"
    if whole.high < 1 - negligible and "faster" in sure:
        return "faster"
    if len(sure) > 1:
        return "unsure"
    return "slower" if "slower" in sure else "faster"
