"""Python: py-spy for processes and commands, timed repeats for one function."""

from collections.abc import Sequence
from pathlib import Path

from slowcoach.profiling import session
from slowcoach.profiling.runtime import Runtime

_PYTHONS = ("python", "pypy")


def owns(pid: int) -> bool:
    """Tell whether a process runs Python: by its program, or a libpython that it has loaded."""
    try:
        if Path(f"/proc/{pid}/exe").readlink().name.startswith(_PYTHONS):
            return True
        return "/libpython" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def starts(command: Sequence[str]) -> bool:
    """Tell whether a command starts Python by its name, or a script of it."""
    if not command:
        return False
    if Path(command[0]).name.startswith(_PYTHONS):
        return True
    try:
        with Path(command[0]).open("rb") as file:
            first = file.readline(200)
    except OSError:
        return False
    return first.startswith(b"#!") and b"python" in first


RUNTIME = Runtime(
    name="python",
    title="Python",
    kinds={"pid": ("cpu", "wall"), "command": ("cpu", "wall"), "target": ("cpu", "wall")},
    owns=owns,
    starts=starts,
    names=lambda target: ":" in target,
    record=session.record,
    rates={"pid": 100, "command": 100, "target": 100},
    instead={
        "alloc": "check_memory names what grows; `memray attach PID` writes a file for allocations",
        "lock": "kind=wall shows the lines where threads stand at locks",
    },
)
