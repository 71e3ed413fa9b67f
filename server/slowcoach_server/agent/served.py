"""Our server's tools as the SDK's tool runner calls them: checked, permitted, marked as data."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from anthropic.lib.tools import BetaAsyncBuiltinFunctionTool, ToolError
from mcp import Client
from mcp.types import CallToolResult, ImageContent, TextContent
from mcp.types import Tool as McpTool

from slowcoach.catalogue import tools
from slowcoach.core.errors import SlowcoachError
from slowcoach.core.tool import Tool
from slowcoach_server.agent.marking import marked
from slowcoach_server.playbook.person import Person

_POLL_S = 40
_MEASURES = frozenset({"investigate", "run_load_test", "record_profile"})


@dataclass(slots=True)
class Desk:
    """What every call needs: the server, the person, what was asked, and where calls are told."""

    client: Client
    person: Person
    asked: Mapping[str, Any]
    tell: Callable[[str], None]
    called: Callable[[str, Mapping[str, Any], dict[str, Any] | None], None]


class ServedTool(BetaAsyncBuiltinFunctionTool):
    """One tool of the server. A refusal or a failure is an answer that the model can act on."""

    def __init__(self, tool: McpTool, desk: Desk) -> None:
        self._tool = tool
        self._desk = desk

    def to_dict(self) -> Any:
        """Return the definition that the model sees."""
        return {
            "name": self._tool.name,
            "description": self._tool.description or "",
            "input_schema": self._tool.input_schema,
        }

    async def call(self, input: object) -> Any:  # noqa: A002 - the SDK's name
        """Call it; long work is waited for."""
        name, desk = self._tool.name, self._desk
        given = _checked(name, input)
        tool = tools().get(name)
        if tool is not None and not await asyncio.to_thread(permitted, tool, given, desk):
            desk.called(name, given, None)
            desk.tell(f"→ {name}: not permitted (--yes permits it)")
            raise ToolError(
                f"{name} was not permitted. Do not call it again; say what it would have told, "
                "and that `--yes` permits it."
            )
        desk.tell(f"→ {name}")
        result = await self._whole(name, given)
        content = result.structured_content
        desk.called(name, given, None if result.is_error else content)
        blocks: list[Any] = [_block(name, part) for part in result.content]
        if result.is_error:
            raise ToolError(blocks)
        return blocks

    async def _whole(self, name: str, given: Mapping[str, Any]) -> CallToolResult:
        """Return the result once the run has ended."""
        result = await self._desk.client.call_tool(
            name, dict(given), progress_callback=self._progress
        )
        while (run := _running(result)) is not None:
            wait = {"run_id": run, "wait_s": _POLL_S}
            result = await self._desk.client.call_tool(
                "get_run", wait, progress_callback=self._progress
            )
        return result

    async def _progress(self, progress: float, total: float | None, message: str | None) -> None:
        of = f"/{total:.0f}" if total else ""
        self._desk.tell(f"  {progress:.0f}{of} {message or ''}")


def _checked(name: str, given: object) -> dict[str, Any]:
    """Return valid arguments; raises ToolError that says what to change."""
    if not isinstance(given, dict):
        raise ToolError(f"{name}: expected an object of arguments, got {type(given).__name__}")
    tool = tools().get(name)
    try:
        if tool is not None:
            tool.validate(given)
    except SlowcoachError as error:
        raise ToolError(marked(name, str(error))) from error
    return dict(given)


def permitted(tool: Tool, given: Mapping[str, Any], desk: Desk) -> bool:
    """Ask the person, where the tool runs code or sends load."""
    return desk.person.permits(tool, given, asked_for=_asked_for(tool, given, desk.asked))


def _asked_for(tool: Tool, given: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Tell whether it measures just what the question names: an address, or a process."""
    if tool.name not in _MEASURES or {"command", "target", "plan"} & set(given):
        return False
    if url := given.get("url"):
        return _endpoint(str(url)) == _endpoint(str(asked.get("url", "")))
    pid = given.get("pid")
    return pid is not None and str(pid) == str(asked.get("pid", ""))


def _endpoint(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc, parts.path.rstrip("/")


def _running(result: CallToolResult) -> str | None:
    content = result.structured_content or {}
    return content.get("run_id") if content.get("status") == "running" else None


def _block(name: str, part: Any) -> dict[str, Any]:
    if isinstance(part, TextContent):
        return {"type": "text", "text": marked(name, part.text)}
    if isinstance(part, ImageContent):
        source = {"type": "base64", "media_type": part.mime_type, "data": part.data}
        return {"type": "image", "source": source}
    return {"type": "text", "text": marked(name, f"({part.type}: {getattr(part, 'uri', '')})")}
