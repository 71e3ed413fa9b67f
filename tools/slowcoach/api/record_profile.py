"""The tool `record_profile`: look at a running program, a command or one function."""

from __future__ import annotations

import shlex
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from slowcoach.core.errors import InputError
from slowcoach.core.job import Job
from slowcoach.core.tool import Tool
from slowcoach.core.units import duration, number
from slowcoach.profiling.recorded import (
    Cost,
    EventLoopRow,
    RecordedProfile,
    States,
    TimingRow,
    Wait,
)

if TYPE_CHECKING:
    from slowcoach.profiling.recorders.recording import Waiting
    from slowcoach.profiling.recorders.states import Account
    from slowcoach.profiling.session import Session

Language = Literal["python", "node", "go", "java", "native"]
Picture = Literal["flame", "icicle", "threads", "timeline"]
_ARTEFACT = "profile.speedscope.json"


def record_profile(
    job: Job,
    pid: Annotated[int | None, Field(ge=1, description="A running process.")] = None,
    command: Annotated[
        str | list[str] | None, Field(description="Or a program to start (no shell).")
    ] = None,
    target: Annotated[
        str | None,
        Field(description="Or one function: module:function, x.js:f, ./pkg:Func, Class:method."),
    ] = None,
    duration_s: Annotated[float, Field(ge=1, le=600, description="Seconds.")] = 10.0,
    kind: Annotated[
        Literal["cpu", "wall", "alloc", "lock"], Field(description="wall: with waiting threads.")
    ] = "cpu",
    language: Annotated[Language | None, Field(description="Found by itself.")] = None,
    arguments: Annotated[
        list[Any] | dict[str, Any] | None, Field(description="Of the target, as JSON.")
    ] = None,
    cwd: Annotated[str | None, Field(description="Folder to run in.")] = None,
    python: Annotated[str | None, Field(description="The target's interpreter.")] = None,
    rate: Annotated[int | None, Field(ge=1, le=1000, description="Samples a second.")] = None,
    native: Annotated[bool, Field(description="Frames of C code too.")] = False,
    top: Annotated[int | None, Field(ge=1, le=100_000, description="Frames to show.")] = None,
    picture: Annotated[Picture | None, Field(description="Show this picture.")] = None,
) -> RecordedProfile:
    """Profile a running Python, Node.js, Go, Java or native program, a command, or one function.

    Use it when something is slow and its cause unknown, under load. Views: on CPU, wall clock (what
    threads wait for and who holds the lock), the runtime's own; kind=alloc or lock for those. A
    target is called again and again: mean time with 95 % interval, then its lines. The answer
    states what the kernel counted and what the recording cost.
    Next: change the function named first, record again, and compare.
    """
    job.permissions.require_execute("record_profile")
    words = tuple(_words(command))
    from slowcoach.profiling.export import to_speedscope
    from slowcoach.profiling.kept import keep
    from slowcoach.profiling.recorders.states import watched
    from slowcoach.profiling.runtime import how, runtime_of
    from slowcoach.profiling.session import Request

    asked = Request(
        pid=pid,
        command=words,
        target=target,
        duration_s=duration_s,
        kind=kind,
        arguments=arguments,
        folder=_folder(cwd),
        interpreter=python,
        rate=rate or 0,
        native=native,
    )
    by = how(asked)
    runtime = runtime_of(asked, language)
    runtime.must_record(kind, by)
    with watched(pid) as watch:
        taken = runtime.record(replace(asked, rate=rate or runtime.rates.get(by, 0)), job)
    uri = job.save(_ARTEFACT, to_speedscope(taken.views, taken.name), "application/json")
    fields, said = keep(job, taken.judged, taken.name, picture=picture, export=None)
    answer = _answer(taken, top, asked.folder, watch.account)
    return answer.model_copy(
        update={"speedscope": uri, **fields, "warnings": (*answer.warnings, *said)}
    )


def _answer(
    taken: Session, top: int | None, folder: Path | None, account: Account | None
) -> RecordedProfile:
    from slowcoach.core.finding import ranked
    from slowcoach.profiling import (
        answer,
        checks,
        event_loop,
        fitting,
        kernel_account,
        reading,
        session,
        summary,
    )
    from slowcoach.profiling.judged import judged
    from slowcoach.profiling.source.look import look

    recording, loop = judged(taken.judged), taken.loop
    if taken.on_wall:
        recording = recording.with_waits(session.idle_functions(taken))
    findings, not_checked = checks.look(recording)
    of_time = recording.of_what == "time"
    hot = of_time and not taken.on_wall and taken.measures is None
    if not hot:  # what waits or allocates much is no hot function
        findings = tuple(finding.model_copy(update={"cause": None}) for finding in findings)
    read, unread = look(taken.judged, folder or Path.cwd())
    findings = ranked([*findings, *taken.findings, *read])
    not_checked = (*not_checked, *unread)
    if loop is not None:
        late, unknown = event_loop.judge(loop, recording if of_time else None)
        findings, not_checked = ranked([*findings, *late]), (*not_checked, *unknown)
    kind = ("wall time" if taken.on_wall else "processor time") if of_time else None
    said = summary.summary(recording, findings, taken.measures or kind)
    kernel = kernel_account.judge(account, on_cpu=hot)
    findings = ranked([*findings, *kernel])
    timing = taken.timing
    if timing is not None:
        said = f"One call of {taken.name} takes {_timed(timing)}. {said}"
    waits = session.waiting(taken)
    if waits:
        said = f"{said} Waiting: {_waits(waits[0])}."
    said = " ".join(filter(None, (said, kernel_account.sentence(account, kernel))))
    waits_known = taken.wall is not None or loop is not None
    result = RecordedProfile(
        format=taken.format,
        profiles=answer.rows(taken.views, top),
        n_profiles=len(taken.views),
        summary=said,
        findings=findings,
        not_checked=not_checked,
        warnings=answer.few_warnings(
            [
                *taken.warnings,
                *summary.warnings(recording, taken.judged, waits_known=waits_known),
            ]
        ),
        next=summary.next_steps(findings),
        timing=None if timing is None else TimingRow.model_validate(session.timing_fields(timing)),
        waits=tuple(Wait.model_validate(asdict(wait)) for wait in waits),
        cost=None if taken.cost is None else Cost.model_validate(session.cost_fields(taken.cost)),
        event_loop=None if loop is None else EventLoopRow.model_validate(event_loop.fields(loop)),
        runtime_figures=dict(taken.runtime_figures),
        states=None if account is None else States.model_validate(kernel_account.fields(account)),
        **reading.parts(recording, taken.judged, None),
    )
    return result if top is not None else fitting.fitted(result)


def _waits(wait: Waiting) -> str:
    text = f"{number(wait.threads)} threads on average at {wait.where}"
    text += f" for {wait.what}" if wait.what else ""
    return f"{text}, held meanwhile at {wait.held_by}" if wait.held_by else text


def _timed(timing: Any) -> str:
    mean = duration(timing.mean_ms / 1000)
    if timing.low_ms is None:
        return f"{mean} (one repeat only, so without interval)"
    low, high = duration(timing.low_ms / 1000), duration(timing.high_ms / 1000)
    return f"{mean} (95 % interval {low} to {high}, {timing.calls} calls)"


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
    writes=("image", "picture", "speedscope"),
    examples=(
        "slowcoach record-profile --pid 4242 --duration-s 20",
        "slowcoach record-profile --command 'node server.js'",
        "slowcoach record-profile --target shop.orders:total --arguments '[100]'",
    ),
)
