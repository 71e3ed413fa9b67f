"""The MCP Inspector, software that we did not write, talks to the real server."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

import needs
from slowcoach.catalogue import tools
from slowcoach.core import knowledge

pytestmark = pytest.mark.slow
NODE_MAJOR = 22


@pytest.fixture(scope="module")
def inspector() -> str:
    """Return the Inspector's program; it needs a current Node.js."""
    node = needs.program("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    major = int(re.findall(r"\d+", version.stdout)[0])
    if major < NODE_MAJOR:
        needs.missing(f"needs Node.js {NODE_MAJOR}, found {version.stdout.strip()}")
    return needs.program("mcp-inspector")


def ask(inspector: str, era: str, *words: str) -> Any:
    """Ask the server through the Inspector and return the result."""
    return json.loads(said(inspector, era, *words))["result"]


def said(inspector: str, era: str, *words: str) -> str:
    """Ask the server through the Inspector and return what it prints."""
    command = [inspector, "--cli", sys.executable, "-m", "slowcoach_server"]
    options = ["--format", "json", "-q", "--protocol-era", era]
    done = subprocess.run(
        [*command, "--method", *words, *options],
        capture_output=True,
        text=True,
        timeout=120,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-1000:]
    return done.stdout


@pytest.fixture(params=["modern", "legacy"])
def era(request: pytest.FixtureRequest) -> str:
    """Return each protocol era once."""
    return str(request.param)


def test_it_lists_every_tool(inspector: str, era: str) -> None:
    listed = ask(inspector, era, "tools/list")

    assert [tool["name"] for tool in listed["tools"]] == list(tools())


def test_it_lists_every_prompt(inspector: str, era: str) -> None:
    listed = ask(inspector, era, "prompts/list")

    assert {prompt["name"] for prompt in listed["prompts"]} == set(knowledge.commands())


def test_it_lists_the_knowledge(inspector: str, era: str) -> None:
    listed = ask(inspector, era, "resources/list")

    found = {resource["uri"] for resource in listed["resources"]}
    assert {page.uri for page in knowledge.pages().values()} <= found


def test_it_calls_a_tool(inspector: str, era: str) -> None:
    result = ask(inspector, era, "tools/call", "--tool-name", "list_runs")

    assert result["structuredContent"]["status"] == "done"


def test_it_verifies_every_skill(inspector: str, era: str) -> None:
    lines = said(inspector, era, "skills/list", "--verify").splitlines()
    skills = {skill["name"]: skill for skill in map(json.loads, lines) if "name" in skill}

    assert set(skills) == set(knowledge.skills())
    assert len(skills) == 10
    for skill in skills.values():
        assert (skill["conformance"], skill["frontmatter"]) == ([], [])
        assert {file["status"] for file in skill["files"]} == {"verified"}
