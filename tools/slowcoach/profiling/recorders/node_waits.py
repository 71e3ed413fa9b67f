"""What a Node.js program waits for, as a profile: the stacks that began to wait, and for how long.

`node_waits.cjs` notes them inside of the program. The weight is seconds of operations under way:
divided by the recording's length, how many there were on average.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from slowcoach.profiling import source_maps
from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.frames import kind, shortened
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.recorders.node_profiles import local
from slowcoach.profiling.recorders.recording import Waiting

SOURCE: Final = Path(__file__).with_name("node_waits.cjs")
LOCKS, OPERATIONS = "lock", "operations"  # what the profile's values are called
_AWAIT: Final = "(await)"
_NODE: Final = "node:wait"  # so that the leaves count as the runtime's and their callers as owners
_MS: Final = 1000
_LEAST: Final = 0.005  # operations on average; less is not shown
_LOCK: Final = re.compile(r"acquire|mutex|semaphore|exclusive|(^|[._])(un)?lock", re.IGNORECASE)


class _Place:
    """A frame under its callers: what was waited for in it, and the frames that it called."""

    def __init__(self) -> None:
        self.below: dict[Frame, _Place] = {}
        self.leaves: dict[str, float] = {}

    def gather(self) -> None:
        """Bring what helpers without an await of their own began (a promise of a timer, say) to
        the place that awaits it.
        """
        waiting: list[_Place] = [self]
        while waiting:
            place = waiting.pop()
            if _AWAIT not in place.leaves:
                waiting += place.below.values()
                continue
            for frame, each in list(place.below.items()):
                if each.awaits():
                    waiting.append(each)
                else:
                    del place.below[frame]
                    for leaf, seconds in each.all_leaves():
                        place.leaves[leaf] = place.leaves.get(leaf, 0.0) + seconds

    def awaits(self) -> bool:
        """Tell whether there is an await here or below."""
        return any(leaf == _AWAIT for leaf, _ in self.all_leaves())

    def all_leaves(self) -> Iterator[tuple[str, float]]:
        """Yield what was waited for here and below."""
        waiting: list[_Place] = [self]
        while waiting:
            place = waiting.pop()
            yield from place.leaves.items()
            waiting += place.below.values()

    def settle(self) -> None:
        """An await holds what the function that it awaits waits for: that is not counted twice."""
        waiting: list[tuple[_Place, bool]] = [(self, False)]
        totals: dict[int, float] = {}
        while waiting:
            place, ready = waiting.pop()
            if not ready:
                waiting.append((place, True))
                waiting += [(each, False) for each in place.below.values()]
                continue
            inner = sum(totals[id(each)] for each in place.below.values())
            inner += sum(s for leaf, s in place.leaves.items() if leaf != _AWAIT)
            own = max(place.leaves.get(_AWAIT, 0.0) - inner, 0.0)
            if _AWAIT in place.leaves:
                place.leaves[_AWAIT] = own
            totals[id(place)] = inner + own

    def weights(self) -> Iterator[tuple[tuple[Frame, ...], float]]:
        """Yield each stack, leaf last, with its seconds."""
        waiting: list[tuple[_Place, tuple[Frame, ...]]] = [(self, ())]
        while waiting:
            place, stack = waiting.pop()
            for leaf, seconds in place.leaves.items():
                if seconds > 0:
                    yield (*stack, Frame(leaf, _NODE)), seconds
            waiting += [(each, (*stack, frame)) for frame, each in place.below.items()]


def _site(frames: list[list[Any]], *, locks: bool) -> list[list[Any]]:
    """Return the frames without those of the lock itself: who wanted it is the place."""
    kept = list(frames)
    while locks and len(kept) > 1 and _LOCK.search(kept[-1][0]):
        kept.pop()
    return kept


def source_of(url: str, line: int, column: int, maps: source_maps.Maps) -> tuple[str, int]:
    """Return the file and line of a place, in its source where there is a map."""
    called: dict[str, Any] = {"url": url, "lineNumber": line - 1, "columnNumber": column - 1}
    source_maps.move(called, maps, renamed=False)
    return local(str(called["url"])), int(called["lineNumber"]) + 1


def waits_profile(said: Sequence[dict[str, Any]], name: str, *, locks: bool) -> Profile | None:
    """Return the waits of several threads and processes as one profile, None without any."""
    root, maps = _Place(), source_maps.Maps()
    for wait in (wait for each in said for wait in each["waits"]):
        place = root
        for function, url, generated, column in _site(wait["frames"], locks=locks):
            file, line = source_of(url, generated, column, maps)
            named = function or f"(anonymous {file.rsplit('/', 1)[-1]}:{line})"
            place = place.below.setdefault(Frame(named, file, line), _Place())
        seconds = wait["ms"] / _MS
        place.leaves[wait["leaf"]] = place.leaves.get(wait["leaf"], 0.0) + seconds
    root.gather()
    root.settle()
    tree, ids = NodeTree(), dict[Frame, int]()
    for stack, seconds in root.weights():
        at = 0
        stack = stack[:-1] if locks else stack
        for frame in stack:
            at = tree.child(at, ids.setdefault(frame, len(ids)))
        tree.add(at, seconds)
    if not ids:
        return None
    looks = sum(wait["seen"] for each in said for wait in each["waits"])
    value = LOCKS if locks else OPERATIONS
    return Profile(name, "seconds", tuple(ids), tree.finish(), looks, value=value)


def places(profile: Profile | None, seconds: float) -> tuple[Waiting, ...] | None:
    """Return where operations are waited for, how many on average, the most first; None without
    a profile. The place is the own code nearest to the wait.
    """
    if profile is None:
        return None
    tree, sums = profile.tree, dict[tuple[str, str], float]()
    own = [not kind(frame).library for frame in profile.frames]
    parents, frames = tree.parent.tolist(), tree.frame.tolist()
    for node, weight in enumerate(tree.weight.tolist()):
        if weight <= 0 or not node:
            continue
        above = parents[node]
        while above and not own[frames[above]]:
            above = parents[above]
        where = profile.frames[frames[above or parents[node] or node]]
        key = shortened(where).place, profile.frames[frames[node]].name
        sums[key] = sums.get(key, 0.0) + weight / max(seconds, 1e-9)
    order = sorted(sums.items(), key=lambda item: -item[1])
    return tuple(
        Waiting(round(count, 3), where, what) for (where, what), count in order if count >= _LEAST
    )
