"""MCP Apps: pictures of results in clients that show them; others see no difference.

The page of an app holds no data. The client gives it a tool's result, and it reads that run's
`picture` through the client: the same parts as the HTML report's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Extension
from mcp.server.mcpserver.resources import FunctionResource, Resource

from slowcoach.core.runs import Runs

EXTENSION_ID = "io.modelcontextprotocol/ui"  # the SDK's own names take time to import
APP_MIME_TYPE = "text/html;profile=mcp-app"
_START = "ui://slowcoach/"
_META = {"ui": {"permissions": {"clipboardWrite": {}}, "prefersBorder": True}}
PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class App:
    """A page: its title, what it draws, and the tools whose results it shows."""

    title: str
    tools: tuple[str, ...]
    flames: bool = False
    tree: bool = False


APPS: Mapping[str, App] = {
    "flame": App("Flame graph", ("record_profile", "analyze_profile"), flames=True),
    "plan": App("Query plan", ("explain_query",), tree=True),
    "load": App("Load test", ("run_load_test", "analyze_load_results")),
    "capacity": App("Capacity", ("plan_capacity",)),
    "compare": App("Before and after", ("compare",), flames=True),
}


class Apps(Extension):
    """Declares the extension; what it adds is made when a client first asks for it."""

    identifier = EXTENSION_ID


def uri(name: str) -> str:
    """Return the address of an app."""
    return f"{_START}{name}.html"


def tool_meta(tool: str) -> dict[str, Any] | None:
    """Return the `_meta` of a tool whose results an app shows; None for others."""
    for name, app in APPS.items():
        if tool in app.tools:
            return {"ui": {"resourceUri": uri(name)}}
    return None


def resources() -> list[Resource]:
    """Return the page of each app."""
    return [
        FunctionResource(
            uri=uri(name),
            name=name,
            title=app.title,
            mime_type=APP_MIME_TYPE,
            meta=_META,
            fn=_page(app),
        )
        for name, app in APPS.items()
    ]


def _page(app: App) -> Any:
    def made() -> str:
        from slowcoach_server.report.rendering import app_page

        return app_page(app.title, flames=app.flames, tree=app.tree)

    return made


def picture(runs: Runs, run_id: str) -> str:
    """Return a run's pictures as JSON; raises UnknownRunError."""
    from slowcoach_server.report import page, rendering

    run, store = runs.get(run_id), runs.store
    kept = {each.name: store.artefact(run_id, each.name) for each in store.artefacts(run_id)}
    shown = {"status": run.status, "title": run.tool}
    if run.status != "running":
        shown = rendering.pictures(page.of_run(run, kept))
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


async def only_for_those_who_show_them(
    ctx: ServerRequestContext[Any, Any], call_next: CallNext
) -> HandlerResult:
    """Middleware: leave the apps out of what a client lists that cannot show them."""
    answer = await call_next(ctx)
    if ctx.method not in {"tools/list", "resources/list"}:
        return answer
    from mcp.server.apps import client_supports_apps

    if client_supports_apps(ctx):
        return answer
    return _without_apps(answer) if isinstance(answer, dict) else answer


def _without_apps(answer: dict[str, Any]) -> dict[str, Any]:
    answer = dict(answer)
    if "tools" in answer:
        answer["tools"] = [_without_app(tool) for tool in answer["tools"]]
    if "resources" in answer:
        listed = answer["resources"]
        answer["resources"] = [each for each in listed if not each["uri"].startswith(_START)]
    return answer


def _without_app(tool: dict[str, Any]) -> dict[str, Any]:
    meta = {key: value for key, value in (tool.get("_meta") or {}).items() if key != "ui"}
    rest = {key: value for key, value in tool.items() if key != "_meta"}
    return {**rest, "_meta": meta} if meta else rest
