"""What a recording of Go or Java is, and what both recorders need."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from slowcoach.core.errors import InputError
from slowcoach.core.knowledge import rule
from slowcoach.core.redaction import redacted
from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.model import Frame, Profile
from slowcoach.profiling.recorders.function import Timing
from slowcoach.profiling.recorders.recording import Recording, Waiting

POLL_S: Final = 0.1
_LOOKING: Final = 0.01  # of the time may go to looking at all threads
_SELDOM_S: Final = 0.3
_TAIL = 300


@dataclass(frozen=True, eq=False)
class RuntimeRecording(Recording):
    """The views of one recording, the asked one first. `figures` is what the runtime says of
    itself, in words; `running` the wall clock of threads that neither wait nor sleep; `format`
    what the views were read from, where it is not the runtime's own; `blocked` where
    threads waited for locks, and who held these.
    """

    warnings: tuple[str, ...] = ()
    figures: Mapping[str, str] = field(default_factory=dict[str, str])
    running: Profile | None = None
    format: str = ""
    blocked: tuple[Waiting, ...] = ()


@dataclass(frozen=True)
class FunctionTaken:
    """What one function costs, and where; `kind` is what was recorded of it."""

    timing: Timing
    recording: RuntimeRecording
    kind: str


def pause_after(took: float) -> float:
    """Return how long to leave a program alone after a look at all its threads that took so long.

    A look stops them all, so it may be no more than a small part of the time.
    """
    return min(took / _LOOKING, _SELDOM_S)


def lives(pid: int) -> bool:
    """Tell whether a process is there and has not ended; a child of ours stays as a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in {"Z", "X"}


def placed(profile: Profile) -> Profile:
    """Return a profile whose frames have the file and line of their hottest place."""
    return replace(profile, frames=profile.lines, lines=()) if profile.lines else profile


def below(
    profile: Profile, is_mark: Callable[[Frame], bool], is_ours: Callable[[Frame], bool]
) -> Profile:
    """Return the part of a profile that marked frames called, and that of other threads: stacks
    without a mark are left out where their outermost frame is the runner's own.
    """
    marks = {index for index, frame in enumerate(profile.frames) if is_mark(frame)}
    ours = {index for index, frame in enumerate(profile.frames) if is_ours(frame)}
    tree, old = NodeTree(), profile.tree
    parents, frames, weights = old.parent.tolist(), old.frame.tolist(), old.weight.tolist()
    here: list[int | None] = [0, *([None] * (len(parents) - 1))]
    kept = 0.0
    for node in range(1, len(parents)):
        above = here[parents[node]]
        if frames[node] in marks:
            here[node] = 0
        elif above is not None and not (parents[node] == 0 and frames[node] in ours):
            here[node] = tree.child(above, frames[node])
            tree.add(here[node] or 0, weights[node])
            kept += weights[node]
    whole = float(sum(weights))
    samples = profile.samples
    if kept <= 0 or whole <= 0:
        return profile
    return replace(
        profile,
        tree=tree.finish(),
        samples=None if samples is None else max(round(samples * kept / whole), 1),
        by_line=None,
        moments=None,
    )


def mostly_waits(timing: Timing) -> bool:
    """Tell whether a function waits for most of its time: then its wall clock is to be shown."""
    limit = rule("profile.waiting").limit("share")
    return timing.cpu_share is not None and 1 - timing.cpu_share > limit


def tail(log: Path) -> str:
    """Return the end of what a command said, in one line."""
    try:
        text = " ".join(log.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return ""
    return str(redacted("", text[-_TAIL:]))


def must_be_program(command: Sequence[str], folder: Path | None) -> None:
    """Raise InputError for a command whose program is not there."""
    if not command or not (
        shutil.which(command[0]) or (folder or Path.cwd()).joinpath(command[0]).is_file()
    ):
        raise InputError(
            f"command: expected a program, got {' '.join(command)[:60]!r}, which is not on the "
            "PATH",
            hint="Name the program first, such as `java -jar app.jar` or `./server`",
        )
