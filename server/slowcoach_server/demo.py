"""`slowcoach demo`: the main job on a really slow service, from nothing to the proof of the fix."""

import signal
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from slowcoach.benchmarks.compare import compare_samples, default_threshold_pct
from slowcoach.benchmarks.model import MetricComparison
from slowcoach.benchmarks.wording import interval
from slowcoach.core.job import Progress
from slowcoach.core.result import Result
from slowcoach.core.runs import Runs
from slowcoach.core.units import quantity
from slowcoach_server import shop
from slowcoach_server.cli import console, person
from slowcoach_server.cli.call import known
from slowcoach_server.settings import from_environment

DEFAULT_FAULT = "missing_index"
_REPORT = Path("slowcoach-demo.html")
_WARM_UP_S = 1.0
_MEASURE_S = 8.0
_ENOUGH = 100  # requests: about ten blocks for the comparison
_INVESTIGATE_S = 10.0
_QUANTILES = {"median": 0.5, "p95": 0.95}
_PLACES = 4
_EVIDENCE = 5
_REJECTED = 4


@dataclass(frozen=True)
class Load:
    """What one measurement saw: latencies in ms by second, requests sent, errors by kind."""

    windows: tuple[tuple[float, ...], ...]
    sent: int
    errors: int


def demo(fault: str = DEFAULT_FAULT, report: Path | None = None) -> int:
    """Start the shop with a fault, name its cause, mend it, measure again, write the report.

    `fault` is one of examples/faults.yaml. Returns 0 only if the diagnosis named the cause and
    the place that were injected and the fix made the page significantly faster.
    """
    chosen = shop.fault(fault)
    known("investigate")
    begun = time.monotonic()
    with _interruptible():
        runs = _runs()
        _say(f"Starting a shop on its own PostgreSQL. {chosen.complaint}")
        with shop.running_shop(fault) as service:
            _say(f"{chosen.request.method} {service.url} (after {_seconds(begun)})", style="dim")
            before = _measure(service, "Measuring the page as it is")
            result = _investigate(runs, service)
            _tell_diagnosis(result)
            _heading("Fix")
            _say(f"What is really wrong: {chosen.mistake}.")
            _say(f"Applied: {chosen.fix}.")
            service.mend()
            after = _measure(service, "Measuring again, with the same load")
        compared = _compare(before, after)
        _tell_comparison(compared, before, after)
        _write_report(runs, result, report or _REPORT)
        return _conclude(chosen, result, compared, before, after, begun)


@contextmanager
def _interruptible() -> Generator[None, None, None]:
    """Let SIGTERM and SIGHUP end it as Ctrl-C does: through every `finally`."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    names = ("SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    kept = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _runs() -> Runs:
    """Return runs with all permissions: the shop is ours and on this machine."""
    return Runs(from_environment().store_url)


def _measure(service: shop.Shop, what: str) -> Load:
    """Send the request back to back for some seconds, longer when few were answered."""
    from slowcoach.load.driver import drive

    windows: list[tuple[float, ...]] = []
    sent = errors = 0
    users = service.fault.concurrency
    with _working(f"{what}: {users} users, {_MEASURE_S:g} s"):
        drive(service.request, duration_s=_WARM_UP_S, concurrency=users)
        for _ in range(2):
            result = drive(service.request, duration_s=_MEASURE_S, concurrency=users)
            windows += [tuple(window) for window in result.windows()]
            sent += result.sent
            errors += sum(result.errors.values())
            if sent >= _ENOUGH:
                break
    return Load(tuple(windows), sent, errors)


def _investigate(runs: Runs, service: shop.Shop) -> Result:
    """Run the tool as anyone would: with the URL, the process and the database, nothing else."""
    asked = service.fault.request
    arguments: dict[str, Any] = {
        "url": service.url,
        "method": asked.method,
        "pid": service.pid,
        "database_url": service.database_url,
        "duration_s": _INVESTIGATE_S,
        "concurrency": service.fault.concurrency,
    }
    if service.request.body is not None:
        arguments |= {
            "body": service.request.body.decode(),
            "headers": dict(service.request.headers),
        }
    _heading("Diagnosis")
    given = f"--pid {service.pid} --database-url {service.database_url}"
    _say(f"slowcoach investigate {service.url} {given}", style="dim")
    with _working("Investigating") as update:
        return runs.call(known("investigate"), arguments, update)


def _tell_diagnosis(result: Result) -> None:
    verdict = _verdict(result)
    sure = f"{verdict['confidence']:.0%} sure"
    _say(f"[bold]{person.escaped(verdict['cause'])}[/] ({sure})", markup=True)
    _say(verdict.get("summary") or result.summary)
    for place in verdict.get("where", ())[:_PLACES]:
        _say(f"  where     {place}")
    for finding in result.findings:
        if finding.cause == verdict["cause"]:
            for item in finding.evidence[:_EVIDENCE]:
                _say(f"  evidence  {item}")
            for step in finding.fix:
                _say(f"  fix       {step}")
    rejected = [c for c in _content(result).get("considered", ()) if c["cause"] != verdict["cause"]]
    if rejected:
        _say("Considered and rejected:")
    for other in rejected[:_REJECTED]:
        _say(f"  {other['cause']}: {other['why']}")


def _compare(before: Load, after: Load) -> list[MetricComparison]:
    return [
        compare_samples(
            name,
            before.windows,
            after.windows,
            threshold_pct=default_threshold_pct(),
            quantile=quantile,
            separate=False,
            unit="ms",
        )
        for name, quantile in _QUANTILES.items()
    ]


def _tell_comparison(compared: Sequence[MetricComparison], before: Load, after: Load) -> None:
    _heading("Before and after")
    for metric in compared:
        figures = f"{quantity(metric.before, 'ms'):>9} -> {quantity(metric.after, 'ms'):<9}"
        _say(f"  {metric.name:<7}{figures} {interval(metric)}")
    _say(f"  requests answered with the same load: {before.sent} before, {after.sent} after")


def _write_report(runs: Runs, result: Result, path: Path) -> None:
    from slowcoach_server.report import write_report

    if result.run_id is not None:
        written = write_report(runs, result.run_id, path)
        _say(f"\nReport with the flame graph: {written}")


def _conclude(
    chosen: shop.Fault,
    result: Result,
    compared: Sequence[MetricComparison],
    before: Load,
    after: Load,
    begun: float,
) -> int:
    """Say what was shown and what was not; 0 only if everything was."""
    checks = {
        f"the cause was named ({chosen.cause})": _verdict(result)["cause"] == chosen.cause,
        "the place was named": _names_place(chosen, result),
        "the page is significantly faster": compared[0].verdict == "faster",
        "no request failed": before.errors == after.errors == 0,
    }
    _heading("Result")
    for what, holds in checks.items():
        _say(f"  {'yes' if holds else 'NO '}  {what}")
    _say(f"Done in {_seconds(begun)}.", style="dim")
    return 0 if all(checks.values()) else 1


def _names_place(chosen: shop.Fault, result: Result) -> bool:
    verdict = _verdict(result)
    said = [str(verdict.get("summary", "")), *map(str, verdict.get("where", ()))]
    for finding in result.findings:
        if finding.cause == verdict["cause"]:
            said += [*finding.where, *map(str, finding.evidence)]
    text = " ".join(said).lower()
    return any(place.lower() in text for place in chosen.places)


def _content(result: Result) -> dict[str, Any]:
    content: dict[str, Any] = result.model_dump(mode="json")
    return content


def _verdict(result: Result) -> dict[str, Any]:
    verdict: dict[str, Any] = _content(result)["verdict"]
    return verdict


def _heading(title: str) -> None:
    _say(f"\n[bold]{title}[/]", markup=True)


def _say(text: str, *, style: str = "", markup: bool = False) -> None:
    shown = text if markup else person.escaped(text)
    console.stdout().print(shown, style=style, highlight=False, soft_wrap=True)


def _seconds(begun: float) -> str:
    return f"{time.monotonic() - begun:.0f} s"


class _Spinner:
    """Shows what goes on, where there is a terminal."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._status = console.stderr().status(person.escaped(what))

    def __enter__(self) -> "_Spinner":
        if console.stderr().is_terminal:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def __call__(self, progress: Progress) -> None:
        self._status.update(person.escaped(f"{self._what}: {progress.message}"))


def _working(what: str) -> _Spinner:
    return _Spinner(what)
