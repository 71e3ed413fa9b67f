"""What many looks at the database's sessions add up to: who ran what, waited, and for whom. Pure.

A role without pg_monitor sees no text and no state of others' sessions, but still who blocks whom.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slowcoach.diagnosis.models import Blocking, Statement

if TYPE_CHECKING:
    from slowcoach.queries.live import Session

_LOCK = "Lock"
_QUERY_KEPT = 2000
_HIDDEN = "<insufficient privilege>"
_BLOCKINGS_KEPT = 4
_WAITS_KEPT = 6
# a look falls into the middle of what it sees, on average
_AGE_TO_DURATION = 2

Ports = Callable[[], frozenset[int]]


def _no_ports() -> frozenset[int]:
    return frozenset()


@dataclass(slots=True)
class _Running:
    """One statement as it was seen at work, its ages added up in s."""

    looks: int = 0
    age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Wait:
    query: str
    blocker_query: str
    blocker_state: str
    lock: str
    other: str


@dataclass(slots=True)
class Sessions:
    """Looks at the sessions, added up.

    `own_ports` tells the service's own ends of its connections: what other clients do is told
    apart, unless none of them can be recognized (a pooler stands between).
    """

    own_ports: Ports = _no_ports
    looks: int = 0
    active: int = 0
    lock_waiting: int = 0
    idle_in_transaction: int = 0
    sessions: int = 0
    most: int = 0
    hidden: int = 0
    _waits: Counter[str] = field(default_factory=Counter[str])
    _running: dict[str, _Running] = field(default_factory=dict[str, _Running])
    _blocking: Counter[_Wait] = field(default_factory=Counter[_Wait])
    _examples: dict[str, str] = field(default_factory=dict[str, str])
    _ports: frozenset[int] = frozenset()
    _strangers: set[int] = field(default_factory=set[int])

    def add(self, sessions: "tuple[Session, ...]") -> None:
        """Count one look."""
        self.looks += 1
        by_pid = {s.pid: s for s in sessions}
        own = self._own(sessions)
        self.sessions += len(own)
        self.most = max(self.most, len(own))
        for s in own:
            hidden = s.query == _HIDDEN
            self.hidden += hidden
            if s.state.startswith("idle in transaction"):
                self.idle_in_transaction += 1
            elif s.state == "active" or (hidden and s.blocked_by):
                self._count(s, by_pid, {o.pid for o in own})

    @property
    def is_hidden(self) -> bool:
        """Tell whether most sessions may not be looked into."""
        return self.hidden > self.sessions / 2

    def _own(self, sessions: "tuple[Session, ...]") -> "tuple[Session, ...]":
        """Return the service's sessions; all of them where none is recognized."""
        if any(s.client_port not in self._ports and s.pid not in self._strangers for s in sessions):
            self._ports |= self.own_ports()
            self._strangers |= {s.pid for s in sessions if s.client_port not in self._ports}
        mine = tuple(s for s in sessions if s.pid not in self._strangers)
        return mine or sessions

    def _count(self, s: "Session", by_pid: "Mapping[int, Session]", own: set[int]) -> None:
        self.active += 1
        waits = s.wait_event_type == _LOCK or bool(s.blocked_by)
        event = f"{s.wait_event_type}:{s.wait_event}" if s.wait_event_type else "CPU"
        self._waits[f"{_LOCK}:unknown" if s.query == _HIDDEN else event] += 1
        if s.query and s.query != _HIDDEN:
            self._note_running(s)
        if waits:
            self.lock_waiting += 1
            self._note_blocker(s, by_pid, own)

    def _note_running(self, s: "Session") -> None:
        example = self._example(s.query)
        seen = self._running.setdefault(example, _Running())
        seen.looks += 1
        seen.age_s += s.seconds_in_state

    def _note_blocker(self, s: "Session", by_pid: "Mapping[int, Session]", own: set[int]) -> None:
        # who holds the lock may itself wait: the one that does not is the culprit
        blocker, known = None, {s.pid}
        queue = list(s.blocked_by)
        while queue:
            pid = queue.pop(0)
            if pid in known or pid not in by_pid:
                continue
            known.add(pid)
            blocker = by_pid[pid]
            queue += list(blocker.blocked_by)
        other = ""
        if blocker is not None and blocker.pid not in own:
            other = blocker.application or "a client without application_name"
        self._blocking[
            _Wait(
                query=self._example(s.query),
                blocker_query=self._example(blocker.query) if blocker else "",
                blocker_state=blocker.state if blocker else "",
                lock=s.wait_event or "",
                other=other,
            )
        ] += 1

    def _example(self, query: str) -> str:
        """Return the first text that was seen of statements which differ in their values only."""
        from slowcoach.queries.logs.fingerprint import fingerprint

        if not query or query == _HIDDEN:
            return ""
        flat = " ".join(query.split())[:_QUERY_KEPT]
        return self._examples.setdefault(fingerprint(flat).key, flat)

    def statements(self, interval_s: float, count: int) -> tuple[Statement, ...]:
        """Return the statements that were seen at work: their time, and calls as their age tells.

        By inspection: a look finds a statement half done, so its duration is twice its mean age.
        """
        found: list[Statement] = []
        for query, seen in self._running.items():
            total_ms = seen.looks * interval_s * 1000
            mean_ms = max(_AGE_TO_DURATION * 1000 * seen.age_s / seen.looks, 0.1)
            calls = max(1, round(total_ms / mean_ms))
            found.append(Statement(query=query, calls=calls, total_ms=total_ms, rows=0))
        return tuple(sorted(found, key=lambda s: -s.total_ms)[:count])

    def activity(self) -> dict[str, float]:
        """Return how many sessions at a time wait for what, or compute."""
        looks = max(1, self.looks)
        return {w: round(n / looks, 3) for w, n in self._waits.most_common(_WAITS_KEPT)}

    def blocking(self) -> tuple[Blocking, ...]:
        """Return who waited for whom, the commonest first."""
        return tuple(
            Blocking(
                query=w.query,
                blocker_query=w.blocker_query,
                blocker_state=w.blocker_state,
                lock=w.lock,
                samples=count,
                other=w.other,
            )
            for w, count in self._blocking.most_common(_BLOCKINGS_KEPT)
        )
