"""Record Python 3.15 and later with the standard library's own sampling profiler.

It must be of the target's own version, so it is run by the target's interpreter:
`/proc/PID/exe -m profiling.sampling attach`. It reads memory and stops nothing. One recording in
the Firefox Profiler's form has every thread's stack with intervals of what the thread did: on the
processor or off it, with the GIL or waiting for it, collecting garbage.
https://docs.python.org/3.15/library/profiling.sampling.html
"""

import copy
import json
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slowcoach.core import process, scratch
from slowcoach.core.errors import ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.model import Profile
from slowcoach.profiling.readers import firefox
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.meter import Meter
from slowcoach.profiling.recorders.python_process import interpreter_of, user_of
from slowcoach.profiling.recorders.recording import Recording

OFF_CPU, GIL_WAIT, GIL_HELD, COLLECTING = "Off CPU", "Waiting for GIL", "Has GIL", "GC Collecting"
_STATES: tuple[str, ...] = (OFF_CPU, GIL_WAIT, GIL_HELD, COLLECTING)
_SLACK_S = 60.0
_MILLI = 1e-3


@dataclass(frozen=True, slots=True)
class Sampled:
    """Both views of one recording, and for how many seconds of all threads each state lasted."""

    wall: Recording
    cpu: Recording | None
    lasted: dict[str, float]


def command(interpreter: str, pid: int, seconds: float, rate: int, out: Path) -> list[str]:
    """Return the command line that attaches to a process and writes `out`."""
    argv = [interpreter, "-m", "profiling.sampling", "attach", "--all-threads", "--gecko"]
    argv += ["-r", str(rate), "-d", str(max(round(seconds), 1)), "-o", str(out), str(pid)]
    return argv


def attach(
    pid: int,
    seconds: float,
    *,
    rate: int,
    interpreter: str | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> Sampled:
    """Record a process; raises ToolFailedError when its interpreter cannot do it."""
    meter = Meter(pid)

    def tick(elapsed: float) -> None:
        meter.look(pid)
        if on_tick is not None:
            on_tick(elapsed)

    with scratch.folder() as folder:
        user = user_of(pid)
        if user is not None:
            Path(folder).chmod(0o777)
        out = Path(folder) / "profile.json"
        process.run(
            command(interpreter or interpreter_of(pid), pid, seconds, rate, out),
            deadline_s=seconds + _SLACK_S,
            cancellation=cancellation,
            cwd=Path(folder),
            user=user,
            while_running=tick,
        )
        if not out.exists():
            raise ToolFailedError(
                f"{proc.name(pid)}: its sampling profiler wrote nothing", hint="Record for longer"
            )
        content = json.loads(out.read_bytes())
    return sampled(content, _as_recording(pid, rate, seconds, meter))


def _as_recording(
    pid: int, rate: int, seconds: float, meter: Meter
) -> Callable[[tuple[Profile, ...]], Recording]:
    def made(profiles: tuple[Profile, ...]) -> Recording:
        return Recording(
            profiles=profiles,
            samples=max((profile.samples or 0 for profile in profiles), default=0),
            lost=0,
            seconds=seconds,
            rate=rate,
            blocking=False,
            threads=proc.threads(pid),
            behind=False,
            target_cpu_before=None,
            target_cpu_while=meter.target,
            profiler_cpu=None,
            cpu_pressure=proc.cpu_pressure(),
        )

    return made


def sampled(
    content: dict[str, Any], recording: Callable[[tuple[Profile, ...]], Recording]
) -> Sampled:
    """Return the views of what it wrote; raises UnreadableError for anything else."""
    name = "profiling.sampling"
    wall = tuple(firefox.read(json.dumps(content).encode(), name))
    running = copy.deepcopy(content)
    names = content.get("shared", {}).get("stringArray", [])
    for thread in running["threads"]:
        _keep_running(thread, names)
    busy = any(thread["samples"]["stack"] for thread in running["threads"])
    cpu = tuple(firefox.read(json.dumps(running).encode(), name)) if busy else ()
    lasted: dict[str, float] = dict.fromkeys(_STATES, 0.0)
    for thread in content["threads"]:
        for state, begun, ended in _intervals(thread, names):
            if state in lasted:
                lasted[state] += (ended - begun) * _MILLI
    return Sampled(recording(wall), recording(cpu) if cpu else None, lasted)


def _intervals(thread: dict[str, Any], names: list[str]) -> list[tuple[str, float, float]]:
    """Return the (state, start, end) in milliseconds that a thread's markers tell."""
    markers = thread.get("markers", {})
    rows = zip(
        markers.get("name", []),
        markers.get("startTime", []),
        markers.get("endTime", []),
        strict=False,
    )
    return [
        (names[index], float(begun), float(ended))
        for index, begun, ended in rows
        if 0 <= index < len(names) and begun is not None and ended is not None
    ]


def _keep_running(thread: dict[str, Any], names: list[str]) -> None:
    """Drop the samples of a thread that it took off the processor."""
    off = sorted(row[1:] for row in _intervals(thread, names) if row[0] == OFF_CPU)
    starts = [begun for begun, _ in off]
    samples = thread["samples"]

    def running(at: float) -> bool:
        index = bisect_right(starts, at) - 1
        return index < 0 or at >= off[index][1]

    rows = zip(samples["stack"], samples["time"], strict=True)
    kept = [(stack, at) for stack, at in rows if running(at)]
    samples["stack"] = [stack for stack, _ in kept]
    samples["time"] = [at for _, at in kept]
    samples["eventDelay"] = [None] * len(kept)
    samples["length"] = len(kept)
