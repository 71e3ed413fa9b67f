"""Start a command and record the Go program that it starts: by its pprof endpoint, or by perf.

`go run` and `go test` build first; the program that they start is the one that is recorded.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from slowcoach.core import process, scratch
from slowcoach.core.errors import (
    CancelledError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
)
from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import go, proc
from slowcoach.profiling.recorders.go_endpoint import NoEndpointError, endpoint
from slowcoach.profiling.recorders.go_java_recording import (
    RuntimeRecording,
    lives,
    must_be_program,
    tail,
)
from slowcoach.profiling.recorders.go_program import can_have_endpoint, is_go, is_toolchain
from slowcoach.profiling.recorders.node_recording import pause

_BUILD_S = 600.0
_LISTENS_S = 15.0  # until a program that has the handlers serves them
_STEP_S = 0.02
_OTHER: Final = {"cpu": "wall", "wall": "cpu"}
_FIRST_PART = 0.6


def start(
    command: Sequence[str],
    duration_s: float,
    *,
    kind: str = "cpu",
    cwd: Path | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> dict[str, RuntimeRecording]:
    """Start a command and record its Go program until it ends or the time is up; then stop it.

    Returns a recording for each kind that was seen, the asked one first. Raises InputError for a
    program that is not there, ToolFailedError when no Go program of it lived long enough.
    """
    must_be_program(command, cwd)
    with scratch.folder() as folder:
        log = Path(folder) / "log"
        with process.running(command, log=log, cwd=cwd) as child:
            pid = _program(child, command, log, cancellation)
            kinds = [kind]
            if _serves(pid, cancellation) and kind in _OTHER:
                kinds.append(_OTHER[kind])
            taken: dict[str, RuntimeRecording] = {}
            doubts: list[SlowcoachError] = []
            for each, part in zip(kinds, _parts(len(kinds)), strict=True):
                try:
                    taken[each] = go.attach(
                        pid,
                        max(duration_s * part, 1.0),
                        kind=each,
                        sliced=True,
                        cancellation=cancellation,
                        on_tick=on_tick,
                    )
                except CancelledError:
                    raise
                except SlowcoachError as error:
                    doubts.append(error)
            code = _code(child, pid)
        said = tail(log)
    if not taken:
        raise _short(doubts[0], pid, code, said)
    return taken


def _parts(count: int) -> tuple[float, ...]:
    return (1.0,) if count == 1 else (_FIRST_PART, 1 - _FIRST_PART)


def _short(error: SlowcoachError, pid: int, code: int | None, said: str) -> SlowcoachError:
    if code is None:
        return error
    return ToolFailedError(
        f"{error.message}; the command ended with {code}: {said}",
        hint="Give it more to do, or profile a benchmark of it: target ./package:BenchmarkName",
    )


def _code(child: process.Child, pid: int) -> int | None:
    """Return how the command ended, if it did; it notes the end of its program a moment later."""
    late = time.monotonic() + 1
    while not lives(pid) and child.ended() is None and time.monotonic() < late:
        time.sleep(_STEP_S)
    return child.ended()


def _program(
    child: process.Child,
    command: Sequence[str],
    log: Path,
    cancellation: Cancellation | None,
) -> int:
    """Wait until a Go program of the command lives, that is no tool of Go's; return its pid."""
    begun = time.monotonic()
    while time.monotonic() - begun < _BUILD_S:
        below = proc.descendants(child.pid)
        found = [pid for pid in below if is_go(pid) and not is_toolchain(pid)]
        if found:
            return found[0]
        if (code := child.ended()) is not None:
            raise ToolFailedError(
                f"{' '.join(command)[:80]}: it ended with {code} before a Go program of it was "
                f"seen: {tail(log)}",
                hint="Run the command by hand; a program that ends at once needs more to do",
            )
        pause(_STEP_S, cancellation)
    raise ToolFailedError(
        f"{' '.join(command)[:80]}: no Go program came up within {_BUILD_S:g} s: {tail(log)}",
        hint="Build it first, and give the program itself as the command",
    )


def _serves(pid: int, cancellation: Cancellation | None) -> bool:
    """Wait for the endpoint of a program that has the handlers; tell whether it serves them."""
    if not can_have_endpoint(pid):
        return False
    begun = time.monotonic()
    while time.monotonic() - begun < _LISTENS_S and lives(pid):
        try:
            endpoint(pid)
        except NoEndpointError:
            pause(_STEP_S * 5, cancellation)
        except UnreachableError:
            return False
        else:
            return True
    return False
