"""The samples of a profile: its stacks, each once, with their weight."""

from collections.abc import Iterator

from slowcoach.profiling.model import Profile


def stacks(profile: Profile) -> Iterator[tuple[list[int], float]]:
    """Yield each distinct stack of frame indexes, root first, that has weight of its own."""
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
