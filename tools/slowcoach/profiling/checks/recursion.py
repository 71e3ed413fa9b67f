"""A function stands many times on one stack."""

import numpy as np

from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.judged import Check, Judged


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Judge how often each function occurs on one stack, and how much time such stacks hold."""
    if recording.profile.flat is not None:
        return [rule.not_checked("this format keeps no stacks")]
    deepest = _deepest(recording)
    found: list[Finding | NotChecked] = []
    for function, depth in sorted(deepest.items(), key=lambda item: -item[1]):
        if depth < rule.limit("depth"):
            break
        share = recording.share(float(recording.profile.total_weights[function]))
        if share.value < rule.limit("share"):
            continue
        place = recording.place(function)
        evidence = Evidence(
            metric="times on one stack", value=depth, unit="count", limit=rule.limit("depth"),
            where=place, note=f"its stacks hold {share}",
        )  # fmt: skip
        risky = depth >= rule.limit("overflow_depth")
        found.append(
            rule.finding(
                [evidence], where=[place], severity=Severity.WARNING if risky else Severity.INFO
            )
        )
    return found[: int(rule.limit("reported"))]


def _deepest(recording: Judged) -> dict[int, int]:
    """Return for each function the largest number of times it occurs on one stack, from 2."""
    profile = recording.profile
    tree, size = profile.tree, len(profile.tree.frame)
    repeated = np.zeros(len(profile.frames) + 1, dtype=np.bool_)
    repeated[tree.frame[~profile.outermost_frames]] = True
    repeated[-1] = False  # the root's
    nodes = np.flatnonzero(repeated[tree.frame])
    nodes = nodes[np.argsort(tree.frame[nodes], kind="stable")]
    frames = tree.frame[nodes]
    # of a function's nodes before and with this one, those are below each other that have no end
    ends = np.sort(frames * (size + 1) + tree.end[nodes])
    ended = np.searchsorted(ends, frames * (size + 1) + nodes, side="right")
    depth = np.arange(1, len(nodes) + 1) - ended
    first = np.flatnonzero(np.diff(frames, prepend=-1))
    most = np.maximum.reduceat(depth, first) if len(first) else depth
    return dict(zip(frames[first].tolist(), most.tolist(), strict=True))


CHECK = Check("profile.recursion", look)
