"""Locust as a load engine: headless, a master with workers of this machine, our own histograms."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
import time
from contextlib import closing
from importlib.metadata import version
from typing import TYPE_CHECKING

from slowcoach.core.errors import ToolFailedError
from slowcoach.core.knowledge import page
from slowcoach.core.units import number, share
from slowcoach.load import locust_entry
from slowcoach.load.child_engine import Ended, watched
from slowcoach.load.engine_kind import Engine, Order, Watch
from slowcoach.load.locust_stream import Seconds
from slowcoach.load.order_scripts import key_of, labels_of, scripts_of, session_of
from slowcoach.load.outcome import Outcome
from slowcoach.load.pinning import accepting_address, environment
from slowcoach.load.scripts import LOCUST_FILE
from slowcoach.load.tally import Tally
from slowcoach.load.told_outcome import outcome_of

if TYPE_CHECKING:
    from slowcoach.core.job import Job
    from slowcoach.load.generator_process import GeneratorProcess

_BEGIN_S, _END_S = 60.0, 60.0  # Locust starts and its workers connect; requests under way end
_LONGEST_STAY_S = 120.0
_SILENT_S = 5.0  # a process that says nothing for so long is not waited for
_CODES_OF_RESULTS = frozenset({0, 1})  # 1: some request failed, or a criterion did


def _missing() -> str | None:
    if os.name != "posix":
        return "Locust's processes need fork: use the built-in engine"
    if importlib.util.find_spec("locust") is None:
        return "pip install locust"
    return None


class _Test:
    """One run of Locust. What its processes write is read in tenths of a second."""

    def __init__(self, order: Order, job: Job, watch: Watch) -> None:
        self._order, self._job, self._watch = order, job, watch
        self.tally = Tally(order.schedule, session_of(order.plan)[0])
        self.seconds = Seconds(order.folder, self.tally, labels_of(order.plan))
        self.health: GeneratorProcess | None = None
        self._looked = 0.0

    def run(self) -> Ended:
        """Run Locust to its end, and count all that it told."""
        order = self._order
        ended = watched(
            [sys.executable, "-P", "-m", locust_entry.__name__, *_arguments(order)],
            job=self._job,
            folder=order.folder,
            environment=_environment(order),
            deadline_s=_BEGIN_S + order.schedule.length_s + _stay_s(order) + _END_S,
            each=self._each,
        )
        self.seconds.read()
        _fill_shortfall(order, self.tally)
        if ended.stopped is None:
            self.tally.tell_rest(self._watch)
        return ended

    def _each(self, health: GeneratorProcess) -> None:
        self.seconds.read()
        if self.seconds.began_s is None:
            return
        now = time.monotonic()
        if self.health is None:
            self.health = health
            health.begin()
            self._looked = now
        elif now - self._looked >= 1.0:
            self._looked = now
            health.look()
        late = time.time() - self.seconds.began_s - _SILENT_S
        self.tally.tell(max(self.seconds.seen_s, late), self._watch)


def _arguments(order: Order) -> list[str]:
    script = order.script
    if script is None:
        script = order.folder / LOCUST_FILE
        script.write_text(scripts_of(order)[LOCUST_FILE], encoding="utf-8")
    words = ["-f", str(script.resolve()), "--headless", "--only-summary"]
    words += ["--loglevel", "WARNING", "--stop-timeout", f"{_stay_s(order):g}"]
    words += ["--host", order.target.origin]
    if order.script is not None:
        users = max(round(order.schedule.top), 1)
        length = f"{max(round(order.schedule.length_s), 1)}s"
        words += ["-u", str(users), "-r", str(users), "-t", length]
    if order.processes > 1:
        port = str(_free_port())
        words += ["--processes", str(order.processes), "--master-bind-host", "127.0.0.1"]
        words += ["--master-bind-port", port, "--master-port", port]
    return words


def _stay_s(order: Order) -> float:
    """Return how long sessions that have begun may take to end."""
    return min(order.timeout_s * session_of(order.plan)[1], _LONGEST_STAY_S)


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _environment(order: Order) -> dict[str, str]:
    target = order.target
    own = {
        locust_entry.HOST: target.host,
        locust_entry.ADDRESSES: ",".join(target.addresses),
        locust_entry.PINNED: accepting_address(target),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "BASE_URL": target.origin,
    }
    if order.script is None:
        own["SCENARIO"] = key_of(order)
    return environment(
        target,
        {**order.environment, **own},
        home=str(order.folder),
        whole=order.script is not None,
    )


def _fill_shortfall(order: Order, tally: Tally) -> None:
    """Count what Locust did not send of a step's load as dropped, where it is more than its grain.

    Users begin at whole seconds and pace themselves, so that some per cent too few is no fault.
    """
    if tally.model != "open" or order.script is not None:
        return
    margin = float(page("load_scenarios").data["sizing"]["throughput_margin"])
    for step in tally.steps(corrected=False):
        due = step.load * (step.end_s - step.start_s)
        missing = due - (step.figures.sent or 0) - (step.figures.dropped or 0)
        if missing > margin * due:
            sessions = missing / session_of(order.plan)[0]
            tally.add_dropped(int(step.start_s), round(sessions))


def _run(order: Order, job: Job, watch: Watch) -> Outcome:
    test = _Test(order, job, watch)
    ended = test.run()
    if ended.stopped is None:
        _check(ended, test)
    return _outcome(order, test, ended)


def _check(ended: Ended, test: _Test) -> None:
    thrown = test.seconds.thrown
    if not test.seconds.requests and thrown:
        text, _ = thrown.most_common(1)[0]
        raise ToolFailedError(
            f"the script threw {thrown.total():,} times and sent nothing: {text}",
            hint="Run it by hand: locust -f FILE --headless -u 1 -t 5s",
        )
    if not test.seconds.requests and ended.code != 0:
        raise ToolFailedError(
            f"Locust ended with {ended.code} and sent nothing: {ended.said}",
            hint="Run it by hand: locust -f FILE --headless -u 1 -t 5s",
        )


def _outcome(order: Order, test: _Test, ended: Ended) -> Outcome:
    tally, health = test.tally, test.health
    name = f"Locust {version('locust')}"
    return outcome_of(
        order,
        tally,
        health,
        name=name,
        began_s=test.seconds.began_s,
        processes=order.processes,
        unknown=("Locust does not tell how late it sent",),
        warnings=_warnings(test, ended, name),
    )


def _warnings(test: _Test, ended: Ended, name: str) -> tuple[str, ...]:
    found = test.tally.doubts(ended.stopped)
    if ended.code is not None and ended.code not in _CODES_OF_RESULTS:
        found.append(f"{name} ended with {ended.code}: {ended.said}")
    if thrown := test.seconds.thrown:
        text, _ = thrown.most_common(1)[0]
        found.append(f"tasks of the script threw {thrown.total():,} times: {text}")
    tally = test.tally
    if tally.dropped:
        due = tally.sent + tally.dropped
        found.append(
            f"{name} was asked for {number(due)} requests and sent {number(tally.sent)}: "
            f"{share(tally.dropped / due)} were never sent, so that latencies look better"
        )
    return tuple(found)


ENGINE = Engine(name="locust", title="Locust", missing=_missing, run=_run)
