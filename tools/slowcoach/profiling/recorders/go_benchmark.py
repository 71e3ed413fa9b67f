"""Time and profile a Go benchmark (`./pkg:BenchmarkPrice`), or a function (`./pkg:Price`).

A function is called by a benchmark of ours, which the compiler is given beside the package's own
files (an overlay: nothing is written into the package). Repeats go on until the interval of the
mean is narrow; the profile is of a run of its own.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Final

from slowcoach.core import process, scratch
from slowcoach.core.errors import InputError, MissingDependencyError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.core.units import number, quantity
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.readers import pprof
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.function import timing_of
from slowcoach.profiling.recorders.go_java_recording import (
    FunctionTaken,
    RuntimeRecording,
    below,
    placed,
)
from slowcoach.profiling.recorders.go_overlay import (
    BENCHMARK,
    TEST_FILE,
    call_of,
    in_module,
    overlay,
)
from slowcoach.profiling.recorders.go_views import going_on
from slowcoach.profiling.recorders.node_recording import pause

_TARGET: Final = re.compile(r"(?P<place>[\w./-]*):(?P<name>[A-Za-z_]\w*(?:/\S+)?)")
_BENCHMARK: Final = re.compile(r"Benchmark($|[^a-z])")
_ROW: Final = re.compile(
    r"^(Benchmark\S+?)(?:-\d+)?\s+(\d+)\s+([\d.]+) ns/op"
    r"(?:.*?\s([\d.]+) B/op\s+([\d.]+) allocs/op)?",
    re.MULTILINE,
)
_TIMING_PART = 0.4
_LEAST, _NARROW = 5, 0.01
_BUILD_S, _SLACK_S = 600.0, 120.0
_TAIL = 500
_FILES: Final = {
    "cpu": {"cpuprofile": "cpu"},
    "alloc": {"memprofile": "alloc"},
    "lock": {"blockprofile": "block", "mutexprofile": "mutex"},
}
_MORE: Final = {"alloc": ("-test.memprofilerate=65536",)}  # bytes between samples

_RATE, _REPEATS, _LONGER, _STEP_S, _Z = 100, 20, 10, 0.05, 1.96
_VALUES: Final = {
    "cpu": ("cpu",),
    "alloc": ("alloc_space",),
    "lock": ("delay",),
}


def is_go_target(target: str) -> bool:
    """Tell whether a target names a function of Go: `./pkg:Name`, `x.go:Name`, `pkg:BenchmarkX`."""
    found = _TARGET.fullmatch(target)
    if found is None:
        return False
    place = found["place"]
    return (
        place.endswith(".go")
        or (place.startswith("./") and "." not in Path(place).name)
        or place == "."
        or bool(_BENCHMARK.match(found["name"]))
    )


def record(
    target: str,
    duration_s: float,
    *,
    kind: str = "cpu",
    arguments: Sequence[Any] | Mapping[str, Any] | None = None,
    folder: Path | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> FunctionTaken:
    """Time and profile a benchmark or a function; `arguments` of a function are JSON values.

    Raises InputError when it does not compile or there is no such benchmark, with what Go says.
    """
    found = _TARGET.fullmatch(target)
    if found is None:
        raise InputError(
            f"target: expected './pkg:BenchmarkName' or './pkg:Function', got {target[:80]!r}",
            hint="Name the package's folder, a colon, and the benchmark or function",
        )
    place, name = folder or Path.cwd(), found["name"]
    ours = not _BENCHMARK.match(name)
    with scratch.folder() as temporary:
        run = _Run(place, Path(temporary), target, cancellation, on_tick)
        call = call_of(name, arguments) if ours else ""
        run.build(found["place"], call)
        pattern = "/".join(f"^{part}$" for part in (BENCHMARK if ours else name).split("/"))
        timing, memory = run.timed(pattern, duration_s * _TIMING_PART)
        left = max(duration_s * (1 - _TIMING_PART), 1.0)
        profiles = run.profiled(pattern, left, kind)
    mark = BENCHMARK if ours else name.partition("/")[0]
    shown = tuple(placed(below(each, _marked(mark), _is_ours)) for each in profiles)
    recording = _recording(shown, left, kind, memory)
    return FunctionTaken(timing_of(timing), recording, kind)


def _marked(name: str) -> Callable[[Frame], bool]:
    return lambda frame: bool(re.search(rf"\.{name}(\.func\d[\w.]*)?$", frame.name))


def _is_ours(frame: Frame) -> bool:
    return frame.name.startswith(("testing.", "runtime.main", "main.main", "runtime/pprof"))


def _recording(
    profiles: tuple[Profile, ...], seconds: float, kind: str, figures: dict[str, str]
) -> RuntimeRecording:
    return RuntimeRecording(
        profiles=profiles,
        samples=profiles[0].samples or 0,
        lost=0,
        seconds=seconds,
        rate=_RATE,
        blocking=False,
        threads=None,
        behind=False,
        target_cpu_before=None,
        target_cpu_while=None,
        profiler_cpu=None,
        cpu_pressure=proc.cpu_pressure(),
        figures=figures,
    )


@dataclass(slots=True)
class _Run:
    """Builds a test program once and runs it, in the package's folder as `go test` does."""

    place: Path
    work: Path
    target: str
    cancellation: Cancellation | None
    on_tick: Callable[[float], None] | None
    package: Path = Path()
    spent: float = 0.0

    def build(self, place: str, call: str) -> None:
        """Build the package's tests, with a benchmark that makes the call if there is one."""
        go = _go()
        path = self.place / place
        self.package = path.parent if place.endswith(".go") else path
        if not path.exists():
            raise InputError(
                f"target: no such file or folder: {path}", hint="Give its path from `cwd`"
            )
        alone = place.endswith(".go") and not in_module(self.package)
        argv = [go, "test", "-c", "-o", str(self.work / "program")]
        if call:
            argv += ["-overlay", str(overlay(path, self.package, call, self.work))]
        if alone:
            argv += [path.name, *([TEST_FILE] if call else [])]
        else:
            argv.append(".")
        done = process.run(
            argv,
            deadline_s=_BUILD_S,
            cancellation=self.cancellation,
            cwd=self.package,
            env={**os.environ, "GOTMPDIR": str(self.work)},  # a killed `go` leaves its folder
            check=False,
        )
        if done.returncode != 0 or not (self.work / "program").is_file():
            said = done.complaint or "the package has no tests"
            raise InputError(
                f"{self.target}: go test -c: {said[-_TAIL:]}",
                hint="Give arguments of the function's types as JSON, and the module as `cwd`",
            )

    def timed(self, pattern: str, seconds: float) -> tuple[dict[str, Any], dict[str, str]]:
        """Repeat the benchmark until the interval is narrow or the time is up."""
        means: list[float] = []
        calls, busy, looked = 0, 0.0, 0.0
        begun = time.monotonic()
        each_s = max(seconds / _REPEATS, 0.02)
        bench = ["-test.benchmem", f"-test.benchtime={each_s:.3f}s", f"-test.count={_LEAST}"]
        memory: dict[str, str] = {}
        while time.monotonic() - begun < seconds or len(means) < _LEAST:
            text, cpu, took = self.run(pattern, bench, seconds)
            rows = _ROW.findall(text)
            self._must_be_one(rows, text)
            busy, looked = busy + cpu, looked + took
            means += [float(row[2]) / 1e9 for row in rows]
            calls += sum(int(row[1]) for row in rows)
            if rows[-1][3]:
                memory = {
                    "allocated": f"{quantity(float(rows[-1][3]), 'bytes')} in "
                    f"{number(float(rows[-1][4]))} objects a call"
                }
            if _narrow(means):
                break
        share = min(busy / looked, 1.0) if looked else None
        first = means[0]
        return {"means_s": means, "first_s": first, "calls": calls, "cpu_share": share}, memory

    def _must_be_one(self, rows: Sequence[Sequence[str]], text: str) -> None:
        names = sorted({row[0] for row in rows})
        if len(names) == 1:
            return
        if not names:
            raise InputError(
                f"{self.target}: no benchmark ran: {' '.join(text.split())[-_TAIL:]}",
                hint="Check its name; it must not be skipped or fail",
            )
        raise InputError(
            f"{self.target}: {len(names)} benchmarks: {', '.join(names)[:_TAIL]}",
            hint=f"Name one of them, such as {self.target.partition(':')[0]}:{names[0]}",
        )

    def profiled(self, pattern: str, seconds: float, kind: str) -> list[Profile]:
        """Run the benchmark once more, recorded, and return its profiles."""
        flags = [f"-test.{flag}={self.work / name}" for flag, name in _FILES[kind].items()]
        flags += [f"-test.benchtime={seconds:.2f}s", "-test.count=1", *_MORE.get(kind, ())]
        self.run(pattern, flags, seconds)
        found: list[Profile] = []
        for name in _FILES[kind].values():
            file = self.work / name
            read = pprof.READER.read(file.read_bytes(), name) if file.is_file() else []
            found += [
                replace(going_on(each), name=name)
                for each in read
                if each.value in _VALUES[kind] and each.total > 0
            ]
        if not found:
            raise ToolFailedError(
                f"{self.target}: nothing was recorded of it",
                hint="Give a longer duration_s; kind=cpu shows what runs",
            )
        return found

    def run(self, pattern: str, flags: Sequence[str], seconds: float) -> tuple[str, float, float]:
        """Return what a run said, the seconds its threads ran or were ready to, and how long."""
        argv = [str(self.work / "program"), "-test.run=^$", f"-test.bench={pattern}", *flags]
        log = self.work / f"log{len(list(self.work.glob('log*')))}"
        begun, busy = time.monotonic(), 0.0
        with process.running(argv, log=log, cwd=self.package) as child:
            while (code := child.ended()) is None:
                times = proc.thread_times(child.pid).values()
                busy = max(busy, sum(ran + queued for ran, queued in times))
                took = time.monotonic() - begun
                if took > _LONGER * seconds + _SLACK_S:
                    raise ToolFailedError(
                        f"{self.target}: it did not end within {took:.0f} s",
                        hint="Give arguments with which it has less to do",
                    )
                if self.on_tick is not None:
                    self.on_tick(self.spent + took)
                pause(_STEP_S, self.cancellation)
        took = time.monotonic() - begun
        self.spent += took
        text = log.read_text(encoding="utf-8", errors="replace")
        if code:
            raise InputError(
                f"{self.target}: it ended with {code}: {' '.join(text.split())[-_TAIL:]}",
                hint="The benchmark itself failed: run it by hand with go test -bench",
            )
        return text, busy, took


def _go() -> str:
    found = shutil.which("go")
    if found is None:
        raise MissingDependencyError("go is not on the PATH", hint="Install Go, 1.24 or later")
    return found


def _narrow(means: Sequence[float]) -> bool:
    """Tell whether the 95 % interval of the mean is narrow already."""
    if len(means) < _LEAST:
        return False
    return bool(_Z * stdev(means) / len(means) ** 0.5 <= _NARROW * fmean(means))
