"""The part of a profile that one function did, without what called it again and again."""

from dataclasses import replace
from pathlib import Path

from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.model import Profile

RUNNER = Path(__file__).with_name("function_runner.py")
_MARK = "slowcoach_calls"


def below_mark(profile: Profile) -> Profile | None:
    """Return the part of a profile that the function did, without the runner's own frames."""
    marks = {
        index for index, frame in enumerate(profile.frames) if _is_mark(frame.name, frame.file)
    }
    tree, old = NodeTree(), profile.tree
    parents, frames, weights = old.parent.tolist(), old.frame.tolist(), old.weight.tolist()
    here: list[int | None] = [None] * len(parents)
    kept = 0.0
    for node in range(1, len(parents)):
        above = here[parents[node]]
        if frames[node] in marks:
            here[node] = 0
        elif above is not None:
            ours = profile.frames[frames[node]].file == str(RUNNER)
            here[node] = above if ours else tree.child(above, frames[node])
            tree.add(here[node] or 0, weights[node])
            kept += weights[node] if here[node] else 0.0
    if kept <= 0:
        return None
    whole = sum(weights)
    samples = profile.samples
    return replace(
        profile,
        tree=tree.finish(),
        moments=None,
        samples=None if samples is None else round(samples * kept / whole),
    )


def _is_mark(name: str, file: str | None) -> bool:
    return name == _MARK and (file or "").endswith(RUNNER.name)
