"""The server as a client sees it, in both protocol eras."""

import json
import math
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import anyio
import jsonschema
import pytest
from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer
from mcp.types import CallToolResult, TextContent

from slowcoach.catalogue import tools
from slowcoach.core import knowledge
from slowcoach.core.errors import InputError
from slowcoach.core.finding import Evidence
from slowcoach.core.job import Job
from slowcoach.core.result import Result, Table
from slowcoach.core.runs import Runs
from slowcoach.core.tool import Tool
from slowcoach_server import present
from slowcoach_server.app import build_app
from slowcoach_server.mcp_face.served_tool import served
from slowcoach_server.settings import Settings

pytestmark = pytest.mark.anyio
Era = Literal["auto", "legacy"]
ERAS: list[Era] = ["auto", "legacy"]
CHARACTERS_PER_TOKEN = 4
COMMON_AND_OPTIONAL = {"not_checked", "warnings", "next"}  # said once, by every answer
MOST_TOKENS_OF_ALL_DEFINITIONS = 8_000
ended = threading.Event()


class Measured(Result):
    """A result with a figure and rows."""

    figure: float | None = None
    rows: tuple[dict[str, float | None], ...] = ()

    def tables(self) -> tuple[Table, ...]:
        """Return the rows."""
        rows = tuple((str(r["a"]), "x" * 40) for r in self.rows)
        return (Table("Rows", ("a", "text"), rows),)


def not_a_number() -> Measured:
    """Measure nothing."""
    return Measured(summary="none", figure=math.nan, rows=({"a": math.inf},))


def lone_surrogate() -> Result:
    """Read a file name that is no text."""
    return Result(summary=b"bad \xff name".decode("utf-8", "surrogateescape"))


def leave() -> Result:
    """Exit as a library that parses arguments does."""
    raise SystemExit(3)


def crash() -> Result:
    """Crash with a secret."""
    raise ValueError("password=hunter2")


def foreseen() -> Result:
    """Fail as foreseen."""
    raise InputError("plan.txt line 3: expected '->', got 'x'", hint="Paste the whole plan")


def many_rows(count: int, more: bool | None = None) -> Measured:
    """Give many rows."""
    return Measured(summary=f"{count} rows", rows=tuple({"a": float(n)} for n in range(count)))


def escape_sequences() -> Result:
    """Give text that would drive a terminal."""
    return Result(summary="\x1b[31mred\x1b[0m \u202eevil\x07")


def work(job: Job, seconds: float) -> Result:
    """Work for a while."""
    ended.clear()
    try:
        for step in range(int(seconds * 20)):
            job.progress(step / 20, seconds, "working")
            job.cancellation.sleep(0.05)
        return Result(summary="worked")
    finally:
        ended.set()


PROBES = [
    Tool(not_a_number, title="NaN"),
    Tool(lone_surrogate, title="Surrogate"),
    Tool(leave, title="Leave"),
    Tool(crash, title="Crash"),
    Tool(foreseen, title="Foreseen"),
    Tool(many_rows, title="Many", sizes=("more",)),
    Tool(escape_sequences, title="Escapes"),
    Tool(work, title="Work", long=True),
]


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> Era:
    """Return each protocol era once."""
    chosen: Era = request.param
    return chosen


@asynccontextmanager
async def real(era: Era) -> AsyncIterator[Client]:
    """Connect to the server as it is."""
    async with Client(build_app(Settings(allow_exec=True, allow_load=True)), mode=era) as client:
        yield client


@asynccontextmanager
async def probes(era: Era, runs: Runs) -> AsyncIterator[Client]:
    """Connect to a server with the probing tools and those that deal with runs."""
    kept = [tools()[name] for name in ("get_run", "cancel_run", "list_runs")]
    app = MCPServer("probes", tools=[served(tool, runs) for tool in (*PROBES, *kept)])
    async with Client(app, mode=era) as client:
        yield client


def said(result: CallToolResult) -> str:
    """Return the text half of an answer."""
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


async def test_every_tool_is_listed_with_all_four_hints(era: Era) -> None:
    async with real(era) as client:
        listed = (await client.list_tools()).tools

    assert [tool.name for tool in listed] == sorted(tools())
    for tool in listed:
        hints = tool.annotations
        assert hints is not None
        assert None not in (hints.read_only_hint, hints.destructive_hint)
        assert None not in (hints.idempotent_hint, hints.open_world_hint)
        assert tool.title
        assert tool.description


async def test_the_order_of_tools_is_stable() -> None:
    async with real("auto") as one, real("auto") as other:
        assert (await one.list_tools()).tools == (await other.list_tools()).tools


async def test_all_definitions_together_are_lean() -> None:
    async with real("auto") as client:
        listed = (await client.list_tools()).tools
    text = "".join(tool.model_dump_json(by_alias=True, exclude_none=True) for tool in listed)

    assert len(text) / CHARACTERS_PER_TOKEN < MOST_TOKENS_OF_ALL_DEFINITIONS


async def test_no_output_schema_is_lost_and_each_is_valid() -> None:
    async with real("auto") as client:
        listed = (await client.list_tools()).tools

    for tool in listed:
        assert tool.output_schema is not None, tool.name
        jsonschema.Draft202012Validator.check_schema(tool.output_schema)
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        assert tool.input_schema["additionalProperties"] is False
        fields = tools()[tool.name].result_type.model_fields
        assert set(fields) - set(tool.output_schema["properties"]) <= COMMON_AND_OPTIONAL
        assert set(tool.output_schema["properties"]) <= set(fields)


async def test_every_argument_is_described() -> None:
    async with real("auto") as client:
        listed = (await client.list_tools()).tools

    for tool in listed:
        for name, schema in tool.input_schema["properties"].items():
            assert schema.get("description"), f"{tool.name}.{name}"


async def test_both_halves_of_an_answer_carry_the_same_facts(era: Era) -> None:
    async with real(era) as client:
        result = await client.call_tool("list_runs", {})

    assert result.structured_content is not None
    assert result.structured_content["summary"] in said(result)


async def test_a_number_that_is_none_becomes_null(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        result = await client.call_tool("not_a_number", {})

    assert result.structured_content is not None
    assert result.structured_content["figure"] is None
    assert result.structured_content["rows"] == [{"a": None}]


async def test_bytes_that_are_no_text_do_not_hang_the_server(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        result = await client.call_tool("lone_surrogate", {})
        again = await client.call_tool("list_runs", {})

    assert "bad" in said(result)
    assert not again.is_error


async def test_a_library_that_exits_does_not_end_the_server(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        result = await client.call_tool("leave", {})
        again = await client.call_tool("list_runs", {})

    assert result.is_error
    assert not again.is_error


async def test_a_foreseen_error_says_where_what_and_what_to_do(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        result = await client.call_tool("foreseen", {})

    assert result.is_error
    assert said(result) == (
        "foreseen: plan.txt line 3: expected '->', got 'x'. Paste the whole plan"
    )


async def test_a_crash_is_told_as_one_without_its_text(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        result = await client.call_tool("crash", {})

    assert result.is_error
    assert "fault of Slowcoach" in said(result)
    assert "hunter2" not in said(result)


async def test_an_unknown_argument_is_refused_with_the_nearest_name(era: Era) -> None:
    async with real(era) as client:
        result = await client.call_tool("list_runs", {"limits": 3})

    assert result.is_error
    assert "Did you mean `limit`?" in said(result)


async def test_an_unknown_tool_is_an_error_that_can_be_read(era: Era) -> None:
    async with real(era) as client:
        result = await client.call_tool("list_run", {})

    assert result.is_error
    assert "list_run" in said(result)


def test_no_two_tools_share_a_name() -> None:
    from slowcoach import api
    from slowcoach.core.registry import discover

    names = [tool.name for tool in discover(api, "TOOL", Tool)]
    assert len(names) == len(set(names)) == len(tools())


async def test_terminal_escapes_and_reversed_text_are_taken_out(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        result = await client.call_tool("escape_sequences", {})

    for text in (said(result), json.dumps(result.structured_content, ensure_ascii=False)):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)


async def test_a_long_answer_is_cut_and_says_so(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        result = await client.call_tool("many_rows", {"count": 5000})

    content = result.structured_content
    assert content is not None
    assert len(json.dumps(content)) <= present.ANSWER_LIMIT + 300
    assert len(said(result)) <= present.ANSWER_LIMIT
    [warning] = content["warnings"]
    assert f"rows {len(content['rows'])} of 5000" in warning
    assert f"slowcoach://runs/{content['run_id']}/result" in warning


async def test_more_can_be_asked_for(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        result = await client.call_tool("many_rows", {"count": 5000, "more": True})

    assert result.structured_content is not None
    assert len(result.structured_content["rows"]) == 5000


async def test_long_work_answers_running_and_can_be_waited_for(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        first = await client.call_tool("work", {"seconds": 1.5, "wait_s": 0.1})
        assert first.structured_content is not None
        run_id = first.structured_content["run_id"]
        then = await client.call_tool("get_run", {"run_id": run_id, "wait_s": 40})

    assert first.structured_content["status"] == "running"
    assert run_id in said(first)
    assert then.structured_content is not None
    assert (then.structured_content["status"], then.structured_content["summary"]) == (
        "done",
        "worked",
    )


async def test_progress_is_reported_and_rises(era: Era, runs: Runs) -> None:
    seen: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert (total, message) == (3.0, "working")
        seen.append(progress)

    async with probes(era, runs) as client:
        await client.call_tool("work", {"seconds": 3.0}, progress_callback=note)

    assert seen
    assert seen == sorted(seen)


async def test_a_run_can_be_cancelled_by_a_tool(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        first = await client.call_tool("work", {"seconds": 100, "wait_s": 0.1})
        assert first.structured_content is not None
        run_id = first.structured_content["run_id"]
        cancelled = await client.call_tool("cancel_run", {"run_id": run_id})

    assert cancelled.structured_content is not None
    assert cancelled.structured_content["status"] == "cancelled"
    assert ended.wait(10)


async def test_work_stops_when_the_client_calls_it_off(era: Era, runs: Runs) -> None:
    async with probes(era, runs) as client:
        with anyio.move_on_after(1.0):
            await client.call_tool("work", {"seconds": 100, "wait_s": 40})
        stopped = await anyio.to_thread.run_sync(lambda: ended.wait(15))

    assert stopped


async def test_knowledge_and_rules_are_resources(era: Era) -> None:
    page, rule = next(iter(knowledge.pages().values())), next(iter(knowledge.rules().values()))
    async with real(era) as client:
        listed = [str(resource.uri) for resource in (await client.list_resources()).resources]
        shown = await client.read_resource(page.uri)
        ruled = await client.read_resource(f"slowcoach://rules/{rule.id}")

    assert {known.uri for known in knowledge.pages().values()} <= set(listed)
    assert page.title in str(shown.contents)
    assert rule.title in str(ruled.contents)


async def test_a_run_and_its_artefacts_are_resources(era: Era) -> None:
    kept = Runs()

    def leave_a_note(job: Job) -> Result:
        """Leave a note."""
        job.save("note.txt", b"hello", "text/plain")
        return Result(summary="left")

    run_id = kept.call(Tool(leave_a_note, title="Note"), {}).run_id
    async with real(era) as client:
        result = await client.read_resource(f"slowcoach://runs/{run_id}/result")
        note = await client.read_resource(f"slowcoach://runs/{run_id}/note.txt")
        with pytest.raises(MCPError, match=r"note\.txt"):
            await client.read_resource(f"slowcoach://runs/{run_id}/other.txt")
    kept.close()

    assert "note.txt" in str(result.contents)
    assert "hello" in str(note.contents)


async def test_an_unknown_resource_is_a_protocol_error(era: Era) -> None:
    async with real(era) as client:
        with pytest.raises(MCPError):
            await client.read_resource("slowcoach://rules/no-such-rule")


async def test_the_twelve_commands_are_prompts(era: Era) -> None:
    async with real(era) as client:
        listed = (await client.list_prompts()).prompts
        filled = await client.get_prompt(
            "explain_endpoint", {"url": "http://127.0.0.1:8000/orders"}
        )

    assert {prompt.name for prompt in listed} == set(knowledge.commands())
    assert len(listed) == 12
    assert "http://127.0.0.1:8000/orders" in str(filled.messages)


async def test_a_prompts_unknown_argument_is_told(era: Era) -> None:
    async with real(era) as client:
        with pytest.raises(MCPError, match="no argument 'colour'"):
            await client.get_prompt("explain_endpoint", {"colour": "red"})


async def test_arguments_are_completed(era: Era) -> None:
    from mcp.types import ResourceTemplateReference

    ref = ResourceTemplateReference(type="ref/resource", uri="slowcoach://rules/{rule}")
    first = next(iter(knowledge.rules()))
    async with real(era) as client:
        found = await client.complete(ref, {"name": "rule", "value": first[:5]})

    assert first in found.completion.values


async def test_the_server_introduces_itself(era: Era) -> None:
    async with real(era) as client:
        about: Any = client.server_info
        assert about.name == "slowcoach"
        assert about.version
        assert about.icons
        assert "investigate" in (client.instructions or "")


def test_a_finding_without_evidence_cannot_be_built() -> None:
    rule = next(iter(knowledge.rules().values()))
    with pytest.raises(ValueError, match="at least 1"):
        rule.finding([])
    assert rule.finding([Evidence(metric="share", value=0.5, unit="share")]).evidence
