"""What each Locust process writes of its requests: histograms by the second, in our buckets.

Locust's own figures are rounded (whole ms, then two digits), which neither shows a small change
nor merges exactly. Runs inside Locust's processes, in gevent's one thread.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

from slowcoach.load.histogram import Histogram

BEGAN, SECONDS = "began.json", "seconds-"
DROPPED = "dropped"
"""The name under which the plan's Locust file tells a request that was due and not sent."""

_WRITE_S = 0.5
_FIRST_ERROR = 400
_MS = 1000.0
_MOST_CAUSES = 5
_MOST_TEXTS, _SHOWN = 100, 300
_Types = tuple[type[BaseException], ...]
# the first that fits: libraries often keep no more of an error than its text
_KINDS: tuple[tuple[str, _Types, tuple[str, ...]], ...] = (
    ("timeout", (TimeoutError,), ("timed out", "timeout")),
    ("not the target", (), ("is not the target",)),
    ("refused", (ConnectionRefusedError,), ("refused",)),
    ("tls", (ssl.SSLError,), ()),
    ("reset", (ConnectionError,), ()),
)
_Key = tuple[int, int, str, str | None, bool]


class Listener:
    """Hears of each request and writes them twice a second. One for each process."""

    def __init__(self) -> None:
        self._raw: list[tuple[float, float, str, str | None, bool]] = []
        self._thrown: Counter[str] = Counter()
        self._began: float | None = None
        self.path: Path | None = None
        self._runner: object = None

    def started(self, environment: Any, **_: Any) -> None:
        """Note when the test began, in the process that leads it."""
        if not isinstance(environment.runner, import_module("locust.runners").WorkerRunner):
            part = Path(f"{BEGAN}.part")
            part.write_text(json.dumps(time.time()), encoding="ascii")
            part.replace(BEGAN)

    def ready(self, environment: Any, runner: Any, **_: Any) -> None:
        """Begin to write to this process's file."""
        self._runner = runner
        self.path = Path(f"{SECONDS}{os.getpid()}.ndjson")
        import_module("gevent").spawn(self._go_on)

    def _go_on(self) -> None:
        while True:
            time.sleep(_WRITE_S)  # gevent's
            self.write()

    def request(
        self,
        request_type: str,
        name: str,
        response_time: float | None,
        exception: BaseException | None = None,
        start_time: float | None = None,
        response: Any = None,
        **_: Any,
    ) -> None:
        """Note one request."""
        latency = float(response_time or 0.0)
        status = getattr(response, "status_code", None) or 0
        error: str | None = None
        if status >= _FIRST_ERROR and exception is not None:
            error = f"status {status}"
        elif exception is not None:
            error = kind_of(exception)
        began = start_time if start_time is not None else time.time() - latency / _MS
        told = DROPPED if name == DROPPED and exception is not None else f"{request_type} {name}"
        self._raw.append((began, latency, told, error, bool(status) or exception is None))

    def threw(self, exception: BaseException, **_: Any) -> None:
        """Note an exception that a task of a user raised."""
        text = f"{type(exception).__name__}: {exception}"[:_SHOWN]
        known = text in self._thrown or len(self._thrown) < _MOST_TEXTS
        self._thrown[text if known else "others"] += 1

    def write(self, **_: Any) -> None:
        """Write what came since the last time, as one line."""
        if self.path is None or not self._knows_beginning():
            return
        raw, self._raw = self._raw, []
        thrown, self._thrown = self._thrown, Counter()
        began = self._began or 0.0
        groups: dict[_Key, list[float]] = {}
        for start, latency, name, error, answered in raw:
            ended = int(start + latency / _MS - began)
            key = (int(start - began), ended, name, error, answered)
            groups.setdefault(key, []).append(latency)
        line = {
            "at": time.time() - began,
            "users": getattr(self._runner, "user_count", None),
            "thrown": thrown,
            "requests": [[*key, Histogram.of(found).encoded()] for key, found in groups.items()],
        }
        with self.path.open("a", encoding="ascii") as file:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")

    def _knows_beginning(self) -> bool:
        if self._began is None:
            try:
                self._began = float(json.loads(Path(BEGAN).read_text(encoding="ascii")))
            except (OSError, ValueError):
                return False
        return True


def kind_of(exception: BaseException) -> str:
    """Return the word for a failure without an answer."""
    if type(exception).__name__ == "CatchResponseError":  # the script's own judgement
        return "not as expected"
    found: BaseException | None = exception
    for _ in range(_MOST_CAUSES):
        if found is None:
            break
        if (kind := _kind(found)) is not None:
            return kind
        found = found.__cause__ or found.__context__
    return type(exception).__name__


def _kind(exception: BaseException) -> str | None:
    text = str(exception).lower()
    for kind, types, words in _KINDS:
        if isinstance(exception, types) or any(word in text for word in words):
            return kind
    return None


def listen() -> None:
    """Hear of everything that happens in this process and those that it forks."""
    events = import_module("locust").events

    listener = Listener()
    events.init.add_listener(listener.ready)
    events.test_start.add_listener(listener.started)
    events.request.add_listener(listener.request)
    events.user_error.add_listener(listener.threw)
    events.quitting.add_listener(listener.write)
    events.quit.add_listener(listener.write)
