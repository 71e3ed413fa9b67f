"""Runs Linux's perf: `perf record` for a while, then `perf script`, its data in a private folder.

Nothing of it is left: perf's cache of build ids is off, and its user's configuration is not read.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slowcoach.core import process, scratch
from slowcoach.core.errors import (
    InputError,
    MissingDependencyError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation
from slowcoach.load.ending_with_parent import launcher
from slowcoach.profiling.recorders import perf_script, proc
from slowcoach.profiling.recorders.meter import Meter
from slowcoach.profiling.recorders.perf_script import Script

FIELDS: Final = "comm,pid,tid,time,event,period,ip,sym,dso"
_LARGEST: Final = "300M"  # of perf's data; a dump of a stack takes 8 kB
_DEEPEST: Final = 200
_POLL_S, _START_POLL_S = 0.1, 0.02
_STARTUP_S = 60.0
_ANSWER = 64
_PATIENCE_S = 5.0  # for a program that is told to end
_WRITING_S = 90.0
_SCRIPT_S = 120.0
_SAID = 600
_UNPRIVILEGED_PARANOIA, _NO_KERNEL = 2, 1
_PARANOID = Path("/proc/sys/kernel/perf_event_paranoid")
_ENVIRONMENT: Final = {"PERF_CONFIG": "/dev/null", "DEBUGINFOD_URLS": "", "LC_ALL": "C.UTF-8"}
_REFUSED = ("permission", "not permitted", "perf_event_paranoid", "access to performance")
_ABSENT = ("not implemented", "no such device", "not supported")


@dataclass(frozen=True, slots=True)
class Taken:
    """What perf saw: the script, how long, and figures of the cost."""

    script: Script
    begun: float  # by the monotonic clock, as the script's times
    ended_at: float
    meter: Meter
    ended: bool  # the program ended by itself
    full: bool  # the data reached its limit

    @property
    def seconds(self) -> float:
        """Return how long was recorded."""
        return max(self.ended_at - self.begun, 1e-3)


def perf() -> str:
    """Return the path of perf; raises UnsupportedError off Linux, MissingDependencyError."""
    if sys.platform != "linux":
        raise UnsupportedError("perf needs Linux", hint="Record with the system's own profiler")
    found = shutil.which("perf")
    if found is None:
        raise MissingDependencyError(
            "perf is not installed",
            hint="apt install linux-perf (Debian), linux-tools-$(uname -r) (Ubuntu), perf (Fedora)",
        )
    return found


def installed() -> bool:
    """Tell whether there is a perf to run."""
    return sys.platform == "linux" and shutil.which("perf") is not None


def kernel_visible() -> bool:
    """Tell whether we may see the kernel's side: its frames, and threads that are put aside."""
    if getattr(os, "geteuid", lambda: 1)() == 0:
        return True
    try:
        return int(_PARANOID.read_text(encoding="ascii")) <= _NO_KERNEL
    except (OSError, ValueError):
        return False


def take(
    events: Sequence[str],
    *,
    pid: int | None = None,
    command: Sequence[str] = (),
    duration_s: float,
    switches: bool = False,
    fields: str = FIELDS,
    cwd: Path | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
    look: Callable[[int], None] | None = None,
) -> Taken:
    """Record a process with its children, or a command, which is stopped at the end.

    `events` are options of `perf record`; `switches`: also when threads run and rest; `look` is
    called ten times a second with perf's pid.
    Raises NotPermittedError, UnreachableError, InputError, ToolFailedError, CancelledError.
    """
    must_be(pid, command)
    program = perf()
    target = _target(pid, command)
    with scratch.folder() as folder:
        data, log = Path(folder) / "perf.data", Path(folder) / "log"
        argv = [program, "record", "-o", str(data), "--no-buildid", "--no-buildid-cache"]
        argv += ["--clockid", "CLOCK_MONOTONIC", "--max-size", _LARGEST, *events]
        argv += ["--switch-events"] if switches else []
        control = Path(folder) / "control", Path(folder) / "answer"
        for pipe in control:
            os.mkfifo(pipe)
        argv += ["--control", "fifo:" + ",".join(map(str, control))]
        log.touch()
        # beside a process perf would go on for ever if we were killed
        argv = [*(launcher() if pid is not None else ()), *argv, *target]
        with process.running(argv, log=log, cwd=cwd, env=_environment()) as child:
            _await_start(child, control, cancellation)
            meter = Meter(pid, subprocesses=pid is None)
            begun = time.monotonic()
            ended = _watch(child, duration_s, meter, cancellation, on_tick, look)
            ended_at = time.monotonic()
            _finish(child, cancellation)
        said = log.read_text(encoding="utf-8", errors="replace")
        if not data.exists() or not data.stat().st_size:
            raise _explained(said, pid, command)
        with _printed(program, data, Path(folder), fields, cancellation) as lines:
            script = perf_script.parse(lines)
    full = "maximum size" in said or "size limit" in said
    return Taken(script, begun, ended_at, meter, ended, full)


def _environment() -> dict[str, str]:
    return {**os.environ, **_ENVIRONMENT}


def _target(pid: int | None, command: Sequence[str]) -> list[str]:
    if pid is not None:
        return ["-p", ",".join(map(str, proc.descendants(pid)))]
    return ["--", *command]


def must_be(pid: int | None, command: Sequence[str]) -> None:
    """Raise UnreachableError or InputError unless there is such a process, or a program."""
    if pid is None:
        must_start(command)
    elif pid <= 0 or not proc.exists(pid):
        raise UnreachableError(f"pid {pid}: no such process", hint="Find it with `pgrep -a NAME`")


def must_start(command: Sequence[str]) -> None:
    """Raise InputError unless a command names a program."""
    if not command or (shutil.which(command[0]) is None and not Path(command[0]).is_file()):
        said = repr(command[0][:80]) if command else "none"
        raise InputError(
            f"command: expected a program, got {said}, which is not on the PATH",
            hint="Give the program's path",
        )


def _await_start(
    child: process.Child, control: tuple[Path, Path], cancellation: Cancellation | None
) -> None:
    """Wait until perf answers, and so records: on a busy machine that takes seconds."""
    begun = time.monotonic()
    ask, answer = (os.open(pipe, os.O_RDWR | os.O_NONBLOCK) for pipe in control)
    try:
        os.write(ask, b"ping\n")
        while child.ended() is None:
            with suppress(BlockingIOError):
                if os.read(answer, _ANSWER):
                    return
            if time.monotonic() - begun > _STARTUP_S:
                raise ToolFailedError(
                    f"perf did not begin within {_STARTUP_S:g} s", hint="The machine is overloaded"
                )
            pause(_START_POLL_S, cancellation)
    finally:
        os.close(ask)
        os.close(answer)


def _watch(
    child: process.Child,
    duration_s: float,
    meter: Meter,
    cancellation: Cancellation | None,
    on_tick: Callable[[float], None] | None,
    look: Callable[[int], None] | None,
) -> bool:
    """Wait for the time to be up; tells whether perf ended before, with its target."""
    begun = time.monotonic()
    while (left := begun + duration_s - time.monotonic()) > 0:
        if child.ended() is not None:
            return True
        meter.look(child.pid)
        if look is not None:
            look(child.pid)
        if on_tick is not None:
            on_tick(time.monotonic() - begun)
        pause(min(_POLL_S, left), cancellation)
    meter.look(child.pid)
    return False


def _finish(child: process.Child, cancellation: Cancellation | None) -> None:
    """Have perf write what it has: it ends a command that it started, and waits for its end."""
    if child.ended() is not None:
        return
    begun, asked = time.monotonic(), False
    _signal(child.pid, signal.SIGINT)
    while child.ended() is None:
        waited = time.monotonic() - begun
        if waited > _PATIENCE_S and not asked:
            asked = True
            for other in proc.descendants(child.pid)[1:]:
                _signal(other, getattr(signal, "SIGKILL", signal.SIGTERM))
        if waited > _WRITING_S:
            raise ToolFailedError(
                f"perf did not end within {_WRITING_S:g} s", hint="Record for less time"
            )
        pause(_POLL_S, cancellation)


def _signal(pid: int, number: int) -> None:
    with suppress(OSError):
        os.kill(pid, number)


def pause(seconds: float, cancellation: Cancellation | None) -> None:
    """Wait; raises CancelledError when the work is called off."""
    if cancellation is None:
        time.sleep(seconds)
    else:
        cancellation.sleep(seconds)


@contextmanager
def _printed(
    program: str, data: Path, folder: Path, fields: str, cancellation: Cancellation | None
) -> Iterator[Iterator[str]]:
    """Run `perf script` into a file and give its lines."""
    out, begun = folder / "script", time.monotonic()
    argv = [program, "script", "-i", str(data), "--no-inline", "--max-stack", str(_DEEPEST)]
    argv += ["--show-switch-events", "--show-lost-events", "-F", fields]
    with process.running(argv, log=out, env=_environment()) as child:
        while child.ended() is None:
            if time.monotonic() - begun > _SCRIPT_S:
                raise ToolFailedError(
                    f"perf script did not end within {_SCRIPT_S:g} s",
                    hint="Record for less time, or at a lower rate",
                )
            pause(_POLL_S, cancellation)
    with out.open(encoding="utf-8", errors="replace") as lines:
        yield lines


def _explained(said: str, pid: int | None, command: Sequence[str]) -> SlowcoachError:
    who = proc.name(pid) if pid is not None else f"command {' '.join(command)[:80]!r}"
    low = said.lower()
    tail = " ".join(said[-_SAID:].split())
    if any(word in low for word in _REFUSED):
        return NotPermittedError(f"{who}: the kernel refuses to be recorded by perf", hint=_allow())
    if pid is not None and not proc.exists(pid):
        return UnreachableError(f"{who}: ended before it was recorded", hint="Start it again")
    if any(word in low for word in _ABSENT):
        return UnsupportedError(
            f"{who}: this kernel has no perf events: {tail}",
            hint="Record on the host of this container or virtual machine",
        )
    return ToolFailedError(f"perf recorded nothing of {who}: {tail}", hint="Run it by hand")


def _allow() -> str:
    try:
        level = int(_PARANOID.read_text(encoding="ascii"))
    except (OSError, ValueError):
        level = 0
    if level >= _UNPRIVILEGED_PARANOIA:
        return (
            f"kernel.perf_event_paranoid is {level}: `sudo sysctl kernel.perf_event_paranoid=1`, "
            "or run slowcoach as root"
        )
    return (
        "Run slowcoach as the program's user or root; in a container add the capability PERFMON "
        "(docker run --cap-add PERFMON) and a seccomp profile that allows perf_event_open"
    )
