"""The twelve commands as MCP prompts, and the completion of their arguments."""

from collections.abc import Collection, Mapping
from typing import Any

from mcp import MCPError
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.prompts.base import PromptArgument, UserMessage
from mcp.types import (
    INVALID_PARAMS,
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from slowcoach.core import knowledge
from slowcoach.core.errors import SlowcoachError
from slowcoach.core.knowledge import Command
from slowcoach.core.runs import Runs

_MOST = 100


class CommandPrompt(Prompt):
    """A command; checks its arguments itself, so a mistake is told and not an internal error."""

    async def render(self, arguments: dict[str, Any] | None, context: Any) -> list[Any]:
        """Return the command's steps with the arguments filled in."""
        command = knowledge.commands()[self.name]
        given = {name: str(value) for name, value in (arguments or {}).items()}
        refuse(command, given)
        return [UserMessage(command.text(**given))]


def refuse(command: Command, given: Mapping[str, str]) -> None:
    """Raise MCPError for an argument that is missing or unknown."""
    names = [argument.name for argument in command.arguments]
    missing = [a.name for a in command.arguments if a.required and not given.get(a.name)]
    unknown = [name for name in given if name not in names]
    if missing or unknown:
        what = f"{', '.join(missing)} missing" if missing else f"no argument {unknown[0]!r}"
        message = f"prompt {command.name}: {what}; it takes {', '.join(names) or 'none'}"
        raise MCPError(INVALID_PARAMS, message)


def refuse_unknown(name: str, known: Collection[str]) -> None:
    """Raise MCPError for a prompt that there is not."""
    if name not in known:
        raise MCPError(INVALID_PARAMS, f"no prompt {name!r}; there are {', '.join(known)}")


def prompts() -> list[Prompt]:
    """Return every command as a prompt."""

    def unused() -> str:
        return ""

    return [
        CommandPrompt(
            name=command.name,
            title=command.title,
            description=command.description,
            arguments=[
                PromptArgument(name=a.name, description=a.description, required=a.required)
                for a in command.arguments
            ],
            fn=unused,
            context_kwarg=None,
        )
        for command in knowledge.commands().values()
    ]


def complete(
    runs: Runs,
    ref: PromptReference | ResourceTemplateReference,
    argument: CompletionArgument,
    context: CompletionContext | None,
) -> Completion:
    """Return what an argument could be: rules, run ids, artefacts of a run."""
    known = _choices(runs, ref, argument.name, dict((context and context.arguments) or {}))
    values = [value for value in known if argument.value.lower() in value.lower()]
    return Completion(values=values[:_MOST], total=len(values), has_more=len(values) > _MOST)


def _choices(
    runs: Runs,
    ref: PromptReference | ResourceTemplateReference,
    name: str,
    chosen: Mapping[str, str],
) -> list[str]:
    try:
        if name == "rule":
            return list(knowledge.rules())
        if name in {"run_id", "before", "after"}:
            return [run.id for run in runs.store.newest(limit=_MOST)]
        if name == "artefact" and "run_id" in chosen:
            left = runs.store.artefacts(chosen["run_id"])
            return ["result", *(artefact.name for artefact in left)]
        if name == "kind" and isinstance(ref, PromptReference):
            return ["web_app", "api", "mobile", "batch_job"]
    except SlowcoachError:
        return []
    return []
