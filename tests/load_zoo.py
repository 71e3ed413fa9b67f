"""Start a server of the zoo, load it in steps with the real generator, and watch it meanwhile."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.core.job import Job
from slowcoach.load.answer import Bottleneck
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


def loaded(
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


@contextmanager
def stopping(pid: int, every_s: float, for_s: float) -> Iterator[None]:
    """Hold a process by SIGSTOP for a while, every so often."""
    over = threading.Event()

    def hold() -> None:
        while not over.wait(every_s - for_s):
            os.kill(pid, signal.SIGSTOP)
            over.wait(for_s)
            os.kill(pid, signal.SIGCONT)

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    try:
        yield
    finally:
        over.set()
        holder.join()


_DOUBLING = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Case:
    """A server with a limit that is known, and how it is loaded.

    `figure` is the number to be named within `within` of it (None: any). `burners` compute beside;
    `cores` is the limit of its control group; `stopped` are (every, for) seconds.
    """

    server: str
    kind: str
    figure: float | None = None
    loads: Sequence[float] = _DOUBLING
    unit: LoadUnit = "users"
    seconds: float = 2.0
    within: float = 0.1
    burners: int = 0
    cores: float | None = None
    stopped: tuple[float, float] | None = None
    also: frozenset[str] = frozenset()
    timeout_s: float = 5.0

    def run(self) -> tuple[Outcome, TargetSeries]:
        """Start it, load it, and return what came of it."""
        with ExitStack() as stack:
            group = stack.enter_context(cpu_limit(self.cores)) if self.cores else None
            server = stack.enter_context(running(self.server, group))
            if self.burners:
                stack.enter_context(burning(self.burners))
            if self.stopped:
                stack.enter_context(stopping(server.pid, *self.stopped))
            return loaded(
                server, self.loads, self.seconds, unit=self.unit, timeout_s=self.timeout_s
            )

    def is_right(self, found: Bottleneck | None) -> bool:
        """Tell whether a verdict names the kind, and its number closely enough."""
        if found is None or found.kind not in {self.kind, *self.also}:
            return False
        if self.figure is None or found.kind != self.kind:
            return True
        return found.limit is not None and abs(found.limit / self.figure - 1) <= self.within + 1e-9


CASES: dict[str, Case] = {
    "pool of 8": Case("threads.py pool slots=8 ms=40", "pool", 8),
    "pool of 8, busy machine": Case("threads.py pool slots=8 ms=40", "pool", 8, burners=2),
    "pool of 5, times vary": Case("loop.py pool slots=5 ms=25 spread=0.6", "pool", 5),
    "pool of 12, Node": Case("node.cjs pool slots=12 ms=30", "pool", 12),
    "pool of 20, Go": Case("go pool slots=20 ms=50", "pool", 20, loads=(1, 2, 5, 10, 20, 40, 80)),
    "pool of 8, at a rate": Case(
        "threads.py pool slots=8 ms=40", "pool", 8, loads=(40, 80, 120, 160, 190, 240), unit="req/s"
    ),
    "pool of 30, at a rate": Case(
        "go pool slots=30 ms=100", "pool", 30, loads=(50, 100, 200, 270, 340, 400), unit="req/s"
    ),
    "lock": Case("go lock ms=8", "pool", 1),
    "computes": Case("threads.py cpu ms=4", "cpu"),
    "computes, busy machine": Case("threads.py cpu ms=4", "cpu", burners=2),
    "computes in a loop, busy machine": Case("loop.py cpu ms=4", "cpu", burners=2),
    "computes, Node, busy machine": Case("node.cjs cpu ms=3", "cpu", burners=2),
    "computes, Go": Case("go cpu ms=1", "cpu"),
    "computes, Go, busy machine": Case("go cpu ms=1", "cpu", burners=2),
    "computes, at a rate": Case(
        "loop.py cpu ms=5", "cpu", loads=(20, 50, 100, 150, 250, 300), unit="req/s"
    ),
    "limit of 24": Case("threads.py limit most=24 ms=40", "hard_limit", 24),
    "limit of 10, 429": Case("loop.py limit most=10 ms=30 status=429", "hard_limit", 10),
    "limit of 50, Go": Case(
        "go limit most=50 ms=60", "hard_limit", 50, loads=(5, 10, 20, 40, 80, 160)
    ),
    "limit of 24, at a rate": Case(
        "go limit most=24 ms=40",
        "hard_limit",
        24,
        loads=(100, 250, 400, 550, 700, 900),
        unit="req/s",
    ),
    "retrograde": Case("threads.py retrograde ms=3 each=0.15", "contention"),
    "retrograde, Go": Case("go retrograde ms=4 each=0.2", "contention"),
    "throttled to 0.3": Case("threads.py cpu ms=4", "cpu_quota", 0.3, cores=0.3),
    "throttled to 0.5, Go": Case("go cpu ms=1", "cpu_quota", 0.5, cores=0.5),
    "throttled to 0.25, loop": Case("loop.py cpu ms=2", "cpu_quota", 0.25, cores=0.25),
    "stopped 2 s of 6": Case(
        "loop.py healthy ms=2",
        "stall",
        2.0,
        loads=(200,),
        unit="req/s",
        seconds=20,
        stopped=(6.0, 2.0),
    ),
    "stopped 1 s of 4, users": Case(
        "threads.py healthy ms=10",
        "stall",
        1.0,
        loads=(2, 4, 8),
        seconds=8,
        stopped=(4.0, 1.0),
        within=0.2,
    ),
    "downstream stalls": Case(
        "threads.py downstream", "stall", 1.0, loads=(4, 8, 8), seconds=6, within=0.2
    ),
    "grows": Case("threads.py growing kb=8 ms=10", "memory", 8000, loads=(8,), seconds=16),
    "grows, Node": Case("node.cjs growing kb=12 ms=10", "memory", 12000, loads=(8,), seconds=16),
    "healthy": Case("threads.py healthy ms=10", "none", loads=(1, 2, 4, 8)),
    "healthy, at a rate": Case("go healthy ms=5", "none", loads=(50, 100, 200), unit="req/s"),
    "accept queue of 5": Case("threads.py healthy ms=10 backlog=5", "hard_limit", 5, within=0.21),
    "40 files": Case(
        "loop.py healthy ms=20 files=40", "hard_limit", 40, loads=(1, 2, 4, 8, 16, 32, 64)
    ),
    "50 files, threads": Case(
        "threads.py healthy ms=20 files=50", "hard_limit", 50, loads=(1, 2, 4, 8, 16, 32, 64, 96)
    ),
}
