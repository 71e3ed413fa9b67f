"""Which tools a server offers: all of them, or the toolsets that were asked for."""

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

from slowcoach.core.errors import InputError

if TYPE_CHECKING:
    from slowcoach.core.tool import Tool
    from slowcoach_server.settings import Settings


def check(asked: Set[str]) -> None:
    """Raise InputError for a toolset that there is not."""
    if not asked:
        return
    known = toolsets()
    if unknown := sorted(asked - known.keys()):
        raise InputError(
            f"--toolsets: there is no {', '.join(unknown)}",
            hint=f"Choose from {', '.join(known)}",
        )


def toolsets() -> dict[str, frozenset[str]]:
    """Return the tools of each toolset, as the page says."""
    from slowcoach.core.knowledge import page

    return {each["name"]: frozenset(each["tools"]) for each in page("toolsets").data["toolsets"]}


def offered(settings: "Settings") -> Mapping[str, "Tool"]:
    """Return the tools that a server with these settings offers, in their stable order."""
    from slowcoach.catalogue import tools
    from slowcoach.core.knowledge import page

    every = tools()
    chosen = set(every)
    if settings.toolsets:
        known = toolsets()
        chosen = set(page("toolsets").data["always"])
        chosen |= {tool for name in settings.toolsets for tool in known[name]}
    return {
        name: tool
        for name, tool in every.items()
        if name in chosen and (tool.read_only or not settings.read_only)
    }
