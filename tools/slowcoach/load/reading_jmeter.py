"""JMeter's samples, from CSV or XML, gathered to an outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from slowcoach.core.errors import UnreadableError
from slowcoach.load.omission import hidden_by_waiting
from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Source
from slowcoach.load.samples import CHUNK, Samples
from slowcoach.load.steps import steps_of

GRAIN_MS = 1.0
_TRANSACTION = re.compile(r"Number of samples in transaction : \d")
_NO_ANSWER = re.compile(r"Non HTTP response code: (?:[\w$]+\.)*([\w$]+)")
_TIMEOUTS = ("SocketTimeoutException", "HttpConnectTimeoutException", "InterruptedIOException")
_PART = "a part failed"
FIRST_PART = "-0"  # that JMeter adds to a sample's label for the first redirect or resource in it
_ERROR_STATUS = 400
_MOST_REMEMBERED = 100_000

UNKNOWN = (
    "when requests were due: JMeter's threads wait for each answer (timers can hold a rate only "
    "while threads are free), so that a stall hides how long others would have waited",
    "latencies finer than 1 ms",
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a sample's label, code and message mean: the codes of its name and kind of error.

    `may_be_part` tells that it is named like the first part of another sample.
    """

    name: int
    kind: int
    no_latency: bool
    is_transaction: bool
    may_be_part: bool = False


class Columns:
    """Samples that wait to be handed on: when sent, latency, codes of name and kind, users."""

    def __init__(self, into: Samples) -> None:
        self.into = into
        self.rows: list[tuple[float, float, int, int, float]] = []

    def add(self, sent_s: float, latency_ms: float, meaning: Meaning, users: float) -> None:
        """Take one sample; users of NaN are not told."""
        took = NOT_A_NUMBER if meaning.no_latency else latency_ms
        self.rows.append((sent_s, took, meaning.name, meaning.kind, users))

    def take_back(self) -> None:
        """Take the last one back."""
        self.rows.pop()

    def flush(self) -> None:
        """Hand on all but the last, whose parts may still follow."""
        self._hand_on(len(self.rows) - 1)

    def end(self) -> None:
        """Hand on all."""
        self._hand_on(len(self.rows))

    def _hand_on(self, count: int) -> None:
        if count <= 0:
            return
        columns = list(zip(*self.rows[:count], strict=True))
        sent, users = (np.array(columns[at], dtype=np.float64) for at in (0, -1))
        self.into.add(sent, columns[1], columns[2], columns[3])
        told = np.isfinite(users)
        self.into.add_users_told(sent[told], users[told])
        del self.rows[:count]


NOT_A_NUMBER = float("nan")


class Gathered:
    """JMeter's samples as they come.

    Requests are the samples without parts. Transactions, and pages whose embedded resources or
    redirects are samples of their own, hold their parts' time once more: they are kept apart.
    """

    def __init__(self) -> None:
        self.requests, self.groups = Samples(), Samples()
        self.columns, self.grouped = Columns(self.requests), Columns(self.groups)
        self.unread = 0
        self.first_unread: int | None = None
        self.has_clock = True
        self.bytes = 0
        self._known: dict[tuple[str, ...], Meaning] = {}

    def meaning(self, key: tuple[str, str, str, str, str]) -> Meaning:
        """Return what label, code, message, success ("true") and failure message mean together.

        Requests have a message, be it "-".
        """
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._meaning(*key)
        return found

    def _meaning(self, label: str, code: str, message: str, success: str, why: str) -> Meaning:
        is_transaction = bool(_TRANSACTION.match(message)) or not message
        into = self.groups if is_transaction else self.requests
        succeeded = success.lower() == "true"
        text, answered = ("", True) if succeeded else _error(code, message, why)
        if text and is_transaction:
            text = _PART
        kind = into.kinds.code(text, answered=answered)
        no_latency = not answered and text != "timeout"
        may_be_part = label.endswith(FIRST_PART)
        return Meaning(into.names.code(label), kind, no_latency, is_transaction, may_be_part)

    def add_group(self, sent_s: float, elapsed_ms: float, label: str, *, success: bool) -> None:
        """Take a sample that has parts of its own."""
        kind = 0 if success else self.groups.kinds.code(_PART, answered=True)
        name = self.groups.names.code(label)
        meaning = Meaning(name, kind, no_latency=False, is_transaction=True)
        self.grouped.add(sent_s, elapsed_ms, meaning, NOT_A_NUMBER)

    def flush(self) -> None:
        """Hand on what has gathered."""
        if len(self.columns.rows) > CHUNK:
            self.columns.flush()
        if len(self.grouped.rows) > CHUNK:
            self.grouped.flush()

    def outcome(self, source: Source, warnings: Sequence[str]) -> Outcome:
        """Return what the samples tell; raises UnreadableError without one."""
        self.columns.end()
        self.grouped.end()
        self.requests.bytes = self.bytes or None
        samples = self.requests if self.requests.count else self.groups
        if not samples.count:
            raise UnreadableError(
                f"{source.path}: expected JMeter's samples, got none",
                hint="Check that the test ran: jmeter -n -t plan.jmx -l results.jtl",
            )
        moments = samples.moments()
        whole = _grained(samples.figures())
        endpoints = {name: _grained(each) for name, each in samples.endpoints().items()}
        if samples is self.requests and self.groups.count:
            for name, each in self.groups.endpoints().items():
                endpoints[f"{name} (with its parts)"] = _grained(each)
        steps = tuple(
            replace(step, figures=_grained(step.figures)) for step in steps_of(moments, "closed")
        )
        doubts = [*warnings, *samples.doubts(), *self._doubts(samples)]
        return Outcome(
            tool="JMeter",
            model="closed",
            whole=whole,
            steps=steps,
            endpoints=endpoints,
            moments=moments,
            started=samples.started if self.has_clock else None,
            unknown=UNKNOWN,
            warnings=(*doubts, *hidden_by_waiting(moments, whole.latency)),
        )

    def _doubts(self, samples: Samples) -> list[str]:
        said: list[str] = []
        if self.unread:
            said.append(
                f"{self.unread:,} rows could not be read (the first is line {self.first_unread}): "
                "left out"
            )
        if samples is self.requests and self.groups.count:
            said.append(
                f"{self.groups.count:,} transactions and pages stand apart: their requests are "
                "counted, once"
            )
        if samples.unanswered:
            said.append(
                f"latencies leave out {samples.unanswered:,} requests that failed without an "
                "answer, except timeouts"
            )
        return said


def _error(code: str, message: str, why: str) -> tuple[str, bool]:
    """Return a failed sample's kind, and whether a response came."""
    if match := _NO_ANSWER.match(code):
        return ("timeout" if match[1] in _TIMEOUTS else match[1]), False
    if code.isdecimal() and int(code) >= _ERROR_STATUS:
        return f"HTTP {code}", True
    if why:
        return f"failed check: {why}", True
    return f"failed although {code} {message}".strip(), True


def _grained(figures: Figures) -> Figures:
    return replace(
        figures,
        latency=_with_grain(figures.latency),
        good=figures.good and _with_grain(figures.good),
    )


def _with_grain(latencies: Latencies) -> Latencies:
    return replace(latencies, resolution_ms=GRAIN_MS)
