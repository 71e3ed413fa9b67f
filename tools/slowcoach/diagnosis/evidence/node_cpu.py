"""What a Node.js thread computes, by its CPU profile: own functions, collector, calls that block.

V8 looks at the thread whether it runs or stands in a system call: a synchronous call shows as the
library function that makes it. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from slowcoach.diagnosis.evidence.node_notes import PACKAGE
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.recorders.node_profiles import STANDS

_PATH_KEPT, _CALLEE_KEPT = 8, 3
_NAMELESS = "(anonymous"
_IDLE, _COLLECTOR, _PROGRAM = "(idle)", "(garbage collector)", "(program)"
_CHILD = re.compile(r"^node:(?:internal/)?child_process")
_FILES = re.compile(r"^node:(?:internal/)?fs")
_NATIVE = re.compile(r"^node:(?:internal/crypto|crypto|zlib|v8)")
_SYNC = re.compile(r"Sync$")
_SYNC_DATABASES = frozenset({"better-sqlite3", "sqlite3", "node:sqlite", "pg-native"})
# WebAssembly that Node.js carries has no path, and what we installed is not the program's
_NOT_OWN = re.compile(
    r"^(?:node:.*|wasm:.*|[0-9a-f]*)$|(?:^|/)node_(?:waits|atomics|caches|watchman)\.cjs$"
)
Stack = tuple[Frame, ...]


def state_of(callee: Sequence[Frame]) -> str:
    """Return the state of a thread by the frames above its own code, leaf first."""
    names = {frame.name for frame in callee}
    if _COLLECTOR in names:
        return "gc"
    for frame in callee:
        file = frame.file or ""
        if frame.name == STANDS.name:
            return "sleep"
        if not _SYNC.search(frame.name):
            continue
        for pattern, word in ((_CHILD, "child"), (_FILES, "disk"), (_NATIVE, "native")):
            if pattern.match(file):
                return word
    if any(package in _SYNC_DATABASES for package in packages_of(callee)):
        return "db"
    return "native" if _native_sync(callee) else "cpu"


def _native_sync(callee: Sequence[Frame]) -> bool:
    """Tell whether a package's own synchronous function stands in its compiled part."""
    return (
        bool(callee)
        and not callee[0].file
        and any(_SYNC.search(frame.name) and PACKAGE.search(frame.file or "") for frame in callee)
    )


def packages_of(frames: Sequence[Frame]) -> tuple[str, ...]:
    """Return the packages of frames."""
    found = [p[1] for f in frames if (p := PACKAGE.search(f.file or ""))]
    found += [f.file or "" for f in frames if (f.file or "").startswith("node:sqlite")]
    return tuple(dict.fromkeys(found))


def stacks_of(profile: Profile) -> Iterator[tuple[Stack, float]]:
    """Yield each stack in which the thread was not idle, leaf first, with its weight."""
    parents, frames = profile.tree.parent.tolist(), profile.tree.frame.tolist()
    for node, weight in enumerate(profile.tree.weight.tolist()):
        if weight <= 0 or not node:
            continue
        stack: list[Frame] = []
        while node:
            stack.append(profile.frames[frames[node]])
            node = parents[node]
        if stack[0].name != _IDLE:
            yield tuple(stack), weight


def busy_share(profile: Profile, whole: float) -> float:
    """Return the share of the whole time in which the thread was not idle."""
    return sum(weight for _, weight in stacks_of(profile)) / whole if whole else 0.0


def is_own(frame: Frame) -> bool:
    """Tell whether a frame is the program's own code."""
    return not _NOT_OWN.search(frame.file or "") and not kind(frame).library


def named(frame: Frame) -> str:
    """Return a function's name; one without is told by its file and line."""
    if frame.name not in {"", "(anonymous)", "(anonymous function)", "anonymous"}:
        return frame.name
    return f"(anonymous {(frame.file or '').rsplit('/', 1)[-1]}:{frame.line or 0})"


def computing(profile: Profile, whole: float, carrier: str = "loop") -> tuple[Activity, ...]:
    """Return what one thread does, as shares of the `whole` time of its profile."""
    sums: dict[tuple[Any, ...], _Sum] = defaultdict(_Sum)
    for stack, weight in stacks_of(profile):
        key, line = _key(stack)
        sums[key].add(stack, line, weight / whole if whole else 0.0)
    made = [_activity(key, sum_, carrier) for key, sum_ in sums.items()]
    least = looking("least_of_a_thread")
    return tuple(a for a in made if a.mean >= least)


@dataclass(slots=True)
class _Sum:
    """The stacks of one key: by line of the own function, by innermost function, by its caller."""

    lines: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    leaves: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    callers: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, stack: Stack, line: int, part: float) -> None:
        self.lines[line] += part
        if stack[0].name != _COLLECTOR:
            self.leaves[_short(stack[0])] += part
        at = next((i for i, frame in enumerate(stack) if is_own(frame)), len(stack))
        above = stack[at + 1 : at + 2]
        self.callers[_short(above[0]) if packages_of(above) else ""] += part

    def called_by(self) -> str:
        """Return the installed library's function that mostly called the own one, if any."""
        return max(self.callers, key=lambda caller: self.callers[caller], default="")


def _short(frame: Frame) -> str:
    """Return `file:function`, as the innermost functions are told; of native code the function."""
    file = (frame.file or "").rsplit("/", 1)[-1].removeprefix("node:")
    return f"{file}:{named(frame)}" if file else named(frame)


def _key(stack: Stack) -> tuple[tuple[Any, ...], int]:
    at = None
    if stack[0].name != _PROGRAM:  # what runs outside of JavaScript belongs to no function
        at = next((i for i, frame in enumerate(stack) if is_own(frame)), None)
    callee = stack if at is None else stack[:at]
    state = state_of(callee)
    called = tuple(f.name for f in reversed(callee[-_CALLEE_KEPT:]) if f.name != _COLLECTOR)
    if at is None:
        # what a library goes on with after an await has none of the program's functions above it
        return (state, called[0] if called else "", "", (), (), (), packages_of(callee)), 0
    ways: dict[str, str] = {}
    for frame in reversed(stack):
        if is_own(frame):
            ways.setdefault(named(frame), (frame.file or "").rsplit("/", 1)[-1])
    own, files = tuple(ways)[-_PATH_KEPT:], tuple(ways.values())[-_PATH_KEPT:]
    place = _place(stack, at)
    packages = packages_of(callee)
    key = (state, named(place), place.file or "", own, files, called, packages)
    return key, stack[at].line or 0


def _place(stack: Stack, at: int) -> Frame:
    """Return the function that has the time: that of a callback without a name is its caller's."""
    for frame in stack[at:]:
        if frame.file != stack[at].file:
            break
        if not named(frame).startswith(_NAMELESS):
            return frame
    return stack[at]


def _activity(key: tuple[Any, ...], found: _Sum, carrier: str) -> Activity:
    state, function, file, path, files, callee, packages = key
    lines = found.lines
    return Activity(
        carrier=carrier,
        server="worker threads" if carrier == "worker" else "",
        state=state,
        function=function,
        file=file,
        path=path,
        files=files,
        callee=callee,
        packages=packages,
        line=max(lines, key=lambda line: lines[line]),
        lines={line: round(mean, 4) for line, mean in lines.items()},
        leaves={leaf: round(mean, 4) for leaf, mean in found.leaves.items()},
        called_by=found.called_by(),
        mean=round(sum(lines.values()), 4),
    )


def kept_stacks(profile: Profile) -> Iterator[tuple[tuple[StackFrame, ...], float]]:
    """Yield the stacks root first, for a profile that is kept with the run."""
    for stack, weight in stacks_of(profile):
        yield (
            tuple(
                StackFrame(f.name, f.file or "", f.line or 0, is_own(f)) for f in reversed(stack)
            ),
            weight,
        )
