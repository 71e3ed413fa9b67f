"""Serve MCP over stdio or streamable HTTP, and leave nothing running on any way out."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

from slowcoach.core import files, process
from slowcoach.core.errors import SlowcoachError
from slowcoach.core.runs import Runs
from slowcoach_server.http.options import add_flags, options_of
from slowcoach_server.settings import Settings, from_environment, names
from slowcoach_server.toolsets import check

_PARENT_CHECK_S = 2.0
_END_S = 5.0
_log = logging.getLogger(__name__)


def main(words: Sequence[str]) -> int:
    """Run `slowcoach serve` and return the exit code."""
    given = _parser().parse_args(words)
    base = from_environment()
    settings = replace(
        base,
        allow_exec=base.allow_exec or given.allow_exec,
        allow_load=base.allow_load or given.allow_load,
        allow_write=base.allow_write or given.allow_write,
        allow_hosts=base.allow_hosts | frozenset(given.allow_host),
        toolsets=names(given.toolsets) or base.toolsets,
        read_only=base.read_only or given.read_only,
        folders=base.folders + tuple(given.allow_dir),
    )
    try:
        check(settings.toolsets)
        files.confine(settings.folders)
        if given.transport == "http":
            serve_http(settings, given)
        else:
            serve_stdio(settings)
    except SlowcoachError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="slowcoach serve",
        description="Serve MCP clients. Reading is always allowed; each --allow flag adds to it "
        "(also SLOWCOACH_ALLOW_EXEC=1, _LOAD, _WRITE and SLOWCOACH_ALLOW_HOSTS=a,b).",
    )
    add = parser.add_argument
    add("--transport", choices=["stdio", "http"], default="stdio", help="how clients connect")
    add("--allow-exec", action="store_true", help="run programs and attach profilers")
    add("--allow-load", action="store_true", help="send load to this machine")
    add("--allow-write", action="store_true", help="write files into projects")
    add("--allow-host", action="append", default=[], help="may be loaded too (repeat it)")
    add(
        "--allow-dir", action="append", default=[], type=Path, help="read files only in it (repeat)"
    )
    add("--toolsets", default="", help="offer these alone, such as profiling,queries")
    add("--read-only", action="store_true", help="offer nothing that runs, loads or writes")
    add_flags(parser)
    return parser


def end_on_signals(runs: Runs, names: Sequence[str] = ("SIGTERM", "SIGINT", "SIGHUP")) -> None:
    """On these signals: call off every run, kill every child, and end as soon as the runs have
    undone what they did to programs that they looked into; a second signal ends at once.

    os._exit, because the thread that reads standard input cannot be woken. A command line
    leaves SIGINT out: there it stays KeyboardInterrupt.
    """
    told = False

    def end(number: int, _frame: FrameType | None) -> None:
        nonlocal told
        first, told = not told, True
        runs.cancel_all()
        process.stop_all()
        if first:
            _await_runs(runs)
        os._exit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        return  # signals belong to the main thread
    for name in names:
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, end)


def end_with_parent(runs: Runs) -> None:
    """End when the client has died without closing our standard input (POSIX: we are adopted)."""
    if os.name != "posix":
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_CHECK_S)
        runs.cancel_all()
        process.stop_all()
        _await_runs(runs)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def serve_stdio(settings: Settings) -> None:
    """Serve one client over standard input and output until it closes them."""
    from slowcoach_server.app import build_app

    runs = settings.runs()
    end_on_signals(runs)
    end_with_parent(runs)
    code = 1
    try:
        asyncio.run(build_app(settings, runs).run_stdio_async())
        code = 0
    except* (BrokenPipeError, ConnectionResetError):  # the client is gone
        code = 0
    finally:
        if code:
            _log.exception("the server failed")
        _end(runs, code)


def serve_http(settings: Settings, given: argparse.Namespace) -> None:
    """Serve over streamable HTTP at /mcp, with /healthz and /metrics beside it.

    Raises InputError and NotPermittedError for options that do not fit or are not safe.
    """
    options = options_of(given)
    from slowcoach_server.http.serving import run

    runs = settings.runs()
    end_on_signals(runs)  # uvicorn hands a signal on to this once open answers have ended
    run(settings, options, runs)
    _end(runs)


def _end(runs: Runs, code: int = 0) -> None:
    """End though a tool's thread may be at work: its run is called off, its children killed."""
    runs.cancel_all()
    process.stop_all()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    _await_runs(runs)
    os._exit(code)


def _await_runs(runs: Runs) -> None:
    ended = time.monotonic() + _END_S
    while runs.busy() and time.monotonic() < ended:
        time.sleep(0.02)
