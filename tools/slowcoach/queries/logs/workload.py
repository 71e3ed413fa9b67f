"""Everything that one log told, ready to be judged."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.event import Event, Source, Span, Tells
from slowcoach.queries.logs.patterns import Pattern, Patterns
from slowcoach.queries.logs.runs import Limits, Run, Transaction
from slowcoach.queries.logs.sessions import Sessions
from slowcoach.queries.logs.traces import Traces

_MOST_SOURCES = 20
_HEAVIEST = 20


@dataclass(slots=True)
class Repeats:
    """What is common to the runs of one pattern: times in ms over all of them."""

    pattern: Pattern
    runs: int = 0
    calls: int = 0
    length: int = 0  # statements from the first to the last call, of whatever kind
    most: int = 0
    ms: float = 0.0
    bounded: int = 0
    unknown: int = 0
    distinct: int = 0
    sources: Counter[str] = field(default_factory=Counter[str])
    callers: Counter[str] = field(default_factory=Counter[str])
    session: str = ""
    at: float | None = None

    def add(self, run: Run, source: Pattern | None) -> None:
        """Count one run, and what came before it."""
        self.runs += 1
        self.calls += run.calls
        self.length += run.last - run.first + 1
        self.ms += run.ms
        self.bounded += run.bounded
        self.unknown += run.unknown
        self.distinct += len(run.values)
        if run.calls > self.most:
            self.most, self.session, self.at = run.calls, run.session, run.begun
        if source is not None and (source.key in self.sources or len(self.sources) < _MOST_SOURCES):
            self.sources[source.key] += 1
        if run.caller and (run.caller in self.callers or len(self.callers) < _MOST_SOURCES):
            self.callers[run.caller] += 1

    def saving_ms(self, round_trip_ms: float) -> float:
        """Return what one call in the place of each run would save: (n - 1) x (time + way)."""
        fewer = self.calls - self.runs
        mean = self.ms / self.calls if self.calls and self.pattern.timed else 0.0
        return fewer * (mean + round_trip_ms)


@dataclass(slots=True)
class Transactions:
    """What the transactions of a log have in common, and the heaviest of them."""

    count: int = 0
    chatty: list[Transaction] = field(default_factory=list[Transaction])
    idle: list[Transaction] = field(default_factory=list[Transaction])
    long: list[Transaction] = field(default_factory=list[Transaction])
    idle_ms: float = 0.0
    n_chatty: int = 0
    n_idle: int = 0
    n_long: int = 0


class Workload:
    """Takes events (or spans) and keeps what the checks need; memory does not grow with time."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.patterns = Patterns()
        self.lookups: dict[str, Repeats] = {}
        self.duplicates: dict[str, Repeats] = {}
        self.writes: dict[str, Repeats] = {}
        self.transactions = Transactions()
        self.first: float | None = None
        self.last: float | None = None
        self.events = 0
        self.timed = 0
        self.counted = "clock" not in source.tells  # counted already: it knows no order
        self._seen_session = False
        self._limits = Limits.known()
        self._rules = {
            name: rule(f"db.{name}")
            for name in (
                "n_plus_one",
                "chatty_transaction",
                "idle_in_transaction",
                "long_transaction",
                "single_row_writes",
            )
        }
        traces = "traces" in source.tells
        self._sessions = Sessions(self._limits, self._ran, self._ended, bounded=traces)
        self.traces = Traces(self.take) if traces else None

    def take_all(self, told: Iterable[Event | Span]) -> None:
        """Take everything that a log tells."""
        for item in told:
            if isinstance(item, Event):
                self.take(item)
            elif self.traces is not None:
                self.traces.take(item)
        if self.traces is not None:
            self.traces.finish()
        self._sessions.finish()

    def take(self, event: Event) -> None:
        """Take one event."""
        if event.kind == "end":
            self._sessions.end(event.session)
            return
        pattern, found = self.patterns.of(event)
        if not pattern.key:
            return
        caller = pattern.take(event, found.comment)
        if event.kind != "statement":
            return
        self.events += event.calls
        self._seen_session = self._seen_session or bool(event.session)
        if event.ms is not None:
            self.timed += event.calls
        if event.at is not None:
            self.first = event.at if self.first is None else min(self.first, event.at)
            self.last = event.at if self.last is None else max(self.last, event.at)
        if not self.counted:
            self._sessions.take(event, pattern, found, caller)

    @property
    def tells(self) -> frozenset[Tells]:
        """Return what this log really told, of what its kind can tell."""
        absent: set[Tells] = set()
        if not self.timed:
            absent.add("times")
        if self.first is None:
            absent.add("clock")
        if not self._seen_session:
            absent.add("sessions")
        if not self.transactions.count:
            absent.add("transactions")
        return self.source.tells - absent

    def _ran(self, run: Run) -> None:
        """Sort a run by what it is."""
        pattern = run.pattern
        values = len(run.values) + run.unknown
        slow = run.pause_ms >= self._rules["n_plus_one"].limit("pause_ms")
        if run.batched * 2 > run.calls or slow:  # a batch; by the clock, of whole seconds
            return
        differ = values >= self._rules["n_plus_one"].limit("least_values")
        if pattern.verb == "write":
            if (differ or pattern.key.startswith("insert")) and run.calls >= self._rules[
                "single_row_writes"
            ].limit("calls"):
                self._add(self.writes, run, None)
            return
        if not run.bounded and (run.apart or run.pause_ms >= self._limits.row_ms):
            return  # a transaction each, or time enough between them: requests of their own
        source = self._source(run)
        if pattern.verb != "read" or not (run.bounded or source is not None):
            return
        if not differ and not run.unknown and not self._may_be_retries(run):
            self._add(self.duplicates, run, source)
        elif differ and pattern.lookup:
            self._add(self.lookups, run, source)

    def _may_be_retries(self, run: Run) -> bool:
        """Tell whether nothing but a failure could be between the calls, and is not told."""
        alone = run.last - run.first + 1 == run.calls
        return alone and not run.bounded and "failures" not in self.source.tells

    @staticmethod
    def _source(run: Run) -> Pattern | None:
        """Return the statement whose rows led to the run: one that may return several."""
        found = run.source
        for _ in range(3):
            if found is None:
                return None
            if found.pattern.verb == "read" and not found.pattern.own_key:
                return found.pattern
            found = found.before
        return None

    @staticmethod
    def _add(to: dict[str, Repeats], run: Run, source: Pattern | None) -> None:
        key = run.pattern.key
        repeats = to.get(key)
        if repeats is None:
            repeats = to[key] = Repeats(run.pattern)
        repeats.add(run, source)

    def _ended(self, transaction: Transaction) -> None:
        known = self.transactions
        known.count += 1
        if transaction.statements >= self._rules["chatty_transaction"].limit("statements"):
            known.n_chatty += 1
            _keep(known.chatty, transaction, lambda item: item.statements)
        idle = self._rules["idle_in_transaction"].limit("idle_ms")
        if transaction.longest_pause_ms >= idle:
            known.n_idle += 1
            known.idle_ms += transaction.longest_pause_ms
            _keep(known.idle, transaction, lambda item: item.longest_pause_ms)
        if (transaction.ms or 0.0) >= self._rules["long_transaction"].limit("long_ms"):
            known.n_long += 1
            _keep(known.long, transaction, lambda item: item.ms or 0.0)


def _keep(
    kept: list[Transaction], item: Transaction, weight: Callable[[Transaction], float]
) -> None:
    kept.append(item)
    if len(kept) > 2 * _HEAVIEST:
        kept.sort(key=weight, reverse=True)
        del kept[_HEAVIEST:]
