"""Record any program of Linux with perf: where its threads run, and where they wait.

The processor is sampled by the kernel's clock, 99 times a second of each running thread; stacks
are unwound by the program's own tables, or by frame pointers where it has none (Go, JIT code).
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from slowcoach.core.errors import ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.core.units import share
from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.recorders import elf, native_symbols, perf_run, proc
from slowcoach.profiling.recorders.native_symbols import Symbols, Told
from slowcoach.profiling.recorders.perf_run import Taken
from slowcoach.profiling.recorders.perf_script import UNKNOWN, Place, Sample
from slowcoach.profiling.recorders.recording import Recording
from slowcoach.profiling.values import ON_CPU

RATE: Final = 99  # not 100: in step with nothing
Stack = tuple[int, ...]
CLOCK: Final = "cpu-clock"
DUMP: Final = 8192  # bytes of stack copied for a look
_UNKNOWN_SHARE = 0.2  # of the time in code without names, from which it is said
_CUT_SHARE = 0.3
_STARTS: Final = (
    "_start",
    "clone",
    "clone3",
    "__clone",
    "start_thread",
    "__libc_start_main",
    "ret_from_fork",
    "runtime.goexit",
    "runtime.mcall",
    "runtime.mstart",
    "runtime.systemstack",
    "thread_start",
)


@dataclass(frozen=True, eq=False)
class PerfRecording(Recording):
    """The views of one recording, on CPU first; `warnings` say what of it to doubt."""

    warnings: tuple[str, ...] = ()


def record(
    pid: int | None = None,
    duration_s: float = 10.0,
    *,
    command: Sequence[str] = (),
    rate: int = RATE,
    frame_pointers: bool | None = None,
    cwd: Path | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
    told: Told | None = None,
) -> PerfRecording:
    """Record where a process and its children (or a command) use the processor, in seconds.

    `frame_pointers`: how stacks are followed; None looks at the program. `told` names places that
    it knows. Raises NotPermittedError,
    MissingDependencyError, UnreachableError, ToolFailedError (nothing ran), CancelledError.
    """
    if frame_pointers is None:
        frame_pointers = by_frame_pointers(pid, command)
    before = proc.load(pid, cancellation) if pid is not None else None
    taken = perf_run.take(
        clock(rate, frame_pointers=frame_pointers),
        pid=pid,
        command=command,
        duration_s=duration_s,
        cwd=cwd,
        cancellation=cancellation,
        on_tick=on_tick,
    )
    samples = taken.script.samples.get(CLOCK, [])
    if not samples:
        raise nothing(pid, command)
    weights = on_cpu(samples)
    symbols = named(taken, [weights], pid, cancellation, told)
    view = profile(ON_CPU, weights, symbols, len(samples))
    return recording(
        taken,
        (view,),
        rate=rate,
        before=before,
        threads=proc.threads(pid) if pid is not None else None,
        warnings=[*symbols.warnings, *doubts(taken, weights)],
    )


def clock(rate: int, *, frame_pointers: bool) -> list[str]:
    """Return perf's options for samples of the processor, with stacks."""
    how = "fp" if frame_pointers else f"dwarf,{DUMP}"
    only = "" if perf_run.kernel_visible() else "u"
    return ["-e", f"{CLOCK}/freq={rate}/{only}", "--call-graph", how]


def by_frame_pointers(pid: int | None, command: Sequence[str]) -> bool:
    """Tell whether stacks are to be followed by frame pointers: programs without tables for it."""
    found = f"/proc/{pid}/exe" if pid is not None else shutil.which(command[0]) if command else None
    program = elf.read(Path(found)) if found else None
    return program is not None and (not program.unwindable or ".gopclntab" in program.sections)


def on_cpu(samples: Iterable[Sample]) -> dict[Stack, float]:
    """Return the seconds of each stack; a sample stands for its period."""
    weights: dict[Stack, float] = defaultdict(float)
    for sample in samples:
        weights[sample.stack] += sample.period / 1e9
    return weights


def named(
    taken: Taken,
    views: Sequence[Mapping[Stack, float]],
    pid: int | None,
    cancellation: Cancellation | None,
    told: Told | None = None,
) -> Symbols:
    """Return the frames of all places, with lines for those that weigh most in any view."""
    inclusive: dict[int, float] = defaultdict(float)
    leaves: set[int] = set()
    for view in views:
        for stack, weight in view.items():
            leaves.update(stack[:1])
            for place in set(stack):
                inclusive[place] += weight
    root = Path(f"/proc/{pid}/root") if pid is not None else None
    return native_symbols.resolve(
        taken.script.places,
        inclusive,
        frozenset(leaves),
        root=root,
        cancellation=cancellation,
        told=told,
    )


def profile(
    name: str, weights: Mapping[Stack, float], symbols: Symbols, samples: int | None
) -> Profile:
    """Return a view in seconds; what was inlined is a frame of its own."""
    frames: dict[Frame, int] = {}
    of_place = {
        place: [frames.setdefault(frame, len(frames)) for frame in reversed(shown)]
        for place, shown in symbols.frames.items()
    }
    stacks = [[f for place in reversed(stack) for f in of_place[place]] for stack in weights]
    tree = tree_of_stacks(stacks, np.fromiter(weights.values(), np.float64, len(weights)))
    return Profile(name, "seconds", tuple(frames), tree, samples)


def recording(
    taken: Taken,
    views: tuple[Profile, ...],
    *,
    rate: int,
    before: float | None,
    threads: int | None,
    warnings: Sequence[str],
) -> PerfRecording:
    """Return the views with what taking them cost."""
    return PerfRecording(
        profiles=views,
        samples=views[0].samples or 0,
        lost=taken.script.lost,
        seconds=taken.seconds,
        rate=rate,
        blocking=False,
        threads=threads,
        behind=False,
        target_cpu_before=before,
        target_cpu_while=taken.meter.target,
        profiler_cpu=taken.meter.profiler,
        cpu_pressure=proc.cpu_pressure(),
        together=True,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def doubts(taken: Taken, weights: Mapping[Stack, float]) -> list[str]:
    """Return what is missing: names, callers, or the end of the time."""
    places, whole = taken.script.places, sum(weights.values()) or 1.0
    found: list[str] = []
    nameless: dict[str, float] = defaultdict(float)
    cut = 0.0
    for stack, weight in weights.items():
        if stack and places[stack[0]].symbol == UNKNOWN:
            nameless[places[stack[0]].module] += weight
        if not _complete(stack, places):
            cut += weight
    if sum(nameless.values()) > _UNKNOWN_SHARE * whole:
        module = max(nameless, key=lambda name: nameless[name])
        found.append(
            f"{share(sum(nameless.values()) / whole)} of the time is in code without names, most "
            f"in {module}: it is stripped; install its debug symbols or build it with -g"
        )
    elif cut > _CUT_SHARE * whole:
        found.append(
            f"{share(cut / whole)} of the stacks are cut off: callers are missing there; build "
            "with -fno-omit-frame-pointer, or keep the unwind tables"
        )
    if taken.full:
        found.append("The recording stopped early: its data reached the limit of 300 MB")
    return found


def _complete(stack: Stack, places: Sequence[Place]) -> bool:
    if not stack:
        return False
    outermost = places[stack[-1]]
    return outermost.symbol.split("@")[0].startswith(_STARTS) or outermost.module.startswith("[")


def nothing(pid: int | None, command: Sequence[str]) -> ToolFailedError:
    """Return the error for a program that did not run while it was recorded."""
    who = proc.name(pid) if pid is not None else f"command {' '.join(command)[:80]!r}"
    return ToolFailedError(
        f"{who}: no thread used the processor while it was recorded: it waits, or ended at once",
        hint="Put it under load while you record, or record kind=wall to see what it waits for",
    )
