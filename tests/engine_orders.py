"""Orders for load engines, of one scenario against a server on loopback, and what is left after."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slowcoach.core import process
from slowcoach.core.job import Job
from slowcoach.load.engine_kind import Order
from slowcoach.load.outcome import Moment
from slowcoach.load.plan import Endpoint, LoadPlan, PassCriteria, Scenario
from slowcoach.load.schedule import Schedule, Stage, schedule_of
from slowcoach.load.targets import target_of
from slowcoach.profiling.recorders.proc import descendants

BEFORE_SIGKILL = """
import os, sys, threading
sys.path[:0] = {path!r}
from engine_orders import order
from slowcoach.core.job import Job
from slowcoach.load.engine_kind import engine_named
from pathlib import Path
told = lambda moment: print("told", flush=True)
made = order({url!r}, Path({folder!r}), rate=20, duration="60s", **{more!r})
engine_named({engine!r}).run(made, Job(), told)
"""


def order(
    url: str,
    folder: Path,
    *,
    rate: float | None = None,
    users: int | None = None,
    duration: str = "2s",
    endpoints: tuple[Endpoint, ...] = (),
    **more: Any,
) -> Order:
    """Return an order of one scenario."""
    scenario = Scenario(name="Steady", rate=rate, vus=users, duration=duration)
    target = target_of(url, Job().permissions)
    plan = LoadPlan(
        test_name="test",
        target=url,
        date="2026-11-26",
        scenarios=(scenario,),
        pass_criteria=PassCriteria(),
        endpoints=endpoints,
    )
    given: dict[str, Any] = {"timeout_s": 2.0, "in_flight_limit": round((rate or 1) * 2) + 1}
    return Order(
        plan=plan,
        schedule=schedule_of(scenario),
        target=target,
        folder=folder,
        **(given | more),
    )


def script_order(url: str, folder: Path, script: str, name: str, seconds: float = 1.0) -> Order:
    """Return an order of a user's own script."""
    path = folder / name
    path.write_text(script, encoding="utf-8")
    schedule = Schedule("script", "users", (Stage(0.0, seconds, 1.0, 1.0, held=True),))
    made = order(url, folder, users=1)
    return Order(
        plan=made.plan,
        schedule=schedule,
        target=made.target,
        timeout_s=2.0,
        in_flight_limit=1,
        folder=folder,
        script=path,
    )


def unheard(_moment: Moment) -> None:
    """Hear of a second, and go on."""


def nothing_is_left() -> bool:
    """Tell whether this process has no child of an engine any more."""
    return not process.children()


def dies_with_its_parent(engine: str, url: str, folder: Path, **more: Any) -> bool:
    """Kill a process in the midst of its test, and tell whether all of its children end too."""
    tests = str(Path(__file__).parent)
    code = BEFORE_SIGKILL.format(
        path=[tests], engine=engine, url=url, folder=str(folder), more=more
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    try:
        assert parent.stdout.readline() == "told\n"
        family = descendants(parent.pid)[1:]
        assert family
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    ended = until(lambda: not any(map(_is_alive, family)))
    for pid in filter(_is_alive, family):
        os.kill(pid, signal.SIGKILL)
    return ended


def until(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Wait until something holds; tell whether it did."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
