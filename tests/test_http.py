"""MCP over HTTP: for this machine only, and not for a page that a browser happens to show."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp import Client

from slowcoach.catalogue import tools

pytestmark = pytest.mark.slow
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}
ACCEPT = {"accept": "application/json, text/event-stream"}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return the address of the real server."""
    port = free_port()
    words = ["-m", "slowcoach_server", "serve", "--transport", "http", "--port", str(port)]
    server = subprocess.Popen(
        [sys.executable, *words], stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}/mcp"
    server.terminate()
    server.wait(30)


@pytest.mark.anyio
@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_client_of_either_era_is_served(url: str, era: Any) -> None:
    async with Client(url, mode=era) as client:
        listed = (await client.list_tools()).tools
        result = await client.call_tool(
            "check_budget", {"kind": "api", "measurements": {"p95_ms": 200}}
        )

    assert [tool.name for tool in listed] == list(tools())
    assert not result.is_error


def test_another_host_name_is_refused(url: str) -> None:
    answer = httpx.post(
        url, json=HELLO, headers={**ACCEPT, "host": "evil.example"}, trust_env=False
    )

    assert answer.status_code == 421


def test_a_page_of_another_origin_is_refused(url: str) -> None:
    headers = {**ACCEPT, "origin": "http://evil.example"}
    answer = httpx.post(url, json=HELLO, headers=headers, trust_env=False)

    assert answer.status_code == 403


@pytest.mark.anyio
async def test_without_flags_nothing_is_run_and_no_load_is_sent(url: str) -> None:
    async with Client(url) as client:
        recorded = await client.call_tool("record_profile", {"pid": os.getpid(), "duration_s": 1})

    assert recorded.is_error
    assert "--allow-exec" in str(recorded.content)
