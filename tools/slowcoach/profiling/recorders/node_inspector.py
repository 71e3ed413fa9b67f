"""The inspector of a running Node.js process: opened by SIGUSR1, used, and closed again."""

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from slowcoach.core import caretaker
from slowcoach.core.errors import SlowcoachError, ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders import node_process, proc
from slowcoach.profiling.recorders.inspector import Calls, Inspector, debugger_url
from slowcoach.profiling.recorders.node_profiles import local
from slowcoach.profiling.recorders.node_recording import ALLOC_STEP, MICROSECONDS, pause

_BUILTIN: Final = "(process.getBuiltinModule ? (name) => process.getBuiltinModule(name) : require)"
ENDS: Final = "NodeRuntime.waitingForDisconnect"  # at its end, a program waits for its inspector
_CLOSE: Final = f"{_BUILTIN}('inspector').close()"
# `close` waits for its clients to go, and is called when ours has
_MOVING: Final = "globalThis[Symbol.for('slowcoach.move')]"
_MOVE: Final = (
    f"(() => {{ const inspector = {_BUILTIN}('inspector'), usual = process.debugPort; "
    f"{_MOVING} = setTimeout(() => {{ delete {_MOVING}; inspector.close(); "
    "inspector.open(0, '127.0.0.1'); "
    f"process.debugPort = usual; }}, 20); {_MOVING}.unref() }})()"  # the next opens at the usual
)
_STAY: Final = f"clearTimeout({_MOVING}), delete {_MOVING}"
_WATCHED: Final = "globalThis[Symbol.for('slowcoach')]"
_REMEMBERED: Final = (  # so that it is undone as well when we are gone
    f"(made) => {{ const undo = {_WATCHED}?.undo, stop = made.stop; "
    "made.stop = (...given) => { undo?.delete(made.stop); return stop.apply(made, given); }; "
    "undo?.add(made.stop); return made; }"
)
_WATCHMAN: Final = Path(__file__).with_name("node_watchman.cjs")
_CLOSE_AGAIN: Final = (
    "import json, sys; from slowcoach.profiling.recorders import node_inspector as node; "
    "before = frozenset(node.node_process.Listener(*each) for each in json.loads(sys.argv[2])); "
    "node.close_again({int(sys.argv[1]): before})"
)
Listeners = frozenset[node_process.Listener]
_STEP_S, _OPEN_S, _LATE_S, _CLOSE_S, _MOVE_S = 0.02, 8.0, 1.0, 5.0, 1.5


@contextmanager
def opened_inspector(
    pid: int,
    cancellation: Cancellation | None,
    warnings: list[str],
    within_s: float = _OPEN_S,
    *,
    before: Listeners | None = None,
    move: bool = False,
) -> Iterator[Inspector]:
    """Yield the inspector of a process, opened for it and closed again; one that was open `before`
    (`--inspect`) is its user's, and stays open. With `move` it goes on to a free port, so that
    the next process finds the usual one free.
    """
    who = proc.name(pid)
    before = node_process.own_listeners(pid) if before is None else before
    url = _url(pid, before)
    opened = url is None
    with _closed_afterwards(pid, before) if opened else contextlib.nullcontext():
        if opened and _url(pid, node_process.own_listeners(pid) - before) is None:
            node_process.must_take_signal(pid)
            os.kill(pid, signal.SIGUSR1)
        inspector = None
        try:
            url = url or _opened(pid, before, cancellation, within_s)
            if opened and move:
                url = _moved(pid, url, before, cancellation)
            inspector = Inspector(url, who, cancellation, pid)
            inspector.call("NodeRuntime.notifyWhenWaitingForDisconnect", enabled=True)
            with watched_over(inspector, pid, close=opened):
                yield inspector
        finally:
            if opened and not _shut(pid, before, inspector):
                why = "it is stopped, and closes it once it is continued"
                why = why if proc.is_stopped(pid) else "its port is still open"
                warnings.append(f"The inspector of {who} could not be closed: {why}")
            if inspector is not None:
                inspector.close()


def _closed_afterwards(pid: int, before: Listeners) -> contextlib.AbstractContextManager[None]:
    """Have the inspector closed if this process is killed before the program itself sees to it."""
    return caretaker.undoing(caretaker.python(_CLOSE_AGAIN, pid, json.dumps(sorted(before))))


def open_now(pid: int, before: Listeners) -> bool:
    """Tell whether the inspector of a process is open, and was not among these ports."""
    return _url(pid, node_process.own_listeners(pid) - before, anywhere=True) is not None


def close_again(pids: Mapping[int, Listeners]) -> None:
    """Close the inspectors that were opened since: a cluster's primary hands SIGUSR1 on."""
    for pid, before in pids.items():
        if _url(pid, before) is None and open_now(pid, before):
            _shut(pid, before, None)


def _url(pid: int, among: Listeners, *, anywhere: bool = False) -> str | None:
    """Return the debugger's address when its port is one of these (and the one it opens at)."""
    wanted = node_process.wanted_port(pid)
    ports = [each.port for each in among if anywhere or wanted in {0, each.port}]
    return next(filter(None, map(debugger_url, ports)), None)


def _opened(
    pid: int,
    before: Listeners,
    cancellation: Cancellation | None,
    within_s: float = _OPEN_S,
    *,
    anywhere: bool = False,
) -> str:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        url = _url(pid, node_process.own_listeners(pid) - before, anywhere=anywhere)
        if url is not None:
            return url
        pause(_STEP_S, cancellation)
    raise ToolFailedError(
        f"{proc.name(pid)}: its inspector did not open within {within_s:g} s of SIGUSR1",
        hint="It is inside one long call of native code (execSync and the like), at whose end the "
        "inspector may still open, or it uses SIGUSR1 for itself: give its command, not its pid",
    )


def _moved(pid: int, url: str, before: Listeners, cancellation: Cancellation | None) -> str:
    """Open the inspector anew at a free port, and return its address there; it stays where it is
    when the loop is inside one long computation, so that no timer comes round.
    """
    first = {each for each in node_process.own_listeners(pid) if f":{each.port}/" in url}
    _evaluate(pid, url, _MOVE, cancellation)
    try:
        return _opened(pid, before | first, cancellation, _MOVE_S, anywhere=True)
    except ToolFailedError:
        with contextlib.suppress(SlowcoachError):
            _evaluate(pid, url, _STAY, cancellation)
            return url
    return _opened(pid, before | first, cancellation, anywhere=True)


def _evaluate(pid: int, url: str, text: str, cancellation: Cancellation | None) -> None:
    inspector = Inspector(url, proc.name(pid), cancellation, pid)
    try:
        inspector.evaluate(text)
    finally:
        inspector.close()


def _shut(pid: int, before: Listeners, inspector: Inspector | None) -> bool:
    """Close the inspector that SIGUSR1 opened and tell whether its port is gone."""
    deadline = time.monotonic() + _CLOSE_S
    while True:
        if proc.is_stopped(pid):
            return False
        if inspector is None:  # called off while it opened: it may open a moment later
            with contextlib.suppress(SlowcoachError):
                url = _opened(pid, before, None, _LATE_S, anywhere=True)
                inspector = Inspector(url, proc.name(pid), None, pid)
        if inspector is not None:
            inspector.leave_alone()
            with contextlib.suppress(SlowcoachError):  # the answer is the end of the connection
                inspector.evaluate(_CLOSE)
            inspector.close()
        gone = _gone(pid, before, _LATE_S)
        if gone or time.monotonic() > deadline:
            return gone
        inspector = None


def _gone(pid: int, before: Listeners, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while _url(pid, node_process.own_listeners(pid) - before, anywhere=True) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP_S)
    return True


@contextmanager
def watched_over(thread: Calls, pid: int, *, close: bool) -> Iterator[None]:
    """Have a thread undo what is `installed` in it when this process ends before the block does,
    however it ends: the kernel then closes a connection that is made for it. With `close` the
    program's inspector is closed then, too.
    """
    text = _WATCHMAN.read_text(encoding="utf-8")
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, ToolFailedError):  # it is recorded without
            door = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            given = f"{_BUILTIN}, {door.getsockname()[1]}, {json.dumps(close)}"
            thread.evaluate(
                f"(() => {{ const module = {{}};\n{text}\nmodule.exports({given}) }})()"
                f"\n//# sourceURL={_WATCHMAN.name}"
            )
            stack.callback(_leave, thread, pid)
        yield


def _leave(thread: Calls, pid: int) -> None:
    if proc.is_stopped(pid):  # once it is continued it does by itself what is left to do
        return
    thread.leave_alone()
    with contextlib.suppress(SlowcoachError):
        thread.evaluate(f"{_WATCHED}?.leave()")


@contextmanager
def sampling(inspector: Calls, *, alloc: bool, rate: int) -> Iterator[None]:
    """Sample a thread's stacks, or its allocations, while the block runs."""
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
        yield
    finally:
        inspector.leave_alone()
        with contextlib.suppress(SlowcoachError):
            inspector.call(f"{domain}.disable", _CLOSE_S)


def coverage(thread: Calls) -> list[dict[str, Any]]:
    """Return V8's scripts and functions as they are; nothing when it does not tell."""
    try:
        found: list[dict[str, Any]] = thread.call("Profiler.getBestEffortCoverage")["result"]
    except ToolFailedError:
        return []
    return found


@contextmanager
def installed(
    thread: Calls, source: Path, warnings: list[str], what: str, *given: object
) -> Iterator[str | None]:
    """Run a module of ours in the program, called with `given`; yield its object's id, None
    without one. Its `stop` is called at the end.
    """
    text = source.read_text(encoding="utf-8")
    arguments = ", ".join([_BUILTIN, *map(json.dumps, given)])
    expression = (
        f"(() => {{ const module = {{}};\n{text}\n"
        f"return ({_REMEMBERED})(module.exports({arguments})) }})()"
        f"\n//# sourceURL={source.name}"  # so that it is told from the program's own in the profile
    )
    try:
        made = thread.evaluate(expression, by_value=False)["objectId"]
    except ToolFailedError as error:
        warnings.append(f"No {what}: {error.message}")
        yield None
        return
    try:
        yield made
    finally:
        thread.leave_alone()
        with contextlib.suppress(SlowcoachError):
            thread.ask(made, method("stop"))
            thread.call("Runtime.releaseObject", _CLOSE_S, objectId=made)


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
