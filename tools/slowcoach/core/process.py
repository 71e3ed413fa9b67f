"""The only place that starts processes.

Argument lists only, no shell. Every child leads its own process group, has a deadline and an
output cap, and is reaped on every way out: success, failure, deadline, cancellation, a signal,
and the end of the client (the faces call `stop_all`). If this process is killed, the caretaker
ends them.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from slowcoach.core import caretaker
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    MissingDependencyError,
    ToolFailedError,
)
from slowcoach.core.job import Cancellation

OUTPUT_LIMIT = 32 * 1024 * 1024
_GRACE_S = 3.0
_TAIL = 600
_POSIX = os.name == "posix"
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
_STOP_S, _STEP_S = 1.0, 0.02
_children: dict[subprocess.Popen[bytes], "_Kept"] = {}
_children_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known of a child besides itself: how it is asked to end, and the caretaker's key."""

    stop_signal: int
    key: int


@dataclass(frozen=True)
class Completed:
    """How a child ended. `truncated` says that it wrote more than was kept."""

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    seconds: float
    truncated: bool = False

    @property
    def text(self) -> str:
        """Return standard output as text."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def complaint(self) -> str:
        """Return the tail of standard error (or output) in one line, for an error message."""
        said = (self.stderr.strip() or self.stdout.strip()).decode("utf-8", "replace")
        return " ".join(said[-_TAIL:].split())


def run(
    argv: Sequence[str | os.PathLike[str]],
    *,
    deadline_s: float,
    cancellation: Cancellation | None = None,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    check: bool = True,
    stop_signal: int = signal.SIGTERM,
    output_limit: int = OUTPUT_LIMIT,
    user: int | None = None,
    while_running: Callable[[float], None] | None = None,
) -> Completed:
    """Run a command to its end and return what it said.

    `while_running` is called with the elapsed seconds about ten times a second (progress).
    `stop_signal` is sent first when the work is called off or late; SIGKILL follows.
    Raises MissingDependencyError when the program is not there, CancelledError when called
    off, ToolFailedError past `deadline_s` and, with `check`, for an exit other than 0.
    """
    begun = time.monotonic()
    child = _start(
        argv,
        stdin=subprocess.PIPE,
        out=subprocess.PIPE,
        env=env,
        cwd=cwd,
        user=user,
        stop_signal=stop_signal,
    )
    try:
        stdout, stderr = _Capture(child.stdout, output_limit), _Capture(child.stderr, output_limit)
        _feed(child.stdin, stdin)
        why = _wait(child, begun + deadline_s, cancellation, while_running, begun)
    finally:
        _stop(child, stop_signal)
    out, err = stdout.join(), stderr.join()
    done = Completed(
        argv=tuple(map(str, argv)),
        returncode=child.returncode,
        stdout=out,
        stderr=err,
        seconds=time.monotonic() - begun,
        truncated=stdout.truncated or stderr.truncated,
    )
    program = Path(argv[0]).name
    if why == "cancelled":
        raise CancelledError
    if why == "late":
        raise ToolFailedError(
            f"{program} did not end within {deadline_s:g} s: {done.complaint}",
            hint="Ask for a shorter measurement, or look at why it hangs",
        )
    if check and child.returncode != 0:
        raise ToolFailedError(
            f"{program} ended with {child.returncode}: {done.complaint}",
            hint="Run the same command by hand to see more",
        )
    return done


@dataclass(frozen=True)
class Child:
    """A process that goes on beside us until its block ends."""

    pid: int
    _process: subprocess.Popen[bytes]

    def ended(self) -> int | None:
        """Return the exit code if it has ended by itself."""
        return self._process.poll()


@contextmanager
def running(
    argv: Sequence[str | os.PathLike[str]],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stop_signal: int = signal.SIGTERM,
    user: int | None = None,
) -> Iterator[Child]:
    """Run a command beside the block, its output in the file `log`; stop it when the block ends."""
    with log.open("ab") as out:
        child = _start(
            argv,
            stdin=subprocess.DEVNULL,
            out=out,
            env=env,
            cwd=cwd,
            user=user,
            stop_signal=stop_signal,
        )
    try:
        yield Child(child.pid, child)
    finally:
        _stop(child, stop_signal)


def stop_all() -> None:
    """End every child and its group, and kill what has not ended within a second; for signal
    handlers and the end of a server.
    """
    running = dict(_children)
    for child, kept in running.items():
        _signal_group(child, kept.stop_signal)
    late = time.monotonic() + _STOP_S
    while time.monotonic() < late and any(child.poll() is None for child in running):
        time.sleep(_STEP_S)
    for child in running:
        _signal_group(child, _KILL)


def children() -> tuple[int, ...]:
    """Return the pids of the children that are running now."""
    return tuple(child.pid for child in list(_children))


def _start(
    argv: Sequence[str | os.PathLike[str]],
    *,
    stdin: int,
    out: int | IO[bytes],
    env: Mapping[str, str] | None,
    cwd: Path | None,
    user: int | None,
    stop_signal: int,
) -> subprocess.Popen[bytes]:
    words = [os.fspath(word) for word in argv]
    if any("\0" in word for word in words):
        raise InputError("a command's argument holds a NUL byte", hint="Remove it")
    caretaker.begin()  # before the child: nothing may come in between
    with caretaker.expecting() as mark:
        child = _opened(words, stdin=stdin, out=out, env=env, mark=mark, cwd=cwd, user=user)
        with _children_lock:
            _children[child] = _Kept(stop_signal, caretaker.group(child.pid, stop_signal))
    return child


def _opened(
    words: list[str],
    *,
    stdin: int,
    out: int | IO[bytes],
    env: Mapping[str, str] | None,
    mark: Mapping[str, str],
    cwd: Path | None,
    user: int | None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own; raises errors that say what to do."""
    try:
        return subprocess.Popen(
            words,
            stdin=stdin,
            stdout=out,
            stderr=subprocess.PIPE if out == subprocess.PIPE else subprocess.STDOUT,
            env={**(os.environ if env is None else env), **mark},
            cwd=cwd,
            start_new_session=_POSIX,
            creationflags=0 if _POSIX else getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    except FileNotFoundError:
        if cwd is not None and not cwd.is_dir():
            raise InputError(f"{cwd}: no such folder", hint="Check the path") from None
        raise MissingDependencyError(
            f"{words[0]} is not installed or not on the PATH", hint=f"Install {words[0]}"
        ) from None
    except PermissionError as error:
        raise InputError(f"{words[0]} cannot be run: {error.strerror}", hint="Check it") from None


def _wait(
    child: subprocess.Popen[bytes],
    deadline: float,
    cancellation: Cancellation | None,
    while_running: Callable[[float], None] | None,
    begun: float,
) -> str:
    pause = 0.005
    while True:
        try:
            child.wait(pause)
        except subprocess.TimeoutExpired:
            pass
        else:
            return "ended"
        now = time.monotonic()
        if cancellation is not None and cancellation.asked:
            return "cancelled"
        if now > deadline:
            return "late"
        if while_running is not None:
            while_running(now - begun)
        pause = min(pause * 2, 0.1)


def _stop(child: subprocess.Popen[bytes], stop_signal: int) -> None:
    """End what is left of the child's group, and reap the child."""
    if child.poll() is None:
        _signal_group(child, stop_signal)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE_S)
    # its own children may outlive it: the group goes with it
    _signal_group(child, _KILL)
    with suppress(subprocess.TimeoutExpired):
        child.wait(_GRACE_S)
    with _children_lock:
        kept = _children.pop(child, None)
    if kept is not None:
        caretaker.settled(kept.key)


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform != "win32":
            os.killpg(child.pid, number)
        elif child.poll() is None:
            child.kill()


def _feed(pipe: IO[bytes] | None, data: bytes) -> None:
    if pipe is None:
        return

    def write() -> None:
        with suppress(BrokenPipeError, OSError), pipe:
            pipe.write(data)

    if data:
        threading.Thread(target=write, daemon=True).start()
    else:
        pipe.close()


class _Capture:
    """Reads a pipe to its end in a thread and keeps the first `limit` bytes."""

    def __init__(self, pipe: IO[bytes] | None, limit: int) -> None:
        self._pipe = pipe
        self._limit = limit
        self._kept = bytearray()
        self.truncated = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        if self._pipe is None:
            return
        with suppress(OSError, ValueError), self._pipe as pipe:
            while chunk := os.read(pipe.fileno(), 65536):
                room = self._limit - len(self._kept)
                self._kept += chunk[:room]
                self.truncated = self.truncated or len(chunk) > room

    def join(self) -> bytes:
        """Return what was kept, once the pipe is at its end (its group is dead by now)."""
        self._thread.join(_GRACE_S)
        return bytes(self._kept)
