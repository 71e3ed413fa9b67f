"""The real server over HTTP, started and stopped by tests."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import httpx

_START_S = 90
_END_S = 30
MODULE = ("-m", "slowcoach_server")


@contextmanager
def http_server(
    *flags: str, program: Sequence[str] = MODULE, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run `slowcoach serve --transport http` with these flags and return its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, *program, "serve", "--transport", "http", "--port", str(port), *flags],
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    try:
        _await(server, f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.terminate()
        server.wait(_END_S)


def _await(server: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        assert server.poll() is None, f"the server ended with {server.returncode}"
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"no answer of {url}")
