"""The workers of a Node.js cluster: the primary process listens, and hands connections to them.

Node.js starts each with a number of its own in the environment; that is how they know themselves:
https://nodejs.org/api/cluster.html. Cost: two small files of /proc per process.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_MARK = b"NODE_UNIQUE_ID="


def workers_of(primary: int, family: Iterable[int]) -> list[int]:
    """Return those of a process's descendants that serve on its behalf, none without a cluster."""
    return [pid for pid in family if pid != primary and _is_worker(pid)]


def _is_worker(pid: int) -> bool:
    with suppress(OSError):
        items = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        return any(item.startswith(_MARK) for item in items)
    return False
