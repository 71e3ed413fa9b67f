"""A test by Locust's workers on other machines: the master here, histograms merged exactly."""

from __future__ import annotations

import importlib.util
import os
import shlex
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from slowcoach.core.errors import InputError, ToolFailedError
from slowcoach.core.knowledge import page
from slowcoach.core.permission import is_loopback
from slowcoach.core.units import number
from slowcoach.load import locust_entry
from slowcoach.load.child_engine import Ended, watched
from slowcoach.load.distributed.locust_files import fell_silent, told_at_end
from slowcoach.load.engine_kind import Order, StopTestError, Watch
from slowcoach.load.guard import look_at_switch
from slowcoach.load.locust_stream import Seconds
from slowcoach.load.order_scripts import key_of, labels_of, scripts_of
from slowcoach.load.outcome import Generator, Outcome
from slowcoach.load.pinning import accepting_address, environment
from slowcoach.load.scripts import LOCUST_FILE
from slowcoach.load.tally import Tally

if TYPE_CHECKING:
    from slowcoach.core.job import Job
    from slowcoach.load.generator_process import GeneratorProcess

BIND = "SLOWCOACH_LOCUST_BIND"
_BEGIN_S, _END_S = 60.0, 60.0
_SILENT_S = 5.0
_CODES_OF_RESULTS = frozenset({0, 1})  # 1: some request failed, or a criterion did


@dataclass(frozen=True, slots=True)
class Place:
    """Where workers find the master."""

    host: str
    port: int

    @property
    def command(self) -> str:
        """Return what starts a worker on another machine."""
        everywhere = self.host in {"*", "0.0.0.0", "::"}  # noqa: S104 - compared, not bound
        host = shlex.quote(socket.gethostname() if everywhere else self.host)
        return f"locust -f - --worker --master-host {host} --master-port {self.port}"


def place() -> Place:
    """Return the address of this machine that workers connect to, which the user sets.

    Without it only workers of this machine can. Raises InputError.
    """
    text = os.environ.get(BIND, "").strip()
    port = int(page("distributed_load").data["locust"]["port"])
    if not text:
        return Place("127.0.0.1", port)
    host, colon, digits = text.rpartition(":")
    if not colon:
        return Place(text, port)
    if not digits.isdecimal() or not 0 < int(digits) < 65536:  # noqa: PLR2004 - TCP's ports
        raise InputError(f"{BIND}={text}: expected HOST:PORT", hint="Give 10.0.0.5:5557")
    return Place(host.strip("[]"), int(digits))


def wait_s() -> float:
    """Return how long workers are awaited."""
    return float(page("distributed_load").data["locust"]["wait_s"])


def remote_script(script: str, order: Order) -> str:
    """Return a Locust file whose workers, on whatever machine, tell histograms to the master."""
    found = importlib.util.find_spec("slowcoach.load.distributed.locust_remote")
    source = Path(str(found.origin)).read_text(encoding="utf-8") if found else ""
    addresses = [accepting_address(order.target)]
    return (
        f"{script}\n\n# Written by Slowcoach: workers tell the master how long each request took\n"
        "import types as _types\n"
        "_slowcoach = _types.ModuleType('slowcoach_remote')\n"
        f"exec(compile({source!r}, 'slowcoach_remote', 'exec'), _slowcoach.__dict__)\n"
        f"_slowcoach.listen({order.target.host!r}, {addresses!r})\n"
    )


def run_on_locust_workers(order: Order, job: Job, watch: Watch) -> Outcome:
    """Run an order by workers that people start, and return what came of it.

    `order.processes` of them are awaited for a minute. Raises ToolFailedError when they do not
    come, InputError, CancelledError.
    """
    job.permissions.require_load(order.target.origin)
    test = _Test(order, job, watch, place())
    ended = test.run()
    _check(ended, test)
    return _outcome(test, ended)


@dataclass(slots=True)
class _Test:
    order: Order
    job: Job
    watch: Watch
    place: Place
    tally: Tally = field(init=False)
    seconds: Seconds = field(init=False)
    _asked: float = 0.0

    def __post_init__(self) -> None:
        self.tally = Tally(self.order.schedule)
        self.seconds = Seconds(self.order.folder, self.tally, labels_of(self.order.plan))

    @property
    def workers(self) -> list[Path]:
        """Return the files of the workers that told something."""
        return sorted(self.order.folder.glob("seconds-worker*.ndjson"))

    def run(self) -> Ended:
        """Run the master to its end, and count all that workers told."""
        order = self.order
        deadline_s = wait_s() + _BEGIN_S + order.schedule.length_s + order.timeout_s + _END_S
        ended = watched(
            [sys.executable, "-P", "-m", locust_entry.__name__, *self._arguments()],
            job=self.job,
            folder=order.folder,
            environment=self._environment(),
            deadline_s=deadline_s,
            each=self._each,
        )
        self.seconds.read()
        self._note_dropped()
        with suppress(StopTestError):  # it has ended
            self.tally.tell(order.schedule.length_s, self.watch)
        return ended

    def _arguments(self) -> list[str]:
        order = self.order
        own = order.script.read_text(encoding="utf-8") if order.script else None
        script = own if own is not None else scripts_of(order)[LOCUST_FILE]
        path = order.folder / LOCUST_FILE
        path.write_text(remote_script(script, order), encoding="utf-8")
        words = ["-f", str(path.resolve()), "--headless", "--only-summary", "--master"]
        words += ["--master-bind-host", self.place.host]
        words += ["--master-bind-port", str(self.place.port)]
        words += ["--expect-workers", str(max(order.processes, 1))]
        words += ["--expect-workers-max-wait", str(round(wait_s()))]
        words += ["--loglevel", "WARNING", "--stop-timeout", f"{order.timeout_s:g}"]
        words += ["--host", order.target.origin]
        if own is not None:
            users = str(max(round(order.schedule.top), 1))
            length = f"{max(round(order.schedule.length_s), 1)}s"
            words += ["-u", users, "-r", users, "-t", length]
        return words

    def _environment(self) -> dict[str, str]:
        order = self.order
        own = {
            locust_entry.HOST: order.target.host,
            locust_entry.ADDRESSES: ",".join(order.target.addresses),
            locust_entry.PINNED: accepting_address(order.target),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "BASE_URL": order.target.origin,
        }
        if order.script is None:
            own["SCENARIO"] = key_of(order)
        whole = order.script is not None
        given = {**order.environment, **own}
        return environment(order.target, given, home=str(order.folder), whole=whole)

    def _each(self, health: GeneratorProcess) -> None:
        self.seconds.read()
        now = time.monotonic()
        if now - self._asked >= 1.0:
            self._asked = now
            look_at_switch()
            self._say()
        if self.seconds.began_s is not None:
            late = time.time() - self.seconds.began_s - _SILENT_S
            self.tally.tell(late, self.watch)

    def _note_dropped(self) -> None:
        """Count what was not sent of a step's load as dropped, beyond Locust's own grain."""
        if self.tally.model != "open" or self.order.script is not None:
            return
        margin = float(page("load_scenarios").data["sizing"]["throughput_margin"])
        for step in self.tally.steps(corrected=False):
            due = step.load * (step.end_s - step.start_s)
            short = due - (step.figures.sent or 0) - (step.figures.dropped or 0)
            if short > margin * due:
                self.tally.add_dropped(int(step.start_s), round(short))

    def _say(self) -> None:
        count = max(self.order.processes, 1)
        length = self.order.schedule.length_s
        if self.seconds.began_s is None:
            text = f"waiting for {count} workers; on each: {self.place.command}"
            self.job.progress(0, length, text)
            return
        past = time.time() - self.seconds.began_s
        text = f"{self.seconds.requests:,} requests by {len(self.workers)} of {count} workers"
        self.job.progress(min(past, length), length, text)


def _check(ended: Ended, test: _Test) -> None:
    if ended.stopped is not None or test.seconds.requests:
        return
    count = max(test.order.processes, 1)
    if test.seconds.began_s is None:
        far = "" if not is_loopback(test.place.host) else f" (set {BIND} for other machines)"
        raise ToolFailedError(
            f"{count} workers did not connect to {test.place.host}:{test.place.port} within "
            f"{wait_s():.0f} s: {ended.said[-200:]}",
            hint=f"Start each with: {test.place.command}{far}",
        )
    why = next((text for text, _ in test.seconds.thrown.most_common(1)), ended.said[-300:])
    raise ToolFailedError(
        f"{count} workers sent nothing; Locust ended with {ended.code}: {why}",
        hint="Look at what the workers print",
    )


def _outcome(test: _Test, ended: Ended) -> Outcome:
    order, tally = test.order, test.tally
    count = max(order.processes, 1)
    name = f"Locust {version('locust')}, {count} workers"
    whole = tally.whole(corrected=False)
    corrected = tally.model == "open" and not tally.dropped
    began = test.seconds.began_s or time.time()
    return Outcome(
        tool=name,
        model=tally.model,
        whole=tally.whole(corrected=corrected),
        steps=tally.steps(corrected=corrected),
        endpoints=tally.endpoints(whole.duration_s, corrected=corrected),
        moments=tally.moments(),
        generator=Generator(name=name, in_flight_limit=order.in_flight_limit, processes=count),
        started=datetime.fromtimestamp(began, UTC).isoformat(timespec="milliseconds"),
        target=order.target.origin,
        unknown=(
            "Locust does not tell how late it sent",
            "how busy the workers' machines were",
        ),
        warnings=tuple(_warnings(test, ended, name)),
    )


def _warnings(test: _Test, ended: Ended, name: str) -> list[str]:
    found: list[str] = []
    if ended.code is not None and ended.code not in _CODES_OF_RESULTS:
        found.append(f"{name} ended with {ended.code}: {ended.said[-200:]}")
    missing = max(test.order.processes, 1) - len(test.workers)
    if missing > 0:
        found.append(f"{missing} workers told no request: nothing of them is counted")
    found += fell_silent(test.workers)
    if thrown := test.seconds.thrown:
        text, _ = thrown.most_common(1)[0]
        found.append(f"tasks of the script threw {thrown.total():,} times: {text}")
    told = told_at_end(test.order.folder / "workers.json")
    dropped = test.tally.dropped
    counted = test.seconds.requests + dropped
    if (of_locust := told.get("requests")) is not None and of_locust > counted:
        found.append(
            f"Locust itself counted {number(of_locust)} requests, its workers told of "
            f"{number(counted)}: what a worker that broke off saw is missing"
        )
    if told.get("refused"):
        found.append(f"{told['refused']} messages of workers were not as they should be")
    return found
