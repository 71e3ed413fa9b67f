"""Start a server of the zoo, load it in steps with the real generator, and watch it meanwhile."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.core.job import Job
from slowcoach.load.engine_kind import Order, engine_named
from slowcoach.load.outcome import LoadUnit, Outcome
from slowcoach.load.plan import LoadPlan, PassCriteria, Scenario
from slowcoach.load.sampling import sampling
from slowcoach.load.schedule import Schedule, Stage
from slowcoach.load.target_series import TargetSeries
from slowcoach.load.targets import target_of

FOLDER = Path(__file__).parent / "data" / "load" / "servers"
CPU_GROUPS = Path("/sys/fs/cgroup/cpu")
_RAMP_S = 0.5
_PERIOD_US = 100_000


@dataclass(frozen=True)
class Running:
    """A server that is up."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


def command(words: str) -> list[str]:
    """Return the argv of `threads.py pool slots=8`, `node.cjs ...` or `go ...` (built before)."""
    program, *rest = words.split()
    if program == "go":
        return [str(built_go()), *rest]
    first = ["node"] if program.endswith(".cjs") else [sys.executable]
    return [*first, str(FOLDER / program), *rest]


def built_go() -> Path:
    target = Path(os.environ.get("TMPDIR", "/tmp")) / f"slowcoach-zoo-go-{os.getuid()}"
    source = FOLDER / "go" / "main.go"
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["go", "build", "-o", target, "."], cwd=FOLDER / "go", check=True)
    return target


@contextmanager
def running(words: str, group: Path | None = None) -> Iterator[Running]:
    """Start a server, in a control group if one is given, and stop it when the block ends."""

    def join() -> None:
        if group is not None:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    process = subprocess.Popen(
        command(words), stdout=subprocess.PIPE, text=True, preexec_fn=join if group else None
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.strip().isdigit(), line
        yield Running(process.pid, int(line))
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def may_limit_cpu() -> bool:
    """Tell whether control groups may be made here (version 1, as root)."""
    with suppress(OSError):
        folder = CPU_GROUPS / f"slowcoach-try-{os.getpid()}"
        folder.mkdir()
        has = (folder / "cpu.cfs_quota_us").exists()
        folder.rmdir()
        return has
    return False


@contextmanager
def cpu_limit(cores: float) -> Iterator[Path]:
    """Make a control group that may use so many cores, and remove it afterwards."""
    folder = CPU_GROUPS / f"slowcoach-zoo-{os.getpid()}"
    folder.mkdir()
    try:
        (folder / "cpu.cfs_quota_us").write_text(str(int(cores * _PERIOD_US)))
        yield folder
    finally:
        for _ in range(50):
            with suppress(OSError):
                folder.rmdir()
                break
            time.sleep(0.1)


@contextmanager
def burning(count: int = 1) -> Iterator[None]:
    """Keep so many other processes computing beside."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()


def tested(
    server: Running,
    loads: Sequence[float],
    seconds: float = 3.0,
    *,
    unit: LoadUnit = "users",
    timeout_s: float = 5.0,
    in_flight_limit: int = 5_000,
) -> tuple[Outcome, TargetSeries]:
    """Load a server in steps with the built-in engine, in users or requests due a second."""
    scenario = Scenario(name="Steps", vus=int(max(loads)))
    plan = LoadPlan(
        test_name="zoo",
        target=server.url,
        date="2026-11-26",
        scenarios=(scenario,),
        pass_criteria=PassCriteria(),
    )
    schedule = Schedule(scenario.name, unit, tuple(_stages(loads, seconds)))
    job = Job()
    with tempfile.TemporaryDirectory() as folder, sampling(server.pid, 0.5) as watch:
        started = time.monotonic()
        order = Order(
            plan=plan,
            schedule=schedule,
            target=target_of(server.url, job.permissions),
            timeout_s=timeout_s,
            in_flight_limit=in_flight_limit,
            folder=Path(folder),
        )
        outcome = engine_named("builtin").run(order, job, lambda _: None)
    return outcome, watch.series(started)


def _stages(loads: Sequence[float], seconds: float) -> Iterator[Stage]:
    at = below = 0.0
    for load in loads:
        yield Stage(at, _RAMP_S, below, load, held=False)
        yield Stage(at + _RAMP_S, seconds, load, load, held=True)
        at, below = at + _RAMP_S + seconds, load
