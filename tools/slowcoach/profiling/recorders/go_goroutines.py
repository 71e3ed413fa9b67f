"""Goroutines as `/debug/pprof/goroutine?debug=2` and a crash print them: state, stack, lines.

Looked at again and again they are the wall clock, and tell who waits for locks: no setting is
needed for it. Whoever holds a lock is not told.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.model import Frame, Profile

_HEAD: Final = re.compile(r"^goroutine (\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[([^\],]+)[^\]]*\]:")
_PLACE: Final = re.compile(r"^\t(.+?):(\d+)(?: \+0x[0-9a-f]+)?$")
_CREATED: Final = re.compile(r"^created by (.+?)(?: in goroutine (\d+))?$")
_STATES = 5
_OURS: Final = ("runtime/pprof.", "net/http/pprof.")
_RUNNING: Final = frozenset({"running", "runnable", "copystack", "preempted", "waiting"})
_SYNC: Final = re.compile(r"^(internal/)?sync\.|^runtime\.|^internal/runtime")
_LOCKED_BY: Final = re.compile(r"^sync\.\(\*(RW)?Mutex\)\.(R?Lock)")


@dataclass(frozen=True, slots=True)
class Goroutine:
    """What one goroutine did at one moment; `frames` are leaf first.

    `creator` is the function that started it; `parent` the goroutine (Go 1.21 and later tell, 0:
    not known).
    """

    number: int
    state: str
    frames: tuple[Frame, ...]
    creator: str = ""
    parent: int = 0

    @property
    def running(self) -> bool:
        """Tell whether it runs, or would if it had a processor."""
        return self.state in _RUNNING

    @property
    def lock(self) -> tuple[Frame, ...] | None:
        """Return its stack from the line that waits for a mutex on, None when none does."""
        at = next((i for i, f in enumerate(self.frames) if _LOCKED_BY.match(f.name)), None)
        if at is None or self.running:
            return None
        if any(not _SYNC.match(frame.name) for frame in self.frames[:at]):
            return None
        return self.frames[at + 1 :] or None


def goroutines(text: str) -> list[Goroutine]:
    """Return the goroutines of a dump, without those that answer us."""
    found: list[Goroutine] = []
    for block in text.split("\n\n"):
        lines = block.strip("\n").split("\n")
        head = _HEAD.match(lines[0])
        frames = tuple(_frames(lines[1:])) if head else ()
        if head and frames and not any(frame.name.startswith(_OURS) for frame in frames):
            creator, parent = _created(lines)
            found.append(Goroutine(int(head[1]), head[2], frames, creator, parent))
    return found


def _created(lines: Sequence[str]) -> tuple[str, int]:
    told = next((found for line in lines if (found := _CREATED.match(line))), None)
    return (told[1], int(told[2] or 0)) if told else ("", 0)


def _frames(lines: Sequence[str]) -> Iterable[Frame]:
    name = ""
    for line in lines:
        if line.startswith(("created by ", "[originating")):
            return
        if not line.startswith("\t"):
            name = line.rpartition("(")[0] or line
        elif name and (place := _PLACE.match(line)):
            yield Frame(name, place[1], int(place[2]))
            name = ""


def profile(
    dumps: Sequence[Sequence[Goroutine]],
    seconds: float,
    stack: Callable[[Goroutine], tuple[Frame, ...] | None],
    *,
    name: str,
    value: str,
) -> Profile:
    """Return dumps as a profile in seconds of one goroutine, by what `stack` makes of each."""
    tree, ids = NodeTree(), dict[Frame, int]()
    step = seconds / max(len(dumps), 1)
    seen = 0
    for dump in dumps:
        for each in dump:
            frames = stack(each)
            if frames is None:
                continue
            seen += 1
            node = 0
            for frame in reversed(frames):
                node = tree.child(node, ids.setdefault(frame, len(ids)))
            tree.add(node, step)
    looks = min(len(dumps), seen) if value == "wall" else seen
    return Profile(
        name=name,
        unit="seconds",
        frames=tuple(ids),
        tree=tree.finish(),
        samples=looks,
        value=value,
    )


def states(dumps: Sequence[Sequence[Goroutine]]) -> str:
    """Return in words how many goroutines there are on average, and in which states."""
    counts = Counter(each.state for dump in dumps for each in dump)
    whole = sum(counts.values()) / max(len(dumps), 1)
    parts = [f"{count / len(dumps):.3g} {state}" for state, count in counts.most_common(_STATES)]
    return f"{whole:.3g} on average: {', '.join(parts)}" if parts else "none but ours"
