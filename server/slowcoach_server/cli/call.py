"""`slowcoach call`: JSON in, exactly the structured content out, and nothing else there."""

import difflib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from slowcoach.catalogue import tools
from slowcoach.core import process
from slowcoach.core.errors import InputError, SlowcoachError
from slowcoach.core.job import Progress
from slowcoach.core.runs import Runs
from slowcoach.core.tool import Tool
from slowcoach_server.present import cleaned, structured

_EVERY_S = 2.0
_SIGNALS = ("SIGTERM", "SIGHUP")
SIGNALLED = 128  # what shells add to a signal's number


def call(name: str, arguments: str) -> int:
    """Run a tool for a script and return the exit code."""
    with _own_stdout() as out:
        try:
            tool = known(name)
            given = _decoded(sys.stdin.read() if arguments == "-" else arguments)
            runs = local_runs()
            interrupt_on_signals(runs)
            result = runs.call(tool, given, _Narrator())
            whole = any(given.get(size) is not None for size in tool.sizes)
            content, code = structured(result, whole=whole), 0
        except SlowcoachError as error:
            content, code = failure(error.code, error.message, error.hint), error.exit_code
        except KeyboardInterrupt as stop:
            process.stop_all()
            number = stop.number if isinstance(stop, SignalledError) else signal.SIGINT
            said = f"{name} was called off by {signal.Signals(number).name} before its end"
            content, code = failure("cancelled", said, "Start it again"), SIGNALLED + number
        except Exception as error:  # noqa: BLE001 - the edge: a crash is told as one, without a traceback
            if os.environ.get("SLOWCOACH_DEBUG") == "1":
                traceback.print_exc()
            said = f"{name} failed inside: {type(error).__name__}: {error}"
            content, code = failure("crash", said, "Set SLOWCOACH_DEBUG=1 and report it"), 1
        out.write(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        out.flush()
    return code


def local_runs() -> Runs:
    """Return the runs of a person's own command line: all permissions, load on this machine.

    SLOWCOACH_ALLOW_HOSTS names other hosts that may be loaded.
    """
    from dataclasses import replace

    from slowcoach_server.serve import end_on_signals
    from slowcoach_server.settings import from_environment

    base = from_environment()
    settings = replace(base, allow_exec=True, allow_load=True, allow_write=True)
    runs = settings.runs()
    end_on_signals(runs, _SIGNALS)
    return runs


def known(name: str) -> Tool:
    """Return a tool by name (hyphens do too); raises InputError with the nearest name."""
    found = tools().get(name.replace("-", "_"))
    if found is None:
        near = difflib.get_close_matches(name.replace("-", "_"), tools(), n=1, cutoff=0.4)
        mean = f"Did you mean {near[0]}? " if near else ""
        raise InputError(f"no tool {name!r}", hint=f"{mean}There are: {', '.join(tools())}")
    return found


def failure(code: str, message: str, hint: str) -> dict[str, Any]:
    """Return the error's shape."""
    error: dict[str, Any] = cleaned({"error": {"code": code, "message": message, "hint": hint}})
    return error


def _decoded(text: str) -> Mapping[str, Any]:
    try:
        given = json.loads(text or "{}")
    except ValueError as error:
        raise InputError(
            f"arguments: expected a JSON object, got text that is none ({error})",
            hint="""Quote it for your shell: slowcoach call TOOL '{"path": "file"}'""",
        ) from None
    if not isinstance(given, dict):
        raise InputError(
            f"arguments: expected a JSON object, got {type(given).__name__}",
            hint="""Give {"name": value, ...}""",
        )
    return given


class SignalledError(KeyboardInterrupt):
    """A signal that ends the call as Ctrl-C does: what it did is undone, and it is told."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def interrupt_on_signals(runs: Runs) -> None:
    """Raise SignalledError in the main thread when SIGTERM or SIGHUP comes; a second one ends."""
    from slowcoach_server.serve import end_on_signals

    def interrupt(number: int, _frame: FrameType | None) -> None:
        end_on_signals(runs, _SIGNALS)  # a second one ends it at once
        raise SignalledError(number)

    if threading.current_thread() is threading.main_thread():
        for each in _SIGNALS:
            if (known := getattr(signal, each, None)) is not None:
                signal.signal(known, interrupt)


class _Narrator:
    """Writes progress to standard error, a line every few seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last >= _EVERY_S:
            self._last = now
            of = f"/{progress.total:.0f}" if progress.total else ""
            sys.stderr.write(f"{progress.done:.0f}{of} {progress.message}\n")


@contextmanager
def _own_stdout() -> Iterator[Any]:
    """Keep standard output for the answer: what a library or a child prints goes to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(kept, "wb", closefd=False) as out:
            yield out
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
