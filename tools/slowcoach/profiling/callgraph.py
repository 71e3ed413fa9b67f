"""Profiles that hold costs by function and by call, and no stacks: callgrind's, stackprof's
without its raw part.

Self and total are the file's own. The call tree is an estimate, and serves only to be looked at:
each function shares its time among its callers as they were measured, whatever called those.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.model import Flat, Frame, Profile, Tree

Calls = Sequence[dict[int, float]]
_PRUNED = 1e-4
_MOST = 300_000


def totals(own: Sequence[float], calls: Calls) -> list[float]:
    """Return each function's cost with what it called, from the cost of its calls (`calls[i]` is
    cost by callee). A function's calls of itself are part of the others and not added.
    """
    return [
        mine + sum(cost for callee, cost in calls[index].items() if callee != index)
        for index, mine in enumerate(own)
    ]


def completed(own: Sequence[float], calls: Calls) -> list[float]:
    """Return each function's own cost, with what its callers say that it cost beyond what it has
    itself: files that were cut, or made by hand, hold calls of more than the lines they led to.
    """
    called = [0.0] * len(own)
    for caller, to in enumerate(calls):
        for callee, cost in to.items():
            called[callee] += cost if callee != caller else 0.0
    # in a cycle calls hold each other's costs, and say nothing
    return [
        mine if cyclic else mine + max(above - whole, 0.0)
        for mine, above, whole, cyclic in zip(
            own, called, totals(own, calls), in_cycles(calls), strict=True
        )
    ]


def in_cycles(calls: Calls) -> list[bool]:
    """Tell which functions may be part of a cycle of several: what is left when those that
    nothing left calls, or that call nothing left, are taken away one after the other.
    """
    below = [set(to) - {index} for index, to in enumerate(calls)]
    above: list[set[int]] = [set() for _ in calls]
    for index, to in enumerate(below):
        for callee in to:
            above[callee].add(index)
    left = [True] * len(calls)
    waiting = [i for i in range(len(calls)) if not above[i] or not below[i]]
    while waiting:
        index = waiting.pop()
        if not left[index]:
            continue
        left[index] = False
        for here, there in ((below, above), (above, below)):
            for other in here[index]:
                there[other].discard(index)
                if not there[other]:
                    waiting.append(other)
    return left


def estimated_tree(total: Sequence[float], calls: Calls) -> Tree:
    """Return the tree from the functions that nobody calls (or the costliest one). A cycle ends
    where it closes; what is cut off there, or is tiny, stays with the caller.
    """
    called = {callee for to in calls for callee in to}
    roots = [i for i in range(len(total)) if i not in called]
    if not any(total[root] > 0 for root in roots):
        roots = [int(np.argmax(np.array(total)))]
    tree, least = NodeTree(), _PRUNED * max(total)
    path, made = set[int](), 0
    waiting = [(0, root, total[root]) for root in reversed(roots)]
    while waiting:
        parent, function, weight = waiting.pop()
        if parent < 0:
            path.discard(function)
            continue
        node = tree.child(parent, function)
        path.add(function)
        made += 1
        waiting.append((-1, function, 0.0))
        left = weight
        for callee, cost in calls[function].items():
            given = min(weight * (cost / total[function]), left) if total[function] > 0 else 0.0
            if given > 0 and given >= least and callee not in path and made < _MOST:
                left -= given
                waiting.append((node, callee, given))
        tree.add(node, left)
    return tree.finish()


def profile(
    name: str,
    unit: str,
    frames: tuple[Frame, ...],
    own: Sequence[float],
    total: Sequence[float],
    calls: Calls,
    samples: int | None = None,
) -> Profile:
    """Return the profile of a call graph whose totals count each cost once. `samples` as in
    Profile.
    """
    mine = np.array(own, dtype=np.float64)
    flat = Flat(mine, np.minimum(np.array(total, dtype=np.float64), mine.sum()))
    return Profile(name, unit, frames, estimated_tree(total, calls), samples, flat)


def without_repeats(made: Profile, calls: Calls) -> Profile:
    """Return a profile whose totals were summed over calls: of functions that call each other in
    a circle they hold the same cost several times, and are taken from the tree where it says less.
    """
    if made.flat is None:
        return made
    own, total = made.flat.own, made.flat.total
    by_tree = np.maximum(replace(made, flat=None).total_weights, own)
    total = np.where(in_cycles(calls), np.minimum(by_tree, total), total)
    return replace(made, flat=Flat(own, total))
