"""One recording of Go or Java, by the runtime's own recorder, from request to views."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from slowcoach.core.errors import ToolFailedError
from slowcoach.core.job import Job
from slowcoach.profiling.frames import kind as kind_of
from slowcoach.profiling.model import Profile
from slowcoach.profiling.recorders import go, java
from slowcoach.profiling.recorders.recording import Recording
from slowcoach.profiling.session import FIRST_PART, Request, Session, cost_warnings, ticker
from slowcoach.profiling.values import ON_CPU, WALL, one_view

Language = Literal["go", "java"]
_ATTACH: Final[dict[Language, Callable[..., Recording]]] = {"go": go.attach, "java": java.attach}
_NAMES: Final[dict[Language, str]] = {"go": "Go", "java": "Java"}
_FORMATS: Final = {"go": "pprof", "java": "jfr"}
_OTHER: Final = {"cpu": "wall", "wall": "cpu"}
_WHAT: Final = {"cpu": ON_CPU, "wall": WALL, "alloc": "allocations", "lock": "locks"}
_MEASURED: Final = {"lock": "waiting for locks", "alloc": "allocations"}


def record(request: Request, job: Job, *, language: Language) -> Session:
    """Record the pid of a request: cpu and wall take both views, the asked one first.

    Raises the recorder's errors.
    """
    pid, kind = request.pid or 0, request.kind
    kinds = [kind, _OTHER[kind]] if kind in _OTHER else [kind]
    parts = [FIRST_PART, 1 - FIRST_PART] if len(kinds) > 1 else [1.0]
    taken: dict[str, Recording] = {}
    warnings = _without_effect(request, language)
    done = 0.0
    for each, part in zip(kinds, parts, strict=True):
        span = request.duration_s * part
        tick = ticker(job, done, request.duration_s, _WHAT[each])
        try:
            taken[each] = _ATTACH[language](
                pid, span, kind=each, cancellation=job.cancellation, on_tick=tick
            )
        except ToolFailedError as error:
            if len(kinds) == 1:
                raise
            warnings.append(f"No {_WHAT[each]} view: {error.message}")
        done += span
    if not taken:
        raise ToolFailedError(warnings[-1], hint="Put the program under load and record again")
    return _session(f"pid {pid}", taken, language, warnings)


def _without_effect(request: Request, language: Language) -> list[str]:
    asked = {"rate": request.rate > 0, "native": request.native}
    return [
        f"{name} has no effect: {_NAMES[language]}'s own recorder decides that"
        for name, given in asked.items()
        if given
    ]


def _session(
    name: str, taken: dict[str, Recording], language: Language, warnings: list[str]
) -> Session:
    kind, asked = next(iter(taken.items()))
    views = _named(asked, kind)
    for other, recording in list(taken.items())[1:]:
        views += _named(recording, other)[:1]
    wall = taken.get("wall")
    return Session(
        name=name,
        views=tuple(views),
        judged=tuple(one_view(views)),
        on_wall=kind == "wall",
        cpu=None if wall is None else _running(wall),
        wall=wall,
        cost=asked,
        warnings=(*warnings, *cost_warnings(asked)),
        format="thread dumps" if (language, kind) == ("java", "wall") else _FORMATS[language],
        measures=_MEASURED.get(kind),
    )


def _named(recording: Recording, kind: str) -> list[Profile]:
    """Return the views, those that are empty last; the one of cpu or wall by our name for it."""
    views = sorted(recording, key=lambda view: view.total <= 0)
    if kind in _OTHER:
        views[0] = replace(views[0], name=_WHAT[kind])
    return views


def _running(wall: Recording) -> Recording:
    """Return a wall clock less what stood still, told by the thread's state or its leaf.

    The on-CPU view is of another time, and Java's looks at a few threads only: their difference
    would call work waiting.
    """
    if isinstance(wall, java.JavaRecording) and wall.running is not None:
        return replace(wall, profiles=(_awake(wall.running),))
    return replace(wall, profiles=tuple(map(_awake, wall)))


def _awake(profile: Profile) -> Profile:
    """Return a profile whose weight on leaves that wait is gone."""
    waits = np.array([*(kind_of(frame).waiting for frame in profile.frames), False])
    tree = profile.tree
    return replace(
        profile, tree=replace(tree, weight=np.where(waits[tree.frame], 0.0, tree.weight))
    )
