"""A run of like statements, and a transaction: what sessions are made of."""

from dataclasses import dataclass, field

from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.patterns import Pattern

_DEEPEST = 16  # runs that are looked back for the source


@dataclass(frozen=True, slots=True)
class Limits:
    """The pause that ends a burst in s, the time for a row in ms; how many calls make a run."""

    pause_s: float
    row_ms: float
    least: int

    @classmethod
    def known(cls) -> "Limits":
        """Return those that the rules have."""
        written = rule("db.n_plus_one")
        return cls(
            written.limit("pause_ms") / 1000,
            written.limit("row_ms"),
            round(written.limit("least_in_a_row")),
        )


@dataclass(slots=True)
class Run:
    """One fingerprint again and again. `bounded`: all of it within one transaction or trace.

    `apart`: its calls are in transactions of their own.
    """

    pattern: Pattern
    session: str
    before: "Run | None"
    begun: float | None
    transaction: int
    first: int = 0
    calls: int = 0
    ms: float = 0.0
    ended: float | None = None
    last: int = 0
    batched: int = 0
    unknown: int = 0
    values: set[object] = field(default_factory=set[object])
    caller: str = ""
    bounded: bool = False
    apart: bool = False

    @property
    def elapsed_ms(self) -> float | None:
        """Return the time from the first call to the end of the last."""
        if self.begun is None or self.ended is None:
            return None
        return max(0.0, self.ended - self.begun) * 1000

    @property
    def pause_ms(self) -> float:
        """Return the mean time between two calls, as far as the clock tells."""
        return max(0.0, (self.elapsed_ms or 0.0) - self.ms) / max(1, self.calls - 1)

    @property
    def source(self) -> "Run | None":
        """Return the run before it that is no part of the same repetition."""
        found = self.before
        for _ in range(_DEEPEST):
            if found is None or found.calls * 2 <= self.calls:
                return found
            found = found.before
        return None


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction that has ended: times in ms, None without a clock."""

    statements: int
    ms: float | None
    longest_pause_ms: float
    paused_after: Pattern | None
    most_repeated: int
    most: Pattern | None
    spent_ms: float
    session: str
    at: float | None
