"""Run what was asked: admit it, send each scenario, keep it, judge it, answer."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from slowcoach.core import scratch
from slowcoach.core.errors import CancelledError, NotPermittedError, SlowcoachError
from slowcoach.core.finding import Finding
from slowcoach.core.permission import is_loopback
from slowcoach.core.units import duration
from slowcoach.load import joining, outcome_file, sizes, target_series
from slowcoach.load.answer import LoadAnswer
from slowcoach.load.answering import answer_of, fitted
from slowcoach.load.asked import Asked, secrets_of
from slowcoach.load.engine_kind import Engine, Order
from slowcoach.load.guard import BUDGET, admitted
from slowcoach.load.histogram import merged
from slowcoach.load.judging import judged
from slowcoach.load.order_scripts import requests_of
from slowcoach.load.outcome import Figures, Latencies, Moment, Outcome
from slowcoach.load.plan import PassCriteria, Scenario
from slowcoach.load.schedule import Schedule, schedule_of
from slowcoach.load.scripts import PLAN_FILE
from slowcoach.load.stopping import BREAKING, Watcher
from slowcoach.load.target_series import TargetSeries
from slowcoach.load.targets import Target
from slowcoach.profiling.recorders.proc import exists

if TYPE_CHECKING:
    from slowcoach.core.job import Job
    from slowcoach.load.sampling import Sampler

_FOLDER = "slowcoach-load-"
_KEPT_BYTES = 4 * 1024 * 1024
_KEPT = {".js": "text/javascript", ".py": "text/x-python", ".json": "application/json"}
_NOT_KEPT = re.compile(r"slowcoach-|load-results|began|seconds-")
_SHOWN_FILES = 6


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A test to run. `earlier` are the outcomes of scenarios that an interrupted run finished."""

    asked: Asked
    engine: Engine
    schedules: Mapping[str, Schedule]
    pid: int | None = None
    processes: int | None = None
    earlier: Mapping[str, Outcome] = field(default_factory=dict[str, Outcome])


def schedules_of(asked: Asked) -> dict[str, Schedule]:
    """Return the load over time of each scenario asked for, by its key."""
    return {scenario.key: schedule_of(scenario) for scenario in asked.scenarios}


def run(job: Job, wish: Wish) -> LoadAnswer:
    """Run a test's scenarios in turn and return the answer; every finished one is kept."""
    plan = wish.asked.plan
    pending = {s.key: s for s in wish.asked.scenarios if s.key not in wish.earlier}
    wanted = sizes.wanted(wish.engine.name, pending, wish.schedules)
    target = admitted(plan.target, wanted, job.permissions)
    sent = 0.0
    try:
        _check_requests(wish.asked, target)
        parts, findings, files = _Run(job, wish, target).all()
        sent = sum(p.outcome.whole.sent or 0 for p in parts if _key(p) not in wish.earlier)
    finally:
        BUDGET.give_back(max(wanted.requests - sent, 0.0))
    return _answer(wish, parts, findings, files)


def _key(part: joining.Part) -> str:
    return Scenario(name=part.scenario).key


def _check_requests(asked: Asked, target: Target) -> None:
    """Refuse a plan with a request to elsewhere, before anything is sent."""
    if asked.script is not None:
        return
    for each in requests_of(asked.plan):
        if not target.holds(each.url):
            raise NotPermittedError(
                f"the plan's request {each.label[:100]} does not go to {target.origin}",
                hint="A test loads one host: take the request out, or run it as a test of its own",
            )


class _Run:
    """The scenarios of one call, one after another."""

    def __init__(self, job: Job, wish: Wish, target: Target) -> None:
        self._job, self._wish, self._target = job, wish, target
        self._files: dict[str, str] = {}
        self._findings: list[Finding] = []
        self._environment = {} if wish.asked.script else secrets_of(wish.asked.plan)
        self._timeout_s = sizes.timeout_s(wish.asked)

    def all(self) -> tuple[list[joining.Part], list[Finding], dict[str, str]]:
        """Return each scenario as it went, why tests stopped, and what was kept."""
        wish = self._wish
        plan = wish.asked.plan
        if wish.asked.script is None:
            text = plan.yaml().encode()
            self._files[PLAN_FILE] = self._job.save(PLAN_FILE, text, "application/yaml")
        total_s = sum(wish.schedules[s.key].length_s for s in wish.asked.scenarios)
        parts: list[joining.Part] = []
        began_s = 0.0
        for scenario in wish.asked.scenarios:
            length_s = wish.schedules[scenario.key].length_s
            parts.append(self._part(scenario, began_s, total_s))
            began_s += length_s
            if self._is_broken(scenario):
                break
        return parts, self._findings, self._files

    def _is_broken(self, scenario: Scenario) -> bool:
        """Tell whether to leave the rest: what should have held did not."""
        return bool(self._findings) and scenario.key not in BREAKING

    def _part(self, scenario: Scenario, began_s: float, total_s: float) -> joining.Part:
        wish = self._wish
        schedule = wish.schedules[scenario.key]
        criteria = sizes.criteria(wish.asked, scenario, schedule)
        watcher = Watcher(
            self._job,
            schedule,
            criteria or PassCriteria(),
            key=scenario.key,
            began_s=began_s,
            total_s=total_s,
        )
        series: TargetSeries | None = None
        outcome = wish.earlier.get(scenario.key)
        if outcome is None:
            outcome, series = self._sent(scenario, schedule, watcher)
        self._keep(f"outcome-{scenario.key}.json", outcome_file.encoded(outcome))
        if series is not None:
            data = target_series.encoded(series)
            self._job.save(f"target-{scenario.key}.json", data, outcome_file.MEDIA_TYPE)
        if watcher.finding is not None:
            self._findings.append(watcher.finding)
        judgement = judged(outcome, criteria, series)
        return joining.Part(scenario.name, outcome, judgement, schedule.length_s, series)

    def _sent(
        self, scenario: Scenario, schedule: Schedule, watcher: Watcher
    ) -> tuple[Outcome, TargetSeries | None]:
        wish = self._wish
        with _folder() as folder, ExitStack() as stack:
            order = Order(
                plan=wish.asked.plan,
                schedule=schedule,
                target=self._target,
                timeout_s=self._timeout_s,
                in_flight_limit=sizes.in_flight(schedule, self._timeout_s),
                folder=Path(folder),
                processes=wish.processes or sizes.processes(wish.engine.name, schedule),
                script=wish.asked.script,
                environment=self._environment,
            )
            sampler = self._sampler(stack)
            started = time.monotonic()
            try:
                outcome = wish.engine.run(order, self._job, watcher)
            except CancelledError:
                self._keep_partial(scenario, schedule, watcher.moments)
                raise
            self._keep_files(Path(folder))
            if sampler is None:
                return outcome, None
            sampler.stop()
            return outcome, sampler.series(_began(outcome, started))

    def _sampler(self, stack: ExitStack) -> Sampler | None:
        """Watch the target, when its pid is given, or found and looking is allowed."""
        from slowcoach.load.sampling import pid_of, sampling

        if self._wish.pid is not None:
            self._job.permissions.require_execute("pid")
            return stack.enter_context(sampling(self._wish.pid))
        if not (is_loopback(self._target.host) and self._job.permissions.execute):
            return None
        try:
            pid = pid_of(self._target.port)
            if pid is None or pid == os.getpid():
                return None
            return stack.enter_context(sampling(pid))
        except (SlowcoachError, OSError):  # it was not asked for
            return None

    def _keep(self, name: str, data: bytes) -> None:
        self._files[name] = self._job.save(name, data, outcome_file.MEDIA_TYPE)

    def _keep_partial(
        self, scenario: Scenario, schedule: Schedule, moments: Sequence[Moment]
    ) -> None:
        if moments:
            outcome = _partial(self._wish.engine.title, schedule, moments)
            self._keep(f"partial-{scenario.key}.json", outcome_file.encoded(outcome))

    def _keep_files(self, folder: Path) -> None:
        """Keep what the engine left: the scripts that ran, and its own results."""
        for path in sorted(folder.iterdir()):
            media = _KEPT.get(path.suffix)
            if media is None or _NOT_KEPT.match(path.name) or not path.is_file():
                continue
            if path.stat().st_size <= _KEPT_BYTES:
                self._files[path.name] = self._job.save(path.name, path.read_bytes(), media)


def _folder() -> AbstractContextManager[str]:
    """Return a folder of this process; those of processes that were killed go now."""
    for left in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        pid = left.name.removeprefix(_FOLDER).partition("-")[0]
        if pid.isdigit() and not exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    return scratch.folder(f"{_FOLDER}{os.getpid()}-")


def _began(outcome: Outcome, before: float) -> float:
    """Return the monotonic time at which a test began; engines that start slowly tell when."""
    if outcome.started is None:
        return before
    started = datetime.fromisoformat(outcome.started)
    if not started.microsecond:  # told in whole seconds: our own clock is closer
        return before
    return time.monotonic() - (time.time() - started.timestamp())


def _partial(tool: str, schedule: Schedule, moments: Sequence[Moment]) -> Outcome:
    """Return what was heard of a test that was called off."""
    found = merged(m.histogram for m in moments if m.histogram is not None)
    sent, failed = (sum(getattr(m, name) or 0 for m in moments) for name in ("sent", "failed"))
    return Outcome(
        tool=tool,
        model="open" if schedule.unit == "req/s" else "closed",
        whole=Figures(
            latency=Latencies(count=found.n, histogram=found),
            sent=sent,
            failed=failed,
            duration_s=sum(m.length_s for m in moments),
        ),
        moments=tuple(moments),
        warnings=("called off before its end",),
    )


def _answer(
    wish: Wish,
    parts: Sequence[joining.Part],
    findings: Sequence[Finding],
    files: Mapping[str, str],
) -> LoadAnswer:
    judgement = joining.judgement_of(parts)
    judgement = replace(judgement, findings=(*findings, *judgement.findings))
    series = parts[0].series if len(parts) == 1 else None
    answer = answer_of(joining.outcome_of(parts), judgement, series=series)
    run_names = {part.scenario for part in parts}
    warnings = list(answer.warnings)
    left = [s.name for s in wish.asked.scenarios if s.name not in run_names]
    if left:
        warnings.insert(0, f"not run, since {parts[-1].scenario} broke: {', '.join(left)}")
    said = ""
    if findings:
        said = f"It stopped itself ({findings[0].where[0]}): {findings[0].evidence[0]}. "
    if len(parts) > 1:
        said += f"{', '.join(part.scenario for part in parts)} together. "
    return fitted(
        answer.model_copy(
            update={
                "files": dict(list(files.items())[:_SHOWN_FILES]),
                "warnings": tuple(warnings),
                "summary": f"{said}{answer.summary}",
                "next": (*answer.next, *_others(wish, run_names)),
            }
        )
    )


def _others(wish: Wish, run_names: set[str]) -> list[str]:
    """Return how to run the scenarios that were not, with how long each takes."""
    plan = wish.asked.plan
    if wish.asked.script is not None:
        return []
    others = [s for s in plan.scenarios if s.name not in run_names]
    told = ", ".join(f"{s.name} ({duration(schedule_of(s).length_s)})" for s in others)
    return [f"run_load_test with `scenario`, not yet run: {told}"] if others else []
