"""What `record_profile` answers with. Imports no numpy: the tools' definitions load it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.result import Table
from slowcoach.core.units import duration, number, share
from slowcoach.profiling.answer import ProfileAnswer


class TimingRow(BaseModel):
    """How long one call of the function takes, with the 95 % interval of the mean."""

    model_config = ConfigDict(frozen=True)

    mean_ms: float
    ci_low_ms: float | None
    ci_high_ms: float | None
    first_call_ms: float
    repeats: int
    calls: int
    cpu_share: float | None


class Wait(BaseModel):
    """A place where threads wait: how many on average (thread-seconds a second), for what."""

    model_config = ConfigDict(frozen=True)

    threads: float
    where: str
    at: str
    what: str = ""
    held_by: str = ""


class Cost(BaseModel):
    """What the recording itself cost; CPU in cores."""

    model_config = ConfigDict(frozen=True)

    samples: int
    lost_share: float
    rate: int
    threads: int | None
    stops_threads: bool
    target_cpu_before: float | None
    target_cpu_while: float | None
    profiler_cpu: float | None


class EventLoopRow(BaseModel):
    """How late the event loop was (by timers in it), how busy, and what it waits for."""

    model_config = ConfigDict(frozen=True)

    delay_p50_ms: float
    delay_p99_ms: float
    delay_max_ms: float
    mean_wait_ms: float | None
    utilization: float | None
    gc_ms: float
    gc_count: int
    active: dict[str, int]
    queued_share: float | None
    runtime: str


class ThreadGroup(BaseModel):
    """Threads of one name (numbers left out), in threads on average."""

    model_config = ConfigDict(frozen=True)

    name: str
    threads: int
    running: float
    runnable: float | None


class States(BaseModel):
    """The kernel's account: threads on average that ran, stood ready, waited; rates a second."""

    model_config = ConfigDict(frozen=True)

    seconds: float
    processes: int
    threads: int
    running: float
    runnable: float | None
    waiting: float
    disk: float
    voluntary_switches: float
    involuntary_switches: float
    minor_faults: float
    major_faults: float
    throttled: float | None
    pressure: dict[str, float]
    busiest: tuple[ThreadGroup, ...]

    def table(self) -> Table:
        """Return the account as a table for people."""
        busy = ", ".join(
            f"{group.name} ({number(group.running)})" for group in self.busiest if group.running
        )
        figures = {
            "running": f"{number(self.running)} threads on average",
            "ready, without a processor": "unknown"
            if self.runnable is None
            else f"{number(self.runnable)} threads on average",
            "waiting": f"{number(self.waiting)} threads on average, {number(self.disk)} for disks",
            "busiest threads": busy or "-",
            "switches a second": f"{number(self.voluntary_switches)} to wait, "
            f"{number(self.involuntary_switches)} put aside",
            "page faults a second": f"{number(self.minor_faults)}, "
            f"{number(self.major_faults)} from disk",
            "stopped at the group's limit": "-"
            if self.throttled is None
            else f"{share(self.throttled)} of the time",
        }
        return Table(
            title="Kernel's account",
            columns=("figure", "value"),
            rows=tuple(figures.items()),
        )


class RecordedProfile(ProfileAnswer):
    """The answer of `record_profile`: the asked view first, waits from the other."""

    timing: TimingRow | None = None
    waits: tuple[Wait, ...] = ()
    cost: Cost | None = None
    event_loop: EventLoopRow | None = None
    runtime_figures: dict[str, str] = Field(default_factory=dict[str, str])
    """What the runtime says of itself, in words: garbage collection, locks, its threads."""
    states: States | None = None

    def tables(self) -> tuple[Table, ...]:
        """Return the profiles, where threads wait, the event loop's and the runtime's figures."""
        loop = () if self.event_loop is None else (_loop_table(self.event_loop),)
        if self.runtime_figures:
            rows = tuple(self.runtime_figures.items())
            loop = (*loop, Table(title="Runtime", columns=("figure", "value"), rows=rows))
        if self.states is not None:
            loop = (*loop, self.states.table())
        if not self.waits:
            return (*super().tables(), *loop)
        waits = Table(
            title="Where threads wait (wall clock less processor)",
            columns=("threads", "own code", "waits in", "for", "held at"),
            rows=tuple(
                (number(wait.threads), wait.where, wait.at, wait.what, wait.held_by)
                for wait in self.waits
            ),
            right=("threads",),
            note="Workers without work wait too; they cost nothing.",
        )
        return (*super().tables(), waits, *loop)


def _loop_table(loop: EventLoopRow) -> Table:
    figures = {
        "late, half of the time": duration(loop.delay_p50_ms / 1000),
        "late, slowest hundredth": duration(loop.delay_p99_ms / 1000),
        "late, at most": duration(loop.delay_max_ms / 1000),
        "busy": "unknown" if loop.utilization is None else share(loop.utilization),
        "garbage collection": f"{duration(loop.gc_ms / 1000)} in {loop.gc_count} runs",
        "waits for": ", ".join(f"{count} {name}" for name, count in loop.active.items()) or "-",
    }
    return Table(title="Event loop", columns=("figure", "value"), rows=tuple(figures.items()))
