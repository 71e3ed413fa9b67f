"""Does the server answer? It is started as a client would, and asked for its tools."""

import asyncio
import sys

from slowcoach_server.doctor.checks import Found

_DEADLINE_S = 60.0
_LONGEST = 200


def answers() -> Found:
    """Start the server over standard input and output, and count its tools."""
    try:
        count = asyncio.run(asyncio.wait_for(_count(), _DEADLINE_S))
    except TimeoutError:
        return Found("slowcoach", "server", "failed", f"no answer within {_DEADLINE_S:.0f} s")
    except Exception as error:  # noqa: BLE001 - whatever goes wrong with it is what is asked for
        said = f"{type(error).__name__}: {error}"
        return Found("slowcoach", "server", "failed", said[:_LONGEST], "slowcoach serve shows why")
    return Found("slowcoach", "server", "ok", f"answers over stdio with {count} tools")


async def _count() -> int:
    from mcp import Client, StdioServerParameters

    own = StdioServerParameters(command=sys.executable, args=["-m", "slowcoach_server", "serve"])
    async with Client(own) as client:
        return len((await client.list_tools()).tools)
