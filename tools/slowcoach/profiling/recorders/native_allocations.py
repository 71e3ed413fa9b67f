"""Where any program of Linux allocates: its allocator's own functions are probed, in bursts.

A probe costs a program about half a microsecond for each call, sampled or not; so calls are first
counted for a moment, and the probes then stand only for as long as that costs a small share of the
time. Bytes are scaled up from the bursts to the whole time. Needs root.
"""

import os
import platform
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from slowcoach.core import caretaker, process, scratch
from slowcoach.core.errors import (
    NotPermittedError,
    ToolFailedError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation
from slowcoach.core.units import duration, number, share
from slowcoach.profiling.recorders import perf, perf_run, proc
from slowcoach.profiling.recorders.perf import PerfRecording, Stack
from slowcoach.profiling.recorders.perf_run import Taken
from slowcoach.profiling.recorders.perf_script import Place

_REGISTERS: Final = {"x86_64": ("%di", "%si"), "aarch64": ("%x0", "%x1"), "arm64": ("%x0", "%x1")}
_ALLOCATORS: Final = re.compile(
    r"/(libjemalloc|libtcmalloc|libmimalloc|libc\.so|libc-\d|libc\.musl|ld-musl)[^/]*$"
)
_CALL_S: Final = 0.6e-6  # what one probed call costs: 0.5 to 0.6 us measured
_STACK_S: Final = 10e-6  # and one whose stack is copied
_COST: Final = 0.05  # of the program's time, on average over the recording
_STACKS_A_SECOND: Final = 1_000
_LEAST_BURST_S, _MOST_BURSTS = 0.2, 3
_COUNTING_S: Final = 0.1
_DEADLINE_S: Final = 60.0
_SETTLE_S: Final = 0.3  # before a command that was just started has loaded its libraries
_PROBE_FIELDS: Final = perf_run.FIELDS + ",trace"


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to look: every `period`th call, in bursts of so many seconds, with so long between."""

    period: int
    bursts: int
    burst_s: float
    pause_s: float
    rate: float
    cost: float


def record(
    pid: int | None = None,
    duration_s: float = 10.0,
    *,
    command: Sequence[str] = (),
    cwd: Path | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> PerfRecording:
    """Record which places of a process or command allocate how many bytes.

    Raises NotPermittedError without root, UnsupportedError for an allocator that cannot be
    probed, ToolFailedError when nothing was allocated, CancelledError.
    """
    perf_run.must_be(pid, command)
    program = perf_run.perf()
    if getattr(os, "geteuid", lambda: 1)() != 0:
        raise NotPermittedError(
            "allocations of a native program are probed, which needs root",
            hint="Run slowcoach as root, or the program under heaptrack",
        )
    if pid is not None:
        return _process(program, pid, duration_s, cancellation, on_tick)
    with scratch.folder() as folder:
        log = Path(folder) / "log"
        with process.running(list(command), log=log, cwd=cwd) as child:
            perf_run.pause(_SETTLE_S, cancellation)
            return _process(program, child.pid, duration_s, cancellation, on_tick)


def _process(
    program: str,
    pid: int,
    duration_s: float,
    cancellation: Cancellation | None,
    on_tick: Callable[[float], None] | None,
) -> PerfRecording:
    who, begun = proc.name(pid), time.monotonic()
    before = proc.load(pid, cancellation)
    with _probes(program, pid, cancellation) as group:
        rate = _calls_a_second(program, pid, group, cancellation)
        plan = planned(rate, duration_s)
        frame_pointers = perf.by_frame_pointers(pid, ())
        how = ["--call-graph", "fp" if frame_pointers else f"dwarf,{perf.DUMP}"]
        events = ["-e", f"{group}:*", "-c", str(plan.period), "--no-period", *how]
        bursts: list[Taken] = []
        for index in range(plan.bursts):
            if index:
                perf_run.pause(plan.pause_s, cancellation)
            if not proc.exists(pid):
                break
            if on_tick is not None:
                on_tick(time.monotonic() - begun)
            bursts.append(
                perf_run.take(
                    events,
                    pid=pid,
                    duration_s=plan.burst_s,
                    fields=_PROBE_FIELDS,
                    cancellation=cancellation,
                )
            )
    return _recording(who, pid, bursts, plan, before, duration_s, cancellation)


def planned(rate: float, duration_s: float) -> _Plan:
    """Return how to look at so many calls a second at a cost of at most a small share."""
    period = max(round(rate / _STACKS_A_SECOND), 1)
    each = _CALL_S + _STACK_S / period
    part = min(_COST / max(rate * each, 1e-9), 1.0)
    total = max(part * duration_s, _LEAST_BURST_S)
    bursts = max(min(int(total / _LEAST_BURST_S), _MOST_BURSTS), 1)
    burst = min(total, duration_s) / bursts
    rest = max(duration_s - burst * bursts, 0.0) / max(bursts - 1, 1)
    return _Plan(period, bursts, burst, rest, rate, rate * each * burst * bursts / duration_s)


@contextmanager
def _probes(program: str, pid: int, cancellation: Cancellation | None) -> Iterator[str]:
    """Probe the allocator of a process under a name of our own; taken away at the end."""
    group = f"slowcoach_{os.getpid()}_{pid}"
    registers = _REGISTERS.get(platform.machine())
    if registers is None:
        raise UnsupportedError(
            f"allocations cannot be probed on {platform.machine()}", hint="Use heaptrack"
        )
    first, second = registers
    wanted = [
        f"{group}:malloc=malloc a={first}:u64",
        f"{group}:calloc=calloc a={first}:u64 b={second}:u64",
        f"{group}:realloc=realloc a={second}:u64",
    ]
    file = _allocator(pid)
    argv = [program, "probe", "-q", "-x", str(file), *(w for each in wanted for w in ("-a", each))]
    undo = [program, "probe", "-q", "-d", f"{group}:*"]
    with _undone(undo):
        done = process.run(argv, deadline_s=_DEADLINE_S, cancellation=cancellation, check=False)
        if done.returncode != 0:
            raise UnsupportedError(
                f"{proc.name(pid)}: its allocator in {file.name} cannot be probed: "
                f"{done.complaint}",
                hint="Run the program under heaptrack, or record kind=cpu, which shows malloc",
            )
        yield group


@contextmanager
def _undone(command: list[str]) -> Iterator[None]:
    """Run a command when the block ends, or when this process is killed in it."""
    with caretaker.undoing(command):
        try:
            yield
        finally:
            process.run(command, deadline_s=_DEADLINE_S, check=False)


def _allocator(pid: int) -> Path:
    """Return the library that allocates: one of its own before the C library, else the program."""
    try:
        lines = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise NotPermittedError(
            f"{proc.name(pid)}: {error.strerror}", hint="Run slowcoach as root"
        ) from None
    files = {"/" + line.partition(" /")[2] for line in lines.splitlines() if " /" in line}
    found = sorted(file for file in files if _ALLOCATORS.search(file))
    found.sort(key=lambda file: "/libc" in file or "musl" in file)
    place = found[0] if found else os.readlink(f"/proc/{pid}/exe")  # noqa: PTH115 - the text
    inside = Path(f"/proc/{pid}/root{place}")
    return inside if inside.exists() and not Path(place).exists() else Path(place)


def _calls_a_second(program: str, pid: int, group: str, cancellation: Cancellation | None) -> float:
    pids = ",".join(map(str, proc.descendants(pid)))
    argv = [program, "stat", "-x", ",", "-e", f"{group}:*", "-p", pids]
    argv += ["--", "sleep", str(_COUNTING_S)]
    done = process.run(argv, deadline_s=_DEADLINE_S, cancellation=cancellation, check=False)
    rows = [line.split(",") for line in done.stderr.decode("utf-8", "replace").splitlines()]
    return sum(int(row[0]) for row in rows if row[0].isdigit()) / _COUNTING_S


def _recording(
    who: str,
    pid: int,
    bursts: Sequence[Taken],
    plan: _Plan,
    before: float | None,
    duration_s: float,
    cancellation: Cancellation | None,
) -> PerfRecording:
    samples = [
        sample for taken in bursts for event in taken.script.samples.values() for sample in event
    ]
    if not samples:
        raise ToolFailedError(
            f"{who}: nothing was allocated while it was recorded",
            hint="Put it under load while you record; a program with an allocator of its own "
            "inside needs that allocator's profiler",
        )
    weights: dict[Stack, float] = defaultdict(float)
    whole = _together(bursts, weights, duration_s)
    symbols = perf.named(whole, [weights], pid, cancellation)
    view = replace(
        perf.profile("allocations", weights, symbols, len(samples)),
        unit="bytes",
        value="alloc_space",
    )
    looked_at = sum(burst.seconds for burst in bursts)
    said = (
        f"{number(plan.rate)} allocations a second; {duration(looked_at)} of the time was looked "
        f"at, which cost about {share(plan.cost)} of the program's time"
    )
    taken = perf.recording(
        whole,
        (view,),
        rate=round(len(samples) / max(looked_at, 1e-3)),
        before=before,
        threads=proc.threads(pid),
        warnings=[*symbols.warnings, *perf.doubts(whole, weights), said],
    )
    return replace(taken, lost=sum(burst.script.lost for burst in bursts))


def _together(bursts: Sequence[Taken], weights: dict[Stack, float], duration_s: float) -> Taken:
    """Add up the bytes by stack, scaled to the whole time; the places of all bursts are one's."""
    whole, seen = bursts[0], 0.0
    places = list[Place]()
    for taken in bursts:
        shift, script = len(places), taken.script
        places += script.places
        times = [s.at for event in script.samples.values() for s in event]
        if times:
            seen += max(max(times) - min(times), taken.seconds)
        for event in script.samples.values():
            for sample in event:
                stack = tuple(index + shift for index in sample.stack)
                weights[stack] += sample.value * sample.period
    for stack in weights:
        weights[stack] *= duration_s / max(seen, 1e-3)
    return replace(whole, script=replace(whole.script, places=places))
