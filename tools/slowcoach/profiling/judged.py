"""A recording made ready for its checks: one tree of functions, with what kind each is.

Shares are of the busy weight: frames that wait hold no processor and are left out. An interval is
Wilson's, from the number of samples behind the busy weight; a traced profile has none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from slowcoach.core.finding import Finding, NotChecked
from slowcoach.core.knowledge import Rule, rule
from slowcoach.core.stats import wilson
from slowcoach.core.units import number, share
from slowcoach.profiling.calltree import nearest
from slowcoach.profiling.frames import Kind, families, kinds, runtime_of, shortened
from slowcoach.profiling.joined import joined
from slowcoach.profiling.model import Floats, Frame, Ints, Mask, Profile
from slowcoach.profiling.values import WAITS

_NOBODY = -1
_WORTH = 1e-4  # of the whole: what a function must hold that its family matters


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the busy weight with its 95 % interval (low = high when nothing was sampled).

    `enough` is false when there are too few samples to judge any share.
    """

    value: float
    low: float
    high: float
    sampled: bool
    enough: bool = True

    def clears(self, limit: float) -> bool:
        """Tell whether even the low end is at or above a limit."""
        return self.enough and self.low >= limit

    def below(self, limit: float) -> bool:
        """Tell whether even the high end is below a limit."""
        return self.high < limit

    @property
    def interval(self) -> str | None:
        """Return the interval in words, None when there is none."""
        if not self.sampled:
            return None
        return f"95 % interval {number(self.low * 100)} to {share(self.high)}"

    def __str__(self) -> str:
        return f"{share(self.value)} ({self.interval})" if self.sampled else share(self.value)


@dataclass(frozen=True, eq=False)
class Judged:
    """All threads of one recording as one tree of functions, waiting told from working."""

    profile: Profile
    kinds: tuple[Kind, ...]
    hot_lines: tuple[Frame, ...]

    @cached_property
    def waiting(self) -> float:
        """Return the weight of leaves that wait."""
        return float(self.profile.self_weights[self._mask("waiting")].sum())

    def with_waits(self, leaves: frozenset[str]) -> "Judged":
        """Return the recording with these functions (as `pairs` names them) known to wait."""
        kinds = tuple(
            replace(what, waiting=True) if self._function(index) in leaves else what
            for index, what in enumerate(self.kinds)
        )
        return replace(self, kinds=kinds)

    @property
    def busy(self) -> float:
        """Return the weight that does not wait."""
        return max(self.profile.total - self.waiting, 0.0)

    @property
    def samples(self) -> float | None:
        """Return how many samples are behind the busy weight; None for a traced profile."""
        if self.profile.samples is None:
            return None
        return self.profile.samples * self.busy / self.profile.total if self.profile.total else 0.0

    def share(self, weight: float, *, waits: bool = False) -> Share:
        """Return a weight's share of the busy weight, or of that with own code's waits."""
        whole = self.of_own if waits else self.busy
        value = min(weight / whole, 1.0) if whole > 0 else 0.0
        if self.samples is None or self.profile.samples is None or self.profile.total <= 0:
            return Share(value, value, value, sampled=False)
        samples = self.profile.samples * whole / self.profile.total
        low, high = wilson(value * samples, samples)
        enough = samples >= rule("profile.too_few_samples").limit("samples")
        return Share(value, low, high, sampled=True, enough=enough)

    def place(self, function: int) -> str:
        """Return a function with the line that holds most of its weight."""
        return shortened(self.hot_lines[function]).place

    @property
    def of_what(self) -> str:
        """Return what the shares are of, in a word."""
        if self.profile.value in WAITS:
            return "waiting"
        return {"bytes": "bytes", "none": "whole"}.get(self.profile.unit, "time")

    @cached_property
    def own_weights(self) -> Floats:
        """Return self weight by function, waiting ones 0."""
        return np.where(self._mask("waiting"), 0.0, self.profile.self_weights)

    @cached_property
    def ranked(self) -> list[int]:
        """Return functions by own busy weight, largest first."""
        order = np.argsort(-self.own_weights, kind="stable")
        return [int(index) for index in order if self.own_weights[index] > 0]

    @cached_property
    def _owners(self) -> tuple[Ints, Ints]:
        """Return for each node the nearest own-code function at or above it, and the family."""
        tree, known = self.profile.tree, families()
        own = np.append(~self._mask("library"), False)[tree.frame]
        inner = np.array([*(what.family for what in self.kinds), _NOBODY])[tree.frame]
        near = nearest(tree.parent, own | (inner >= 0))
        found = [_NOBODY] * len(own)
        nodes = np.flatnonzero(inner >= 0)
        above = near[tree.parent[nodes]].tolist()
        rows = zip(nodes.tolist(), above, inner[nodes].tolist(), own[nodes].tolist(), strict=True)
        for node, stop, family, is_own in rows:
            outer = _NOBODY if is_own else found[stop]
            kept = outer >= 0 and (known[family].weak or known[outer].holds)
            found[node] = outer if kept else family
        return tree.frame[nearest(tree.parent, own)], np.array(found, dtype=np.int64)[near]

    @property
    def owners(self) -> Ints:
        """Return for each node the nearest own-code function at or above it, or -1."""
        return self._owners[0]

    @cached_property
    def _busy_nodes(self) -> Floats:
        frames = self.profile.tree.frame
        waits = np.append(self._mask("waiting"), False)[frames]
        return np.where(waits, 0.0, self.profile.tree.weight)

    @cached_property
    def with_libraries(self) -> Floats:
        """Return weight by own-code function with the library code that it calls."""
        return self._by(self._owners[0], len(self.kinds))

    @cached_property
    def by_family(self) -> Floats:
        """Return busy weight by family of costs; of families that wait, the wait too."""
        known, keys = families(), self._owners[1].copy()
        whole = self._by(keys, len(known), self._below_own)
        owners = [frame.name for frame in self.profile.frames]
        for index, family in enumerate(known):
            if whole[index] and family.not_for.pattern != "(?!)":
                harmless = np.array([bool(family.not_for.search(name)) for name in owners] + [True])
                keys[(keys == index) & harmless[self._owners[0]]] = _NOBODY
        waits = np.array([family.waits for family in known])
        return np.where(
            waits, self._by(keys, len(known), self._below_own), self._by(keys, len(known))
        )

    @cached_property
    def _below_own(self) -> Floats:
        """Return the weight of nodes with waits, those of threads that run no own code left out."""
        tree = self.profile.tree
        return np.where(self._owners[0] >= 0, tree.weight, self._busy_nodes)

    @cached_property
    def of_own(self) -> float:
        """Return the weight of all that own code does, its waits too."""
        return float(self._below_own.sum())

    def family_share(self, family: int) -> "Share":
        """Return a family's share: of the busy weight, or of that with own code's waits."""
        return self.share(float(self.by_family[family]), waits=families()[family].waits)

    @cached_property
    def runtime(self) -> str:
        """Return which runtime's code most of the own weight is (native where files do not say)."""
        sums: dict[str, float] = {}
        for index, frame in enumerate(self.hot_lines):
            weight = float(self.with_libraries[index] + self.own_weights[index])
            if weight > 0 and (runtime := runtime_of(frame)):
                sums[runtime] = sums.get(runtime, 0.0) + weight
        return max(sums, key=sums.__getitem__, default="native")

    def _by(self, keys: Ints, count: int, weights: Floats | None = None) -> Floats:
        known = keys >= 0
        held = self._busy_nodes if weights is None else weights
        sums = np.bincount(keys[known], weights=held[known], minlength=count)
        return np.asarray(sums, dtype=np.float64)

    def callers(self, function: int) -> list[tuple[int, float]]:
        """Return the own-code functions that a library function works for, largest first."""
        return self._grouped(self.profile.tree.frame == function, self._owners[0])

    def waiters(self, function: int) -> list[tuple[int, float]]:
        """Return the own-code functions that wait in a function, the longest first."""
        weights = self.profile.tree.weight
        return self._grouped(self.profile.tree.frame == function, self._owners[0], weights)

    def family_callers(self, family: int) -> list[tuple[int, float]]:
        """Return the own-code functions that a family works for, largest first."""
        return self._grouped(self._owners[1] == family, self._owners[0], self._below_own)

    def family_leaves(self, family: int) -> list[tuple[int, float]]:
        """Return the leaves of a family, largest first."""
        return self._grouped(self._owners[1] == family, self.profile.tree.frame, self._below_own)

    def _grouped(
        self, nodes: Mask, keys: Ints, weights: Floats | None = None
    ) -> list[tuple[int, float]]:
        nodes = nodes & (keys >= 0)
        held = self._busy_nodes if weights is None else weights
        sums = np.bincount(keys[nodes], weights=held[nodes])
        order = np.argsort(-sums, kind="stable")
        return [(int(key), float(sums[key])) for key in order if sums[key] > 0]

    def pairs(self) -> list[tuple[str, str, float]]:
        """Return (own place, leaf, weight) for each pair of a leaf and its nearest own function;
        the leaf again where nothing above it is own code.
        """
        sums: dict[tuple[int, int], float] = {}
        tree, owners = self.profile.tree, self._owners[0].tolist()
        for node in np.flatnonzero(tree.weight > 0).tolist():
            if node:
                key = (owners[node], int(tree.frame[node]))
                sums[key] = sums.get(key, 0.0) + float(tree.weight[node])
        return [
            (self._function(owner if owner >= 0 else leaf), self._function(leaf), weight)
            for (owner, leaf), weight in sums.items()
        ]

    def _function(self, function: int) -> str:
        return shortened(self.profile.frames[function]).place

    @cached_property
    def collector(self) -> float:
        """Return the weight of garbage collection with what it calls, its waits left out."""
        tree = self.profile.tree
        if self.profile.flat is not None:
            return float(self.profile.total_weights[self._mask("collector")].max(initial=0.0))
        below = nearest(tree.parent, np.append(self._mask("collector"), False)[tree.frame]) > 0
        return float(self._busy_nodes[below].sum())

    def _mask(self, name: str) -> Mask:
        return np.array([getattr(kind, name) for kind in self.kinds], dtype=np.bool_)


@dataclass(frozen=True)
class Check:
    """How one rule is looked for: `look` gets the rule and the recording."""

    rule: str
    look: Callable[[Rule, Judged], list[Finding | NotChecked]]


def judged(profiles: Sequence[Profile]) -> Judged:
    """Put the profiles of one recording (its threads) together, lines of a function as one.

    They must have one unit. Raises ValueError for none.
    """
    if not profiles:
        raise ValueError("no profiles")
    whole, lines = joined(profiles)
    found = kinds(whole.frames, (whole.total_weights >= _WORTH * whole.total).tolist())
    if whole.value in WAITS:  # then what waits is what was measured
        found = tuple(replace(what, waiting=False) for what in found)
    return Judged(whole, found, lines)


def nearest_own(profile: Profile, wanted: Sequence[int]) -> dict[int, str]:
    """Return for each of these frames that is library code the own place it mostly works for."""
    known = kinds(profile.frames)
    asked = {index for index in wanted if known[index].library}
    if not asked:
        return {}
    tree = profile.tree
    own = np.array([*(not what.library for what in known), False])[tree.frame]
    owner = tree.frame[nearest(tree.parent, own)]
    found: dict[int, str] = {}
    for index in sorted(asked):
        nodes = (tree.frame == index) & (owner >= 0)
        if nodes.any():
            sums = np.bincount(owner[nodes], weights=profile.inclusive[nodes])
            found[index] = shortened(profile.frames[int(sums.argmax())]).place
    return found
