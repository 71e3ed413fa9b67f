"""Record running or launched Python programs with py-spy: no change to them, no restart.

py-spy can stop every thread while it takes a sample, which costs a program with many threads, or
on a busy machine, much of its throughput; or sample without stopping, and lose some samples.
"""

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slowcoach.core import process, scratch
from slowcoach.core.errors import (
    InputError,
    MissingDependencyError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
)
from slowcoach.core.job import Cancellation
from slowcoach.core.knowledge import rule
from slowcoach.core.redaction import redacted
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.readers.speedscope import read
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.meter import Meter
from slowcoach.profiling.recorders.recording import Recording
from slowcoach.profiling.recorders.spy_errors import explained

__all__ = ["Recording", "ThreadStack", "dump", "record", "spy"]
_DUMP_DEADLINE_S = 20.0
_STARTUP_S = 45.0  # py-spy reads symbols before its first sample; more with --native
_POLL_S = 0.1
_ENV = (shutil.which("env") or "") if os.name == "posix" else ""
_DUMP_TRIES = 3
_COUNTS = re.compile(r"Samples: (\d+) Errors: (\d+)")
_BEHIND = "behind in sampling"


@dataclass(frozen=True, slots=True)
class ThreadStack:
    """What one thread did at one moment; `frames` are leaf first."""

    pid: int
    thread_id: int
    os_thread_id: int | None
    name: str
    active: bool
    owns_gil: bool
    frames: tuple[Frame, ...]


def spy() -> str:
    """Return the path of py-spy, beside our interpreter first."""
    found = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if found is None:
        raise MissingDependencyError("py-spy is not installed", hint="pip install py-spy")
    return found


def dump(
    pid: int, cancellation: Cancellation | None = None, *, subprocesses: bool = False
) -> list[ThreadStack]:
    """Return what each thread of a Python process does now.

    Raises UnreachableError, NotPermittedError or InputError (not Python) saying what to do.
    """
    must_exist(pid)
    blocking = _may_block(proc.threads(pid), 0)
    argv = [spy(), "dump", "--json", "--full-filenames", "--pid", str(pid)]
    argv += [] if blocking else ["--nonblocking"]
    argv += ["--subprocesses"] if subprocesses else []
    for attempt in range(1, _DUMP_TRIES + 1):
        done = process.run(
            argv, deadline_s=_DUMP_DEADLINE_S, cancellation=cancellation, check=False
        )
        if done.returncode == 0:
            return [_thread(item) for item in json.loads(done.text)]
        error = explained(done.stderr.decode("utf-8", "replace"), proc.name(pid), pid)
        # without stopping the threads a look may fail by chance: only that is tried again
        if not isinstance(error, ToolFailedError) or attempt == _DUMP_TRIES:
            raise error
    raise RuntimeError("unreachable")


def record(
    pid: int | None = None,
    duration_s: float = 10.0,
    *,
    command: Sequence[str] | None = None,
    rate: int = 100,
    idle: bool = False,
    gil: bool = False,
    native: bool = False,
    threads: bool = False,
    subprocesses: bool = False,
    blocking: bool | None = None,
    look_before: bool = True,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
    on_start: Callable[[int], None] | None = None,
) -> Recording:
    """Sample a running process (`pid`) or start one (`command`, stopped at the end).

    Without `idle`, a thread's weight is brought down to the time in which it ran or was ready to
    run: py-spy wakes sleeping threads when it lets them go on, and may then take them for running.
    `idle` adds waiting threads (wall clock); `threads` puts a frame with the thread's name at the
    root; `look_before` reads the process's CPU use for half a second first; `on_tick` hears the
    elapsed seconds, `on_start` the pid of py-spy, whose child a command is. Raises errors of
    core.errors saying what to do.
    """
    target = _target(pid, command)
    count = proc.threads(pid) if pid is not None else None
    stopping = _may_block(count, rate) if blocking is None else blocking
    flags = {
        "--idle": idle,
        "--gil": gil,
        "--native": native,
        "--threads": threads,
        "--subprocesses": subprocesses,
        "--nonblocking": not stopping,
    }
    before = _load(pid, cancellation) if look_before else None
    with scratch.folder() as folder:
        out, log = Path(folder) / "profile.json", Path(folder) / "log"
        argv = [spy(), "record", "--format", "speedscope", "--full-filenames"]
        argv += ["--output", str(out), "--duration", f"{max(round(duration_s), 1)}"]
        argv += ["--rate", str(rate), *(flag for flag, wanted in flags.items() if wanted)]
        if command and _ENV:  # py-spy leaves what a program said when it is killed: not here
            target, env = ["--", *_with(env), *target[1:]], {**(env or {}), "TMPDIR": folder}
        meter = Meter(pid, subprocesses=subprocesses)
        with _started([*argv, *target], log, cwd, env) as child:
            if on_start is not None:
                on_start(child.pid)
            _watch(child, duration_s, meter, cancellation, on_tick)
        said = log.read_text(encoding="utf-8", errors="replace")
        if not out.exists() or not out.stat().st_size:
            raise _refused(said, pid, command)
        profiles = read(out.read_bytes(), "py-spy") if _has_profiles(out) else []
    samples, lost = map(int, (_COUNTS.findall(said) or [(0, 0)])[-1])
    if not profiles:
        raise _nothing(pid, command, idle=idle)
    if not idle:
        looks = round(rate * min(duration_s, meter.seconds))
        profiles = [meter.scaled(profile, looks) for profile in profiles]
    return Recording(
        profiles=tuple(_redacted(profile) for profile in profiles),
        samples=samples,
        lost=lost,
        seconds=meter.seconds,
        rate=rate,
        blocking=stopping,
        threads=count,
        behind=_BEHIND in said,
        target_cpu_before=before,
        target_cpu_while=meter.target,
        profiler_cpu=meter.profiler,
        cpu_pressure=proc.cpu_pressure(),
    )


def _with(env: dict[str, str] | None) -> list[str]:
    """Return the words by which a command gets the TMPDIR that is meant for it."""
    meant = {**os.environ, **(env or {})}.get("TMPDIR")
    return [_ENV, f"TMPDIR={meant}"] if meant else [_ENV, "-u", "TMPDIR"]


def _target(pid: int | None, command: Sequence[str] | None) -> list[str]:
    if pid is not None:
        must_exist(pid)
        return ["--pid", str(pid)]
    if not command:
        raise InputError(
            "expected a pid or a command, got neither", hint="Give the pid of a Python process"
        )
    return ["--", *command_line(command)]


def command_line(command: Sequence[str]) -> list[str]:
    """Return a command to start; raises InputError when its program is not there."""
    program = command[0]
    if shutil.which(program) is None and not Path(program).is_file():
        raise InputError(
            f"command: expected a program, got {program[:80]!r}, which is not on the PATH",
            hint="Name the interpreter first, such as `python app.py`",
        )
    return list(command)


def must_exist(pid: int) -> None:
    """Raise UnreachableError unless there is such a process."""
    if pid <= 0 or not proc.exists(pid):
        raise UnreachableError(
            f"pid {pid}: no such process",
            hint="Find it with `pgrep -af python`, and give the worker's pid, not the shell's",
        )


def _may_block(threads: int | None, rate: int) -> bool:
    cost = rule("profile.recording_cost")
    return (threads or 0) <= cost.limit("blocking_threads") and rate <= cost.limit("blocking_rate")


def _load(pid: int | None, cancellation: Cancellation | None) -> float | None:
    """Return how many cores the process uses now, looked at for half a second."""
    if pid is None or (start := proc.cpu_seconds(pid)) is None:
        return None
    begun = time.monotonic()
    _pause(0.5, cancellation)
    end = proc.cpu_seconds(pid)
    return None if end is None else (end - start) / (time.monotonic() - begun)


def _pause(seconds: float, cancellation: Cancellation | None) -> None:
    if cancellation is None:
        time.sleep(seconds)
    else:
        cancellation.sleep(seconds)


@contextmanager
def _started(
    argv: list[str], log: Path, cwd: Path | None, env: dict[str, str] | None
) -> Iterator[process.Child]:
    log.touch()
    given = {**os.environ, **env} if env else None
    with process.running(argv, log=log, cwd=cwd, env=given) as child:
        yield child


def _watch(
    child: process.Child,
    duration_s: float,
    meter: Meter,
    cancellation: Cancellation | None,
    on_tick: Callable[[float], None] | None,
) -> None:
    """Wait for py-spy's end."""
    begun = time.monotonic()
    while child.ended() is None:
        elapsed = time.monotonic() - begun
        meter.look(child.pid)
        if elapsed > duration_s * 1.5 + _STARTUP_S:
            raise ToolFailedError(
                f"py-spy did not end {_STARTUP_S:g} s after the {duration_s:g} s asked for",
                hint="The machine is overloaded, or the rate too high: try a lower rate",
            )
        if on_tick is not None:
            on_tick(elapsed)
        _pause(_POLL_S, cancellation)


def _has_profiles(out: Path) -> bool:
    return b'"profiles":[]' not in out.read_bytes()[:4096]


def _refused(said: str, pid: int | None, command: Sequence[str] | None) -> SlowcoachError:
    who = _who(pid, command)
    return explained(said, who, pid)


def _nothing(pid: int | None, command: Sequence[str] | None, *, idle: bool) -> SlowcoachError:
    who = _who(pid, command)
    if idle:
        return ToolFailedError(f"{who}: no sample succeeded", hint="Record for longer")
    return ToolFailedError(
        f"{who}: no thread ran Python code while it was recorded: it waits, or it ended at once",
        hint="Put it under load while you record, or record kind=wall to see what it waits for",
    )


def _who(pid: int | None, command: Sequence[str] | None) -> str:
    return proc.name(pid) if pid is not None else f"command {' '.join(command or ())[:80]!r}"


def _redacted(profile: Profile) -> Profile:
    """py-spy names processes by their command lines, which may hold passwords in URLs."""
    frames = tuple(frame._replace(name=str(redacted("", frame.name))) for frame in profile.frames)
    return replace(profile, frames=frames)


def _thread(item: dict[str, Any]) -> ThreadStack:
    return ThreadStack(
        pid=item["pid"],
        thread_id=item["thread_id"],
        os_thread_id=item.get("os_thread_id"),
        name=item.get("thread_name") or "",
        active=bool(item["active"]),
        owns_gil=bool(item["owns_gil"]),
        frames=tuple(
            Frame(frame["name"], frame.get("filename") or None, frame.get("line") or None)
            for frame in item["frames"]
        ),
    )
