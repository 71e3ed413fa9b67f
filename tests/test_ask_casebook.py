"""`ask` on a public case: without a key by its playbook, and by the agent with a local model."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import needs
from messages_api import MessagesApi, said, uses

pytestmark = pytest.mark.slow
CASE = "go-dock-areas"


@pytest.fixture(scope="module")
def case() -> Iterator[Any]:
    """Run the case beside the tests, by the collection's own program."""
    folder = needs.shared("casebook")
    needs.program("go")
    spec = importlib.util.spec_from_file_location("casebook_run", folder / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.RunningCase(folder / "cases" / CASE) as running:
        yield running


def asked(url: str, folder: Path, **more: str) -> dict[str, Any]:
    """Return what `slowcoach ask` says of an address, with nothing but the question."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ANTHROPIC")}
    words = [sys.executable, "-m", "slowcoach_server", "ask", f"why is {url} slow", "--json"]
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**environment, **more},
        cwd=folder,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-1000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def is_right(case: Any, answer: dict[str, Any]) -> bool:
    """Tell whether the cause and its place are named."""
    text = json.dumps([answer["verdict"], answer.get("findings")]).lower()
    right = case.expect["cause"], *case.expect.get("also_accept", ())
    placed = any(all(word.lower() in text for word in words) for words in case.expect["where"])
    return answer["verdict"]["cause"] in right and placed


def test_a_public_case_is_carried_to_the_right_verdict_without_a_key(
    case: Any, tmp_path: Path
) -> None:
    assert is_right(case, asked(case.url + case.request["path"], tmp_path))


def test_the_agent_carries_a_public_case_to_the_same_verdict(case: Any, tmp_path: Path) -> None:
    needs.module("anthropic")
    url = case.url + case.request["path"]
    api = MessagesApi(
        [
            [said("I measure."), uses("investigate", {"url": url, "duration_s": 6})],
            [said("That is it.")],
        ]
    )
    with api.up() as base:
        answer = asked(url, tmp_path, ANTHROPIC_BASE_URL=base, ANTHROPIC_API_KEY="test-key")

    assert is_right(case, answer)
    assert len(api.requests) == 2
