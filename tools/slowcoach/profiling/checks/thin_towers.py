"""Many thin towers: the time goes into a great number of small calls below one function."""

from dataclasses import replace

import numpy as np

from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.calltree import NodeTree, graft
from slowcoach.profiling.judged import Check, Judged
from slowcoach.profiling.model import Mask, Profile, Tree

_TOO_LARGE = 500_000  # nodes: putting equal stacks together takes seconds beyond


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Judge the towers (nodes that call nothing) that are thinner than the limit.

    Too few samples make every tower look thin: then it is not judged.
    """
    if recording.busy <= 0 or recording.profile.flat is not None:
        return [rule.not_checked("needs stacks of running code")]
    if len(recording.profile.tree.parent) > _TOO_LARGE:
        return [rule.not_checked("the profile is too large for it")]
    profile = _stacks_together(recording)
    tips = profile.tree.end == np.arange(len(profile.tree.end)) + 1
    tips[0] = False
    towers = int(tips.sum())
    if recording.samples is not None and recording.samples < rule.limit("samples") * towers:
        return [
            rule.not_checked(f"needs {rule.limits['samples']} samples for each of {towers} towers")
        ]
    thin = tips & (profile.inclusive < rule.limit("width") * recording.busy)
    share = recording.share(float(profile.inclusive[thin].sum()))
    count = int(thin.sum())
    if count < rule.limit("count") or not share.clears(rule.limit("share")):
        return []
    above = _above(recording, profile.tree, thin)
    evidence = [
        Evidence(
            metric=f"share of towers thinner than {rule.limits['width']}", value=share.value,
            unit="share", limit=rule.limit("share"), note=share.interval,
        ),
        Evidence(metric="thin towers", value=count, unit="count", limit=rule.limit("count")),
    ]  # fmt: skip
    return [rule.finding(evidence, where=[above])]


def _stacks_together(recording: Judged) -> Profile:
    """Return the tree of functions with equal stacks put together."""
    tree, profile = NodeTree(), recording.profile
    graft(tree, profile, range(len(profile.frames)))
    return replace(profile, tree=tree.finish())


def _above(recording: Judged, tree: Tree, thin: Mask) -> str:
    """Return the innermost function that nearly all thin towers stand on."""
    before = np.concatenate([[0], np.cumsum(thin)])
    under = before[tree.end] - before[np.arange(len(tree.end))]
    most = np.flatnonzero(under * 10 >= int(thin.sum()) * 8)
    innermost = int(tree.frame[most[-1]]) if len(most) else -1
    return recording.place(innermost) if innermost >= 0 else "the whole program"


CHECK = Check("profile.thin_towers", look)
