"""Why py-spy refused, in words, with what to do about it."""

import os
from pathlib import Path

from slowcoach.core.errors import (
    InputError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
)

_NOT_PERMITTED = ("permission denied", "operation not permitted", "eperm")
_NOT_PYTHON = (
    "failed to find python version",
    "failed to find a python interpreter",
    "no python processes found",
)
_GONE = ("check that the process is running", "no such process", "esrch")
_SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")
_SHOWN = 300


def explained(complaint: str, who: str, pid: int | None) -> SlowcoachError:
    """Return the error for what py-spy said. `who` is the process in words."""
    said = complaint.split("Stack backtrace", 1)[0].strip()
    low = said.lower()
    if any(word in low for word in _NOT_PERMITTED):
        return NotPermittedError(
            f"{who}: the system does not let py-spy read this process", hint=_permission_hint(pid)
        )
    if any(word in low for word in _NOT_PYTHON):
        return InputError(
            f"{who}: expected a Python process, got another program",
            hint="Give the pid of the Python interpreter itself (a shell or a supervisor that "
            "started it has another); for other runtimes set `language`",
        )
    if any(word in low for word in _GONE):
        return UnreachableError(
            f"{who}: the process ended before it could be looked at",
            hint="Start it again, or give a command that runs for longer",
        )
    return ToolFailedError(
        f"{who}: py-spy failed: {' '.join(said.split())[-_SHOWN:]}",
        hint="Try again; if it fails again, run `py-spy dump --pid PID` by hand to see more",
    )


def _permission_hint(pid: int | None) -> str:
    owner = _owner(pid)
    if owner is not None and owner != _me():
        return f"It belongs to user {owner}: run Slowcoach as that user or as root"
    scope = _scope()
    if scope not in {None, "0"}:
        return (
            f"kernel.yama.ptrace_scope is {scope}: run as root, set it to 0 with "
            "`sudo sysctl kernel.yama.ptrace_scope=0`, or give `command` so that it is our child"
        )
    return "Run as root; in a container add the capability SYS_PTRACE (`--cap-add SYS_PTRACE`)"


def _owner(pid: int | None) -> int | None:
    try:
        return Path(f"/proc/{pid}").stat().st_uid if pid else None
    except OSError:
        return None


def _me() -> int | None:
    return os.geteuid() if hasattr(os, "geteuid") else None


def _scope() -> str | None:
    try:
        return _SCOPE.read_text(encoding="ascii").strip()
    except OSError:
        return None
