"""The ten phases as Agent Skills over MCP (SEP-2640): skills/list, skills/get, skill:// files."""

import hashlib
from collections.abc import Sequence
from typing import Any

from mcp import MCPError
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Extension, MethodBinding
from mcp.server.mcpserver.resources import Resource, TextResource
from mcp.types import INVALID_PARAMS, PaginatedRequestParams, RequestParams

from slowcoach.core import knowledge
from slowcoach.core.knowledge import Skill
from slowcoach_server.mcp_face.apps import EXTENSION_ID

_TTL_MS = 3_600_000
_ENVELOPE = {"ttlMs": _TTL_MS, "cacheScope": "public", "resultType": "complete"}


class GetSkillParams(RequestParams):
    """The address of one skill."""

    uri: str


class Skills(Extension):
    """Serves knowledge/skills/ with a digest of every file."""

    identifier = "io.modelcontextprotocol/skills"

    def methods(self) -> Sequence[MethodBinding]:
        """Return skills/list and skills/get."""

        async def list_skills(_context: Any, _params: PaginatedRequestParams) -> dict[str, Any]:
            entries = [_entry(name, skill) for name, skill in knowledge.skills().items()]
            return {"skills": entries, **_ENVELOPE}

        async def get_skill(_context: Any, params: GetSkillParams) -> dict[str, Any]:
            for name, skill in knowledge.skills().items():
                if params.uri == _uri(name):
                    return {"skill": _entry(name, skill), **_ENVELOPE}
            raise MCPError(INVALID_PARAMS, f"Unknown skill: {params.uri}", {"uri": params.uri})

        return [
            MethodBinding("skills/list", PaginatedRequestParams, list_skills),
            MethodBinding("skills/get", GetSkillParams, get_skill),
        ]


def file_resources() -> list[Resource]:
    """Return every file of every skill as a resource."""
    return [
        TextResource(
            uri=f"skill://{name}/{path}",
            name=skill.name if path == "SKILL.md" else path.rsplit("/", 1)[-1],
            description=skill.description if path == "SKILL.md" else None,
            mime_type="text/markdown",
            text=data.decode(),
        )
        for name, skill in knowledge.skills().items()
        for path, data in skill.files.items()
    ]


async def declare_in_the_handshake(
    ctx: ServerRequestContext[Any, Any], call_next: CallNext
) -> HandlerResult:
    """Middleware: name the extensions in the answer to `initialize` too.

    The SDK cuts that answer to the fields its schema of the handshake era knows; the protocol
    says there that capabilities are not a closed set, and clients look for it.
    """
    result = await call_next(ctx)
    if ctx.method == "initialize" and isinstance(result, dict):
        capabilities = result.setdefault("capabilities", {})
        declared = capabilities.setdefault("extensions", {})
        declared |= {Skills.identifier: {}, EXTENSION_ID: {}}
    return result


def _uri(name: str) -> str:
    return f"skill://{name}/SKILL.md"


def _entry(name: str, skill: Skill) -> dict[str, Any]:
    files = [
        {
            "uri": f"skill://{name}/{path}",
            "digest": "sha256:" + hashlib.sha256(data).hexdigest(),
            "size": len(data),
        }
        for path, data in skill.files.items()
    ]
    return {"uri": _uri(name), "frontmatter": skill.front_matter, "resources": files}
