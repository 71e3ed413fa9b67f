"""Clients that we did not write list and call every tool, over both transports and both eras.

The TypeScript SDKs 1 and 2 (their scripts are in data/clients) and the Python client are given
the same plan. Half of the tools have something to answer at once; the others are to refuse
clearly what they cannot do or may not.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import TextContent, TextResourceContents

import needs
from http_server import http_server
from slowcoach.catalogue import tools
from slowcoach.core import knowledge

pytestmark = pytest.mark.slow
DATA = Path(__file__).parent / "data"
PLAN = """\
Seq Scan on orders  (cost=0.00..1693.00 rows=11 width=64) (actual time=0.1..9.7 rows=10 loops=1)
  Filter: (customer_id = 42)
  Rows Removed by Filter: 99990
Planning Time: 0.1 ms
Execution Time: 9.8 ms
"""
WAYS = ("stdio", "http", "http with a token")
TOKEN = "a-token-for-foreign-clients"
HANDSHAKE, STATELESS = "2025-11-25", "2026-07-28"
RESOURCE, PROMPT = "slowcoach://rules", "optimize_query"
# nobody listens there
NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"
# of each tool: arguments, and a word of its answer
ANSWERED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "analyze_load_results": ({"path": str(DATA / "load/results/wrk/latency.txt")}, "18,840"),
    "analyze_profile": ({"content": "main;total 90\nmain;log 10\n"}, "total"),
    "analyze_queries": (
        {"path": str(DATA / "query_logs/postgresql_stderr/pg15-loop_of_lookups.log")},
        "statement",
    ),
    "check_budget": ({"kind": "api", "measurements": {"p95_ms": 900}}, "900 ms"),
    "compare": (
        {
            "before": str(DATA / "benchmarks/hyperfine/before.json"),
            "after": str(DATA / "benchmarks/hyperfine/after.json"),
        },
        "%",
    ),
    "design_load_test": ({"url": "http://127.0.0.1:9/", "goal": "50 rps, p95 < 300 ms"}, "50"),
    "estimate_roi": (
        {"before": 800, "after": 200, "requests_per_month": 1e7, "prices": 0.05, "effort": 2400},
        "month",
    ),
    "explain_query": ({"plan": PLAN}, "orders"),
    "list_runs": ({}, "run"),
    "plan_capacity": (
        {"current": {"peak_rps": 200, "instances": 4}, "multiplier": "10x"},
        "instances",
    ),
    "read_guide": ({"topic": "indexes"}, "index"),
    "score_performance": ({"repo": "REPOSITORY"}, "of 100"),
}
# of each tool: arguments, and a word of the error that says what to do
REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "advise_indexes": ({"database_url": NOWHERE}, "127.0.0.1"),
    "cancel_run": ({"run_id": "investigate-aaaaaaaa"}, "investigate-aaaaaaaa"),
    "get_run": ({"run_id": "investigate-aaaaaaaa"}, "investigate-aaaaaaaa"),
    "investigate": ({"url": "http://127.0.0.1:9/"}, "--allow-"),
    "record_profile": ({"pid": 1}, "--allow-exec"),
    "run_load_test": ({"url": "http://127.0.0.1:9/", "rate": 1}, "--allow-load"),
}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what every client is to do."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "README.md").write_text("# A service\n\np95 below 300 ms.\n")
    calls = {name: dict(given) for name, (given, _) in {**ANSWERED, **REFUSED}.items()}
    calls["score_performance"]["repo"] = str(folder)
    return {
        "calls": calls,
        "resource": RESOURCE,
        "prompt": PROMPT,
        "prompt_arguments": {"sql": "SELECT 42"},
    }


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the scripts, where they find the SDKs."""
    needs.node(22)
    installed = needs.npm("@modelcontextprotocol/sdk", "@modelcontextprotocol/client")
    folder = tmp_path_factory.mktemp("clients")
    for script in (DATA / "clients").glob("*.mjs"):
        shutil.copy(script, folder)
    (folder / "node_modules").symlink_to(installed, target_is_directory=True)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment whose runs are these tests'."""
    return {"XDG_DATA_HOME": str(tmp_path_factory.mktemp("xdg"))}


@pytest.fixture(scope="module")
def url(home: dict[str, str]) -> Iterator[str]:
    """Return the address of a server for everybody on this machine."""
    with http_server(environment=home) as address:
        yield address


@pytest.fixture(scope="module")
def guarded(home: dict[str, str]) -> Iterator[str]:
    """Return the address of a server that asks for a token."""
    with http_server(environment={**home, "SLOWCOACH_TOKENS": f"foreign:{TOKEN}"}) as address:
        yield address


@pytest.fixture(params=WAYS)
def connection(
    request: pytest.FixtureRequest, home: dict[str, str], plan: dict[str, Any]
) -> dict[str, Any]:
    """Return the plan with a way to the server; one that asks for a token is asked less."""
    if request.param == "stdio":
        return plan | {
            "command": sys.executable,
            "arguments": ["-m", "slowcoach_server", "serve"],
            "environment": {**os.environ, **home},
        }
    if request.param == "http":
        return plan | {"url": request.getfixturevalue("url")}
    calls = {name: plan["calls"][name] for name in ("check_budget", "list_runs", "get_run")}
    return plan | {"url": request.getfixturevalue("guarded"), "token": TOKEN, "calls": calls}


def ran(folder: Path, script: str, tmp_path: Path, plan: dict[str, Any]) -> dict[str, Any]:
    """Run a client of another SDK and return what it was told."""
    page = tmp_path / "plan.json"
    page.write_text(json.dumps(plan))
    done = subprocess.run(
        [needs.program("node"), script, str(page)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_plan_calls_every_tool() -> None:
    assert sorted([*ANSWERED, *REFUSED]) == sorted(tools())


def test_the_first_typescript_sdk_is_served(
    node_folder: Path, connection: dict[str, Any], tmp_path: Path
) -> None:
    told = ran(node_folder, "sdk_v1.mjs", tmp_path, connection)

    check(told, connection)
    assert told["version"] in {HANDSHAKE, None}  # over a pipe its transport does not say


@pytest.mark.parametrize(
    ("connection", "era", "version"),
    [
        ("stdio", "auto", STATELESS),
        ("http", "legacy", HANDSHAKE),
        ("http", "auto", STATELESS),
        ("http with a token", "auto", STATELESS),
    ],
    indirect=["connection"],
)
def test_the_second_typescript_sdk_is_served(
    node_folder: Path, connection: dict[str, Any], era: str, version: str, tmp_path: Path
) -> None:
    told = ran(node_folder, "sdk_v2.mjs", tmp_path, connection | {"era": era})

    check(told, connection)
    assert told["version"] == version


@pytest.mark.anyio
@pytest.mark.parametrize(("era", "version"), [("legacy", HANDSHAKE), ("auto", STATELESS)])
async def test_the_python_client_is_served(
    connection: dict[str, Any], era: Any, version: str
) -> None:
    async with Client(way(connection), mode=era) as client:
        told = await visited(client, connection)

    check(told, connection)
    assert told["version"] == version


def way(connection: dict[str, Any]) -> Any:
    """Return what the Python client connects to."""
    if "command" in connection:
        return StdioServerParameters(
            command=connection["command"],
            args=connection["arguments"],
            env=connection["environment"],
        )
    if "token" not in connection:
        return connection["url"]
    headers = {"Authorization": f"Bearer {connection['token']}"}
    return streamable_http_client(
        connection["url"], http_client=create_mcp_http_client(headers=headers)
    )


async def visited(client: Client, plan: dict[str, Any]) -> dict[str, Any]:
    """Do with the Python client what data/clients/visit.mjs does."""
    calls: dict[str, Any] = {}
    for name, given in plan["calls"].items():
        answer = await client.call_tool(name, given)
        said = [part.text for part in answer.content if isinstance(part, TextContent)]
        calls[name] = {
            "failed": answer.is_error,
            "text": "\n".join(said),
            "structured": answer.structured_content,
        }
    [page] = (await client.read_resource(plan["resource"])).contents
    got = await client.get_prompt(plan["prompt"], plan["prompt_arguments"])
    content = got.messages[0].content
    assert isinstance(page, TextResourceContents)
    assert isinstance(content, TextContent)
    return {
        "server": client.server_info.name if client.server_info else None,
        "instructions": client.instructions or "",
        "version": client.protocol_version,
        "tools": [tool.name for tool in (await client.list_tools()).tools],
        "resources": [each.uri for each in (await client.list_resources()).resources],
        "templates": [
            each.uri_template
            for each in (await client.list_resource_templates()).resource_templates
        ],
        "prompts": [prompt.name for prompt in (await client.list_prompts()).prompts],
        "calls": calls,
        "resource": page.text,
        "prompt": content.text,
    }


def check(told: dict[str, Any], plan: dict[str, Any]) -> None:
    """Assert that a client was told everything."""
    assert told["server"] == "slowcoach"
    assert "investigate" in told["instructions"]
    assert told["tools"] == list(tools())
    assert told["prompts"] == list(knowledge.commands())
    assert {page.uri for page in knowledge.pages().values()} <= set(told["resources"])
    assert f"skill://{next(iter(knowledge.skills()))}/SKILL.md" in told["resources"]
    assert "slowcoach://runs/{run_id}/{artefact}" in told["templates"]
    assert next(iter(knowledge.rules())) in told["resource"]
    assert plan["prompt_arguments"]["sql"] in told["prompt"]
    for name in plan["calls"]:
        answer, refused = told["calls"][name], name in REFUSED
        _, word = (REFUSED if refused else ANSWERED)[name]
        assert answer["failed"] == refused, f"{name}: {answer['text']}"
        assert word in answer["text"], f"{name}: {answer['text']}"
        if not refused:
            assert answer["structured"]["status"] == "done", name
            assert answer["structured"]["summary"], name
