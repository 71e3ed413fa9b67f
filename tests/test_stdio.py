"""The real server at the end of a real pipe: it answers, ends, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from test_process import gone

pytestmark = pytest.mark.slow
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
# a server with one more tool, which starts a child that would outlive everyone
HANGING = """
import sys
from pathlib import Path
from slowcoach import catalogue
from slowcoach.core import process
from slowcoach.core.job import Job
from slowcoach.core.result import Result
from slowcoach.core.tool import Tool

def hang(job: Job, note: str) -> Result:
    '''Start a child and wait for it.'''
    code = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(300)"
    process.run([sys.executable, "-c", code, note], deadline_s=300, cancellation=job.cancellation)
    return Result()

known = catalogue.tools()
known["hang"] = Tool(hang, title="Hang", long=True)
catalogue.tools.cache_clear()
catalogue.tools = lambda: known
import slowcoach_server.cli
slowcoach_server.cli.main(["serve", "--allow-exec"])
"""


class Pipe:
    """A client of a few lines that speaks JSON-RPC over a pipe."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HANGING],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        about = {"name": "test", "version": "1"}
        version = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": about}
        self.ask("initialize", version)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def send(self, message: dict[str, Any]) -> None:
        """Write one message."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Ask and wait for the answer."""
        assert self.process.stdout is not None
        self.send({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def start_hanging(self, note: Path) -> int:
        """Start the tool that hangs; return its child's pid."""
        arguments = {"note": str(note), "wait_s": 40}
        params = {"name": "hang", "arguments": arguments}
        self.send({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params})
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if note.is_file() and note.read_text():
                return int(note.read_text())
            time.sleep(0.05)
        raise AssertionError("the child did not start")

    def close(self) -> None:
        """Close what is open."""
        self.process.kill()
        self.process.wait(30)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


@pytest.mark.anyio
@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_client_of_either_era_is_served(era: Any) -> None:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "slowcoach_server"], env=dict(os.environ)
    )
    async with Client(command, mode=era, read_timeout_seconds=60) as client:
        listed = await client.list_tools()
        result = await client.call_tool("list_runs", {})

    assert listed.tools
    assert not result.is_error


def test_the_end_of_input_ends_the_server_and_its_children(tmp_path: Path) -> None:
    pipe = Pipe()
    child = pipe.start_hanging(tmp_path / "pid")
    assert pipe.process.stdin is not None
    pipe.process.stdin.close()

    assert pipe.process.wait(30) == 0
    assert gone(child)
    pipe.close()


@POSIX
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_ends_the_server_and_its_children(name: str, tmp_path: Path) -> None:
    pipe = Pipe()
    child = pipe.start_hanging(tmp_path / "pid")
    number = getattr(signal, name)
    pipe.process.send_signal(number)

    assert pipe.process.wait(30) == 128 + number
    assert gone(child)
    pipe.close()


def test_a_cancelled_request_ends_its_children_and_the_server_goes_on(tmp_path: Path) -> None:
    pipe = Pipe()
    child = pipe.start_hanging(tmp_path / "pid")
    cancel = {"requestId": 2, "reason": "test"}
    pipe.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel})

    assert gone(child, 20)
    pipe.send({"jsonrpc": "2.0", "id": 3, "method": "ping", "params": {}})
    assert pipe.process.poll() is None
    pipe.close()


def test_what_a_tool_prints_does_not_reach_the_protocol() -> None:
    words = [sys.executable, "-m", "slowcoach_server"]
    first = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        },
    }
    done = subprocess.run(
        words, input=json.dumps(first) + "\n", capture_output=True, text=True, timeout=60
    )

    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1]
    assert done.returncode == 0
