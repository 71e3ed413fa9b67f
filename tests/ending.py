"""Stop a real server in the middle of its work in one of six ways, and look at what is left."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from services import free_port

WITHIN_S: Final = 30.0  # in the middle of a CI run a machine takes its time
BEGUN_S: Final = 90.0
_MARK: Final = "A_TEST_OF_ENDINGS"
_SERVE: Final = [sys.executable, "-m", "slowcoach_server", "serve", "--allow-exec", "--allow-load"]
_VERSION: Final = "2025-11-25"
_HELLO: Final = {
    "protocolVersion": _VERSION,
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}
# a client holds both pipes of its server; the line `close` closes the one to it
_CLIENT: Final = """
import os, subprocess, sys, threading
name, mark, *words = sys.argv[1:]
env = {**os.environ, name: mark}
server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
print(server.pid, flush=True)
def pump():
    for line in server.stdout:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
threading.Thread(target=pump, daemon=True).start()
for line in sys.stdin.buffer:
    if line == b"close\\n":
        break
    server.stdin.write(line)
    server.stdin.flush()
server.stdin.close()
server.wait()
"""


def eventually(holds: Callable[[], bool], within_s: float = WITHIN_S) -> bool:
    """Wait until something holds; tell whether it does."""
    until = time.monotonic() + within_s
    while not (held := holds()) and time.monotonic() < until:
        time.sleep(0.05)
    return held


@dataclass
class Served:
    """A server that works. `folder` is where it and its children put what is temporary."""

    folder: Path
    mark: str
    pid: int = 0
    _seen: dict[int, str] = field(default_factory=dict[int, str])
    progress: dict[int, list[float]] = field(default_factory=dict[int, list[float]])
    answers: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    call: Callable[[str, Mapping[str, Any]], int] = lambda _name, _given: 0
    hang_up: Callable[[], None] = lambda: None
    leave: Callable[[], None] = lambda: None

    def family(self) -> dict[int, str]:
        """Return the command line of each process that has to do with the server, by pid: those
        with its mark, and those below it, which may have been given another environment.
        """
        needle = f"{_MARK}={self.mark}".encode()
        below = {self.pid} if self.pid else set[int]()
        found: dict[int, str] = {}
        for place in sorted(Path("/proc").glob("[0-9]*"), key=lambda each: int(each.name)):
            with suppress(OSError, IndexError):
                fields = (place / "stat").read_text().rpartition(")")[2].split()
                pid, parent, begun = int(place.name), int(fields[1]), fields[19]
                mine = needle in (place / "environ").read_bytes()
                mine = mine or self._seen.get(pid) == begun or parent in below
                if mine and fields[0] != "Z":
                    words = (place / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[pid] = words.decode("utf-8", "replace").strip()
                    self._seen[pid] = begun
                    below.add(pid)
        return found

    def end(self, way: str) -> None:
        """Stop it in one of the ways."""
        if way == "client killed":
            self.leave()
        elif way == "input closed":
            self.hang_up()
        else:
            os.kill(self.pid, getattr(signal, way))


def _environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), **more}


@contextmanager
def over_stdio(folder: Path, more: Mapping[str, str]) -> Iterator[Served]:
    """Run a client and its server beside the block."""
    served = Served(folder, uuid.uuid4().hex)
    client = subprocess.Popen(
        [sys.executable, "-c", _CLIENT, _MARK, served.mark, *_SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(folder, more),
    )
    heard: queue.Queue[int] = queue.Queue()
    threading.Thread(target=_hear, args=(client, served, heard), daemon=True).start()
    numbers = iter(range(2, 10_000))

    def send(message: dict[str, Any]) -> None:
        _written(client, json.dumps({"jsonrpc": "2.0", **message}))

    def call(name: str, given: Mapping[str, Any]) -> int:
        number = next(numbers)
        params = {"name": name, "arguments": given, "_meta": {"progressToken": number}}
        send({"id": number, "method": "tools/call", "params": params})
        return number

    def leave() -> None:
        client.kill()
        client.wait()
        if client.stdin:
            with suppress(BrokenPipeError):
                client.stdin.close()

    served.call, served.leave = call, leave
    served.hang_up = lambda: _written(client, "close")
    try:
        served.pid = heard.get(timeout=BEGUN_S)
        send({"id": 1, "method": "initialize", "params": _HELLO})
        send({"method": "notifications/initialized"})
        yield served
    finally:
        leave()
        _sweep(served)


def _written(client: "subprocess.Popen[bytes]", line: str) -> None:
    assert client.stdin is not None
    client.stdin.write(line.encode() + b"\n")
    client.stdin.flush()


def _hear(client: "subprocess.Popen[bytes]", served: Served, first: "queue.Queue[int]") -> None:
    """Take what the server says until it says no more."""
    assert client.stdout is not None
    with client.stdout:
        first.put(int(client.stdout.readline()))
        for line in client.stdout:
            with suppress(ValueError):
                said = json.loads(line)
                params = said.get("params", {})
                if "progressToken" in params:
                    served.progress.setdefault(params["progressToken"], []).append(
                        params["progress"]
                    )
                elif "id" in said:
                    served.answers[said["id"]] = said


@contextmanager
def over_http(folder: Path, more: Mapping[str, str]) -> Iterator[Served]:
    """Run a server that is reached over HTTP beside the block; calls are not waited for."""
    served, port = Served(folder, uuid.uuid4().hex), free_port()
    server = subprocess.Popen(
        [*_SERVE, "--transport", "http", "--port", str(port)],
        stderr=subprocess.DEVNULL,
        env={**_environment(folder, more), _MARK: served.mark},
    )
    served.pid = server.pid
    origin = f"http://127.0.0.1:{port}"
    headers = {"accept": "application/json, text/event-stream", "mcp-protocol-version": _VERSION}
    with httpx.Client(base_url=origin, headers=headers, timeout=60, trust_env=False) as http:

        def post(message: dict[str, Any]) -> httpx.Response:
            answer = http.post("/mcp", json={"jsonrpc": "2.0", **message})
            assert answer.is_success, answer.text
            return answer

        def call(name: str, given: Mapping[str, Any]) -> int:
            params = {"name": name, "arguments": {**given, "wait_s": 0}}
            answer = post({"id": 2, "method": "tools/call", "params": params})
            assert "running" in answer.text, answer.text
            return 0

        served.call = call
        try:
            assert eventually(lambda: _is_up(http), BEGUN_S)
            session = post({"id": 1, "method": "initialize", "params": _HELLO}).headers
            http.headers["mcp-session-id"] = session["mcp-session-id"]
            post({"method": "notifications/initialized"})
            threading.Thread(target=server.wait, daemon=True).start()  # it is to be no zombie
            yield served
        finally:
            _sweep(served)
            server.wait(WITHIN_S)


def _is_up(http: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return http.get("/healthz").is_success
    return False


def _sweep(served: Served) -> None:
    """Kill what a failed test leaves."""
    for pid in served.family():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
