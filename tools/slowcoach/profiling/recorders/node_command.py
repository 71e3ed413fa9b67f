"""Start a command and record every Node.js process of it, from its first line on.

A small module of ours is loaded into each (`node --require` through NODE_OPTIONS), which profiles
its own thread; no port is opened.
"""

import contextlib
import json
import os
import shlex
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from slowcoach.core import process, scratch
from slowcoach.core.errors import InputError, SlowcoachError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.core.redaction import redacted
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.node_inlined import give_back
from slowcoach.profiling.recorders.node_inspector import opened_inspector
from slowcoach.profiling.recorders.node_recording import (
    ALLOC_STEP,
    MICROSECONDS,
    POLL_S,
    Meter,
    NodeRecording,
    Taken,
    busiest,
    locked,
    loop_figures,
    pause,
    views,
    waiting,
)

_PRELOAD = Path(__file__).with_name("node_preload.cjs")
_ANY_PORT: Final = "--inspect-port=127.0.0.1:0"  # for a loop that does not come round, see below
_FINISH: Final = "process[Symbol.for('slowcoach.finish')]()"
_START_S, _WRITE_S, _OPEN_S, _STEP_S, _LOOK_S = 15.0, 3.0, 2.0, 0.02, 0.5
_TAIL = 300


def start(
    command: Sequence[str],
    duration_s: float,
    *,
    kind: str = "cpu",
    rate: int = 1000,
    cwd: Path | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> NodeRecording:
    """Start a command and record every Node.js process of it until it ends or the time is up.

    Then it is stopped. Raises InputError for a program that is not there, ToolFailedError when no
    Node.js ran in it.
    """
    if not command or (shutil.which(command[0]) is None and not Path(command[0]).is_file()):
        raise InputError(
            f"command: expected a program, got {' '.join(command)[:60]!r}, which is not on the "
            "PATH",
            hint="Name the program first, such as `node app.js`",
        )
    with scratch.folder() as temporary:
        folder = Path(temporary)
        log = folder / "log"
        step = ALLOC_STEP if kind == "alloc" else MICROSECONDS // rate
        env = _environment(folder, kind, step)
        with process.running(command, log=log, cwd=cwd, env=env) as child:
            meter = Meter(child.pid)
            _until_up(child, folder, meter, cancellation)
            cores = _until_ended(child, meter.seconds + duration_s, meter, cancellation, on_tick)
            if child.ended() is None:
                _have_written(folder, child.pid, cancellation)
            seconds, code = meter.seconds, child.ended()
        taken = _written(folder)
        if not taken:
            raise _nothing(command, code, log)
        warnings = (f"The command ended with {code}: {_tail(log)}",) if code else ()
    who = " ".join(command)[:80]
    seen, samples = (
        locked(taken, who) if kind == "lock" else views(taken, alloc=kind == "alloc", who=who)
    )
    loops = [loop for each in taken if (loop := loop_figures(each.loop, None)) is not None]
    return NodeRecording(
        profiles=seen,
        loop=busiest(loops),
        waits=waiting(taken, locks=False) if kind == "wall" else None,
        seconds=seconds,
        samples=samples,
        lost=0,
        blocking=False,
        behind=False,
        rate=round(samples / max(sum(loop.seconds for loop in loops), 1e-3)),
        threads=None,
        target_cpu_before=None,
        target_cpu_while=cores,
        profiler_cpu=meter.recorder(),
        cpu_pressure=proc.cpu_pressure(),
        warnings=warnings,
    )


def _environment(folder: Path, kind: str, step: int) -> dict[str, str]:
    preload = str(_PRELOAD).replace("\\", "\\\\").replace('"', '\\"')
    given = os.environ.get("NODE_OPTIONS", "")
    return {
        **os.environ,
        "NODE_OPTIONS": f'{given} {_ANY_PORT} --require "{preload}"'.strip(),
        "SLOWCOACH_NODE_FOLDER": str(folder),
        "SLOWCOACH_NODE_KIND": kind,
        "SLOWCOACH_NODE_STEP": str(step),
    }


def _until_up(
    child: process.Child, folder: Path, meter: Meter, cancellation: Cancellation | None
) -> None:
    """Wait until a Node.js runs in it: the time that was asked for is the program's own."""
    while child.ended() is None and meter.seconds < _START_S and not _pids(folder, ".ready"):
        pause(_STEP_S, cancellation)


def _until_ended(
    child: process.Child,
    until_s: float,
    meter: Meter,
    cancellation: Cancellation | None,
    on_tick: Callable[[float], None] | None,
) -> float | None:
    """Wait for the child's end or the time's; return the cores that it and those below it used."""
    used, looked = None, 0.0
    while child.ended() is None and meter.seconds < until_s:
        if meter.seconds - looked > _LOOK_S or used is None:
            times = [proc.cpu_seconds(pid) for pid in proc.descendants(child.pid)]
            looked = meter.seconds
            used = sum(each or 0.0 for each in times) / looked
        if on_tick is not None:
            on_tick(meter.seconds)
        pause(POLL_S, cancellation)
    return used


def _have_written(folder: Path, root: int, cancellation: Cancellation | None) -> None:
    """Make every process that is recorded write what it has."""
    below = set(proc.descendants(root))
    waiting = {pid for pid in _pids(folder, ".ready") if pid in below} - _pids(folder, ".json")
    if not hasattr(signal, "SIGUSR2"):
        return
    for pid in waiting:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR2)
    deadline = time.monotonic() + _WRITE_S
    while waiting - _pids(folder, ".json") and time.monotonic() < deadline:
        pause(_STEP_S, cancellation)
    for pid in sorted(waiting - _pids(folder, ".json")):
        with (
            contextlib.suppress(SlowcoachError),
            opened_inspector(pid, cancellation, []) as inspector,
        ):
            inspector.evaluate(_FINISH)


def _pids(folder: Path, ending: str) -> set[int]:
    return {int(file.stem) for file in folder.glob(f"*{ending}") if file.stem.isdigit()}


def _written(folder: Path) -> list[Taken]:
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.json"))]
    said = [json.loads(text) for text in texts]
    for each in said:
        if each["coverage"]:
            give_back(each["profile"], each["coverage"])
    return [Taken(each["profile"], each["loop"], each["waits"]) for each in said]


def _nothing(command: Sequence[str], code: int | None, log: Path) -> SlowcoachError:
    how = "was stopped when the time was up" if code is None else f"ended with {code}"
    return ToolFailedError(
        f"{shlex.join(command)[:80]}: no Node.js program left a profile; it {how}: {_tail(log)}",
        hint="Run the command by hand; it must start node, and not replace NODE_OPTIONS",
    )


def _tail(log: Path) -> str:
    """Return the end of what the command said, in one line."""
    text = " ".join(log.read_text(encoding="utf-8", errors="replace").split())
    return str(redacted("", text[-_TAIL:]))
