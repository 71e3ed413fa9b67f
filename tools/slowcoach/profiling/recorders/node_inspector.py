"""The inspector of a running Node.js process: opened by SIGUSR1, used, and closed again."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from slowcoach.core.errors import SlowcoachError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders import node_process, proc
from slowcoach.profiling.recorders.inspector import Inspector, debugger_url
from slowcoach.profiling.recorders.node_profiles import local
from slowcoach.profiling.recorders.node_recording import ALLOC_STEP, MICROSECONDS, pause
from slowcoach.profiling.recorders.node_workers import Worker, workers

_WATCH = Path(__file__).with_name("node_watch.cjs")
_BUILTIN: Final = "(process.getBuiltinModule ? (name) => process.getBuiltinModule(name) : require)"
ENDS: Final = "NodeRuntime.waitingForDisconnect"  # at its end, a program waits for its inspector
_CLOSE: Final = f"{_BUILTIN}('inspector').close()"
_STEP_S, _OPEN_S, _LATE_S, _CLOSE_S = 0.02, 8.0, 1.0, 5.0


@contextmanager
def opened_inspector(
    pid: int,
    cancellation: Cancellation | None,
    warnings: list[str],
    within_s: float = _OPEN_S,
) -> Iterator[Inspector]:
    """Yield the inspector of a process, opened for it and closed again; one that is open already
    (`--inspect`) is its user's, and stays open.
    """
    who, before = proc.name(pid), node_process.own_listeners(pid)
    url = _url(pid, before)
    opened = url is None
    if opened:
        node_process.must_take_signal(pid)
        os.kill(pid, signal.SIGUSR1)
    inspector = None
    try:
        url = url or _opened(pid, before, cancellation, within_s)
        inspector = Inspector(url, who, cancellation)
        inspector.call("NodeRuntime.notifyWhenWaitingForDisconnect", enabled=True)
        yield inspector
    finally:
        if opened and not _shut(pid, before, inspector):
            warnings.append(f"The inspector of {who} could not be closed: its port is still open")
        if inspector is not None:
            inspector.close()


def _url(pid: int, among: frozenset[node_process.Listener]) -> str | None:
    """Return the debugger's address when its port is one of these."""
    wanted = node_process.wanted_port(pid)
    ports = [each.port for each in among if wanted in {0, each.port}]
    return next(filter(None, map(debugger_url, ports)), None)


def _opened(
    pid: int,
    before: frozenset[node_process.Listener],
    cancellation: Cancellation | None,
    within_s: float = _OPEN_S,
) -> str:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        url = _url(pid, node_process.own_listeners(pid) - before)
        if url is not None:
            return url
        pause(_STEP_S, cancellation)
    raise ToolFailedError(
        f"{proc.name(pid)}: its inspector did not open within {within_s:g} s of SIGUSR1",
        hint="It is inside one long call of native code (execSync and the like), at whose end the "
        "inspector may still open, or it uses SIGUSR1 for itself: give its command, not its pid",
    )


def _shut(pid: int, before: frozenset[node_process.Listener], inspector: Inspector | None) -> bool:
    """Close the inspector that SIGUSR1 opened and tell whether its port is gone."""
    deadline = time.monotonic() + _CLOSE_S
    while True:
        if inspector is None:  # called off while it opened: it may open a moment later
            with contextlib.suppress(SlowcoachError):
                inspector = Inspector(_opened(pid, before, None, _LATE_S), proc.name(pid))
        if inspector is not None:
            inspector.leave_alone()
            with contextlib.suppress(SlowcoachError):  # the answer is the end of the connection
                inspector.evaluate(_CLOSE)
            inspector.close()
        gone = _gone(pid, before, _LATE_S)
        if gone or time.monotonic() > deadline:
            return gone
        inspector = None


def _gone(pid: int, before: frozenset[node_process.Listener], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while _url(pid, node_process.own_listeners(pid) - before) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP_S)
    return True


@contextmanager
def sampling(inspector: Inspector | Worker, *, alloc: bool, rate: int) -> Iterator[None]:
    domain = "HeapProfiler" if alloc else "Profiler"
    inspector.call(f"{domain}.enable")
    try:
        if alloc:
            inspector.call(
                "HeapProfiler.startSampling",
                samplingInterval=ALLOC_STEP,
                includeObjectsCollectedByMajorGC=True,
                includeObjectsCollectedByMinorGC=True,
            )
        else:
            inspector.call("Profiler.setSamplingInterval", interval=MICROSECONDS // rate)
            inspector.call("Profiler.start")
            _compile_anew(inspector)
        yield
    finally:
        inspector.leave_alone()
        with contextlib.suppress(SlowcoachError):
            inspector.call(f"{domain}.disable", _CLOSE_S)


@contextmanager
def sampled_workers(
    inspector: Inspector, warnings: list[str], *, alloc: bool, rate: int
) -> Iterator[list[Worker]]:
    """Sample the worker threads that there are, too."""
    with contextlib.ExitStack() as stack:
        found: list[Worker] = []
        for worker in workers(inspector):
            try:
                stack.enter_context(sampling(worker, alloc=alloc, rate=rate))
                found.append(worker)
            except ToolFailedError as error:
                warnings.append(f"Not in this profile: {error.message}")
        yield found


def stopped(
    threads: Sequence[Inspector | Worker], warnings: list[str], *, alloc: bool
) -> list[Any]:
    """Return the profile of each thread; one that has ended meanwhile has none."""
    profiles: list[Any] = []
    for thread in threads:
        try:
            end = "HeapProfiler.stopSampling" if alloc else "Profiler.stop"
            profiles.append(thread.call(end)["profile"])
        except ToolFailedError as error:
            if not profiles:  # the main thread's is the one that must be there
                raise
            warnings.append(f"Not in this profile: {error.message}")
    return profiles


def _compile_anew(inspector: Inspector | Worker) -> None:
    """Code that was compiled before the profiler began has no table of what was inlined in it: its
    callers would be blamed. Turning exact coverage on and off makes V8 compile hot code again.
    """
    with contextlib.suppress(ToolFailedError):
        inspector.call("Profiler.startPreciseCoverage", callCount=False, detailed=False)
        inspector.call("Profiler.stopPreciseCoverage")


@contextmanager
def watched(inspector: Inspector, warnings: list[str]) -> Iterator[str | None]:
    """Watch the event loop and the collector; yield the watch's object id, None without one."""
    source = _WATCH.read_text(encoding="utf-8")
    expression = (
        f"(() => {{ const module = {{}};\n{source}\nreturn module.exports({_BUILTIN}) }})()"
        f"\n//# sourceURL={_WATCH.name}"  # so that it is told from the program's own in the profile
    )
    try:
        watch = inspector.evaluate(expression, by_value=False)["objectId"]
    except ToolFailedError as error:
        warnings.append(f"No figures of the event loop: {error.message}")
        yield None
        return
    try:
        yield watch
    finally:
        inspector.leave_alone()
        with contextlib.suppress(SlowcoachError):
            inspector.ask(watch, method("stop"))
            inspector.call("Runtime.releaseObject", _CLOSE_S, objectId=watch)


def stack_of_now(inspector: Inspector) -> list[Frame]:
    """Stop the program for a moment and return what it is in, innermost first; nothing when it
    executes no JavaScript.
    """
    scripts: list[dict[str, Any]] = []
    try:
        inspector.call("Debugger.enable", events=scripts)
        inspector.call("Debugger.pause", events=scripts)
        paused = inspector.awaited("Debugger.paused", _LATE_S) or {}
    finally:
        with contextlib.suppress(SlowcoachError):
            inspector.call("Debugger.disable")  # goes on, too
    parsed = (each["params"] for each in scripts if each.get("method") == "Debugger.scriptParsed")
    urls = {script["scriptId"]: script["url"] for script in parsed}
    return [
        Frame(
            each["functionName"] or "(anonymous)",
            local(urls.get(each["location"]["scriptId"], "")) or None,
            each["location"]["lineNumber"] + 1,
        )
        for each in paused.get("callFrames", ())
    ]


def method(name: str) -> str:
    return f"function () {{ return this.{name}(); }}"
