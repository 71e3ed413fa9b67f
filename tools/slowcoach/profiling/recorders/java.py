"""Record running Java programs with the JDK's own recorder, through jcmd: no restart, no agent.

The wall clock is thread dumps, taken again and again: the recorder's samples leave out threads
that wait, and its events short waits.
"""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slowcoach.core import process
from slowcoach.core.errors import (
    InputError,
    MissingDependencyError,
    NotPermittedError,
    ToolFailedError,
    UnreachableError,
)
from slowcoach.core.job import Cancellation
from slowcoach.profiling.model import Profile
from slowcoach.profiling.readers import jfr
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.java_threads import JavaThread, threads_of, wall_clock
from slowcoach.profiling.recorders.node_recording import Meter, pause
from slowcoach.profiling.recorders.recording import Recording

_DEADLINE_S = 60.0
_BEFORE_S = 0.5
_POLL_S = 0.1
_EVERY_S = 0.5  # between two thread dumps; jcmd itself is a Java program
_RATE = 50  # of jdk.ExecutionSample in settings=profile on JDK 17: every 20 ms
_FAILED: Final = re.compile(r"Could not start recording|No Flight Recording|Exception|not found")
_ORDER: Final = {
    "cpu": ("execution", "cpu time"),
    "alloc": ("allocation",),
    "lock": ("monitor enter", "park"),
}


@dataclass(frozen=True, eq=False)
class JavaRecording(Recording):
    """The views of one recording, the asked one first; `running` is the wall clock of threads
    that neither wait nor sleep.
    """

    warnings: tuple[str, ...] = ()
    running: Profile | None = None


def jcmd(pid: int) -> str:
    """Return the jcmd of the JDK that runs a process, or one on the PATH."""
    try:
        beside = Path(f"/proc/{pid}/exe").readlink().with_name("jcmd")
    except OSError:
        beside = Path("jcmd")
    found = str(beside) if beside.is_file() else shutil.which("jcmd")
    if found is None:
        raise MissingDependencyError(
            "jcmd is not installed: it belongs to a JDK, and a JRE has none",
            hint="Install a JDK (any of 17 or later can look at the others)",
        )
    return found


def is_java(pid: int) -> bool:
    """Tell whether a process runs a JVM: by its program, or a libjvm that it has loaded."""
    try:
        if Path(f"/proc/{pid}/exe").readlink().name == "java":
            return True
        return "/libjvm.so" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def starts_java(command: Sequence[str]) -> bool:
    """Tell whether a command starts a JVM."""
    return bool(command) and Path(command[0]).name == "java"


def dump(pid: int, cancellation: Cancellation | None = None) -> list[JavaThread]:
    """Return what each thread of a Java process does now (stops it for some milliseconds).

    Raises UnreachableError, NotPermittedError or InputError (not Java) saying what to do.
    """
    _must_be_java(pid)
    return threads_of(_asked(pid, ["Thread.print"], cancellation))


def attach(
    pid: int,
    duration_s: float,
    *,
    kind: str = "cpu",
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> JavaRecording:
    """Record a running Java program: kind cpu, wall, alloc or lock. Its recording is stopped
    and its file deleted on every way out.

    Raises errors of core.errors saying what to do; CancelledError.
    """
    _must_be_java(pid)
    before = Meter(pid)
    pause(_BEFORE_S, cancellation)
    cpu_before = before.cores()
    meter = Meter(pid)
    running: Profile | None = None

    def tick() -> None:
        if on_tick is not None:
            on_tick(meter.seconds)

    if kind == "wall":
        whole, running = _polled(pid, duration_s, tick, cancellation)
        profiles: Sequence[Profile] = [whole]
    else:
        profiles = _recorded(pid, duration_s, kind, tick, cancellation)
    return JavaRecording(
        profiles=tuple(profiles),
        samples=profiles[0].samples or 0,
        lost=0,
        seconds=meter.seconds,
        rate=round(1 / _EVERY_S) if kind == "wall" else _RATE,
        blocking=kind == "wall",
        threads=proc.threads(pid),
        behind=False,
        target_cpu_before=cpu_before,
        target_cpu_while=meter.cores(),
        profiler_cpu=meter.recorder(),
        cpu_pressure=proc.cpu_pressure(),
        together=kind == "wall",
        running=running,
    )


def _must_be_java(pid: int) -> None:
    if not proc.exists(pid):
        raise UnreachableError(f"pid {pid}: no such process", hint="Find it with `jcmd -l`")
    if not os.access(f"/proc/{pid}/maps", os.R_OK):
        raise NotPermittedError(
            f"{proc.name(pid)}: the system does not let us look at this process",
            hint="Run Slowcoach as the user who runs it, or as root",
        )
    if not is_java(pid):
        raise InputError(
            f"{proc.name(pid)}: expected a Java process", hint="`jcmd -l` lists those there are"
        )


def _asked(pid: int, words: Sequence[str], cancellation: Cancellation | None = None) -> str:
    done = process.run(
        [jcmd(pid), str(pid), *words],
        deadline_s=_DEADLINE_S,
        cancellation=cancellation,
        check=False,
    )
    if done.returncode != 0 or (words[0].startswith("JFR") and _FAILED.search(done.text)):
        said = done.complaint if done.returncode != 0 else " ".join(done.text.split())[:300]
        raise ToolFailedError(
            f"jcmd {pid} {words[0]}: {said}",
            hint="Try the same jcmd by hand, as the user who runs the program",
        )
    return done.text


def _recorded(
    pid: int,
    duration_s: float,
    kind: str,
    tick: Callable[[], None],
    cancellation: Cancellation | None,
) -> list[Profile]:
    """Record with Java Flight Recorder; the program writes the file, in its own user's name."""
    name = f"slowcoach-{os.getpid()}-{time.monotonic_ns()}"
    with tempfile.TemporaryDirectory(prefix="slowcoach-") as folder:
        _hand_over(folder, pid)
        file = Path(folder) / "recording.jfr"
        _asked(pid, ["JFR.start", f"name={name}", "settings=profile"], cancellation)
        try:
            begun = time.monotonic()
            while time.monotonic() - begun < duration_s:
                tick()
                pause(_POLL_S, cancellation)
            _asked(pid, ["JFR.dump", f"name={name}", f"filename={_inside(pid, file)}"])
        finally:
            if proc.exists(pid):
                _asked(pid, ["JFR.stop", f"name={name}"])
        return _views(jfr.READER.read(_written(pid, file).read_bytes(), f"pid {pid}"), kind, pid)


def _hand_over(folder: str, pid: int) -> None:
    """Give our folder to the program's user, who writes the recording into it."""
    owner = Path(f"/proc/{pid}").stat()
    if os.geteuid() != owner.st_uid:
        os.chown(folder, owner.st_uid, owner.st_gid)


def _inside(pid: int, file: Path) -> Path:
    """Return where the program finds our file: a container has folders of its own."""
    return file if _same_root(pid) else Path("/tmp") / f"{file.parent.name}.jfr"  # noqa: S108


def _written(pid: int, file: Path) -> Path:
    if _same_root(pid):
        return file
    there = Path(f"/proc/{pid}/root/tmp") / f"{file.parent.name}.jfr"
    file.write_bytes(there.read_bytes())
    there.unlink()
    return file


def _same_root(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/root").stat() == Path("/").stat()
    except OSError:
        return True


def _views(profiles: list[Profile], kind: str, pid: int) -> list[Profile]:
    """Put what was asked for first; raise when there is none of it."""
    wanted = [profile for profile in profiles if profile.value in _ORDER[kind]]
    if not wanted:
        raise ToolFailedError(
            f"{proc.name(pid)}: no {kind} events were recorded",
            hint="Put the program under load while you record, or record kind=wall",
        )
    return [*wanted, *(profile for profile in profiles if profile not in wanted)]


def _polled(
    pid: int,
    duration_s: float,
    tick: Callable[[], None],
    cancellation: Cancellation | None,
) -> tuple[Profile, Profile]:
    """Return the wall clock of all threads, and of those that the JVM calls runnable."""
    dumps: list[list[JavaThread]] = []
    begun = time.monotonic()
    while time.monotonic() - begun < duration_s or not dumps:
        dumps.append(threads_of(_asked(pid, ["Thread.print"], cancellation)))
        tick()
        pause(_EVERY_S, cancellation)
    seconds = time.monotonic() - begun
    runnable = [[thread for thread in each if thread.state == "RUNNABLE"] for each in dumps]
    return wall_clock(dumps, seconds), wall_clock(runnable, seconds)
