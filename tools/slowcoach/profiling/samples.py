"""The samples of a profile: its stacks, each once, with their weight."""

from collections.abc import Iterator, Sequence

import numpy as np

from slowcoach.core.errors import InputError
from slowcoach.core.units import number
from slowcoach.profiling.model import Profile

MOST = 10_000_000  # frames of all stacks together: some seconds, and 50 MB of text


def written(profiles: Sequence[Profile]) -> int:
    """Return how many frames the stacks have together when each is written whole: of a tree that
    is deep and has weight in every node, its size squared.
    """
    count = 0
    for tree in (profile.tree for profile in profiles):
        size = len(tree.parent)
        ended = np.cumsum(np.bincount(tree.end, minlength=size + 1))[:size]
        depth = np.arange(size) - ended
        count += int(depth[tree.weight > 0].sum())
    return count


def stacks(profile: Profile) -> Iterator[tuple[list[int], float]]:
    """Yield each distinct stack of frame indexes, root first, that has weight of its own.

    Raises InputError when they are too deep to be written one by one.
    """
    if (count := written([profile])) > MOST:
        raise InputError(
            f"{profile.name}: expected stacks of at most {number(MOST)} frames together, got "
            f"{number(count)}: it is too deep to be written stack by stack",
            hint="Read it without an export; the answer has its costliest functions",
        )
    tree = profile.tree
    parents, ends = tree.parent.tolist(), tree.end.tolist()
    path: list[int] = []
    open_ends: list[int] = []
    rows = zip(tree.frame.tolist(), tree.weight.tolist(), ends, strict=True)
    for node, (frame, weight, end) in enumerate(rows):
        if parents[node] < 0:
            continue
        while open_ends and open_ends[-1] <= node:
            open_ends.pop()
            path.pop()
        path.append(frame)
        open_ends.append(end)
        if weight > 0:
            yield path[:], weight
