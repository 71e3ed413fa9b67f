"""Statements by fingerprint: how often, how long, what befell them, where they come from."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from slowcoach.queries.logs.callers import place
from slowcoach.queries.logs.event import Event
from slowcoach.queries.logs.fingerprint import Fingerprint, fingerprint, readable

MOST = 20_000  # fingerprints that are told apart; a program that makes names up has no end of them
_OTHERS = "(other statements)"
_MOST_CALLERS = 50
_MOST_PLANS = 3
_VERB = re.compile(r"\(*(\w+)")
_READS = frozenset({"select", "with", "values", "table", "show"})
_WRITES = frozenset({"insert", "update", "delete", "merge", "replace"})
_NAME = r"(?:[\w$]+|\"[^\"]*\"|`[^`]*`)"
_TABLE = re.compile(rf"\b(?:from|into|update|join) ?({_NAME}(?:\.{_NAME})*)")
_EQUALITY = re.compile(r"(?<![<>!])=(?:\?|any\(\?)|\bin\(\?|(?:^|[ (])\?=[\w\"`]")
_PAGED = re.compile(r"\boffset ?\?|\blimit ?\?,\?|\bfetch ")
_KEYSET = re.compile(r"[<>]=?\?.*\border by\b.*\blimit\b")
_OWN_KEY = re.compile(
    r"where ?(?:[\w.\"`]*\.)?[\"`]?(?:id|pk|uuid|guid)[\"`]? ?=\?(?:::\w+)?(?: limit ?\?)?$"
)
_COUNTED = re.compile(r"select(?:count|sum|max|min|avg|exists)\(")

Verb = Literal["read", "write", "transaction", "setting", "other"]


def verb_of(key: str) -> Verb:
    """Return what a statement does, by its first word."""
    match = _VERB.match(key)
    word = match.group(1) if match else ""
    if word in _READS:
        return "read"
    if word in _WRITES:
        return "write"
    if word in {"begin", "commit", "rollback", "end", "abort", "start", "savepoint", "release"}:
        return "transaction"
    return "setting" if word in {"set", "use", "reset", "discard"} else "other"


@dataclass(slots=True)
class Pattern:
    """All statements of one fingerprint. Times in ms; `timed` of the calls have one."""

    key: str
    verb: Verb
    calls: int = 0
    timed: int = 0
    total_ms: float = 0.0
    max_ms: float = 0.0
    rows: float = 0.0
    told_rows: int = 0
    examined: float = 0.0
    told_examined: int = 0
    lock_ms: float = 0.0
    longest_lock_ms: float = 0.0
    lock_waits: int = 0
    temp_bytes: float = 0.0
    temp_files: int = 0
    errors: int = 0
    callers: Counter[str] = field(default_factory=Counter[str])
    plans: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    lookup: bool = False
    own_key: bool = False

    @property
    def text(self) -> str:
        """Return the statement for people, without any value."""
        return readable(self.key)

    @property
    def mean_ms(self) -> float | None:
        """Return the mean time of a call in ms, None without any time."""
        return self.total_ms / self.timed if self.timed else None

    @property
    def table(self) -> str:
        """Return the first table that it names."""
        match = _TABLE.search(self.key)
        return match.group(1) if match else ""

    @property
    def where(self) -> str:
        """Return the place in the program that issues it most, "" when the log has none."""
        return self.callers.most_common(1)[0][0] if self.callers else ""

    def take(self, event: Event, comment: str) -> str:
        """Count one event; return the place in the program that it names."""
        caller = event.caller or (place(comment) if comment else "")
        if caller and (caller in self.callers or len(self.callers) < _MOST_CALLERS):
            self.callers[caller] += 1
        if event.kind == "statement":
            self._count(event)
        elif event.kind == "error":
            self.errors += 1
        elif event.kind == "lock_wait":
            self.lock_waits += 1
            self.lock_ms += event.amount
            self.longest_lock_ms = max(self.longest_lock_ms, event.amount)
        else:
            self.temp_files += 1
            self.temp_bytes += event.amount
        return caller

    def _count(self, event: Event) -> None:
        calls = event.calls
        self.calls += calls
        if event.ms is not None:
            self.timed += calls
            self.total_ms += event.ms
            self.max_ms = max(self.max_ms, event.ms / calls)
        if event.rows is not None:
            self.rows += event.rows
            self.told_rows += calls
        if event.examined is not None:
            self.examined += event.examined
            self.told_examined += calls
        if event.lock_ms:
            self.lock_ms += event.lock_ms
            self.longest_lock_ms = max(self.longest_lock_ms, event.lock_ms)
        self.temp_bytes += event.temp_bytes
        if event.plan and event.ms is not None:
            self.plans = sorted([*self.plans, (event.ms, event.plan)], reverse=True)[:_MOST_PLANS]


class Patterns:
    """The patterns of one log by key."""

    def __init__(self) -> None:
        self.by_key: dict[str, Pattern] = {}
        self._last: tuple[str, Fingerprint] | None = None

    def of(self, event: Event) -> tuple[Pattern, Fingerprint]:
        """Return the pattern of an event's statement, a new one if need be."""
        found = fingerprint(event.sql, mysql=event.mysql)
        pattern = self.by_key.get(found.key)
        if pattern is None:
            key = found.key if len(self.by_key) < MOST else _OTHERS
            pattern = self.by_key.get(key) or self._added(key)
        return pattern, found

    def _added(self, key: str) -> Pattern:
        pattern = Pattern(key, verb_of(key))
        if pattern.verb == "read":
            _, _, condition = key.partition("where")
            pattern.lookup = (
                _EQUALITY.search(condition) is not None
                and not _PAGED.search(key)
                and not _KEYSET.search(condition)
            )
            pattern.own_key = bool(_OWN_KEY.search(key) or _COUNTED.match(key))
        self.by_key[key] = pattern
        return pattern

    def by_cost(self) -> list[Pattern]:
        """Return the patterns that ran, those that took most time first, then most calls."""
        ran = [p for p in self.by_key.values() if p.calls and p.verb != "setting"]
        return sorted(ran, key=lambda p: (-p.total_ms, -p.calls))
