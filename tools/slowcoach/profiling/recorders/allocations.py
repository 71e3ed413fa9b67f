"""Record the allocations of Python programs: by memray where they have it, else by tracemalloc.

The tracing runs in the target's own interpreter (`allocation_runner`). A command gets it at its
start; a running process by a debugger that stops it for a moment, or by `sys.remote_exec` from
Python 3.14 on. Every allocation is traced, so the target runs slower meanwhile (2 to 5 times).
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slowcoach.core import process, scratch
from slowcoach.core.errors import (
    MissingDependencyError,
    NotPermittedError,
    ToolFailedError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import proc, python
from slowcoach.profiling.recorders.python_process import interpreter_of, user_of, version

RUNNER = Path(__file__).with_name("allocation_runner.py")
_INJECTOR = Path(__file__).with_name("injector.py")
_REMOTE_EXEC = (3, 14)
_POLL_S = 0.1
_END_S = 60.0  # for writing what was seen, or for a start
_READ_S = 240.0
_INJECT_S = 60.0
_SITE = """import importlib, os, sys
_here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path or '.') != _here]
_own = sys.modules.pop('sitecustomize', None)
try:
    import sitecustomize
except ImportError:
    pass
sys.modules.setdefault('sitecustomize', _own)
{start}
"""
_START = """
def _slowcoach_start():
    import importlib.util
    spec = importlib.util.spec_from_file_location('slowcoach_allocations', {runner!r})
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.start({folder!r}, {seconds!r})
_slowcoach_start()
del _slowcoach_start
"""

Stacks = list[tuple[list[list[Any]], int, int]]


@dataclass(frozen=True, slots=True)
class Allocations:
    """What one process allocated: [frames root first, bytes, blocks] by view.

    A frame is [function, file, line], or [file, line] from tracemalloc, which knows no functions
    and nothing that was freed again: `allocated` is then empty.
    """

    pid: int
    program: str
    by: str
    seconds: float
    allocated: Stacks
    peak: Stacks
    held: Stacks
    whole: bool = True
    calls: int = 0


def attach(
    pid: int,
    seconds: float,
    *,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> list[Allocations]:
    """Trace a running process; raises errors of core.errors saying what to do."""
    python.must_exist(pid)
    with _folder(pid) as folder:
        _inject(pid, _code(folder, seconds), folder, cancellation)
        _await(folder, seconds, lambda: not proc.exists(pid), cancellation, on_tick)
        found = read(folder, cancellation, user=user_of(pid))
    if not found:
        raise ToolFailedError(
            f"{proc.name(pid)}: nothing was written of its allocations",
            hint="The process ended, or its main thread runs no Python code: put it under load",
        )
    return found


def start(
    command: Sequence[str],
    seconds: float,
    *,
    cwd: Path | None = None,
    cancellation: Cancellation | None = None,
    on_tick: Callable[[float], None] | None = None,
) -> list[Allocations]:
    """Start a program, trace it and what Python it starts from the first line on, and stop it."""
    argv = python.command_line(command)
    with _folder(None) as folder:
        site = folder / "site"
        site.mkdir()
        text = _SITE.format(start=_code(folder, seconds))
        (site / "sitecustomize.py").write_text(text, encoding="utf-8")
        path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
        env = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        log = folder / "log"
        log.touch()
        with process.running(argv, log=log, cwd=cwd, env=env) as child:
            _await(folder, seconds, lambda: child.ended() is not None, cancellation, on_tick)
        found = read(folder, cancellation)
        said = " ".join(log.read_text(encoding="utf-8", errors="replace").split())[-300:]
    if not found:
        raise ToolFailedError(
            f"command {' '.join(command)[:80]!r}: nothing was written of its allocations: {said}",
            hint="Name the interpreter first (python app.py), without -I, -E or -S",
        )
    return found


def _code(folder: Path, seconds: float) -> str:
    return _START.format(runner=str(RUNNER), folder=str(folder), seconds=float(seconds))


@contextmanager
def _folder(pid: int | None) -> Iterator[Path]:
    """Make a folder that the target, perhaps of another user, can write to."""
    with scratch.folder() as name:
        folder = Path(name)
        owner = user_of(pid)
        if owner is not None:
            with suppress(PermissionError):
                os.chown(folder, owner, -1)
        yield folder


def _await(
    folder: Path,
    seconds: float,
    over: Callable[[], bool],
    cancellation: Cancellation | None,
    on_tick: Callable[[float], None] | None,
) -> None:
    """Wait until every process that was traced has written, or all is over."""
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < seconds + _END_S:
        if elapsed > seconds and _written(folder):
            return
        if over():
            return
        if on_tick is not None:
            on_tick(elapsed)
        if cancellation is None:
            time.sleep(_POLL_S)
        else:
            cancellation.sleep(_POLL_S)


def _written(folder: Path) -> bool:
    bins = {file.stem for file in folder.glob("*.bin")}
    done = {file.stem for file in folder.glob("*.json")}
    return bool(done) and bins <= done


def read(
    folder: Path, cancellation: Cancellation | None, *, user: int | None = None
) -> list[Allocations]:
    """Return what the processes wrote; memray's recordings are read by their own interpreter."""
    found: list[Allocations] = []
    for file in sorted(folder.glob("*.json")):
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["with"] == "memray":
            said.update(_sums(file.with_suffix(".bin"), said, cancellation, user))
        found.append(
            Allocations(
                pid=int(file.stem),
                program=" ".join(said["argv"]),
                by=said["with"],
                seconds=said["seconds"],
                allocated=said.get("allocated", []),
                peak=said["peak"],
                held=said["held"],
                whole=said.get("whole", True),
                calls=said.get("calls", 0),
            )
        )
    return found


def _sums(
    file: Path, said: dict[str, Any], cancellation: Cancellation | None, user: int | None
) -> dict[str, Any]:
    out = file.with_suffix(".sums")
    process.run(
        [said["python"], str(RUNNER), str(file), str(out)],
        deadline_s=_READ_S,
        cancellation=cancellation,
        cwd=file.parent,
        env={**os.environ, "PYTHONPATH": said["path"]},
        user=user,
    )
    answer: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return answer


def _inject(pid: int, code: str, folder: Path, cancellation: Cancellation | None) -> None:
    """Run code in a running process."""
    script = folder / "start.py"
    script.write_text(code, encoding="utf-8")
    script.chmod(0o644)
    known = version(pid)
    if known is not None and known >= _REMOTE_EXEC:
        argv = [interpreter_of(pid), "-c", _REMOTE, str(pid), str(script)]
    else:
        _must_have_debugger()
        argv = [sys.executable, str(_INJECTOR), str(pid), str(script)]
    user = user_of(pid) if argv[0] != sys.executable else None
    done = process.run(
        argv, deadline_s=_INJECT_S, cancellation=cancellation, check=False, user=user
    )
    if done.returncode == 0:
        return
    if not proc.exists(pid):
        raise UnreachableError(f"pid {pid}: the process ended", hint="Start it again")
    if "permission" in done.complaint.lower() or "ptrace" in done.complaint.lower():
        raise NotPermittedError(
            f"{proc.name(pid)}: the system does not let a debugger attach: {done.complaint}",
            hint="Run as root or as its user with kernel.yama.ptrace_scope 0, or give `command`",
        )
    raise ToolFailedError(
        f"{proc.name(pid)}: its allocations could not be traced: {done.complaint}",
        hint="Start the program by `command` instead: then no debugger is needed",
    )


_REMOTE = "import sys; sys.remote_exec(int(sys.argv[1]), sys.argv[2])"


def _must_have_debugger() -> None:
    if sys.platform == "win32":
        raise UnsupportedError(
            "pid: allocations of a running Python before 3.14 are not traced on Windows",
            hint="Start the program by `command`",
        )
    if not (shutil.which("gdb") or shutil.which("lldb")):
        raise MissingDependencyError(
            "allocations of a running Python before 3.14 take a debugger, and there is none",
            hint="Install gdb (apt install gdb) or lldb, or start the program by `command`",
        )
    from importlib.util import find_spec

    if find_spec("memray") is None:
        raise MissingDependencyError(
            "allocations of a running Python before 3.14 take memray, which is not installed",
            hint="pip install 'slowcoach[memory]', or start the program by `command`",
        )
