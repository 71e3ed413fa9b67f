"""Allocations of Python from request to views: in all, at the highest point, at the end."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from slowcoach.core.errors import ToolFailedError
from slowcoach.core.job import Job
from slowcoach.core.units import quantity
from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.recorders import allocations, function
from slowcoach.profiling.recorders.allocations import Allocations, Stacks
from slowcoach.profiling.recorders.function_names import function_at
from slowcoach.profiling.recorders.marked import below_mark
from slowcoach.profiling.session import Request, Session, ticker

ALLOCATED, PEAK, HELD = "allocated", "held at the highest point", "held at the end"
_VALUES = {ALLOCATED: "alloc_space", PEAK: "inuse_peak", HELD: "inuse_space"}
_OURS = {allocations.RUNNER.name}
_LARGEST = 4


def record(request: Request, job: Job) -> Session:
    """Trace the allocations of what the request names; raises errors of core.errors."""
    tick = ticker(job, 0.0, request.duration_s, "allocations")
    if request.target is not None:
        name = request.target
        found = function.allocations(
            name,
            request.duration_s,
            arguments=request.arguments,
            folder=request.folder,
            interpreter_path=request.interpreter,
            cancellation=job.cancellation,
            on_tick=tick,
        )
    elif request.pid is not None:
        name = f"pid {request.pid}"
        found = allocations.attach(
            request.pid, request.duration_s, cancellation=job.cancellation, on_tick=tick
        )
    else:
        name = " ".join(request.command)[:80]
        found = allocations.start(
            request.command,
            request.duration_s,
            cwd=request.folder,
            cancellation=job.cancellation,
            on_tick=tick,
        )
    views = views_of(found, only_below=request.target is not None)
    if not views:
        raise ToolFailedError(
            f"{name}: it allocated nothing while it was traced", hint="Put it under load meanwhile"
        )
    return Session(
        name=name,
        views=views,
        judged=views[:1],
        on_wall=False,
        warnings=tuple(_warnings(found)),
        format="memray" if _by_memray(found) else "tracemalloc",
        measures="allocations" if views[0].name == ALLOCATED else "memory in use",
        runtime_figures=_figures(found),
    )


def views_of(found: Sequence[Allocations], *, only_below: bool = False) -> tuple[Profile, ...]:
    """Return the views that hold anything; `only_below`: what one function did, without callers."""
    parts: dict[str, list[Stacks]] = {
        ALLOCATED: [each.allocated for each in found],
        PEAK: [each.peak for each in found],
        HELD: [each.held for each in found],
    }
    views = [_profile(name, stacks, only_below) for name, stacks in parts.items()]
    if only_below:
        views = [view for view in map(below_mark, filter(None, views)) if view]
    return tuple(view for view in views if view is not None and view.total > 0)


def _profile(name: str, parts: Sequence[Stacks], only_below: bool) -> Profile | None:
    ids: dict[Frame, int] = {}
    stacks: list[list[int]] = []
    sizes: list[int] = []
    for part in parts:
        for frames, size, _ in part:
            stack = [ids.setdefault(_frame(frame), len(ids)) for frame in frames]
            if stack and not _own(frames[-1:] if only_below else frames):
                stacks.append(stack)
                sizes.append(size)
    if not stacks:
        return None
    tree = tree_of_stacks(stacks, np.array(sizes, dtype=np.float64))
    return Profile(name, "bytes", tuple(ids), tree, None, value=_VALUES[name])


def _frame(told: list[Any]) -> Frame:
    """Return a frame: [function, file, line], or [file, line] whose function the source tells."""
    file, line = told[-2:]
    return Frame(told[0] if len(told) > len((file, line)) else function_at(file, line), file, line)


def _own(frames: list[list[Any]]) -> bool:
    """Tell whether the tracing itself allocated this."""
    return any(str(file).rpartition("/")[2] in _OURS for *_, file, _ in frames)


def _by_memray(found: Sequence[Allocations]) -> bool:
    return all(each.by == "memray" for each in found)


def _warnings(found: Sequence[Allocations]) -> list[str]:
    said = ["Every allocation is traced: the program ran slower meanwhile, do not read times here"]
    if not _by_memray(found):
        said.append(
            "The program's interpreter has no memray: tracemalloc shows what was held (highest "
            "point and end), not what was allocated and freed; pip install memray there for that"
        )
    if not all(each.whole for each in found):
        said.append(
            "There were more allocations than could be summed in 20 s: these are the first ones"
        )
    return said


def _figures(found: Sequence[Allocations]) -> dict[str, str]:
    figures: dict[str, str] = {}
    for name, part in ((ALLOCATED, "allocated"), (PEAK, "peak"), (HELD, "held")):
        rows = [row for each in found for row in getattr(each, part)]
        if rows:
            size, blocks = sum(row[1] for row in rows), sum(row[2] for row in rows)
            figures[name] = f"{quantity(size, 'bytes')} in {blocks:,} blocks"
    calls = sum(each.calls for each in found)
    if calls and ALLOCATED in figures:
        size = sum(row[1] for each in found for row in each.allocated)
        figures["calls"] = f"{calls}, {quantity(size / calls, 'bytes')} allocated by each"
    if len(found) > 1:
        ranked = sorted(found, key=lambda each: -sum(row[1] for row in each.held))
        for each in ranked[:_LARGEST]:
            held = quantity(sum(row[1] for row in each.held), "bytes")
            figures[f"process {each.pid}"] = f"holds {held} at the end ({each.program[:60]})"
    return figures
