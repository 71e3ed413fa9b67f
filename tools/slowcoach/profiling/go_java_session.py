"""One recording of Go or Java, by the runtime's own recorder, from request to views."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from slowcoach.core.errors import CancelledError, SlowcoachError
from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.job import Job
from slowcoach.core.knowledge import rule
from slowcoach.core.units import share
from slowcoach.profiling.frames import kind as kind_of
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders import (
    go,
    go_benchmark,
    go_command,
    java,
    java_command,
    java_method,
)
from slowcoach.profiling.recorders.go_java_recording import FunctionTaken, RuntimeRecording
from slowcoach.profiling.recorders.recording import Waiting
from slowcoach.profiling.session import FIRST_PART, Request, Session, cost_warnings, ticker, waits
from slowcoach.profiling.values import ON_CPU, WALL, one_view

Language = Literal["go", "java"]


@dataclass(frozen=True)
class _Recorder:
    name: str
    format: str
    attach: Callable[..., RuntimeRecording]
    start: Callable[..., dict[str, RuntimeRecording]]
    call: Callable[..., FunctionTaken]


_RECORDERS: Final[Mapping[Language, _Recorder]] = {
    "go": _Recorder("Go", "pprof", go.attach, go_command.start, go_benchmark.record),
    "java": _Recorder("Java", "jfr", java.attach, java_command.start, java_method.record),
}
_OTHER: Final = {"cpu": "wall", "wall": "cpu"}
_WHAT: Final = {"cpu": ON_CPU, "wall": WALL, "alloc": "allocations", "lock": "locks"}
_MEASURED: Final = {"lock": "waiting for locks", "alloc": "allocations"}
_NAME = 80
_PLACES = 3


def record(request: Request, job: Job, *, language: Language) -> Session:
    """Record the pid, command or target of a request: cpu and wall take both views, the asked
    one first. Raises the recorder's errors.
    """
    by, warnings = _RECORDERS[language], _without_effect(request, _RECORDERS[language].name)
    if request.target is not None:
        return _function(request, request.target, job, by, warnings)
    if request.pid is not None:
        name, taken = f"pid {request.pid}", _process(request, request.pid, job, by, warnings)
    else:
        name = " ".join(request.command)[:_NAME]
        taken = by.start(
            request.command,
            request.duration_s,
            kind=request.kind,
            cwd=request.folder,
            cancellation=job.cancellation,
            on_tick=ticker(job, 0.0, request.duration_s, _WHAT[request.kind]),
        )
    return _session(name, taken, by, warnings)


def _process(
    request: Request, pid: int, job: Job, by: _Recorder, warnings: list[str]
) -> dict[str, RuntimeRecording]:
    kind = request.kind
    kinds = [kind, _OTHER[kind]] if kind in _OTHER else [kind]
    parts = [FIRST_PART, 1 - FIRST_PART] if len(kinds) > 1 else [1.0]
    taken: dict[str, RuntimeRecording] = {}
    done = 0.0
    for each, part in zip(kinds, parts, strict=True):
        span = request.duration_s * part
        tick = ticker(job, done, request.duration_s, _WHAT[each])
        try:
            taken[each] = by.attach(
                pid, span, kind=each, cancellation=job.cancellation, on_tick=tick
            )
        except CancelledError:
            raise
        except SlowcoachError as error:
            # one view that cannot be had leaves the other; nothing at all is an error
            if len(kinds) == 1 or (each == kinds[-1] and not taken):
                raise
            warnings.append(f"No {_WHAT[each]} view: {error.message}")
        done += span
    return taken


def _function(
    request: Request, target: str, job: Job, by: _Recorder, warnings: list[str]
) -> Session:
    """A function has one view: the asked one, or the wall clock when it mostly waits."""
    found = by.call(
        target,
        request.duration_s,
        kind=request.kind,
        arguments=request.arguments,
        folder=request.folder,
        cancellation=job.cancellation,
        on_tick=ticker(job, 0.0, request.duration_s, target),
    )
    busy = found.timing.cpu_share
    if found.kind != request.kind and busy is not None:
        warnings.append(
            f"{target} uses the processor only {share(busy)} of its time: this is its wall-clock "
            "profile, which shows where it waits"
        )
    session = _session(target, {found.kind: found.recording}, by, warnings)
    return replace(session, timing=found.timing)


def _without_effect(request: Request, name: str) -> list[str]:
    asked = {"rate": request.rate > 0, "native": request.native}
    return [
        f"{each} has no effect: {name}'s own recorder decides that"
        for each, given in asked.items()
        if given
    ]


def _session(
    name: str, taken: Mapping[str, RuntimeRecording], by: _Recorder, warnings: list[str]
) -> Session:
    kind, asked = next(iter(taken.items()))
    views = _named(asked, kind)
    views[1:1] = [_named(each, other)[0] for other, each in list(taken.items())[1:]]
    wall = taken.get("wall")
    figures = {k: v for recording in taken.values() for k, v in recording.figures.items()}
    doubts = [doubt for recording in taken.values() for doubt in recording.warnings]
    session = Session(
        name=name,
        views=tuple(views),
        judged=tuple(one_view(views)),
        on_wall=kind == "wall",
        cpu=None if wall is None else _running(wall),
        wall=wall,
        cost=asked,
        warnings=(*warnings, *doubts, *cost_warnings(asked)),
        format=asked.format or by.format,
        measures=_MEASURED.get(kind),
        runtime_figures={**figures, **asked.figures},
    )
    blocked = next((each.blocked for each in taken.values() if each.blocked), ())
    if not blocked:
        return session
    others = [Waiting(*wait) for wait in waits(session) if not _at_lock(wait[1], wait[2], blocked)]
    whole = sorted([*blocked, *others], key=lambda wait: -wait.threads)
    return replace(session, waiting=tuple(whole), findings=tuple(_lock_finding(blocked)))


def _at_lock(where: str, at: str, blocked: Sequence[Waiting]) -> bool:
    """Tell whether a wait that two views tell is one of those that are known to be at locks."""
    functions = {each.where.partition(" (")[0] for each in blocked}
    return where.partition(" (")[0] in functions and (where == at or "emacquire" in at)


def _lock_finding(blocked: Sequence[Waiting]) -> list[Finding]:
    """Return what threads wait for one another, when it is enough to matter."""
    found = rule("profile.lock_wait")
    threads = sum(each.threads for each in blocked)
    if threads < found.limit("threads"):
        return []
    places = [p for each in blocked[:_PLACES] for p in (each.where, each.held_by) if p]
    held = blocked[0].held_by
    evidence = Evidence(
        metric="threads that wait for a lock, on average",
        value=threads,
        unit="count",
        limit=found.limit("threads"),
        note=f"held meanwhile at {held}" if held else "",
    )
    return [found.finding([evidence], where=list(dict.fromkeys(places)))]


def _named(recording: RuntimeRecording, kind: str) -> list[Profile]:
    """Return the views, those that are empty last; the one of cpu or wall by our name for it."""
    views = sorted(recording, key=lambda view: view.total <= 0)
    if kind in _OTHER:
        views[0] = replace(views[0], name=_WHAT[kind])
    return views


def _running(wall: RuntimeRecording) -> RuntimeRecording:
    """Return a wall clock less what stood still, told by the thread's state or its leaf.

    The on-CPU view is of another time, and Java's looks at a few threads only: their difference
    would call work waiting.
    """
    if wall.running is not None:
        return replace(wall, profiles=(_awake(wall.running),))
    return replace(wall, profiles=tuple(map(_awake, wall)))


def _awake(profile: Profile) -> Profile:
    """Return a profile whose weight on leaves that wait is gone."""
    waits = np.array([*(kind_of(frame).waiting for frame in profile.frames), False])
    tree = profile.tree
    return replace(
        profile, tree=replace(tree, weight=np.where(waits[tree.frame], 0.0, tree.weight))
    )
