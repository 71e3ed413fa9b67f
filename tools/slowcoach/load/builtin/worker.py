"""One of several processes that share a load: `python -m slowcoach.load.builtin.worker FOLDER N`.

It says when it is ready, begins when told, tells of each second, and ends with its result, when
it is told to stop, or when the process that began it is gone.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from slowcoach.load.builtin.engine import load_of
from slowcoach.load.builtin.requests import requests_of
from slowcoach.load.builtin.running import Local
from slowcoach.load.builtin.shares import GO, STOP, ended, read_order, ready, told
from slowcoach.load.open_files import room_for

_LOOK_S = 0.05
_PATIENCE_S = 120.0  # for the other processes to be ready


def main(folder: Path, part: int) -> int:
    """Send one share of the order in a folder."""
    threading.Thread(target=_die_with, args=(os.getppid(),), daemon=True).start()
    order = read_order(folder)
    load = load_of(order, requests_of(order.plan, order.target, {}), part, order.processes)
    room_for(load.in_flight_limit, at_most=True)
    _say(ready())
    begin_at = _go(folder)
    if begin_at is None:
        return 1
    local = Local(load, lambda moment: _say(told(moment)), begin_at)
    stop = folder / STOP
    is_stopped = False
    while local.is_alive:
        time.sleep(_LOOK_S)
        if not is_stopped and stop.exists():
            is_stopped = True
            local.stop()
    _say(ended(*local.result()))
    return 0


def _go(folder: Path) -> float | None:
    """Wait until all are ready; return when to begin, None when nobody says."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        try:
            return float((folder / GO).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            time.sleep(_LOOK_S)
    return None


def _say(message: dict[str, Any]) -> None:
    line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    while line:
        line = line[os.write(sys.stdout.fileno(), line) :]


def _die_with(parent: int) -> None:
    """End this process once its parent has."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S * 10)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
