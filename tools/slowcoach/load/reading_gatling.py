"""Gatling's records, from its text or binary log, gathered to an outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from slowcoach.core.errors import UnreadableError
from slowcoach.load.arrivals import model_of_arrivals
from slowcoach.load.names import cleaned
from slowcoach.load.omission import hidden_by_waiting
from slowcoach.load.outcome import Figures, LoadModel, Outcome
from slowcoach.load.reader_kind import Source
from slowcoach.load.samples import CHUNK, Samples
from slowcoach.load.steps import steps_of

GRAIN_MS = 1.0
_STATUS = re.compile(r"status\.find\..*found (\d{3})")
_EXCEPTION = re.compile(r"^(?:\w\.)*\w*(?:Exception|Error)\b")
_WITHIN_S = 0.005  # of an end, another user begins in a closed test
_MOST_USERS = 50_000  # whose times are looked at
_UNKNOWN = {
    "open": (
        "how users were injected: taken for a rate, since they did not begin as others ended",
        "how late Gatling itself sent: latency counts from then",
    ),
    "closed": (
        "how users were injected: taken for a fixed number, since each began as another ended",
        "when requests were due: while all users wait for answers nothing is sent, and what others "
        "would have met then is missing",
    ),
    "unknown": (
        "open or closed: Gatling's log does not say how users were injected, and so neither steps",
        "when requests were due: latency counts from when each was sent",
    ),
}
_GRAIN = "latencies finer than 1 ms"


def error_of(message: str) -> tuple[str, bool]:
    """Return a failed request's kind, and whether a response came."""
    if match := _STATUS.search(message):
        return f"HTTP {match[1]}", True
    if "timeout" in message.lower():
        return "timeout", False
    if _EXCEPTION.match(message):
        return message, False
    return f"failed check: {message.strip() or 'without a message'}", True


class Records:
    """Gatling's records as they come."""

    def __init__(self) -> None:
        self.requests, self.groups = Samples(), Samples()
        self.version: str | None = None
        self.other_errors: dict[str, int] = {}
        self._began: list[float] = []
        self._ended: list[float] = []
        self._changes: dict[int, int] = {}  # of the number of users, by the second
        self._known: dict[tuple[str, str, bool, str], tuple[int, int, bool]] = {}
        self._waiting: list[list[float]] = [[], [], [], []]
        self._groups: list[list[float]] = [[], [], [], []]

    def request(
        self, group: str, name: str, start_ms: int, end_ms: int, ok: bool, message: str
    ) -> None:
        """Take one request. `group` has the names of its groups, outermost first."""
        key = (group, name, ok, message)
        found = self._known.get(key)
        if found is None:
            if len(self._known) > _MOST_REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._codes(*key)
        took = float("nan") if found[2] else float(end_ms - start_ms)
        for column, value in zip(
            self._waiting, (start_ms / 1000, took, found[0], found[1]), strict=True
        ):
            column.append(value)
        if len(self._waiting[0]) >= CHUNK:
            _flush(self._waiting, self.requests)

    def _codes(self, group: str, name: str, ok: bool, message: str) -> tuple[int, int, bool]:
        title = f"{group} / {name}" if group else name
        text, answered = ("", True) if ok else error_of(message)
        kind = self.requests.kinds.code(text, answered=answered)
        return self.requests.names.code(title), kind, not answered and text != "timeout"

    def group(self, names: str, start_ms: int, end_ms: int, ok: bool) -> None:
        """Take a group of requests, which holds their time once more."""
        code = self.groups.names.code(names)
        kind = 0 if ok else self.groups.kinds.code("a part failed", answered=True)
        for column, value in zip(
            self._groups, (start_ms / 1000, float(end_ms - start_ms), code, kind), strict=True
        ):
            column.append(value)
        if len(self._groups[0]) >= CHUNK:
            _flush(self._groups, self.groups)

    def user(self, *, starts: bool, at_ms: int) -> None:
        """Note that a user comes or goes."""
        times = self._began if starts else self._ended
        if len(times) < _MOST_USERS:
            times.append(at_ms / 1000)
        second = at_ms // 1000
        if second in self._changes or len(self._changes) < _MOST_SECONDS:
            self._changes[second] = self._changes.get(second, 0) + (1 if starts else -1)

    def other(self, message: str) -> None:
        """Note an error that belongs to no request."""
        if message in self.other_errors or len(self.other_errors) < _MOST_OTHERS:
            self.other_errors[message] = self.other_errors.get(message, 0) + 1

    def outcome(self, source: Source, warnings: Sequence[str]) -> Outcome:
        """Return what the records tell; raises UnreadableError without a request."""
        _flush(self._waiting, self.requests)
        _flush(self._groups, self.groups)
        if not self.requests.count:
            raise UnreadableError(
                f"{source.path}: expected Gatling's requests, got none",
                hint="Check that the simulation ran",
            )
        self._tell_users()
        moments, model = self.requests.moments(), self._model()
        corrected = model == "open"
        whole = grained(self.requests.figures(corrected=corrected))
        steps = steps_of(moments, model) if model != "unknown" else ()
        said = [*warnings, *self.requests.doubts(), *self._doubts()]
        if model == "closed":
            said += hidden_by_waiting(moments, whole.latency)
        return Outcome(
            tool=f"Gatling {cleaned(self.version or '')}".strip(),
            model=model,
            whole=whole,
            steps=tuple(replace(step, figures=grained(step.figures)) for step in steps),
            endpoints=self._endpoints(corrected=corrected),
            moments=moments,
            started=self.requests.started,
            unknown=(*_UNKNOWN[model], _GRAIN),
            warnings=tuple(said),
        )

    def _model(self) -> LoadModel:
        """Return open or closed by when users began. Both lists end at the same time."""
        until = min(self._began[-1], self._ended[-1]) if self._began and self._ended else 0.0
        began, ended = ([t for t in times if t <= until] for times in (self._began, self._ended))
        return model_of_arrivals(began, ended, _WITHIN_S)

    def _endpoints(self, *, corrected: bool) -> dict[str, Figures]:
        found = self.requests.endpoints(corrected=corrected)
        for name, each in self.groups.endpoints(corrected=corrected).items():
            found[f"{name} (with its parts)"] = each
        return {name: grained(each) for name, each in found.items()}

    def _tell_users(self) -> None:
        """Tell the samples how many users there were in each second, from who came and went."""
        if not self._changes or self.requests.length_s > 1:
            return
        users = 0
        last = int(self.requests.last_s)
        for second in range(min(self._changes), last + 1)[:_MOST_SECONDS]:
            before, users = users, users + self._changes.get(second, 0)
            if second >= self.requests.first_s:
                self.requests.add_users(second + 0.5, (before + users) / 2)

    def _doubts(self) -> list[str]:
        said: list[str] = []
        if self.requests.unanswered:
            said.append(
                f"latencies leave out {self.requests.unanswered:,} requests that failed without "
                "an answer (Gatling counts the time until they did), except timeouts"
            )
        if self.other_errors:
            most = max(self.other_errors, key=lambda text: self.other_errors[text])
            count = sum(self.other_errors.values())
            said.append(f"{count} errors of the simulation itself, most: {cleaned(most)}")
        return said


_MOST_REMEMBERED = 100_000
_MOST_SECONDS = 200_000
_MOST_OTHERS = 100


def _flush(columns: list[list[float]], into: Samples) -> None:
    import numpy as np

    starts, latencies, names, kinds = columns
    into.add(starts, latencies, np.array(names, dtype=np.int64), np.array(kinds, dtype=np.int64))
    for column in columns:
        column.clear()


def grained(figures: Figures) -> Figures:
    """Return figures whose latencies are whole ms."""
    good = figures.good
    return replace(
        figures,
        latency=replace(figures.latency, resolution_ms=GRAIN_MS),
        good=None if good is None else replace(good, resolution_ms=GRAIN_MS),
    )
