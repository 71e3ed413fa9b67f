"""Which processes and commands are Python, of which version, and whose."""

import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from slowcoach.diagnosis.interpreter.memory import (
    ProcessMemory,
    UnreadableMemoryError,
    find_binary,
)

_PYTHONS = ("python", "pypy")
_VERSIONED = re.compile(r"^python(\d+)\.(\d+)")
_LINE = 400  # bytes of a script's first line


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


def version(pid: int) -> tuple[int, int] | None:
    """Return the version of a process's CPython (3.11 and later say it), or None."""
    with suppress(OSError, UnreadableMemoryError):
        binary = find_binary(pid, {"_PyRuntime", "Py_Version"})
        if binary is not None:
            with ProcessMemory(pid) as memory:
                number = memory.word(binary.bias + binary.symbols["Py_Version"])
            return (number >> 24 & 0xFF, number >> 16 & 0xFF)
    return None


def version_of(command: Sequence[str]) -> tuple[int, int] | None:
    """Return the version of Python that a command or its script's first line names, or None."""
    program = shutil.which(command[0]) if command else None
    if program is None:
        return None
    path = Path(program)
    with suppress(OSError, UnicodeDecodeError, IndexError):
        with path.open("rb") as file:
            first = file.readline(_LINE).decode("utf-8") if file.read(2) == b"#!" else ""
        found = _VERSIONED.search((Path(first.split()[0]) if first else path).resolve().name)
        return (int(found[1]), int(found[2])) if found else None
    return None


def interpreter_of(pid: int) -> str:
    """Return the program of a process, as it was started if that still can be run."""
    return f"/proc/{pid}/exe"


def user_of(pid: int | None) -> int | None:
    """Return the user of a process if it is not us: its own interpreter is run as that user."""
    with suppress(OSError):
        owner = Path(f"/proc/{pid}").stat().st_uid if pid else None
        return None if owner == os.geteuid() else owner
    return None
