"""How a service is looked into while it idles and works: one kind of eyes for each runtime.

Gathering knows this interface only. The base class is blind: it sees nothing and says why, which
is what a runtime without eyes of its own gets. A runtime is one file in `runtimes/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Self

from slowcoach.core.job import Cancellation
from slowcoach.core.registry import discover
from slowcoach.diagnosis.models import Activity, CacheUse, Growth, MemoryPoint, Stuck


@dataclass(frozen=True, slots=True)
class StackFrame:
    """One frame of a kept stack. `own`: it is the program's own code."""

    name: str
    file: str
    line: int
    own: bool


class Sight:
    """What was seen in one phase; a runtime's eyes have their own kind."""

    looks: int = 0

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was seen at all."""
        return not self.looks


@dataclass(frozen=True, slots=True)
class Where:
    """What to look at: the processes that serve, the port, the database's port (0: none).

    `diagnostics` are paths that the service offers on purpose, such as {"pprof": "/debug/pprof/"};
    `origin` is the scheme, host and port that they belong to.
    """

    pids: tuple[int, ...]
    port: int
    database_port: int
    origin: str = ""
    diagnostics: Mapping[str, str] = field(default_factory=dict[str, str])


class Eyes:
    """Looks into the processes of one service. To be entered; leaves nothing behind.

    `learn` is told what was seen of the idle service, so that only what requests do counts.
    `why_not` says what it cannot see and why ("": nothing is missing); `is_partial` that it sees
    the rest; `one_core_each` that a process computes on one core at a time (a GIL, one loop).
    """

    why_not: str = ""
    is_partial: bool = False
    one_core_each: bool = True
    version: str = ""
    tasks_seen: bool = False
    hidden_tasks: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the processes as they were."""

    def watch(
        self, cancellation: Cancellation, each: Callable[[], None] | None = None
    ) -> AbstractContextManager[Callable[[], Sight]]:
        """Return a block during which it looks all the time; its value tells what was seen, once
        the block is over. `each` is called between looks.
        """
        del cancellation, each
        return nullcontext(Sight)

    def learn(self, idle: Sight) -> None:
        """Take what the idle service does as what is no request's work."""

    def begin_load(self) -> None:
        """Count growth, caches and collections from now."""

    def activities(self, sight: Sight) -> tuple[Activity, ...]:
        """Return what requests did, how many at a time, most first."""
        del sight
        return ()

    def standing(self, sight: Sight) -> tuple[Activity, ...]:
        """Return what threads compute with or without requests, where these wait for that."""
        del sight
        return ()

    def revised(self, alone: Sequence[Activity]) -> tuple[Activity, ...]:
        """Return what a lone request did, in the words that the load taught."""
        return tuple(alone)

    def unseen(
        self, sight: Sight, concurrency: int, seen: Sequence[Activity]
    ) -> tuple[Activity, ...]:
        """Return what requests wait for that no stack shows, such as what callbacks await, given
        how many requests there were at a time, and their activities that were seen.
        """
        del sight, concurrency, seen
        return ()

    def loop_busy(self, sight: Sight) -> float | None:
        """Return the share of time of the busiest event loop; None without one."""
        del sight
        return None

    def stuck(self, sight: Sight, idle: Sight, least_s: float) -> tuple[Stuck, ...]:
        """Return what did not move for `least_s` at the end of a phase."""
        del sight, idle, least_s
        return ()

    def look_at_heap(self) -> None:
        """Look at containers and caches, if it is time for it."""

    def growth(self) -> tuple[Growth, ...]:
        """Return the containers that grew since the load began."""
        return ()

    def memory(self, points: Sequence[MemoryPoint]) -> tuple[MemoryPoint, ...]:
        """Return the memory that the load's answers left behind: as the system counts it, or the
        bytes that live where the runtime tells them (asked after `growth`).
        """
        return tuple(points)

    def caches(self) -> tuple[CacheUse, ...]:
        """Return how caches were used since the load began."""
        return ()

    def collections(self) -> tuple[int, int, int] | None:
        """Return how often each generation was collected since the load began."""

    def contended(self) -> int | None:
        """Return how often locks were waited for since the load began, where a runtime counts."""

    def stacks(self, sight: Sight) -> Iterable[tuple[tuple[StackFrame, ...], float]]:
        """Return the stacks with their weights (looks), root first, for a wall-clock profile."""
        del sight
        return ()


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """Services of one runtime, by the name that `evidence.process` has for it."""

    name: str
    open: Callable[[Where], Eyes]


@cache
def runtimes() -> Mapping[str, Runtime]:
    """Return every runtime by its name."""
    from slowcoach.diagnosis import runtimes as package

    return {runtime.name: runtime for runtime in discover(package, "RUNTIME", Runtime)}


def eyes_for(runtime: str, where: Where) -> Eyes:
    """Return the eyes for a runtime; blind ones, with the reason, where there are none."""
    known = runtimes().get(runtime)
    if known is not None and where.pids:
        return known.open(where)
    blind = Eyes()
    blind.why_not = f"stacks of {runtime} programs are not read yet"
    return blind
