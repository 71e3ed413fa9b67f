"""Undo what another process left when it is gone, however it ended; see `caretaker`.

Run as a file: it imports nothing of Slowcoach, so that it starts at once. Each line of standard
input is a JSON object: {"key": 1, "group": 4711, "signal": 15}, {"key": 2, "path": "/tmp/x"},
{"key": 3, "command": ["program", ...]} or {"key": 4, "mark": "NAME=value"}, which is in the
environment of a child whose group is not known yet. It is to be undone at the end of input,
{"key": 1} no more.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess  # noqa: TID251 - it imports nothing of Slowcoach
import sys
import time
from typing import Any

_GRACE_S = 1.0
_STEP_S = 0.02
_SCAN_S = 0.2
_COMMAND_S = 20.0
_GONE_S = 10.0
_IGNORED = ("SIGTERM", "SIGINT", "SIGHUP")  # a supervisor's: the other process is to end first


def main() -> None:
    """Take orders until the other process is gone, and then carry them out."""
    for name in _IGNORED:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    left = _left()[::-1]
    _end([order for order in left if "group" in order])
    _end_marked([order["mark"].encode() for order in left if "mark" in order])
    for order in left:
        if "command" in order:
            _run(order["command"])
    for order in left:
        if "path" in order:
            _remove(order["path"])


def _left() -> list[dict[str, Any]]:
    """Return the orders that stand when the other process is gone."""
    orders: dict[int, dict[str, Any]] = {}
    for line in sys.stdin.buffer:
        with contextlib.suppress(ValueError):  # it was killed in the middle of a line
            order = json.loads(line)
            orders.pop(order["key"], None)
            if len(order) > 1:
                orders[order["key"]] = order
    return list(orders.values())


def _end(groups: list[dict[str, Any]]) -> None:
    """Ask each group to end, and kill what is left of it after a moment."""
    for order in groups:
        _signal(order["group"], order["signal"])
    late = time.monotonic() + _GRACE_S
    while time.monotonic() < late and any(_signal(order["group"], 0) for order in groups):
        time.sleep(_STEP_S)
    for order in groups:
        _signal(order["group"], signal.SIGKILL)


def _end_marked(marks: list[bytes]) -> None:
    """Kill the groups of children that were being started: they may not have begun to run yet."""
    late = time.monotonic() + _GRACE_S
    while marks and time.monotonic() < late:
        for name in os.listdir("/proc"):  # noqa: PTH208 - it starts at once
            with contextlib.suppress(OSError):
                if name.isdigit() and _has_mark(name, marks):
                    os.killpg(int(name), signal.SIGKILL)
        time.sleep(_SCAN_S)


def _has_mark(pid: str, marks: list[bytes]) -> bool:
    with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
        return not set(marks).isdisjoint(file.read().split(b"\0"))


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


def _run(command: list[str]) -> None:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(  # noqa: S603 - an argument list of ours, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_COMMAND_S,
            check=False,
        )


def _remove(path: str) -> None:
    """Delete a file or folder; what was just killed may still write to it for a moment."""
    late = time.monotonic() + _GONE_S
    while os.path.lexists(path) and time.monotonic() < late:  # noqa: PTH - it starts at once
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108
        time.sleep(_STEP_S)


if __name__ == "__main__":
    main()
