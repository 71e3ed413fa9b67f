"""Resources: the knowledge, the rules, and what runs have left."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp.server.mcpserver.resources import FunctionResource, Resource
from mcp.types import Annotations

from slowcoach.core import knowledge
from slowcoach.core.errors import SlowcoachError
from slowcoach.core.knowledge import URI
from slowcoach.core.runs import Runs
from slowcoach_server.mcp_face.apps import PICTURE, picture

_MARKDOWN = "text/markdown"
_FOR_MODEL = Annotations(audience=["assistant"], priority=0.5)
_TEXTUAL = ("text/", "application/json", "application/yaml", "image/svg+xml")


def knowledge_resources() -> list[Resource]:
    """Return every page of the methodology and the index of the rules."""
    found: list[Resource] = [
        FunctionResource(
            uri=page.uri,
            name=page.id,
            title=page.title,
            description=page.description,
            mime_type=_MARKDOWN,
            annotations=_FOR_MODEL,
            fn=page.text,
        )
        for page in knowledge.pages().values()
    ]
    found.append(
        FunctionResource(
            uri=f"{URI}knowledge",
            name="knowledge",
            title="All pages",
            description="Every page of the methodology, by phase.",
            mime_type=_MARKDOWN,
            annotations=_FOR_MODEL,
            fn=page_index,
        )
    )
    found.append(
        FunctionResource(
            uri=f"{URI}rules",
            name="rules",
            title="All rules",
            description="Every rule that findings come from, with its limits.",
            mime_type=_MARKDOWN,
            annotations=_FOR_MODEL,
            fn=rule_index,
        )
    )
    return found


def page_index() -> str:
    """Return a list of all pages with what each is for, in the order of the phases."""
    pages = sorted(knowledge.pages().values(), key=lambda page: (page.phase, page.id))
    lines = [
        f"- Phase {page.phase}: [{page.title}]({page.uri}). {page.description}" for page in pages
    ]
    return "\n".join(["# The methodology", "", *lines, ""])


def rule_index() -> str:
    """Return a list of all rules with their titles."""
    rules = knowledge.rules().values()
    lines = [f"- [`{rule.id}`]({URI}rules/{rule.id}): {rule.title}" for rule in rules]
    return "\n".join(["# Rules", "", *lines, ""])


def templates(runs: Runs) -> list[tuple[str, str, str, Callable[..., Any]]]:
    """Return the templates: (uri, name, description, function)."""

    def read_rule(rule: str) -> str:
        if rule not in knowledge.rules():
            raise ResourceNotFoundError(f"no rule {rule!r}; read {URI}rules")
        return knowledge.rule(rule).text()

    def read_run(run_id: str, artefact: str) -> str | bytes:
        try:
            if artefact == "result":
                return _result(runs, run_id)
            if artefact == PICTURE:
                return picture(runs, run_id)
            data, media_type = runs.store.artefact(run_id, artefact)
        except SlowcoachError as error:
            raise ResourceNotFoundError(str(error)) from error
        return data.decode("utf-8", "replace") if media_type.startswith(_TEXTUAL) else data

    return [
        (
            f"{URI}rules/{{rule}}",
            "rule",
            "One rule: limits, reasons, fix, verification.",
            read_rule,
        ),
        (
            f"{URI}runs/{{run_id}}/{{artefact}}",
            "run",
            "A run's whole `result`, or what it kept: profile.speedscope.json, flame.svg, ...",
            read_run,
        ),
    ]


def media_type(runs: Runs, uri: str) -> str | None:
    """Return the media type of the artefact at an address; None for any other address."""
    run_id, _, name = uri.removeprefix(f"{URI}runs/").partition("/")
    if not uri.startswith(f"{URI}runs/") or name in {"result", PICTURE}:
        return None
    kept = {artefact.name: artefact.media_type for artefact in runs.store.artefacts(run_id)}
    return kept.get(unquote(name))


def _result(runs: Runs, run_id: str) -> str:
    stored = runs.store.get(run_id)
    left = [
        {"name": a.name, "media_type": a.media_type, "bytes": a.size}
        for a in runs.store.artefacts(run_id)
    ]
    content = {
        "run_id": stored.id,
        "tool": stored.tool,
        "status": stored.status,
        "arguments": stored.arguments,
        "versions": stored.versions,
        "artefacts": left,
        "result": stored.result,
    }
    return json.dumps(content, ensure_ascii=False, indent=1)
