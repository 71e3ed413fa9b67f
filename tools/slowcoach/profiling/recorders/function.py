"""Time and profile one Python function: `module:function` or `path.py:function`, with repeats.

It runs in a child process of the target's interpreter. First it is timed, undisturbed, until the
95 % interval of the mean is narrow or the time is up; then it runs again under a sampling
profiler that looks from outside (or cProfile where the system forbids that). A function that
mostly waits is shown by the wall clock, asked for or not.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from slowcoach.core import process, scratch
from slowcoach.core.errors import InputError, NotPermittedError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.core.knowledge import rule
from slowcoach.core.stats import t_quantile
from slowcoach.profiling.model import Profile
from slowcoach.profiling.readers import pstats
from slowcoach.profiling.recorders import allocations as tracing
from slowcoach.profiling.recorders import python
from slowcoach.profiling.recorders.marked import RUNNER, below_mark

_TIMING_PART = 0.4  # of the time asked for; the rest is for the profile
_SLACK_S = 60.0  # imports, and one call that began just before the end
_TWO_SIDED = 0.975


@dataclass(frozen=True)
class Timing:
    """How long one call takes: the mean with its 95 % interval, over repeats of several calls."""

    mean_ms: float
    low_ms: float | None
    high_ms: float | None
    first_ms: float
    repeats: int
    calls: int
    cpu_share: float | None


@dataclass(frozen=True)
class FunctionRecording:
    """What one function costs, and where."""

    timing: Timing
    profiles: tuple[Profile, ...]
    recording: python.Recording | None
    wall: bool
    warnings: tuple[str, ...]


def interpreter(folder: Path, asked: str | None = None) -> str:
    """Return the Python to use: the one asked for, that of the folder's .venv, or our own."""
    if asked:
        return asked
    for name in (".venv/bin/python", "venv/bin/python", ".venv/Scripts/python.exe"):
        if (folder / name).is_file():
            return str(folder / name)
    return sys.executable


def record(
    target: str,
    duration_s: float = 10.0,
    *,
    arguments: Sequence[Any] | Mapping[str, Any] | None = None,
    folder: Path | None = None,
    interpreter_path: str | None = None,
    rate: int = 100,
    idle: bool = False,
    native: bool = False,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> FunctionRecording:
    """Time and profile a function; `arguments` is a list (positional) or a mapping (by name).

    Raises InputError when it cannot be found or called, with what it raised and where.
    """
    run = _runner(target, arguments, folder, interpreter_path, cancellation)
    begun = time.monotonic()

    def tick(_elapsed: float) -> None:
        if on_tick is not None:
            on_tick(time.monotonic() - begun)

    timing = timing_of(run.time(duration_s * _TIMING_PART, tick))
    mostly_waits = rule("profile.waiting").limit("share")
    wall = idle or (timing.cpu_share is not None and 1 - timing.cpu_share > mostly_waits)
    left = max(duration_s * (1 - _TIMING_PART), 1.0)
    try:
        recording = run.sample(left, rate=rate, idle=wall, native=native, on_tick=tick)
    except NotPermittedError:
        note = (
            "the system does not allow py-spy here: this is cProfile's view, which makes small "
            "functions look dearer than they are"
        )
        return FunctionRecording(timing, run.trace(left, tick), None, True, (note,))
    profiles = tuple(filter(None, (below_mark(profile) for profile in recording)))
    if not profiles:
        raise ToolFailedError(
            f"{target}: no sample fell into the function",
            hint="Give a longer duration_s, or arguments with which it has more to do",
        )
    return FunctionRecording(timing, profiles, recording, wall, ())


def allocations(
    target: str,
    duration_s: float = 10.0,
    *,
    arguments: Sequence[Any] | Mapping[str, Any] | None = None,
    folder: Path | None = None,
    interpreter_path: str | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> list[tracing.Allocations]:
    """Trace what a function allocates, called again and again; raises as `record` does."""
    run = _runner(target, arguments, folder, interpreter_path, cancellation)
    return run.allocations(duration_s, on_tick or (lambda _elapsed: None))


def _runner(
    target: str,
    arguments: Sequence[Any] | Mapping[str, Any] | None,
    folder: Path | None,
    interpreter_path: str | None,
    cancellation: Cancellation | None,
) -> "_Runner":
    module, _, name = target.rpartition(":")
    if not module or not name:
        raise InputError(
            f"target: expected 'module:function' or 'path.py:function', got {target[:80]!r}",
            hint="Name the module, a colon, and the function: shop.orders:total",
        )
    place = folder or Path.cwd()
    if not place.is_dir():
        raise InputError(f"cwd: expected a folder, got {str(place)[:200]!r}", hint="Check the path")
    return _Runner(target, arguments, place, interpreter(place, interpreter_path), cancellation)


class _Runner:
    """Starts the runner script in the target's interpreter, in one of its three modes."""

    def __init__(
        self,
        target: str,
        arguments: Sequence[Any] | Mapping[str, Any] | None,
        folder: Path,
        interpreter_path: str,
        cancellation: Cancellation | None,
    ) -> None:
        by_name = isinstance(arguments, Mapping)
        self._request = {
            "target": target,
            "args": [] if by_name else list(arguments or ()),
            "kwargs": dict(arguments) if isinstance(arguments, Mapping) else {},
        }
        self._target, self._folder = target, folder
        self._python, self._cancellation = interpreter_path, cancellation

    def time(self, seconds: float, tick: Callable[[float], None]) -> dict[str, Any]:
        """Time calls and return the runner's answer."""
        with scratch.folder() as temporary:
            argv, answer = self._argv(Path(temporary), "time", seconds)
            self._run(argv, seconds, tick)
            return self._answer(answer)

    def trace(self, seconds: float, tick: Callable[[float], None]) -> tuple[Profile, ...]:
        """Run under cProfile."""
        with scratch.folder() as temporary:
            argv, answer = self._argv(Path(temporary), "trace", seconds)
            self._run(argv, seconds, tick)
            self._answer(answer)
            dump = (Path(temporary) / "dump").read_bytes()
        return tuple(pstats.read(dump, self._target))

    def allocations(
        self, seconds: float, tick: Callable[[float], None]
    ) -> list[tracing.Allocations]:
        """Trace the allocations of calls and read what was written."""
        with scratch.folder() as temporary:
            argv, answer = self._argv(Path(temporary), "alloc", seconds)
            self._run(argv, seconds, tick)
            self._answer(answer)
            return tracing.read(Path(temporary) / "dump", self._cancellation)

    def sample(
        self,
        seconds: float,
        *,
        rate: int,
        idle: bool,
        native: bool,
        on_tick: Callable[[float], None],
    ) -> python.Recording:
        """Run under py-spy until the runner ends by itself."""
        with scratch.folder() as temporary:
            argv, _ = self._argv(Path(temporary), "loop", seconds)
            return python.record(
                duration_s=seconds + _SLACK_S,
                command=argv,
                rate=rate,
                idle=idle,
                native=native,
                cwd=self._folder,
                cancellation=self._cancellation,
                on_tick=on_tick,
            )

    def _argv(self, temporary: Path, mode: str, seconds: float) -> tuple[list[str], Path]:
        request, answer = temporary / "request.json", temporary / "answer.json"
        asked = {**self._request, "mode": mode, "seconds": seconds, "dump": str(temporary / "dump")}
        request.write_text(json.dumps(asked), encoding="utf-8")
        return [self._python, str(RUNNER), str(request), str(answer)], answer

    def _run(self, argv: list[str], seconds: float, tick: Callable[[float], None]) -> None:
        done = process.run(
            argv,
            deadline_s=seconds + _SLACK_S,
            cancellation=self._cancellation,
            cwd=self._folder,
            check=False,
            while_running=tick,
        )
        if done.returncode != 0:
            raise ToolFailedError(
                f"{self._target}: its process ended with {done.returncode}: {done.complaint}",
                hint="Call the function by hand with the same arguments",
            )

    def _answer(self, file: Path) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if "error" not in answer:
            return answer
        where = f" at {answer['where']}" if answer["where"] else ""
        raise InputError(
            f"{self._target}: {answer['error']}: {answer['message'][:200]}{where}",
            hint=_hint(answer["error"], self._python, self._folder),
        )


def _hint(error: str, interpreter_path: str, folder: Path) -> str:
    if error in {"ModuleNotFoundError", "ImportError"}:
        return (
            f"It was looked for from {folder} with {interpreter_path}: set `cwd` to the project's "
            "folder, and `python` to the interpreter that has its packages"
        )
    if error == "AttributeError":
        return "Check the function's name; a method of a class is module:Class.method"
    if error == "TypeError":
        return "Give its arguments as JSON: `arguments` [1, 2] by position or {name: value}"
    return "The function itself failed: give arguments with which it works"


def timing_of(answer: dict[str, Any]) -> Timing:
    """Return the mean with its interval from what a runner answered."""
    means = [1000 * mean for mean in answer["means_s"]]
    mean, half = fmean(means), None
    if len(means) > 1:
        half = t_quantile(_TWO_SIDED, len(means) - 1) * stdev(means) / len(means) ** 0.5
    return Timing(
        mean_ms=mean,
        low_ms=None if half is None else max(mean - half, 0.0),
        high_ms=None if half is None else mean + half,
        first_ms=1000 * answer["first_s"],
        repeats=len(means),
        calls=answer["calls"],
        cpu_share=answer["cpu_share"],
    )
