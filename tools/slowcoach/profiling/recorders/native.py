"""Record any program of Linux: on CPU, by the wall clock with what threads wait for, locks.

One run of perf gives all: looks at running threads by the kernel's clock, and at those that leave
the processor. Without the right to see the kernel's side there is the on-CPU view alone.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from slowcoach.core.errors import NotPermittedError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.frames import kind as kind_of
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.recorders import perf, perf_run, polled_waits, proc
from slowcoach.profiling.recorders.native_symbols import Symbols
from slowcoach.profiling.recorders.off_cpu import (
    RUNNABLE,
    WAITS,
    OffCpu,
    Stack,
    locks_only,
    off_cpu,
    options,
)
from slowcoach.profiling.recorders.perf import PerfRecording
from slowcoach.profiling.recorders.perf_run import Taken
from slowcoach.profiling.recorders.recording import Waiting
from slowcoach.profiling.recorders.wait_looks import Looks
from slowcoach.profiling.values import ON_CPU, WALL

_STACKS_A_SECOND: Final = 500  # of leaving threads, all together
_LEAST, _MOST = 10, 99  # of each thread
_LEAST_WAIT = 0.05  # threads on average; less is not told


@dataclass(frozen=True, eq=False)
class NativeRecording(PerfRecording):
    """The asked view first; `on` and `wall` are the same time seen both ways."""

    on: PerfRecording | None = None
    wall: PerfRecording | None = None
    waiting: tuple[Waiting, ...] = ()


def record(
    pid: int | None = None,
    duration_s: float = 10.0,
    *,
    command: Sequence[str] = (),
    kind: str = "cpu",
    rate: int = perf.RATE,
    cwd: Path | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> PerfRecording:
    """Record a process with its children, or a command: kind cpu, wall or lock.

    Without perf, or the right to see the kernel's side, the wall clock of a process is polled.
    Raises NotPermittedError, MissingDependencyError, UnreachableError, ToolFailedError,
    CancelledError.
    """
    perf_run.must_be(pid, command)
    sees = perf_run.kernel_visible()
    if kind == "wall" and pid is not None and not (sees and perf_run.installed()):
        return polled_waits.record(pid, duration_s, cancellation=cancellation, on_tick=on_tick)
    perf_run.perf()
    if kind != "cpu" and not sees:
        raise NotPermittedError(
            f"kind {kind}: the kernel tells only root where threads wait",
            hint="Run slowcoach as root, or `sudo sysctl kernel.perf_event_paranoid=1`",
        )
    before = proc.load(pid, cancellation) if pid is not None else None
    threads = proc.threads(pid) if pid is not None else None
    events = perf.clock(rate, frame_pointers=perf.by_frame_pointers(pid, command))
    looks = Looks(pid)
    taken = perf_run.take(
        [*events, *(options(_each(threads)) if sees else ())],
        pid=pid,
        command=command,
        duration_s=duration_s,
        switches=sees,
        cwd=cwd,
        cancellation=cancellation,
        on_tick=on_tick,
        look=looks.look if sees else None,
    )
    samples = taken.script.samples.get(perf.CLOCK, [])
    on = perf.on_cpu(samples)
    off = off_cpu(taken.script, looks, taken.begun, taken.ended_at) if sees else OffCpu()
    if not samples and not off.weights:
        raise perf.nothing(pid, command)
    holders = {held: 0.0 for stack in off.holders if (held := off.holder(stack))}
    symbols = perf.named(taken, [on, off.weights, holders], pid, cancellation)
    _name_targets(off, symbols, taken)
    views = _views(kind, on, off, symbols, taken, len(samples))
    if not any(view.total > 0 for view in views):
        raise _nothing(kind, pid, command)

    def recording(chosen: tuple[Profile, ...]) -> PerfRecording:
        return perf.recording(
            taken, chosen, rate=rate, before=before, threads=threads, warnings=warnings
        )

    warnings = [*symbols.warnings, *perf.doubts(taken, on)]
    by_name = {view.name: recording((view,)) for view in views}
    asked = recording(views)
    return NativeRecording(
        **{name: getattr(asked, name) for name in asked.__dataclass_fields__},
        on=by_name.get(ON_CPU),
        wall=by_name.get(WALL),
        waiting=_waiting(off, symbols, taken),
    )


def _each(threads: int | None) -> int:
    return max(min(_STACKS_A_SECOND // max(threads or 1, 1), _MOST), _LEAST)


def _views(
    kind: str,
    on: Mapping[Stack, float],
    off: OffCpu,
    symbols: Symbols,
    taken: Taken,
    samples: int,
) -> tuple[Profile, ...]:
    if kind == "lock":
        weights: dict[Stack, float] = defaultdict(float)
        for stack, weight in locks_only(off, taken.script.places).items():
            weights[_from_own(stack, symbols)] += weight
        view = perf.profile("lock", weights, symbols, off.looked)
        return (replace(view, value="mutex"),)
    views = [perf.profile(ON_CPU, on, symbols, samples)]
    if off.weights:
        both: dict[Stack, float] = defaultdict(float, on)
        for stack, weight in off.weights.items():
            both[stack] += weight
        views.append(perf.profile(WALL, both, symbols, samples + off.looked))
    if kind == "wall":
        views.reverse()
    return tuple(sorted(views, key=lambda view: view.total <= 0))


def _from_own(stack: Stack, symbols: Symbols) -> Stack:
    """Return a stack from the nearest own code on, which is where the lock is taken."""
    for depth, place in enumerate(stack):
        if not all(kind_of(frame).library for frame in symbols.frames[place]):
            return stack[depth:]
    return stack


def _name_targets(off: OffCpu, symbols: Symbols, taken: Taken) -> None:
    """Tell sockets and files apart: a leaf for each that a place waits for."""
    places = taken.script.places
    for stack in list(off.weights):
        target = off.target(stack)
        if not target:
            continue
        index = len(places)
        leaf = places[stack[0]]
        places.append(leaf._replace(symbol=f"{leaf.symbol} ({target})"))
        symbols.frames[index] = (Frame(places[index].symbol, WAITS),)
        moved = (index, *stack[1:])
        off.weights[moved] = off.weights.pop(stack)
        off.targets[moved] = off.targets.pop(stack)
        if stack in off.holders:
            off.holders[moved] = off.holders.pop(stack)


def _waiting(off: OffCpu, symbols: Symbols, taken: Taken) -> tuple[Waiting, ...]:
    """Return where threads wait, the most first; a thread that only lacks a processor does not."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    holders: dict[tuple[str, str], str] = {}
    targets: dict[tuple[str, str], str] = {}
    for stack, weight in off.weights.items():
        leaf = taken.script.places[stack[0]]
        if leaf.symbol.startswith(RUNNABLE):
            continue
        key = _own(stack, symbols), leaf.symbol.partition(" ")[0]
        sums[key] += weight
        if off.target(stack):
            targets.setdefault(key, off.target(stack))
        held = off.holder(stack)
        if held:
            holders.setdefault(key, _own(held, symbols))
    rows = [
        Waiting(
            threads=round(weight / taken.seconds, 3),
            where=key[0],
            at=key[1],
            what=targets.get(key, ""),
            held_by=holders.get(key, ""),
        )
        for key, weight in sums.items()
        if weight >= _LEAST_WAIT * taken.seconds
    ]
    return tuple(sorted(rows, key=lambda row: -row.threads))


def _own(stack: Stack, symbols: Symbols) -> str:
    """Return the nearest own frame of a stack, or its innermost above the wait."""
    frames = [frame for place in stack for frame in symbols.frames[place]]
    own = next((frame for frame in frames[1:] if not kind_of(frame).library), None)
    return (own or frames[min(1, len(frames) - 1)]).place


def _nothing(kind: str, pid: int | None, command: Sequence[str]) -> ToolFailedError:
    if kind != "lock":
        return perf.nothing(pid, command)
    who = proc.name(pid) if pid is not None else f"command {' '.join(command)[:80]!r}"
    return ToolFailedError(
        f"{who}: no thread waited for a lock while it was recorded",
        hint="Put it under load while you record, or record kind=wall to see what it waits for",
    )
