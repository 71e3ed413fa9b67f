"""What one session does one after the other: repeated statements and transactions.

A burst is what a session does without a pause; a run is one fingerprint again and again within
it. A run is closed by a pause, by the end of a transaction, or when its source comes again.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from slowcoach.queries.logs.event import Event
from slowcoach.queries.logs.fingerprint import Fingerprint
from slowcoach.queries.logs.patterns import Pattern
from slowcoach.queries.logs.runs import Limits, Run, Transaction

_MOST_SESSIONS = 5_000
_MOST_RUNS = 400  # fingerprints of one burst
_MOST_VALUES = 256
_BETWEEN = 16  # statements between two of one run
_BEGINS = ("begin", "start transaction")
# another schema or user of the connection: a loop over tenants is no N+1
_OTHER_USE = ("use ", "discard ", "reset ", "set search_path", "set local search_path", "set role",
              "set session ", "set local role", "set schema")  # fmt: skip
_ENDS = ("commit", "rollback", "end", "abort")


@dataclass(slots=True)
class _State:
    """One session as it is now."""

    runs: dict[str, Run] = field(default_factory=dict[str, Run])
    last: Run | None = None
    ended: float | None = None
    count: int = 0
    in_transaction: bool = False
    no_autocommit: bool = False
    number: int = 0
    tx_begun: float | None = None
    tx_statements: int = 0
    tx_ms: float = 0.0
    tx_pause: float = 0.0
    tx_after: Pattern | None = None
    tx_calls: dict[str, int] = field(default_factory=dict[str, int])
    patterns: dict[str, Pattern] = field(default_factory=dict[str, Pattern])


class Sessions:
    """Follows all sessions at once; tells of runs and transactions as they end."""

    def __init__(
        self,
        limits: Limits,
        on_run: Callable[[Run], None],
        on_transaction: Callable[[Transaction], None],
        *,
        bounded: bool = False,
    ) -> None:
        """`bounded`: a session is a request by itself (a trace)."""
        self._limits = limits
        self._on_run = on_run
        self._on_transaction = on_transaction
        self._bounded = bounded
        self._states = OrderedDict[str, _State]()

    def take(self, event: Event, pattern: Pattern, found: Fingerprint, caller: str) -> None:
        """Take the next event of its session."""
        state = self._state(event.session)
        pause = self._pause(state, event)
        if pause > self._limits.pause_s and not self._bounded:
            self._close(state)
        if state.in_transaction and pause > state.tx_pause:
            state.tx_pause, state.tx_after = pause, state.last.pattern if state.last else None
        if event.at is not None:
            state.ended = event.at + (event.ms or 0.0) / 1000
        if pattern.verb == "transaction":
            self._transaction(state, event, pattern.key)
        elif pattern.verb == "setting":
            self._setting(state, event, pattern.key)
        else:
            self._statement(state, event, pattern, found, caller)

    def end(self, session: str) -> None:
        """Close a session."""
        state = self._states.pop(session, None)
        if state is not None:
            self._end_transaction(state, session)
            self._close(state)

    def finish(self) -> None:
        """Close every session."""
        for session in list(self._states):
            self.end(session)

    def _state(self, session: str) -> _State:
        state = self._states.get(session)
        if state is None:
            if len(self._states) >= _MOST_SESSIONS:
                self.end(next(iter(self._states)))
            state = self._states[session] = _State()
        else:
            self._states.move_to_end(session)
        return state

    @staticmethod
    def _pause(state: _State, event: Event) -> float:
        if event.at is None or state.ended is None:
            return 0.0
        pause = event.at - state.ended  # below 0 when a clock went back: no pause
        return pause - 1.0 if event.coarse else pause

    def _statement(
        self, state: _State, event: Event, pattern: Pattern, found: Fingerprint, caller: str
    ) -> None:
        state.count += 1
        if state.no_autocommit and not state.in_transaction:
            self._begin(state, event)
        if state.in_transaction:
            state.tx_statements += 1
            state.tx_ms += event.ms or 0.0
            state.tx_calls[pattern.key] = state.tx_calls.get(pattern.key, 0) + 1
            state.patterns[pattern.key] = pattern
        run = state.runs.get(pattern.key)
        if run is not None and run.calls == 1 and run.last < state.count - 1:
            run = self._unless_source(run, state)
        if run is None or state.count - run.last > _BETWEEN:
            run = self._new_run(state, event, pattern)
        self._add(run, state, event, found, caller)
        state.last = run

    def _unless_source(self, run: Run, state: _State) -> Run | None:
        """A source that comes again begins a new request: what it led to is over."""
        over = [r for r in state.runs.values() if r.calls >= self._limits.least and r.source is run]
        if not over:
            return run
        for child in over:
            del state.runs[child.pattern.key]
            self._tell(child)
        del state.runs[run.pattern.key]
        state.last = None
        return None

    def _new_run(self, state: _State, event: Event, pattern: Pattern) -> Run:
        old = state.runs.pop(pattern.key, None)
        if old is not None:
            self._tell(old)
        if len(state.runs) > _MOST_RUNS:
            self._close(state)
        transaction = state.number if state.in_transaction else 0
        run = Run(pattern, event.session, state.last, event.at, transaction, state.count)
        run.bounded = self._bounded or state.in_transaction
        state.runs[pattern.key] = run
        return run

    def _add(self, run: Run, state: _State, event: Event, found: Fingerprint, caller: str) -> None:
        run.calls += 1
        run.last = state.count
        run.ms += event.ms or 0.0
        run.ended = state.ended
        run.batched += found.batched or event.batched
        run.caller = run.caller or caller
        if run.bounded and not self._bounded and run.transaction != state.number:
            run.bounded, run.apart = False, True
        if not found.values and not event.parameters and "?" in run.pattern.key:
            run.unknown += 1
        elif len(run.values) < _MOST_VALUES:
            run.values.add((found.values, event.parameters))

    def _transaction(self, state: _State, event: Event, key: str) -> None:
        if key.startswith(_BEGINS):
            self._end_transaction(state, event.session)
            self._begin(state, event)
        elif key.startswith(_ENDS) and not key.startswith("rollback to"):
            self._end_transaction(state, event.session)

    def _setting(self, state: _State, event: Event, key: str) -> None:
        if key.startswith("set autocommit"):
            off = event.sql.rstrip("; ").endswith(("0", "OFF", "off", "FALSE", "false"))
            state.no_autocommit = off
        elif key.startswith(_OTHER_USE):
            self._close(state)

    @staticmethod
    def _begin(state: _State, event: Event) -> None:
        state.in_transaction, state.number = True, state.number + 1
        state.tx_begun = event.at
        state.tx_statements, state.tx_ms, state.tx_pause = 0, 0.0, 0.0
        state.tx_after = None
        state.tx_calls.clear()

    def _end_transaction(self, state: _State, session: str) -> None:
        if not state.in_transaction:
            return
        state.in_transaction = False
        if not state.tx_statements:
            return
        ms = None
        if state.tx_begun is not None and state.ended is not None:
            ms = max(0.0, state.ended - state.tx_begun) * 1000
        most = max(state.tx_calls, key=lambda key: state.tx_calls[key])
        self._on_transaction(
            Transaction(
                state.tx_statements,
                ms,
                state.tx_pause * 1000,
                state.tx_after,
                state.tx_calls[most],
                state.patterns.get(most),
                state.tx_ms,
                session,
                state.tx_begun,
            )
        )
        state.patterns.clear()
        if state.tx_statements > 1:  # one statement each: the transaction is no boundary
            self._close(state)

    def _close(self, state: _State) -> None:
        for run in state.runs.values():
            if run.calls >= self._limits.least:
                self._on_run(run)
        for run in state.runs.values():
            run.before = None
        state.runs = {}
        state.last = None

    def _tell(self, run: Run) -> None:
        if run.calls >= self._limits.least:
            self._on_run(run)
        run.before = None  # or the chain of runs would never end
