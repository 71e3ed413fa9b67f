"""The tool `record_profile`: look at a running program, a command or one function."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.errors import InputError, UnsupportedError
from slowcoach.core.job import Job
from slowcoach.core.result import Table
from slowcoach.core.tool import Tool
from slowcoach.core.units import duration, number
from slowcoach.profiling.answer import ProfileAnswer

if TYPE_CHECKING:
    from slowcoach.profiling.session import Session

_ARTEFACT = "profile.speedscope.json"
_INSTEAD = {
    "alloc": "check_memory names what grows; `memray attach PID` writes a file for allocations",
    "lock": "kind=wall shows the lines where threads stand at locks",
}
_OTHER_TOOLS = {
    "node": "node --cpu-prof app.js, or 0x",
    "go": "go tool pprof http://HOST/debug/pprof/profile?seconds=30",
    "java": "asprof -d 30 -o collapsed PID, or jcmd PID JFR.start",
}


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
    """A place where threads wait: how many on average (thread-seconds a second)."""

    model_config = ConfigDict(frozen=True)

    threads: float
    where: str
    at: str


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


class RecordedProfile(ProfileAnswer):
    """The answer of `record_profile`: the asked view first, waits from the other."""

    timing: TimingRow | None = None
    waits: tuple[Wait, ...] = ()
    cost: Cost | None = None

    def tables(self) -> tuple[Table, ...]:
        """Return the profiles, and where threads wait."""
        if not self.waits:
            return super().tables()
        waits = Table(
            title="Where threads wait (wall clock less processor)",
            columns=("threads", "own code", "waits in"),
            rows=tuple((number(wait.threads), wait.where, wait.at) for wait in self.waits),
            right=("threads",),
            note="Workers without work wait too; they cost nothing.",
        )
        return (*super().tables(), waits)


def record_profile(
    job: Job,
    pid: Annotated[int | None, Field(ge=1, description="A running process.")] = None,
    command: Annotated[
        str | list[str] | None, Field(description="Or a program to start (no shell).")
    ] = None,
    target: Annotated[
        str | None, Field(description="Or one function: module:function or path.py:function.")
    ] = None,
    duration_s: Annotated[float, Field(ge=1, le=600)] = 10.0,
    kind: Annotated[
        Literal["cpu", "wall", "alloc", "lock"], Field(description="wall: with waiting threads.")
    ] = "cpu",
    language: Literal["python", "node", "go", "java"] = "python",
    arguments: Annotated[
        list[Any] | dict[str, Any] | None, Field(description="Of the target, as JSON.")
    ] = None,
    cwd: Annotated[str | None, Field(description="Folder to run in.")] = None,
    python: Annotated[str | None, Field(description="The target's interpreter.")] = None,
    rate: Annotated[int, Field(ge=1, le=1000, description="Samples a second.")] = 100,
    native: Annotated[bool, Field(description="Frames of C code too.")] = False,
    top: Annotated[int | None, Field(ge=1, le=100_000, description="Frames to show.")] = None,
) -> RecordedProfile:
    """Profile a running Python process, a command, or one function, without changing it.

    Use it when something is slow and its cause unknown. A pid gets two views one after the other:
    on-CPU (hot code) and wall clock (what threads wait for); the program must be under its load
    meanwhile. A target is called again and again: mean time with 95 % interval, then its lines.
    Subprocesses are followed. The answer states what the recording itself cost.
    Next: change the function named first, record again, and compare.
    """
    job.permissions.require_execute("record_profile")
    _supported(kind, language)
    from slowcoach.profiling import session
    from slowcoach.profiling.export import to_speedscope

    asked = session.Request(
        pid=pid,
        command=tuple(_words(command)),
        target=target,
        duration_s=duration_s,
        wall=kind == "wall",
        arguments=arguments,
        folder=_folder(cwd),
        interpreter=python,
        rate=rate,
        native=native,
    )
    taken = session.record(asked, job)
    uri = job.save(_ARTEFACT, to_speedscope(taken.views, taken.name), "application/json")
    return _answer(taken, top).model_copy(update={"speedscope": uri})


def _answer(taken: Session, top: int | None) -> RecordedProfile:
    from slowcoach.profiling import answer, checks, session, summary
    from slowcoach.profiling.judged import judged

    recording = judged(taken.judged)
    if taken.on_wall:
        recording = recording.with_waits(session.idle_functions(taken))
    findings, not_checked = checks.look(recording)
    if taken.on_wall:  # a wide plateau of wall time may be a wait: that is no hot function
        findings = tuple(finding.model_copy(update={"cause": None}) for finding in findings)
    said = summary.summary(recording, findings, "wall time" if taken.on_wall else "processor time")
    timing = taken.timing
    if timing is not None:
        said = f"One call of {taken.name} takes {_timed(timing)}. {said}"
    waits = session.waits(taken)
    if waits:
        said = f"{said} Waiting: {number(waits[0][0])} threads on average at {waits[0][1]}."
    result = RecordedProfile(
        format="py-spy" if taken.cost is not None else "pstats",
        profiles=answer.rows(taken.views, top),
        n_profiles=len(taken.views),
        summary=said,
        findings=findings,
        not_checked=not_checked,
        warnings=answer.few_warnings(
            [
                *taken.warnings,
                *summary.warnings(recording, taken.judged, waits_known=taken.wall is not None),
            ]
        ),
        next=summary.next_steps(findings),
        timing=None if timing is None else TimingRow.model_validate(session.timing_fields(timing)),
        waits=tuple(Wait(threads=t, where=where, at=at) for t, where, at in waits),
        cost=None if taken.cost is None else Cost.model_validate(session.cost_fields(taken.cost)),
    )
    return result if top is not None else answer.fitted(result)


def _timed(timing: Any) -> str:
    mean = duration(timing.mean_ms / 1000)
    if timing.low_ms is None:
        return f"{mean} (one repeat only, so without interval)"
    low, high = duration(timing.low_ms / 1000), duration(timing.high_ms / 1000)
    return f"{mean} (95 % interval {low} to {high}, {timing.calls} calls)"


def _supported(kind: str, language: str) -> None:
    if language != "python":
        raise UnsupportedError(
            f"language {language}: only Python programs can be recorded here so far",
            hint=f"Use {_OTHER_TOOLS[language]}; analyze_profile reads collapsed and speedscope",
        )
    if kind in _INSTEAD:
        raise UnsupportedError(
            f"kind {kind}: only cpu and wall can be recorded so far", hint=_INSTEAD[kind]
        )


def _words(command: str | list[str] | None) -> list[str]:
    if not isinstance(command, str):
        return list(command or ())
    try:
        return shlex.split(command)
    except ValueError as error:
        raise InputError(
            f"command {command[:80]!r}: {error}", hint="Close the quotes, or give a list of words"
        ) from None


def _folder(cwd: str | None) -> Path | None:
    if cwd is None:
        return None
    folder = Path(cwd).expanduser()
    if not folder.is_dir():
        raise InputError(f"cwd: expected a folder, got {cwd[:200]!r}", hint="Check the path")
    return folder


TOOL = Tool(
    record_profile,
    title="Record a profile",
    permission=("execute",),
    long=True,
    idempotent=False,
    sizes=("top",),
    examples=(
        "slowcoach record-profile --pid 4242 --duration-s 20",
        "slowcoach record-profile --command 'python job.py'",
        "slowcoach record-profile --target shop.orders:total --arguments '[100]'",
    ),
)
