"""What one stack of a Python program tells: where it waits, who called, whose thread it is."""

from collections.abc import Sequence
from itertools import takewhile

from slowcoach.diagnosis.evidence.frames import function_of, is_user, origin_of, package_of
from slowcoach.diagnosis.evidence.loops import EXECUTORS
from slowcoach.diagnosis.evidence.stacks import Seen
from slowcoach.diagnosis.evidence.states import waiting_library
from slowcoach.diagnosis.interpreter.stacks import PyFrame

PATH_KEPT = 8


def waits_in(frames: Sequence[PyFrame]) -> str:
    """Return the libraries' function nearest to the leaf, below the user's own code."""
    frame = waiting_library(tuple(takewhile(lambda frame: not is_user(frame), frames)))
    return short_of(frame) if frame else ""


def called_by(frames: Sequence[PyFrame]) -> str:
    """Return the installed library's function that called the user's innermost, '' for others."""
    at = next((i for i, frame in enumerate(frames) if is_user(frame)), len(frames))
    above = frames[at + 1 : at + 2]
    installed = bool(above) and origin_of(above[0].file)[0] == "library"
    return short_of(above[0]) if installed else ""


def leaf_selects(seen: Seen) -> bool:
    """Tell whether a thread is passing through a selector's code."""
    return bool(seen.frames) and (
        "select" in seen.frames[0].name.lower() and not is_user(seen.frames[0])
    )


def leaf_waits(frames: Sequence[PyFrame]) -> bool:
    """Tell whether a thread without user code is passing through the standard library's waits."""
    return bool(frames) and origin_of(frames[0].file)[1] in {"threading.py", "queue.py"}


def server_of(seen: Seen) -> str:
    """Return the package whose thread runs the program's code, by the frames nearest the root."""
    if seen.task:
        return ""
    for frame in reversed(seen.frames):
        origin, inside = origin_of(frame.file)
        if inside in EXECUTORS and origin == "stdlib":
            return "concurrent.futures"
        if origin == "library" or inside == "socketserver.py":
            return package_of(frame)
    return ""


def path_of(frames: Sequence[PyFrame]) -> tuple[str, ...]:
    """Return the user's functions among frames (leaf first), outermost first."""
    names: list[str] = []
    for frame in reversed(frames):
        if is_user(frame):
            name = function_of(frame)
            if name not in names:
                names.append(name)
    return tuple(names[-PATH_KEPT:])


def files_of(frames: Sequence[PyFrame], path: Sequence[str]) -> tuple[str, ...]:
    """Return the files of a path's functions."""
    known = {function_of(f): f.file.rsplit("/", 1)[-1] for f in frames if is_user(f)}
    return tuple(known.get(name, "") for name in path)


def short_of(frame: PyFrame) -> str:
    """Return a frame's function, with the file of its package unless it is the user's."""
    origin, inside = origin_of(frame.file)
    return f"{inside}:{function_of(frame)}" if origin != "user" else function_of(frame)
