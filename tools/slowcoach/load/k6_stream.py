"""k6's CSV output as it comes: read through a pipe, counted, and forgotten.

k6 writes some fourteen rows a request. Its http_req_duration leaves out the wait for a connection
and the handshakes (http_req_blocked), which a user waits for too: both together are the latency.
"""

from __future__ import annotations

import csv
import os
import re
import select
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from slowcoach.load.histogram import Histogram
from slowcoach.load.tally import Batch, Tally

STARTED = "slowcoach_started"
FORMAT = {"K6_CSV_TIME_FORMAT": "unix_micro", "K6_CSV_SAVE_INTERVAL": "200ms"}
"""What the rows are read by: times in whole µs, soon after they are known."""

TAGS = "name,method,status,error_code,expected_response,scenario"
_REQUEST = re.compile(
    rb"\nhttp_req_duration,(\d+),([\d.]+),([^\n]*)\nhttp_req_blocked,\d+,([\d.]+),[^\n]*(?=\n)"
)
_OTHER = re.compile(rb"\n(dropped_iterations|vus|slowcoach_started),(\d+),([\d.]+)")
_FIRST_COLUMNS = ["metric_name", "timestamp", "metric_value"]
_MICRO = 1e6
_MS = 1e3
_TIMEOUT = "1050"
_CHUNK = 1 << 20
_WAITING = 64 * _CHUNK
_MOST_TAILS = 10_000
_KINDS = {
    "1050": "timeout",
    "1211": "timeout",
    "1212": "refused",
    "1220": "reset",
    "1201": "reset",
    "1101": "name not found",
    "1110": "not the target",
    "1111": "not the target",
}
_TLS = "13"
_Tail = tuple[str, str | None, bool, bool]


class Pipe:
    """A named pipe that another program writes to, read by a thread so that it never waits."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path, 0o600)
        # open for both, so that neither side waits for the other to open it
        self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._lock = threading.Lock()
        self._waiting = bytearray()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._read, name="load rows", daemon=True)
        self._thread.start()

    def taken(self) -> bytes:
        """Return what came since the last time."""
        with self._lock:
            found = bytes(self._waiting)
            self._waiting.clear()
        return found

    def close(self) -> bytes:
        """Return the rest, once the writer has ended."""
        self._end.set()
        self._thread.join()
        os.close(self._file)
        return self.taken()

    def _read(self) -> None:
        while True:
            ready = select.select([self._file], [], [], 0.1)[0]
            if not ready and self._end.is_set():
                return
            if not ready or len(self._waiting) > _WAITING:
                self._end.wait(0.01)  # the writer waits meanwhile
                continue
            chunk = os.read(self._file, _CHUNK)
            with self._lock:
                self._waiting += chunk


class Rows:
    """Counts the rows of one test into a tally.

    `labels` gives the plan's name for k6's name of a request (its URL, when the script gives
    none). `timeout_ms` is the least that a request took that was given up while it connected, of
    which k6 says 0. Requests of setup and teardown, which have no scenario, are left out.
    """

    def __init__(self, tally: Tally, labels: Mapping[str, str], timeout_ms: float | None) -> None:
        self._tally, self._labels = tally, labels
        self._timeout_ms = timeout_ms or 0.0
        self._rest = b""
        self._columns: list[str] | None = None
        self._tails: dict[bytes, _Tail] = {}
        self.began_s: float | None = None
        self.iterations = 0
        self.requests = 0
        self.unread = 0

    def feed(self, data: bytes, *, end: bool = False) -> None:
        """Count the rows of a piece of the output; a request in two pieces waits for its rest."""
        data = self._rest + data
        if self._columns is None:
            head, newline, rest = data.partition(b"\n")
            if not newline:
                self._rest = data
                return
            self._columns = head.decode("utf-8", "replace").strip().split(",")
            data = newline + rest
        cut = len(data) if end else _whole_until(data)
        self._rest = data[cut:]
        self._count(data[:cut] + b"\n")

    def _count(self, data: bytes) -> None:
        self.iterations += data.count(b"\niterations,")
        for metric, at, value in _OTHER.findall(data):
            self._note(metric, float(at) / _MICRO, float(value))
        requests = _REQUEST.findall(data)
        self.unread += data.count(b"\nhttp_req_duration,") - len(requests)
        groups: dict[tuple[int, int, _Tail], list[float]] = {}
        for at, duration, tail, blocked in requests:
            meaning = self._tails.get(tail) or self._read(tail)
            if not meaning[3]:
                continue
            latency = float(duration) + float(blocked)
            if meaning[1] == "timeout":
                latency = max(latency, self._timeout_ms)
            ended = float(at) / _MICRO
            began = ended - latency / _MS
            zero = self.began_s = began if self.began_s is None else self.began_s
            groups.setdefault((int(began - zero), int(ended - zero), meaning), []).append(latency)
        for (second, ended_in, meaning), latencies in groups.items():
            self.requests += len(latencies)
            self._tally.add(second, meaning[0], _batch(meaning, latencies), ended=ended_in)

    def _note(self, metric: bytes, at: float, value: float) -> None:
        if metric == STARTED.encode():
            self.began_s = at if self.began_s is None else self.began_s
            return
        second = int(at - (self.began_s or at))
        if metric == b"vus":
            self._tally.add_users(second, value)
        else:
            self._tally.add_dropped(second, round(value))

    def _read(self, tail: bytes) -> _Tail:
        """Return what the tags of a row say: endpoint, error, whether answered, whether counted."""
        row = next(csv.reader([tail.decode("utf-8", "replace")]))
        columns = (self._columns or [])[len(_FIRST_COLUMNS) :]
        tags = dict(zip(columns, row, strict=False))
        status = tags.get("status") or "0"
        told = tags.get("name") or tags.get("url") or ""
        name = self._labels.get(f"{tags.get('method', '')} {told}") or self._labels.get(told)
        failed = tags.get("expected_response") == "false"
        error = _kind(status, tags.get("error_code") or "") if failed else None
        has_latency = status != "0" or error == "timeout"
        found = (name or told, error, has_latency, bool(tags.get("scenario")))
        if len(self._tails) < _MOST_TAILS:
            self._tails[tail] = found
        return found


def _kind(status: str, code: str) -> str:
    if status != "0":
        return f"status {status}"
    if code.startswith(_TLS):
        return "tls"
    return _KINDS.get(code, f"k6 error {code}" if code else "failed")


def _batch(meaning: _Tail, latencies: list[float]) -> Batch:
    _, error, has_latency, _ = meaning
    if error is None:
        return Batch(good=Histogram.of(latencies))
    count = len(latencies)
    # an answer has a status; a timeout has a latency and no answer
    return Batch(
        bad=Histogram.of(latencies) if has_latency else Histogram(),
        errors=Counter({error: count}),
        unanswered=0 if error.startswith("status ") else count,
    )


def _whole_until(data: bytes) -> int:
    """Return where the rows end that stand here whole, those of a request together."""
    end = data.rfind(b"\n")
    if end < 0:
        return 0
    last = data.rfind(b"\nhttp_req_duration,", 0, end + 1)
    if last < 0:
        return end
    blocked = data.find(b"\nhttp_req_blocked,", last)
    if blocked < 0 or data.find(b"\n", blocked + 1) < 0:
        # without its second row after as much as this it will not come
        return last if len(data) - last < _CHUNK else end
    return end
