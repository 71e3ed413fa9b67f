"""A load generator as a process of ours: watched each tenth of a second, and never left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slowcoach.core.errors import CancelledError, ToolFailedError
from slowcoach.core.process import running
from slowcoach.load.ending_with_parent import launcher
from slowcoach.load.engine_kind import StopTestError
from slowcoach.load.generator_process import GeneratorProcess

if TYPE_CHECKING:
    from slowcoach.core.job import Job

_LOOK_S = 0.1
_LOG_LIMIT = 64 * 1024 * 1024
_TAIL = 2000


@dataclass(frozen=True, slots=True)
class Ended:
    """How a generator ended: its exit code, or why we `stopped` it; the tail of what it `said`."""

    code: int | None
    stopped: str | None
    said: str


def watched(
    argv: Sequence[str],
    *,
    job: Job,
    folder: Path,
    environment: Mapping[str, str],
    deadline_s: float,
    each: Callable[[GeneratorProcess], None],
    cores: int = 1,
) -> Ended:
    """Run a generator to its end, calling `each` ten times a second with how it fares.

    StopTestError from `each` ends it softly, and is told. Raises CancelledError when called off,
    ToolFailedError past the deadline or when it talks without end. No process is left.
    """
    log = folder / "output.log"
    deadline = time.monotonic() + deadline_s
    code: int | None = None
    stopped: str | None = None
    with running([*launcher(), *argv], log=log, env=environment, cwd=folder) as child:
        health = GeneratorProcess(child.pid, cores)
        try:
            while (code := child.ended()) is None:
                job.cancellation.sleep(_LOOK_S)
                each(health)
                _check(argv, log, deadline, deadline_s)
        except StopTestError as stop:
            stopped = str(stop)
        except CancelledError:
            _kill(child.pid)  # called off means now: nothing of it is wanted any more
            raise
    return Ended(code, stopped, _tail(log))


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _check(argv: Sequence[str], log: Path, deadline: float, deadline_s: float) -> None:
    name = Path(argv[0]).name
    if time.monotonic() > deadline:
        raise ToolFailedError(
            f"{name} did not end within {deadline_s:.0f} s: {_tail(log)}",
            hint="Look at why the script does not end",
        )
    if log.stat().st_size > _LOG_LIMIT:
        raise ToolFailedError(
            f"{name} wrote more than {_LOG_LIMIT >> 20} MB of output: {_tail(log)}",
            hint="Take the output of each request out of the script",
        )


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - _TAIL, 0))
        return " ".join(file.read(_TAIL).decode("utf-8", "replace").split())
