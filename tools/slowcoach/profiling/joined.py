"""The threads of one recording side by side under one root, lines of a function as one."""

from collections.abc import Sequence

import numpy as np

from slowcoach.profiling.model import Flat, Frame, Ints, Profile, Tree

_ROOT = -1


def joined(profiles: Sequence[Profile]) -> tuple[Profile, tuple[Frame, ...]]:
    """Return the trees side by side under one root, their frames translated to functions.

    Equal stacks are not put together: sums by function do not need it, and it would cost most
    of the time for a large profile.
    """
    ids: dict[tuple[str, str | None], int] = {}
    best: dict[int, tuple[float, float, Frame]] = {}
    parts: list[Tree] = []
    size = 1
    for profile in profiles:
        function_of = [ids.setdefault((f.name, f.file), len(ids)) for f in profile.frames]
        _note_lines(best, profile, function_of)
        parts.append(_moved(profile.tree, np.array([*function_of, _ROOT]), size - 1))
        size += len(parts[-1].parent)
    root = Tree(np.array([_ROOT]), np.array([size]), np.array([_ROOT]), np.array([0.0]))
    whole = [root, *parts]
    counts = [profile.samples for profile in profiles]
    whole_profile = Profile(
        name=profiles[0].name,
        unit=profiles[0].unit,
        frames=tuple(Frame(name, file) for name, file in ids),
        tree=Tree(
            parent=np.concatenate([tree.parent for tree in whole]),
            end=np.concatenate([tree.end for tree in whole]),
            frame=np.concatenate([tree.frame for tree in whole]),
            weight=np.concatenate([tree.weight for tree in whole]),
        ),
        samples=None if None in counts else sum(count or 0 for count in counts),
        flat=_flat(profiles, ids),
        value=profiles[0].value,
    )
    lines = tuple(best[i][2] if i in best else whole_profile.frames[i] for i in range(len(ids)))
    return whole_profile, lines


def _moved(tree: Tree, function_of: Ints, offset: int) -> Tree:
    """Return a tree without its root, its nodes moved up by `offset`."""
    parent = tree.parent[1:]
    return Tree(
        parent=np.where(parent == 0, 0, parent + offset),
        end=tree.end[1:] + offset,
        frame=function_of[tree.frame[1:]],
        weight=tree.weight[1:],
    )


def _flat(profiles: Sequence[Profile], ids: dict[tuple[str, str | None], int]) -> Flat | None:
    """Add up what formats without stacks give by frame."""
    own, total = np.zeros(len(ids)), np.zeros(len(ids))
    known = False
    for profile in profiles:
        if profile.flat is not None:
            known = True
            keys = np.array([ids[(f.name, f.file)] for f in profile.frames], dtype=np.int64)
            np.add.at(own, keys, profile.flat.own)
            np.add.at(total, keys, profile.flat.total)
    return Flat(own, total) if known else None


def _note_lines(
    best: dict[int, tuple[float, float, Frame]], profile: Profile, function_of: list[int]
) -> None:
    own, total = profile.self_weights, profile.total_weights
    for index in profile.present.tolist():
        weight = (float(own[index]), float(total[index]))
        known = best.get(function_of[index])
        if known is None or weight > known[:2]:
            best[function_of[index]] = (*weight, profile.hottest(index))
