"""A client that can ask its person is asked before something is run that no flag allows."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import ElicitRequestFormParams, ElicitResult

from slowcoach.core.runs import Runs
from slowcoach_server.app import build_app
from slowcoach_server.settings import Settings

COMMAND = {"command": [sys.executable, "-c", "sum(range(10_000_000))"], "duration_s": 1}


@asynccontextmanager
async def asked(
    tmp_path: Path, era: Any, answer: ElicitResult | None, heard: list[str]
) -> AsyncIterator[Client]:
    """Yield a client of a server without permissions; without an answer it cannot be asked."""

    async def ask(_context: Any, params: Any) -> ElicitResult:
        assert isinstance(params, ElicitRequestFormParams)
        heard.append(params.message)
        assert answer is not None
        return answer

    runs = Runs(f"sqlite:///{tmp_path}/runs.db", Settings().permissions())
    app = build_app(Settings(), runs)
    more: dict[str, Any] = {} if answer is None else {"elicitation_callback": ask}
    async with Client(app, mode=era, **more) as client:
        yield client


YES = ElicitResult(action="accept", content={"allow": True})
UNTICKED = ElicitResult(action="accept", content={"allow": False})
NO = ElicitResult(action="decline")


@pytest.mark.slow
@pytest.mark.anyio
@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_what_the_person_agrees_to_is_done_once(tmp_path: Path, era: Any) -> None:
    heard: list[str] = []
    async with asked(tmp_path, era, YES, heard) as client:
        first = await client.call_tool("record_profile", COMMAND)
        second = await client.call_tool("record_profile", COMMAND)

    assert not first.is_error, first.content
    assert not second.is_error
    assert len(heard) == 2
    assert "record_profile would run or look into programs" in heard[0]
    assert "sum(range" in heard[0]


@pytest.mark.anyio
@pytest.mark.parametrize("era", ["auto", "legacy"])
@pytest.mark.parametrize("answer", [NO, UNTICKED])
async def test_what_the_person_refuses_is_not_done(
    tmp_path: Path, era: Any, answer: ElicitResult
) -> None:
    heard: list[str] = []
    async with asked(tmp_path, era, answer, heard) as client:
        result = await client.call_tool("record_profile", COMMAND)

    assert len(heard) == 1
    assert result.is_error
    assert "--allow-exec" in str(result.content)


@pytest.mark.anyio
@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_who_cannot_be_asked_is_told_which_flag_is_missing(tmp_path: Path, era: Any) -> None:
    heard: list[str] = []
    async with asked(tmp_path, era, None, heard) as client:
        result = await client.call_tool("record_profile", COMMAND)

    assert not heard
    assert result.is_error
    assert "--allow-exec" in str(result.content)


@pytest.mark.anyio
async def test_secrets_are_not_shown_in_the_question(tmp_path: Path) -> None:
    heard: list[str] = []
    given = {"url": "http://127.0.0.1:1/", "headers": {"authorization": "Bearer very-secret-word"}}
    async with asked(tmp_path, "auto", NO, heard) as client:
        await client.call_tool("investigate", given)

    assert "very-secret-word" not in heard[0]
    assert "send load" in heard[0]
