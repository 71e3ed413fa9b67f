"""Serve MCP over stdio or streamable HTTP, and leave nothing running on any way out."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

from slowcoach.core import process
from slowcoach.core.errors import NotPermittedError
from slowcoach.core.permission import is_loopback
from slowcoach.core.runs import Runs
from slowcoach_server.settings import Settings

_PARENT_CHECK_S = 2.0
_END_S = 5.0


def end_on_signals(runs: Runs, names: Sequence[str] = ("SIGTERM", "SIGINT", "SIGHUP")) -> None:
    """On these signals: call off every run, kill every child, end at once.

    os._exit, because the thread that reads standard input cannot be woken. A command line
    leaves SIGINT out: there it stays KeyboardInterrupt.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        runs.cancel_all()
        process.stop_all()
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
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def serve_stdio(settings: Settings) -> None:
    """Serve one client over standard input and output until it closes them."""
    from slowcoach_server.app import build_app

    runs = Runs(settings.store_url, settings.permissions())
    end_on_signals(runs)
    end_with_parent(runs)
    asyncio.run(build_app(settings, runs).run_stdio_async())
    _end(runs)


def serve_http(settings: Settings, host: str, port: int) -> None:
    """Serve over streamable HTTP at /mcp. Only loopback: there is no login.

    Raises NotPermittedError for another host.
    """
    from mcp.server.transport_security import TransportSecuritySettings

    from slowcoach_server.app import build_app

    if not is_loopback(host):
        raise NotPermittedError(
            f"--host {host}: the HTTP server has no login and answers only this machine",
            hint="Use 127.0.0.1, and an SSH tunnel or an authenticating proxy from elsewhere",
        )
    runs = Runs(settings.store_url, settings.permissions())
    names = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=names,
        allowed_origins=[f"http://{name}" for name in names],
    )
    app = build_app(settings, runs)
    asyncio.run(
        app.run_streamable_http_async(host=host, port=port, transport_security=security)
    )
    _end(runs)


def _end(runs: Runs) -> None:
    """End though a tool's thread may still be at work: its run is called off, its children killed."""
    runs.cancel_all()
    process.stop_all()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    ended = time.monotonic() + _END_S
    while runs.busy() and time.monotonic() < ended:
        time.sleep(0.02)
    os._exit(0)
