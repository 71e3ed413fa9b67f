"""Every tool there is, by name."""

from functools import cache

from slowcoach.core.registry import discover
from slowcoach.core.tool import Tool


@cache
def tools() -> dict[str, Tool]:
    """Return the tools in the order of their names (stable: clients cache the list)."""
    from slowcoach import api  # here, because some tools ask for the catalogue

    return {tool.name: tool for tool in discover(api, "TOOL", Tool)}
