"""What a load engine is: one file in `engines/` each, with `ENGINE`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from slowcoach.core.errors import InputError
from slowcoach.core.registry import discover
from slowcoach.load.outcome import Moment, Outcome
from slowcoach.load.plan import LoadPlan
from slowcoach.load.schedule import Schedule
from slowcoach.load.targets import Target

if TYPE_CHECKING:
    from slowcoach.core.job import Job


class StopTestError(Exception):
    """Raised by who watches a test: end it now and tell what came of it. Its text says why."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A test to run: one scenario of a plan against a target whose addresses are fixed.

    `in_flight_limit` bounds the requests under way (Little's law: rate x timeout). `processes`
    share the load on this machine. `folder` is private to the test; what an engine leaves there
    beside its result is kept with the run. `script` is a user's own script instead of the plan's.
    """

    plan: LoadPlan
    schedule: Schedule
    target: Target
    timeout_s: float
    in_flight_limit: int
    folder: Path
    processes: int = 1
    script: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


Watch = Callable[[Moment], None]
"""Hears of each second as it ends, from any thread; may raise StopTestError or CancelledError."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A way to send load. `missing()` says what to do before it can run, None when it can.

    `run` sends an order's load and returns what came of it; it ends by itself, soon after
    StopTestError with what was measured until then, at once when called off, and leaves no process.
    """

    name: str
    title: str
    missing: Callable[[], str | None]
    run: Callable[[Order, Job, Watch], Outcome]


@cache
def engines() -> Mapping[str, Engine]:
    """Return every engine by its name."""
    from slowcoach.load import engines as package

    return {engine.name: engine for engine in discover(package, "ENGINE", Engine)}


def engine_named(name: str) -> Engine:
    """Return an engine that can run here; raises InputError or MissingDependencyError."""
    from slowcoach.core.errors import MissingDependencyError

    found = engines().get(name)
    if found is None:
        raise InputError(f"engine {name!r} is not known", hint=f"Known: {', '.join(engines())}")
    if (missing := found.missing()) is not None:
        raise MissingDependencyError(f"{found.title} cannot run here", hint=missing)
    return found
