"""MCP over HTTP: who may call, how much, and what a supervisor reads of the server."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from slowcoach.catalogue import tools
from test_http import ACCEPT, HELLO, free_port

pytestmark = pytest.mark.slow
TOKEN = "a-token-of-twenty-six-chars"
CLIENTS = 50


@contextmanager
def served(
    *words: str, log: Path | None = None, environment: dict[str, str] | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run the real server over HTTP; yield its address and process."""
    port = free_port()
    argv = [sys.executable, "-m", "slowcoach_server", "serve", "--transport", "http"]
    argv += ["--port", str(port), *words]
    with (log or Path(os.devnull)).open("wb") as out:
        server = subprocess.Popen(argv, stderr=out, env={**os.environ, **(environment or {})})
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait(30)


def hello(url: str, **headers: str) -> httpx.Response:
    """Send an `initialize`."""
    return httpx.post(
        f"{url}/mcp", json=HELLO, headers={**ACCEPT, **headers}, trust_env=False, timeout=30
    )


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a server that wants a token, and lets few requests through a minute."""
    tokens = tmp_path_factory.mktemp("tokens") / "tokens.txt"
    tokens.write_text(f"editor:{TOKEN}\nother:{TOKEN[::-1]}\n")
    words = ["--token-file", str(tokens), "--rate-limit", "20", "--max-body", "64"]
    with served(*words) as (url, _):
        yield url


def test_who_has_no_token_is_refused_and_told_how_to_log_in(guarded: str) -> None:
    for headers in ({}, {"authorization": "Bearer wrong-token-of-some-length"}):
        answer = hello(guarded, **headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_who_has_a_token_is_served(guarded: str) -> None:
    answer = hello(guarded, authorization=f"Bearer {TOKEN[::-1]}")

    assert answer.status_code == 200
    assert "slowcoach" in answer.text


def test_a_body_that_is_too_large_is_refused(guarded: str) -> None:
    answer = httpx.post(
        f"{guarded}/mcp",
        content=b'{"x": "' + b"x" * 100_000 + b'"}',
        headers={**ACCEPT, "authorization": f"Bearer {TOKEN[::-1]}"},
        trust_env=False,
    )

    assert answer.status_code == 413


def test_a_client_that_asks_too_often_is_told_when_to_ask_again(guarded: str) -> None:
    login = {"authorization": f"Bearer {TOKEN}"}
    answers = [hello(guarded, **login) for _ in range(22)]

    refused = [each for each in answers if each.status_code == 429]
    assert len(refused) == 2
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert "--rate-limit" in refused[0].json()["hint"]
    # another client is not held up by it
    assert hello(guarded, authorization=f"Bearer {TOKEN[::-1]}").status_code == 200


def test_the_server_says_that_it_is_up_without_a_login(guarded: str) -> None:
    assert httpx.get(f"{guarded}/healthz", trust_env=False).json()["status"] == "ok"
    assert httpx.get(f"{guarded}/metrics", trust_env=False).status_code == 401


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "--public-url"),
        (["--public-url", "shop.example"], "expected https://HOST"),
        (["--oauth-issuer", "https://id.example"], "--oauth-audience"),
        (["--tls-cert", "x.pem"], "expected both"),
        (["--token-file", "/nowhere"], "/nowhere"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_what_to_do(words: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "slowcoach_server", "serve", "--transport", "http", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode in {1, 2}
    assert said in done.stderr


def test_off_this_machine_a_token_is_made_when_none_is_given(tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = ["--host", "0.0.0.0", "--public-url", "http://localhost:1"]
    with served(*words, log=log) as (url, _):
        token = log.read_text().partition("bearer token of this run: ")[2].split()[0]

        assert hello(url).status_code == 401
        assert hello(url, authorization=f"Bearer {token}").status_code == 200


@contextmanager
def authority(key: rsa.RSAPrivateKey) -> Iterator[str]:
    """Run an authorization server's metadata and keys."""
    public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages = {
                "/.well-known/oauth-authorization-server": {"jwks_uri": f"{issuer}/keys"},
                "/keys": {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]},
            }
            page = pages.get(self.path)
            self.send_response(200 if page else 404)
            self.end_headers()
            self.wfile.write(json.dumps(page).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield issuer
    server.shutdown()
    server.server_close()


def test_a_token_of_the_authorization_server_for_this_server_is_accepted() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    audience = "http://127.0.0.1/mcp"

    with authority(key) as issuer:

        def token(signer: rsa.RSAPrivateKey = key, **changed: object) -> str:
            claims: dict[str, Any] = {
                "iss": issuer,
                "aud": audience,
                "sub": "someone",
                "client_id": "editor",
                "scope": "measure",
                "exp": time.time() + 600,
                **changed,
            }
            return jwt.encode(claims, signer, algorithm="RS256", headers={"kid": "one"})

        words = ["--oauth-issuer", issuer, "--oauth-audience", audience, "--oauth-scope", "measure"]
        with served(*words) as (url, _):
            said = {
                name: hello(url, authorization=f"Bearer {each}").status_code
                for name, each in {
                    "good": token(),
                    "another audience": token(aud="http://elsewhere/mcp"),
                    "expired": token(exp=time.time() - 10),
                    "no scope": token(scope="read"),
                    "another key": token(foreign),
                    "no token at all": "x",
                }.items()
            }
            refused = hello(url)
            about = httpx.get(
                f"{url}/.well-known/oauth-protected-resource/mcp", trust_env=False
            ).json()

    assert said == {
        "good": 200,
        "another audience": 401,
        "expired": 401,
        "no scope": 403,
        "another key": 401,
        "no token at all": 401,
    }
    assert "resource_metadata=" in refused.headers["www-authenticate"]
    assert about["resource"] == audience
    assert about["authorization_servers"] == [issuer]


@pytest.mark.anyio
async def test_fifty_clients_at_once_are_served_and_counted() -> None:
    async def ask(url: str) -> int:
        async with Client(streamable_http_client(f"{url}/mcp")) as client:
            listed = (await client.list_tools()).tools
            result = await client.call_tool(
                "check_budget", {"kind": "api", "measurements": {"p95_ms": 200}}
            )
        assert not result.is_error
        return len(listed)

    with served() as (url, _):
        counts = await asyncio.gather(*(ask(url) for _ in range(CLIENTS)))
        page = httpx.get(f"{url}/metrics", trust_env=False).text

    assert counts == [len(tools())] * CLIENTS
    assert (
        f'slowcoach_tool_calls_total{{outcome="answered",tool="check_budget"}} {CLIENTS}.0' in page
    )
    assert "slowcoach_runs_active 0.0" in page


def test_a_signal_ends_the_server_and_what_it_runs() -> None:
    with served("--allow-exec") as (url, server):
        call = {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {
                "name": "record_profile",
                "arguments": {
                    "command": [sys.executable, "-c", "import time; time.sleep(300)"],
                    "duration_s": 200,
                    "wait_s": 0,
                },
            },
        }
        session = hello(url).headers["mcp-session-id"]
        headers = {**ACCEPT, "mcp-session-id": session}
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        httpx.post(f"{url}/mcp", json=note, headers=headers, trust_env=False)
        answer = httpx.post(f"{url}/mcp", json=call, headers=headers, trust_env=False, timeout=60)
        assert "running" in answer.text
        children = children_of(server.pid)
        until = time.monotonic() + 30
        while not children and time.monotonic() < until:
            time.sleep(0.2)
            children = children_of(server.pid)
        assert children

        server.send_signal(signal.SIGTERM)
        server.wait(30)
        until = time.monotonic() + 20
        while any(map(lives, children)) and time.monotonic() < until:
            time.sleep(0.1)
        assert not any(map(lives, children))


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(word) for task in tasks for word in task.read_text().split()]


def lives(pid: int) -> bool:
    """Tell whether a process runs (one that nobody has waited for does not)."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_spans_go_to_the_collector_that_the_environment_names() -> None:
    got: list[bytes] = []

    class Collects(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    collector = ThreadingHTTPServer(("127.0.0.1", 0), Collects)
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    with served(environment=environment) as (url, _):
        assert hello(url).status_code == 200
        until = time.monotonic() + 30
        while not got and time.monotonic() < until:
            time.sleep(0.1)
    collector.shutdown()
    collector.server_close()

    assert any(b"initialize" in each and b"slowcoach" in each for each in got)
