"""k6's points, from NDJSON or CSV, gathered to an outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from slowcoach.core.errors import UnreadableError
from slowcoach.core.units import duration
from slowcoach.load.arrivals import model_of_arrivals
from slowcoach.load.omission import hidden_by_waiting
from slowcoach.load.outcome import LoadModel, Moment, Outcome
from slowcoach.load.reader_kind import Source
from slowcoach.load.reading_k6 import EXECUTOR, FROM_SENT, SETUP, error_of
from slowcoach.load.samples import CHUNK, Samples
from slowcoach.load.steps import steps_of

_AT_REST = 0.2  # share of the seconds with requests in which no user is at work
_MUCH_BLOCKED = 0.05  # of the mean latency
_MOST_REMEMBERED = 100_000
_MOST_ITERATIONS = 20_000  # whose times are looked at
_LARGEST = 1e15
_WITHIN_S = 0.001  # of an end, a user of a closed test begins again


@dataclass(frozen=True, slots=True)
class Tags:
    """What the tags of a request say, as codes of names and kinds; None: of setup or teardown."""

    name: int
    kind: int
    no_latency: bool


class Points:
    """k6's metrics of a test as they come, those that matter."""

    def __init__(self) -> None:
        self.samples = Samples()
        self.iterations = 0
        self.unread = 0
        self.first_unread: int | None = None
        self._blocked_ms = 0.0
        self._setup = 0
        self._iteration_starts: list[float] = []
        self._iteration_ends: list[float] = []
        self._dropped: Counter[float] = Counter()
        self._takers: Mapping[bytes, Callable[[float, float], None]] = {
            b"http_req_blocked": self._block,
            b"vus": self.samples.add_users,
            b"iterations": self._iterate,
            b"iteration_duration": self._time_iteration,
            b"dropped_iterations": self._drop,
            b"data_received": self._receive,
        }
        self._known: dict[bytes, Tags | None] = {}
        self._ends: list[float] = []
        self._latencies: list[float] = []
        self._names: list[int] = []
        self._kinds: list[int] = []

    def known(self, key: bytes) -> Tags | Literal[False] | None:
        """Return what tags said that were seen before; False when they were not."""
        return self._known.get(key, False)

    def learned(self, key: bytes, tags: dict[str, str]) -> Tags | None:
        """Return what tags say, and remember it."""
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        found = self._known[key] = self._tags(tags)
        return found

    def _tags(self, tags: dict[str, str]) -> Tags | None:
        if tags.get("group") in SETUP:
            return None
        method, name = tags.get("method", ""), tags.get("name") or tags.get("url", "")
        title = f"{method} {name}".strip() if "/" in name else name
        status, code = tags.get("status", ""), tags.get("error_code", "")
        failed = tags.get("expected_response") == "false" or (
            "expected_response" not in tags and (code != "" or status == "0")
        )
        kind, no_latency = 0, False
        if failed:
            text, answered = error_of(status, code, tags.get("error", ""))
            kind = self.samples.kinds.code(text, answered=answered)
            no_latency = not answered and text != "timeout"
        return Tags(self.samples.names.code(title), kind, no_latency)

    def request(self, end_s: float, latency_ms: float, tags: Tags | None) -> None:
        """Take one request by when it ended."""
        if tags is None:
            self._setup += 1
            return
        self._ends.append(end_s)
        self._latencies.append(float("nan") if tags.no_latency else latency_ms)
        self._names.append(tags.name)
        self._kinds.append(tags.kind)
        if len(self._ends) >= CHUNK:
            self.flush()

    def other(self, metric: bytes, at_s: float, value: float) -> None:
        """Take a point of another metric."""
        if 0 <= value < _LARGEST:
            self._takers[metric](at_s, value)

    def _block(self, _at_s: float, value: float) -> None:
        self._blocked_ms += value

    def _iterate(self, _at_s: float, value: float) -> None:
        self.iterations += int(value)

    def _time_iteration(self, at_s: float, value: float) -> None:
        if len(self._iteration_ends) < _MOST_ITERATIONS:
            self._iteration_ends.append(at_s)
            self._iteration_starts.append(at_s - value / 1000)

    def _drop(self, at_s: float, value: float) -> None:
        self._dropped[at_s // 1] += int(value)

    def _receive(self, _at_s: float, value: float) -> None:
        self.samples.bytes = (self.samples.bytes or 0) + int(value)

    def flush(self) -> None:
        """Hand what has gathered on."""
        import numpy as np

        latencies = np.array(self._latencies, dtype=np.float64)
        starts = np.array(self._ends, dtype=np.float64) - np.nan_to_num(latencies) / 1000
        self.samples.add(starts, latencies, self._names, self._kinds)
        for each in (self._ends, self._latencies, self._names, self._kinds):
            each.clear()

    def outcome(self, source: Source, warnings: Sequence[str]) -> Outcome:
        """Return what the points tell; raises UnreadableError without a request."""
        self.flush()
        samples = self.samples
        if not samples.count:
            raise UnreadableError(
                f"{source.path}: expected points of HTTP requests, got none",
                hint="Other protocols are not read: give the results of a script of k6/http",
            )
        share = samples.count / self.iterations if self.iterations else 1.0
        for at_s, count in self._dropped.items():
            samples.add_dropped(at_s, round(count * share))
        dropped = round(self._dropped.total() * share)
        moments = samples.moments(dropped=True)
        model = self._model(moments)
        if model == "closed":
            moments = samples.moments()
        corrected = model == "open" and not dropped
        told = dropped if model != "closed" else None
        whole = samples.figures(corrected=corrected, dropped=told)
        unknown = [EXECUTOR[model], *([] if corrected else [FROM_SENT])]
        doubts = [*samples.doubts(), *self._doubts(), *warnings]
        if model != "open":
            doubts += hidden_by_waiting(moments, whole.latency)
        return Outcome(
            tool="k6",
            model=model,
            whole=whole,
            steps=steps_of(moments, model),
            endpoints=samples.endpoints(corrected=corrected),
            moments=moments,
            started=samples.started,
            unknown=tuple(unknown),
            warnings=tuple(doubts),
        )

    def _model(self, moments: Sequence[Moment]) -> LoadModel:
        """Return open where only an arrival rate looks like it: iterations dropped over time, or
        no user at work in seconds that had requests, since its users rest between them. Otherwise
        by whether iterations began as others ended.
        """
        if len(self._dropped) > 1:
            return "open"
        inner = [m for m in moments[1:-1] if m.users is not None and m.sent]
        resting = sum(m.users == 0 for m in inner)
        if inner and resting >= _AT_REST * len(inner):
            return "open"
        if not any((at * 2) % 1 for at in self._iteration_ends):
            return "unknown"  # times are whole seconds
        return model_of_arrivals(self._iteration_starts, self._iteration_ends, _WITHIN_S)

    def _doubts(self) -> list[str]:
        said: list[str] = []
        if self._setup:
            said.append(f"{self._setup} requests of setup and teardown are left out")
        if self.unread:
            said.append(
                f"{self.unread:,} lines could not be read (the first is line "
                f"{self.first_unread}): left out"
            )
        unanswered = self.samples.unanswered
        if unanswered:
            said.append(
                f"latencies leave out {unanswered:,} requests that failed without an answer (k6 "
                "counts the time until they did), except timeouts"
            )
        blocked = self._blocked_ms / self.samples.count
        mean = self.samples.figures().latency.mean_ms or 0.0
        if blocked > _MUCH_BLOCKED * mean:
            said.append(
                f"requests also waited {duration(blocked / 1000)} on average for a connection "
                "(http_req_blocked), which k6 does not count as their duration"
            )
        return said
