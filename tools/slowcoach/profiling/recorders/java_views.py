"""What recordings and thread dumps of a JVM become: views in order, and figures in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from slowcoach.core.errors import ToolFailedError, UnreadableError
from slowcoach.core.units import duration, number, share
from slowcoach.profiling.frames import shortened
from slowcoach.profiling.judged import judged
from slowcoach.profiling.model import SECONDS_IN, Profile
from slowcoach.profiling.readers import jfr
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.java_threads import Held, JavaThread, held, wall_clock
from slowcoach.profiling.recorders.recording import Waiting

_ORDER: Final = {
    "cpu": ("cpu time", "execution"),
    "alloc": ("allocation",),
    "lock": ("monitor enter", "park"),
}
_WAITS: Final = {
    "monitor enter": "waited for monitors",
    "park": "parked",
    "socket": "socket",
    "file": "file",
}
_NAMED: Final = frozenset({"socket", "file"})
_TWICE: Final = frozenset({"execution and native"})  # only execution is recorded
_HOLDERS = 2
_LOAD = "Put the program under load while you record, or record kind=wall"


@dataclass(frozen=True)
class Seen:
    """Views, the asked one first, and what else was learnt."""

    profiles: tuple[Profile, ...]
    running: Profile | None = None
    figures: Mapping[str, str] = field(default_factory=dict[str, str])
    blocked: tuple[Waiting, ...] = ()
    warnings: tuple[str, ...] = ()


def recorded(data: bytes, kind: str, name: str) -> Seen:
    """Return the views of a recording, what was asked for first; raise when there is none."""
    try:
        profiles = jfr.READER.read(data, name)
    except UnreadableError as error:
        raise ToolFailedError(f"{name}: {error.message}", hint=_LOAD) from None
    wanted = [
        profile
        for value in _ORDER[kind]
        for profile in profiles
        if profile.value == value and profile.total > 0
    ]
    if not wanted:
        raise ToolFailedError(
            f"{name}: no {kind} events were recorded",
            hint=_LOAD,
        )
    others = [
        profile
        for profile in profiles
        if profile not in wanted and profile.value not in _TWICE and profile.total > 0
    ]
    figures = {
        said: _where(profile)
        for value, said in _WAITS.items()
        for profile in profiles
        if profile.value == value and profile.total > 0
    }
    return Seen((*wanted, *others), figures=figures)


def _where(profile: Profile) -> str:
    """Return how long threads were there, and at which own place most of it was."""
    seconds = profile.total * SECONDS_IN.get(profile.unit, 1.0)
    recording = judged([profile])
    owned = recording.with_libraries
    named = profile.labels and profile.value in _NAMED
    label = f", {profile.labels[0][0]}" if named else ""
    most = ""
    if len(owned) and owned.max() > 0:
        most = f", most at {recording.place(int(np.argmax(owned)))}"
    return f"{duration(seconds)} of threads{most}{label}"


def dumped(dumps: Sequence[Sequence[JavaThread]], seconds: float) -> Seen:
    """Return the wall clock of all threads, and of those that the JVM calls runnable."""
    runnable = [[thread for thread in each if thread.state == "RUNNABLE"] for each in dumps]
    seen = Seen((wall_clock(dumps, seconds),), running=wall_clock(runnable, seconds))
    return with_holders(seen, dumps, seconds)


def with_holders(seen: Seen, dumps: Sequence[Sequence[JavaThread]], seconds: float) -> Seen:
    """Add who held the monitors that threads waited for, by what the dumps show."""
    found = held(dumps, seconds)
    if not found:
        return seen
    said = [
        f"{each.thread} at {shortened(each.holder).place}{_taken(each)}, while "
        f"{number(round(each.seconds / seconds, 2))} threads waited at "
        f"{shortened(each.waiter).place}"
        for each in found[:_HOLDERS]
    ]
    blocked = tuple(
        Waiting(
            round(each.seconds / seconds, 3),
            shortened(each.waiter).place,
            shortened(each.waiter).place,
            "a monitor",
            shortened(each.holder).place,
        )
        for each in found
    )
    figures = {**seen.figures, "monitor held by": "; ".join(said)}
    return replace(seen, figures=figures, blocked=blocked)


def _taken(each: Held) -> str:
    """Return where the holder took the monitor; the line is where it has got to since."""
    same = each.took_it.name == each.holder.name
    return "" if same else f" (taken in {each.took_it.name})"


def own_cost(pid: int, before: float, seconds: float) -> str:
    """Return in words what the recorder's own threads used of a core."""
    return f"its own threads used {share(max(recorder_seconds(pid) - before, 0) / seconds)} of one"


def recorder_seconds(pid: int) -> float:
    """Return the processor time so far of the threads that record: JFR's and the attach one."""
    found = 0.0
    times = proc.thread_times(pid)
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        try:
            name = (thread / "comm").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if name.startswith(("JFR", "Attach Listener")):
            found += times.get(int(thread.name), (0.0, 0.0))[0]
    return found
