"""The views of a Go program by its pprof endpoint: processor, wall clock, allocations, locks."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from slowcoach.core.errors import ToolFailedError, UnreachableError
from slowcoach.profiling.calltree import merged
from slowcoach.profiling.frames import shortened
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.readers import pprof
from slowcoach.profiling.recorders import go_figures, go_goroutines
from slowcoach.profiling.recorders.go_endpoint import Client
from slowcoach.profiling.recorders.go_goroutines import Goroutine, goroutines
from slowcoach.profiling.recorders.go_java_recording import pause_after
from slowcoach.profiling.recorders.node_recording import pause
from slowcoach.profiling.recorders.recording import Waiting
from slowcoach.profiling.values import WALL

_FIRST_SLICE_S = 1
_LARGE_HEAP: Final = 1 << 30
LOOKS_A_SECOND: Final = 10
_HANDLERS: Final = ("net/http/pprof.", "runtime/pprof.")
_STOPPED = frozenset({"runtime.asyncPreempt", "runtime.asyncPreempt2", "runtime.goyield"})
SETTINGS: Final = "runtime.SetMutexProfileFraction and SetBlockProfileRate"
OFF: Final = "not switched on"
_HOLDER = "who holds a lock is not told without the program's mutex profile"


@dataclass(frozen=True)
class Seen:
    """Views, the asked one first, and what else was learnt."""

    profiles: tuple[Profile, ...]
    running: Profile | None = None
    figures: Mapping[str, str] = field(default_factory=dict[str, str])
    blocked: tuple[Waiting, ...] = ()
    warnings: tuple[str, ...] = ()


def on_cpu(client: Client, pid: int, duration_s: float, *, sliced: bool) -> Seen:
    """Return where it runs; in slices of doubling length, or at once."""
    taken: list[Profile] = []
    warnings: tuple[str, ...] = ()
    left = max(round(duration_s), 1)
    step = _FIRST_SLICE_S if sliced else left
    while left > 0:
        step = min(step, left)
        try:
            taken += _read(client.get(f"profile?seconds={step}", step), "profile")
        except UnreachableError:
            if not taken:
                raise
            warnings = (f"pid {pid} ended after {client.meter.seconds:.0f} s",)
            break
        left, step = left - step, 2 * step
    whole = going_on(_joined(taken))
    gc = go_figures.collector_share(whole)
    figures = {} if gc is None else {"garbage collector": f"{gc} of processor time"}
    return Seen((whole,), figures={**figures, **_states(client)}, warnings=warnings)


def _joined(taken: Sequence[Profile]) -> Profile:
    """Return slices as one profile; a function's line is the one of its heaviest slice."""
    if len(taken) == 1:
        return taken[0]
    best: dict[Frame, tuple[float, Frame]] = {}
    for profile in taken:
        for index in profile.present.tolist():
            weight = float(profile.self_weights[index] or profile.total_weights[index])
            known = best.get(profile.frames[index])
            if known is None or weight > known[0]:
                best[profile.frames[index]] = (weight, profile.hottest(index))
    whole = merged(taken, taken[0].name)
    lines = tuple(best[frame][1] if frame in best else frame for frame in whole.frames)
    return replace(whole, lines=lines, value=taken[0].value)


def _states(client: Client) -> dict[str, str]:
    try:
        return {"goroutines": go_goroutines.states([_look(client)])}
    except (ToolFailedError, UnreachableError):
        return {}


def allocated(client: Client, pid: int, duration_s: float, *, sliced: bool) -> Seen:
    """Return what was allocated between two looks.

    The runtime tells of allocations once they were collected, so each look asks it to collect
    (unless the heap is large: such a program collects often, and each collection is dear).
    """
    del pid, sliced  # a difference of two looks cannot be cut
    memory = go_figures.memory(client)
    name = "heap?gc=1" if memory is None or memory.heap < _LARGE_HEAP else "heap"
    before = _allocations(client, name)
    begun = time.monotonic()
    while time.monotonic() - begun < duration_s:
        client.tick()
        pause(1 / LOOKS_A_SECOND, client.cancellation)
    after = _allocations(client, name)
    return Seen((_without_handler(_difference(before, after)),))


def _allocations(client: Client, name: str) -> Profile:
    profiles = _read(client.get(name), "allocations")
    return next((each for each in profiles if each.value == "alloc_space"), profiles[0])


def _difference(before: Profile, after: Profile) -> Profile:
    """Return what came between two looks at sums."""
    less = replace(before, tree=replace(before.tree, weight=-before.tree.weight))
    whole = _joined([less, after])
    tree = replace(whole.tree, weight=np.maximum(whole.tree.weight, 0.0))
    samples = max((after.samples or 0) - (before.samples or 0), 1)
    return replace(whole, name=after.name, tree=tree, samples=samples)


def _read(data: bytes, name: str) -> list[Profile]:
    return pprof.READER.read(data, name)


def _look(client: Client) -> list[Goroutine]:
    return goroutines(client.text("goroutine?debug=2"))


def _looks(client: Client, duration_s: float) -> tuple[list[list[Goroutine]], float]:
    """Look at all goroutines again and again until the time is up or the program ends."""
    dumps: list[list[Goroutine]] = []
    begun, quickest = time.monotonic(), 1.0
    while time.monotonic() - begun < duration_s or not dumps:
        asked = time.monotonic()
        try:
            dumps.append(_look(client))
        except UnreachableError:
            if not dumps:
                raise
            break
        quickest = min(quickest, time.monotonic() - asked)
        client.tick()
        pause(max(1 / LOOKS_A_SECOND, pause_after(quickest)), client.cancellation)
    return dumps, time.monotonic() - begun


def wall(client: Client, pid: int, duration_s: float, *, sliced: bool) -> Seen:
    del pid, sliced
    dumps, seconds = _looks(client, duration_s)
    leaks = go_figures.leaked(client)
    figures = {"goroutines": go_goroutines.states(dumps)}
    return Seen(
        (_dumped(dumps, seconds, lambda each: each.frames),),
        running=_dumped(dumps, seconds, lambda each: each.frames if each.running else None),
        figures=figures if leaks is None else {**figures, "leaked goroutines": leaks},
        blocked=_blocked(dumps),
    )


def _blocked(dumps: Sequence[Sequence[Goroutine]]) -> tuple[Waiting, ...]:
    """Return the lines at which goroutines stood at mutexes; who holds one is not told."""
    counts = Counter(
        shortened(stack[0]).place for dump in dumps for each in dump if (stack := each.lock)
    )
    return tuple(
        Waiting(round(count / len(dumps), 3), place, place, "a mutex")
        for place, count in counts.most_common()
    )


def _dumped(
    dumps: Sequence[Sequence[Goroutine]],
    seconds: float,
    stack: Callable[[Goroutine], tuple[Frame, ...] | None],
) -> Profile:
    return go_goroutines.profile(dumps, seconds, stack, name=WALL, value="wall")


def locks(client: Client, pid: int, duration_s: float, *, sliced: bool) -> Seen:
    """Return what the runtime recorded of locks, and who stood at one when looked at.

    The runtime's profiles come first where the program has switched them on: they miss nothing,
    and mutex tells where a lock was held (its stacks end in Unlock).
    """
    del pid, sliced
    seconds = max(round(duration_s), 1)
    with ThreadPoolExecutor(2) as pool:
        quiet = Client(client.url, client.meter, client.cancellation, None)
        parts = {
            name: pool.submit(quiet.get, f"{name}?seconds={seconds}", seconds)
            for name in ("block", "mutex")
        }
        dumps, span = _looks(client, seconds)
        found = [
            _without_handler(replace(profile, name=name, value=name))
            for name, part in parts.items()
            for profile in _recorded(part.result)[1:2]
        ]
    stood = go_goroutines.profile(
        dumps, span, lambda each: each.lock, name="waiting for locks", value="delay"
    )
    found = [profile for profile in found if profile.total > 0]
    rate = go_figures.mutex_rate(client)
    figures = {"goroutines": go_goroutines.states(dumps)}
    if rate is not None:
        figures["mutex profile"] = f"1 of {rate} waits" if rate else OFF
    warnings: tuple[str, ...] = ()
    if not found and stood.total > 0:
        warnings = (
            f"The program calls neither {SETTINGS}: these are goroutines that stood at a lock in "
            f"{len(dumps)} looks; {_HOLDER}",
        )
    return Seen((*found, stood), figures=figures, blocked=_blocked(dumps), warnings=warnings)


def _recorded(answer: Callable[[], bytes]) -> list[Profile]:
    try:
        return _read(answer(), "locks")
    except UnreachableError:
        return []


def going_on(profile: Profile) -> Profile:
    """Return a profile in which what was just being preempted still is where it was."""
    names = [frame.name for frame in profile.frames]
    tree, weight = profile.tree, profile.tree.weight.copy()
    frames = tree.frame.tolist()
    for node in range(len(frames) - 1, 0, -1):  # children stand behind their parents
        if names[frames[node]] in _STOPPED:
            weight[tree.parent[node]] += weight[node]
            weight[node] = 0.0
    return replace(profile, tree=replace(tree, weight=weight))


def _without_handler(profile: Profile) -> Profile:
    """Return a profile without the goroutines that answer us."""
    ours = {i for i, frame in enumerate(profile.frames) if frame.name.startswith(_HANDLERS)}
    tree, weight = profile.tree, profile.tree.weight.copy()
    for node in (i for i, frame in enumerate(tree.frame.tolist()) if frame in ours):
        weight[node : tree.end[node]] = 0.0
    return replace(profile, tree=replace(tree, weight=weight))


KINDS: Final = {"cpu": on_cpu, "alloc": allocated, "wall": wall, "lock": locks}
