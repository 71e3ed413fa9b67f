"""What sources answer with, and what a source is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from slowcoach.core.job import Cancellation
from slowcoach.production.question import Question

Kind = Literal["metrics", "traces", "profiles", "database", "platform"]
KINDS: tuple[Kind, ...] = ("metrics", "traces", "profiles", "database", "platform")


@dataclass(frozen=True, slots=True)
class Heard:
    """What one source said: figures as texts, `headline` the one for a summary.

    `traces` is a document of traces as their readers take it; `question` what is known of the
    endpoint after it (names of its service, its route, what is slow).
    """

    question: Question
    figures: tuple[str, ...] = ()
    headline: str = ""
    warnings: tuple[str, ...] = ()
    traces: bytes = b""


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of server. `is_set` tells whether the settings name one; `ask` raises the core's
    errors.
    """

    name: str
    title: str
    kind: Kind
    is_set: Callable[[], bool]
    ask: Callable[[Question, "Allowance"], Heard]


@dataclass(frozen=True, slots=True)
class Allowance:
    """Until when (monotonic clock) answers are awaited, and what calls it off."""

    ends_at: float
    cancellation: Cancellation
