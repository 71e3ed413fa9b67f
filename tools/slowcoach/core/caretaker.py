"""A small process beside ours that undoes what is under way when ours is gone, even by SIGKILL.

A killed process runs no `finally`. So what must not outlive it is told to the caretaker before it
begins and taken back after its end: groups of children, folders, and commands that undo what was
done to another program. The kernel closes the pipe between both however this process ends.
"""

import atexit
import json
import os
import signal
import subprocess  # noqa: TID251 - process.py is guarded by it
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

_PROGRAM = Path(__file__).with_name("caretaker_process.py")
_END_S = 5.0
_MARK = "SLOWCOACH_CHILD"
_keys = count(1)
_marks = count(1)
_lock = threading.RLock()
_process: "subprocess.Popen[bytes] | None" = None
_owner = 0  # the process that started it: a fork starts its own


def begin() -> None:
    """Start the caretaker, if it is not there yet."""
    with _lock, suppress(OSError):
        _pipe(start=True)


@contextmanager
def expecting() -> Iterator[dict[str, str]]:
    """Yield what to put into the environment of a child that is started in the block, and whose
    `group` is told there: if this process ends in between, it is found by that, and killed.
    """
    if not Path("/proc/self/environ").exists():
        yield {}
        return
    mark = {_MARK: f"{os.getpid()}-{next(_marks)}"}
    key = _ordered(mark="=".join(*mark.items()))
    try:
        yield mark
    finally:
        settled(key)


def group(leader: int, stop_signal: int = signal.SIGTERM) -> int:
    """Have a group of processes ended (by `stop_signal`, then by force); return the order's key."""
    return _ordered(group=leader, signal=int(stop_signal))


def path(which: str | os.PathLike[str]) -> int:
    """Have a file or folder deleted; return the order's key."""
    return _ordered(path=os.path.abspath(which))  # noqa: PTH100 - a link is not to be followed


def command_at_end(command: Sequence[str]) -> int:
    """Have a command run if this process ends before; return the order's key."""
    return _ordered(command=list(command))


def settled(key: int) -> None:
    """Take an order back: it is done, or has become needless."""
    _tell({"key": key}, start=False)


@contextmanager
def removing(which: str | os.PathLike[str]) -> Iterator[None]:
    """Have a file or folder deleted if this process ends within the block."""
    key = path(which)
    try:
        yield
    finally:
        settled(key)


@contextmanager
def undoing(command: Sequence[str]) -> Iterator[None]:
    """Have a command run if this process ends within the block."""
    key = command_at_end(command)
    try:
        yield
    finally:
        settled(key)


def python(code: str, *words: object) -> list[str]:
    """Return the command that runs code with this interpreter; it finds `words` in sys.argv."""
    return [sys.executable, "-P", "-c", code, *map(str, words)]


def _ordered(**what: Any) -> int:
    key = next(_keys)
    _tell({"key": key, **what}, start=True)
    return key


def _tell(order: dict[str, Any], *, start: bool) -> None:
    line = json.dumps(order).encode() + b"\n"
    with _lock, suppress(OSError):  # without a caretaker what ends in order is undone all the same
        pipe = _pipe(start=start)
        if pipe is not None:
            os.write(pipe, line)  # one call of few bytes: whole, or not at all


def _pipe(*, start: bool) -> int | None:
    global _process, _owner
    if _process is None or _owner != os.getpid():
        if not start or os.name != "posix" or not sys.executable:
            return None
        _owner = os.getpid()
        _process = subprocess.Popen(  # noqa: S603 - it is what process.py is guarded by
            [sys.executable, "-I", "-S", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
    return None if _process.stdin is None else _process.stdin.fileno()


@atexit.register
def _dismiss() -> None:
    """Let the caretaker end with this process."""
    global _process
    if _process is None or _owner != os.getpid() or _process.stdin is None:
        return
    with suppress(OSError, subprocess.TimeoutExpired):
        _process.stdin.close()
        _process.wait(_END_S)
    _process = None
