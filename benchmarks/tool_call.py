"""A trivial tool call: our path (validation, error edge, both halves) against the SDK's own.

One process holds both servers and calls them in turn through the SDK's in-memory client; the
figure is the ratio of the medians of many batches.

    .venv/bin/python benchmarks/tool_call.py [BATCHES]
"""

import statistics
import sys
import time
from typing import Annotated

import anyio
from mcp import Client
from mcp.server.mcpserver import MCPServer
from pydantic import BaseModel, Field

from slowcoach.core.result import Result
from slowcoach.core.runs import Runs
from slowcoach.core.tool import Tool
from slowcoach_server.mcp_face.served_tool import served

LIMIT = 1.3
CALLS = 50


def say(word: Annotated[str, Field(description="A word.")]) -> Result:
    """Say a word."""
    return Result(summary=word)


class Said(BaseModel):
    """The same fields, for a tool registered with the SDK alone."""

    status: str = "done"
    run_id: str | None = None
    summary: str = ""
    findings: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    next: tuple[str, ...] = ()


def say_plainly(word: Annotated[str, Field(description="A word.")]) -> Said:
    """Say a word."""
    return Said(summary=word)


async def batch(client: Client, name: str) -> float:
    """Return the mean time of a call in microseconds."""
    begun = time.process_time()
    for _ in range(CALLS):
        result = await client.call_tool(name, {"word": "hello"})
        assert not result.is_error
    return (time.process_time() - begun) / CALLS * 1e6


async def measure(batches: int) -> tuple[list[float], list[float]]:
    """Return the CPU time of a call in each batch: ours, the SDK's."""
    own = MCPServer("own", tools=[served(Tool(say, title="Say", keeps_run=False), Runs())])
    bare = MCPServer("bare")
    bare.add_tool(say_plainly)
    ours: list[float] = []
    sdks: list[float] = []
    async with Client(own) as one, Client(bare) as other:
        await batch(one, "say")
        await batch(other, "say_plainly")
        for _ in range(batches):
            ours.append(await batch(one, "say"))
            sdks.append(await batch(other, "say_plainly"))
    return ours, sdks


def main() -> int:
    """Print the medians and their ratio; end with 1 when it is over the limit."""
    batches = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    ours, sdks = anyio.run(measure, batches)
    own, bare = statistics.median(ours), statistics.median(sdks)
    print(f"slowcoach {own:7.0f} µs CPU a call\nSDK alone {bare:7.0f} µs CPU a call")
    print(f"ratio {own / bare:.2f} (limit {LIMIT})")
    return int(own / bare > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
