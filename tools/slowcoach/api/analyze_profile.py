"""The tool `analyze_profile`: read a profile and say where the time goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from slowcoach.core.errors import InputError
from slowcoach.core.files import read_bytes
from slowcoach.core.job import Job
from slowcoach.core.tool import Tool
from slowcoach.core.units import size
from slowcoach.profiling.answer import ProfileAnswer

if TYPE_CHECKING:
    from slowcoach.profiling.model import Profile

Picture = Literal["flame", "icicle", "threads", "timeline"]
Export = Literal["collapsed", "firefox", "pprof", "speedscope"]
_LARGEST = 1_000_000_000
_KEPT = 50_000_000  # larger files are not kept once more as speedscope JSON,
_WRITTEN = 3_000_000  # nor stacks of more frames together, which take seconds to write
_ARTEFACT = "profile.speedscope.json"


def analyze_profile(
    job: Job,
    path: Annotated[str | None, Field(description="A profile of any profiler.")] = None,
    content: Annotated[str | None, Field(description="Its text instead, pasted.")] = None,
    top: Annotated[
        int | None, Field(ge=1, le=100_000, description="Frames per profile; default 15 in all.")
    ] = None,
    function: Annotated[
        str | None, Field(description="Show this one's callers, callees and lines too.")
    ] = None,
    picture: Annotated[Picture | None, Field(description="Show this picture.")] = None,
    export: Annotated[Export | None, Field(description="Keep it in this format too.")] = None,
) -> ProfileAnswer:
    """Read a CPU, wall or memory profile and name the functions that cost most.

    Use it for a file that a profiler wrote; its format is recognized by content. Shares have 95 %
    intervals, library code is charged to its nearest own caller, and costs of one kind (JSON,
    regex, logging) are added up. Without a file, call record_profile.
    Next: change the function named first, record again, and compare.
    """
    data, name = _input(path, content)
    job.progress(0, None, f"Reading {size(len(data))}")
    from slowcoach.profiling import readers
    from slowcoach.profiling.export import to_speedscope
    from slowcoach.profiling.kept import keep
    from slowcoach.profiling.samples import written
    from slowcoach.profiling.values import one_view

    form, profiles = readers.opened(data, name)
    job.progress(1, 2, "Judging")
    answer = analyzed(profiles, form, top, function)
    wanted = None if export is None else (export, profiles)
    fields, said = keep(job, one_view(profiles), name, picture=picture, export=wanted)
    if len(data) <= _KEPT and written(profiles) <= _WRITTEN:
        fields["speedscope"] = job.save(
            _ARTEFACT, to_speedscope(profiles, name), "application/json"
        )
    return answer.model_copy(update={**fields, "warnings": (*answer.warnings, *said)})


def analyzed(
    profiles: list[Profile], form: str, top: int | None = None, function: str | None = None
) -> ProfileAnswer:
    """Turn profiles into the tool's answer. Those that measure what the first one measures (its
    threads) are judged together.
    """
    from slowcoach.core.finding import ranked
    from slowcoach.profiling import answer, checks, fitting, reading, summary
    from slowcoach.profiling.judged import judged
    from slowcoach.profiling.source.look import look
    from slowcoach.profiling.values import one_view

    together = one_view(profiles)
    recording = judged(together)
    findings, not_checked = checks.look(recording)
    read, unread = look(together, Path.cwd())
    findings, not_checked = ranked([*findings, *read]), (*not_checked, *unread)
    result = ProfileAnswer(
        format=form,
        profiles=answer.rows(profiles, top),
        n_profiles=len(profiles),
        summary=summary.summary(recording, findings),
        findings=findings,
        not_checked=not_checked,
        warnings=answer.few_warnings(summary.warnings(recording, together)),
        next=summary.next_steps(findings),
        **reading.parts(recording, together, function),
    )
    return result if top is not None else fitting.fitted(result)


def _input(path: str | None, content: str | None) -> tuple[bytes, str]:
    if (path is None) == (content is None):
        raise InputError(
            f"expected path or content, got {'neither' if path is None else 'both'}",
            hint="Give the file's path, or paste its text as content; or call record_profile",
        )
    if path is None:
        return (content or "").encode("utf-8", "replace"), "content"
    return _file(path)


def _file(path: str) -> tuple[bytes, str]:
    data = read_bytes(
        path,
        what="a profile",
        limit=_LARGEST,
        smaller="Record for less time or at a lower rate, or aggregate it to collapsed stacks",
    )
    return data, Path(path).name


TOOL = Tool(
    analyze_profile,
    title="Analyze a profile",
    long=True,
    sizes=("top", "function"),
    writes=("exported", "image", "picture", "speedscope"),
    positional=("path",),
    stdin="content",
    examples=(
        "slowcoach analyze-profile profile.speedscope.json",
        "slowcoach analyze-profile stacks.folded --top 50",
        "slowcoach analyze-profile cpu.pb.gz --function main.price",
        "slowcoach analyze-profile p.cpuprofile --picture timeline -o timeline.png",
        "slowcoach analyze-profile p.jfr --export pprof -o p.pb.gz",
    ),
)
