"""Asks the person, where the client can, before a tool does what no flag has allowed.

Without such a client the tool refuses and names the flag. What is agreed to holds for one call.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from mcp.server.elicitation import AcceptedElicitation
from mcp.server.mcpserver import Context
from mcp.types import (
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, Field

from slowcoach.core.permission import Permissions
from slowcoach.core.runs import plain
from slowcoach.core.tool import Tool
from slowcoach_server.present import cleaned

_KEY = "consent"
_IN_ANSWERS = "2026-07-28"  # from here on a server asks by its answer, not by a request of its own
_SHOWN = 300
_DOES: Final[Mapping[str, str]] = {
    "execute": "run or look into programs on this machine",
    "load": "send load to a service",
    "write": "write files",
}


class Consent(BaseModel):
    """What the person is asked."""

    allow: bool = Field(title="Allow it this once", description="Only this call is allowed.")


def missing(tool: Tool, permissions: Permissions) -> list[str]:
    """Return the permissions that a tool needs and the server was not given."""
    return [name for name in tool.permission if not getattr(permissions, name)]


def question(tool: Tool, arguments: Mapping[str, Any], needed: list[str]) -> str:
    """Return what the person is asked, with the arguments as data."""
    does = " and ".join(_DOES[name] for name in needed)
    shown = plain(dict(arguments))
    given = cleaned(repr(shown))[:_SHOWN]
    return f"{tool.name} would {does}. Allow it this once? Arguments: {given}"


async def granted(
    tool: Tool, arguments: Mapping[str, Any], given: Permissions, context: Context[Any, Any]
) -> Permissions | InputRequiredResult:
    """Return the permissions of this call, or the question to be answered first."""
    needed = missing(tool, given)
    if not needed or not _can_be_asked(context):
        return given
    if _asks_in_answers(context):
        answer = (context.input_responses or {}).get(_KEY)
        if answer is None:
            return _asked(question(tool, arguments, needed))
        agreed = isinstance(answer, ElicitResult) and _says_yes(answer)
    else:
        outcome = await context.elicit(question(tool, arguments, needed), Consent)
        agreed = isinstance(outcome, AcceptedElicitation) and outcome.data.allow
    if not agreed:
        return given
    return replace(
        given,
        execute=given.execute or "execute" in needed,
        load=given.load or "load" in needed,
        write=given.write or "write" in needed,
    )


def _can_be_asked(context: Context[Any, Any]) -> bool:
    """Tell whether the client can show a form (a bare `elicitation: {}` means that it can)."""
    capabilities = context.client_capabilities
    asks = None if capabilities is None else capabilities.elicitation
    return asks is not None and (asks.form is not None or asks.url is None)


def _asks_in_answers(context: Context[Any, Any]) -> bool:
    version = context.protocol_version
    return version is not None and is_version_at_least(version, _IN_ANSWERS)


def _asked(message: str) -> InputRequiredResult:
    form = ElicitRequestFormParams(
        message=message, requested_schema=Consent.model_json_schema(mode="serialization")
    )
    return InputRequiredResult(input_requests={_KEY: ElicitRequest(params=form)})


def _says_yes(answer: ElicitResult) -> bool:
    return answer.action == "accept" and (answer.content or {}).get("allow") is True
