"""A tool as MCP serves it: our own validation, the one error edge, long work as runs."""

import asyncio
import contextlib
import logging
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Self, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools.base import Tool as McpTool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import (
    CallToolResult,
    ImageContent,
    InputRequiredResult,
    TextContent,
    ToolAnnotations,
)
from pydantic import BaseModel, PrivateAttr

from slowcoach.core.errors import CancelledError, SlowcoachError
from slowcoach.core.job import Progress
from slowcoach.core.permission import Permissions
from slowcoach.core.result import Result
from slowcoach.core.runs import Handle, Runs
from slowcoach.core.tool import Tool
from slowcoach_server import present
from slowcoach_server.artefacts import of_media_type
from slowcoach_server.mcp_face import consent
from slowcoach_server.mcp_face.apps import tool_meta

_TICK_S = 1.0
_IMAGE = "image/png"
_FINDINGS = "findings"  # of what every answer may have this alone is named in each schema
_REQUIRED = ("status", "run_id", "summary")
T = TypeVar("T")
_log = logging.getLogger(__name__)


class ServedTool(McpTool):
    """Runs one of our tools for an MCP client.

    The SDK's own argument handling is replaced: it ignores unknown names and words errors
    for programmers.
    """

    _tool: Tool = PrivateAttr()
    _runs: Runs = PrivateAttr()

    def bound(self, tool: Tool, runs: Runs) -> Self:
        """Set what the SDK's model has no field for, and return this tool."""
        self._tool, self._runs = tool, runs
        return self

    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> Any:
        """Answer a call; foreseen errors become a ToolError that the model can act on."""
        try:
            may = await consent.granted(self._tool, arguments, self._runs.permissions, context)
            if isinstance(may, InputRequiredResult):
                return may
            result = await self._result(arguments, context, may)
        except SlowcoachError as error:
            raise ToolError(present.cleaned(f"{self.name}: {error}")) from error
        except Exception as error:
            _log.exception("%s failed", self.name)
            kind = type(error).__name__
            raise ToolError(
                f"{self.name} failed inside ({kind}). This is a fault of Slowcoach: report it; "
                "other tools still work."
            ) from error
        images = await _in_thread(lambda: of_media_type(result, self._runs, _IMAGE))
        return answer(result, whole=asks_for_more(self._tool, arguments), images=images)

    async def _result(
        self, arguments: dict[str, Any], context: Context[Any, Any], may: Permissions
    ) -> Result:
        if not self._tool.keeps_run:
            return await _in_thread(lambda: self._runs.call(self._tool, arguments))
        start = partial(self._runs.start, self._tool, arguments, permissions=may)
        handle = await _in_thread(start)
        wait_s = float(self._tool.validate(arguments).get("wait_s", float("inf")))
        try:
            await _watch(handle, wait_s, context)
        except asyncio.CancelledError:
            handle.cancel()  # the client has gone or called it off: nothing goes on unseen
            raise
        if not handle.done:
            return handle.running()
        try:
            return handle.outcome()
        except CancelledError:
            return Result(
                status="cancelled", run_id=handle.run_id, summary=f"{self.name} was cancelled."
            )


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, work)


async def _watch(handle: Handle, wait_s: float, context: Context[Any, Any]) -> None:
    """Wait for the run, reporting its progress about once a second."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the client is gone
            loop.call_soon_threadsafe(ended.set)

    handle.when_done(wake)
    deadline = loop.time() + wait_s
    last: Progress | None = None
    while not ended.is_set() and (left := deadline - loop.time()) > 0:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), min(_TICK_S, left))
        if handle.progress is not last and not ended.is_set():
            last = handle.progress
            await context.report_progress(last.done, last.total, last.message)


def answer(result: Result, *, whole: bool, images: Sequence[bytes] = ()) -> CallToolResult:
    """Return both halves of an answer, each stands alone, and the images that it links."""
    return CallToolResult(
        content=[
            TextContent(type="text", text=present.text(result, whole=whole)),
            *(
                ImageContent(type="image", data=b64encode(data).decode(), mime_type=_IMAGE)
                for data in images
            ),
        ],
        structured_content=present.structured(result, whole=whole),
        is_error=False,
    )


def asks_for_more(tool: Tool, arguments: Mapping[str, Any]) -> bool:
    """Tell whether the caller set an argument by which one asks for a longer answer."""
    return any(arguments.get(name) is not None for name in tool.sizes)


def served(tool: Tool, runs: Runs) -> ServedTool:
    """Return the MCP form of a tool."""

    def unused() -> None:
        """Never called: `run` is overridden."""

    metadata = FuncMetadata(arg_model=ArgModelBase, output_schema=output_schema(tool.result_type))
    made = ServedTool(
        fn=unused,
        name=tool.name,
        title=tool.title,
        description=tool.description,
        parameters=input_schema(tool.arguments),
        fn_metadata=metadata,
        is_async=True,
        context_kwarg=None,
        meta=tool_meta(tool.name),
        annotations=ToolAnnotations(
            read_only_hint=tool.read_only and not tool.destructive,
            destructive_hint=tool.destructive,
            idempotent_hint=tool.idempotent,
            open_world_hint=tool.open_world,
        ),
    )
    return made.bound(tool, runs)


def input_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of the arguments without what only costs tokens.

    That is titles, and null as a way to say what leaving out says; it is accepted all the same.
    """
    lean: dict[str, Any] = _without_titles(model.model_json_schema(by_alias=True))
    required = lean.get("required", ())
    for name, part in lean.get("properties", {}).items():
        if name not in required:
            lean["properties"][name] = _without_null(part)
    return lean


def _without_null(part: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" not in part:
        return part
    options = [option for option in part["anyOf"] if option.get("type") != "null"]
    if len(options) > 1:
        return {**part, "anyOf": options}
    rest = {key: value for key, value in part.items() if key != "anyOf"}
    return {**rest, **options[0]}


def _without_titles(schema: Any) -> Any:
    """Drop what a model does not need; a property may itself be named `title`."""
    if isinstance(schema, dict):
        return {
            key: (
                {name: _without_titles(part) for name, part in value.items()}
                if key in {"properties", "$defs"}
                else _without_titles(value)
            )
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str))
            and not (key == "default" and value is None)
        }
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    return schema


def output_schema(model: type[Result]) -> dict[str, Any]:
    """Return the shape of the answer one level deep: names, and types where there is but one.

    The whole schema of nested models would cost more tokens than all descriptions together, and
    a client shows a model the answer itself. What is required holds for every status, also
    `running`.
    """
    schema = model.model_json_schema(mode="serialization")
    definitions = schema.get("$defs", {})
    shallow: dict[str, Any] = {}
    for name, part in schema["properties"].items():
        kinds = _kinds(part, definitions)
        is_common = name in Result.model_fields and name not in _REQUIRED
        if not is_common or name == _FINDINGS:
            shallow[name] = {"type": kinds[0]} if len(kinds) == 1 and not is_common else {}
    return {"type": "object", "properties": shallow, "required": list(_REQUIRED)}


def _kinds(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[str]:
    if "$ref" in part:
        return _kinds(definitions[part["$ref"].rsplit("/", 1)[1]], definitions)
    if "anyOf" in part:
        return sorted({kind for option in part["anyOf"] for kind in _kinds(option, definitions)})
    if "enum" in part or "const" in part:
        return ["string"]
    kind = part.get("type")
    return [kind] if isinstance(kind, str) else list(kind or [])
