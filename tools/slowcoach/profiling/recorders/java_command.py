"""Start a command and record the JVM that it starts, from its first line on.

The JVM is told by JAVA_TOOL_OPTIONS, which it adds to the user's own; threads are looked at
meanwhile. Build tools start several JVMs: the one that used most of the processor is shown.
"""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from slowcoach.core import process, scratch
from slowcoach.core.errors import SlowcoachError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import java_flight, java_views, proc
from slowcoach.profiling.recorders.go_java_recording import (
    RuntimeRecording,
    lives,
    must_be_program,
    tail,
)
from slowcoach.profiling.recorders.java import Watch, recording
from slowcoach.profiling.recorders.java_attach import asked, is_java, takes_questions
from slowcoach.profiling.recorders.java_threads import JavaThread
from slowcoach.profiling.recorders.java_views import Seen
from slowcoach.profiling.recorders.node_recording import pause

_VARIABLE: Final = "JAVA_TOOL_OPTIONS"
_BUILD_TOOLS: Final = (
    b"org.codehaus.plexus.classworlds.launcher.Launcher",
    b"org.gradle.launcher",
    b"org.gradle.wrapper",
    b"GradleWrapperMain",
    b"sbt-launch",
)
_STEP_S, _MOMENT_S = 0.02, 2.0
_START_S = 60.0
_BUILD_S = 600.0  # a build tool compiles first
_OTHER: Final = {"cpu": "wall", "wall": "cpu"}
_NO_RECORDER = (
    "Unrecognized VM option 'StartFlightRecording",
    "Module jdk.jfr not found",
)
_NEVER_BEGAN = ("Could not find or load main class", "Unable to access jarfile")


def start(
    command: Sequence[str],
    duration_s: float,
    *,
    kind: str = "cpu",
    cwd: Path | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> dict[str, RuntimeRecording]:
    """Start a command and record its JVM until it ends or the time is up; then it is stopped.

    Returns a recording for each kind that was seen, the asked one first (cpu and wall come
    together). Raises InputError for a program that is not there, ToolFailedError without a JVM.
    """
    must_be_program(command, cwd)
    program = shutil.which(command[0])
    jdk = java_flight.release(program) if program is not None else 0
    with scratch.folder() as temporary:
        folder = Path(temporary)
        log = folder / "log"
        given = os.environ.get(_VARIABLE, "")
        options = f"{given} {java_flight.at_start(folder, kind, jdk)}".strip()
        env = {**os.environ, _VARIABLE: options}
        with process.running(command, log=log, cwd=cwd, env=env) as child:
            pid = _jvm(child, command, log, cancellation)
            watch = Watch(pid, duration_s, cancellation, on_tick)
            dumps = watch.until_done(dumping=True)
            data = _landed(pid, folder)
            code = _reaped(child, watch, cancellation)
        if code and any(word in tail(log) for word in _NEVER_BEGAN):
            raise _no_jvm(command, code, log)
        said = (f"The command ended with {code}: {tail(log)}",) if code else ()
    taken: dict[str, RuntimeRecording] = {}
    doubts: list[str] = []
    for each in filter(None, (kind, _OTHER.get(kind))):
        try:
            seen = _seen(watch, each, dumps, data, pid)
        except SlowcoachError as error:
            doubts.append(f"No {each} view: {error.message}")
            continue
        figures = {"flight recorder": java_flight.settings_said(kind, jdk)}
        taken[each] = recording(watch, seen, each, figures, None, (*said, *doubts))
    if kind in taken or (taken and kind in _OTHER):
        return taken
    raise ToolFailedError(
        f"{' '.join(command)[:80]}: {(*doubts, *said)[0]}",
        hint="Give it more to do, or record kind=wall",
    )


def _seen(watch: Watch, kind: str, dumps: list[list[JavaThread]], data: bytes, pid: int) -> Seen:
    if kind == "wall":
        return watch.walled(dumps)
    if not data:
        raise ToolFailedError(f"pid {pid}: it left no recording", hint="Record kind=wall")
    seen = java_views.recorded(data, kind, f"pid {pid}")
    return java_views.with_holders(seen, dumps, watch.seconds)


def _jvm(
    child: process.Child,
    command: Sequence[str],
    log: Path,
    cancellation: Cancellation | None,
) -> int:
    """Wait until a JVM of the command can be asked and return its pid.

    Of several the youngest that is no build tool's own counts: a build tool starts the program.
    """
    begun = time.monotonic()
    patience = _START_S if Path(command[0]).name == "java" else _BUILD_S
    while time.monotonic() - begun < patience:
        below = [pid for pid in proc.descendants(child.pid) if is_java(pid)]
        ready = [pid for pid in below if takes_questions(pid) and not _builds(pid)]
        if ready and not _starts_up(ready[-1]):
            return ready[-1]
        if child.ended() is not None:
            break
        pause(_STEP_S, cancellation)
    raise _no_jvm(command, child.ended(), log)


def _no_jvm(command: Sequence[str], code: int | None, log: Path) -> ToolFailedError:
    how = "no JVM came up" if code is None else f"it ended with {code}"
    said = tail(log)
    lacks = any(word in said for word in _NO_RECORDER)
    return ToolFailedError(
        f"{' '.join(command)[:80]}: {how}: {said}",
        hint="This JVM has no flight recorder: start it yourself and record its pid with kind=wall"
        if lacks
        else "Run the command by hand; it must start java",
    )


def _starts_up(pid: int) -> bool:
    """Tell whether a JVM still starts its recorder, before the program's first line."""
    try:
        return "running" not in asked(pid, "JFR.check", f"name={java_flight.AT_START}")
    except SlowcoachError:
        return lives(pid)


def _builds(pid: int) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return any(tool in words for tool in _BUILD_TOOLS)


def _landed(pid: int, folder: Path) -> bytes:
    try:
        return java_flight.from_start(pid, folder)
    except SlowcoachError:
        return b""


def _reaped(child: process.Child, watch: Watch, cancellation: Cancellation | None) -> int | None:
    """Return the exit code of a command whose JVM has ended, given a moment to end itself."""
    late = time.monotonic() + _MOMENT_S
    while not lives(watch.pid) and child.ended() is None and time.monotonic() < late:
        pause(_STEP_S, cancellation)
    return child.ended()
