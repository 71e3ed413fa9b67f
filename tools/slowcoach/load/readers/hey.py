"""hey's text. Its workers wait for answers: a closed test, with -q too."""

from __future__ import annotations

import re

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import decimal, head_of, named, refuse, text_of

RESOLUTION_MS = 0.1  # both its forms have four decimals of a second
MOST_KEPT = 1_000_000  # latencies that hey keeps
STALL = (
    "hey: what users would have waited during a stall: each worker waits for its answer before it "
    "asks again, with -q too, and never catches up"
)

_SUMMARY = re.compile(r"^Summary:\n  Total:\t", re.MULTILINE)
_FIGURE = re.compile(r"^  (Total|Slowest|Fastest|Average):\t *(\S{1,30}) secs$", re.MULTILINE)
_BYTES = re.compile(r"^  Total data:\t(\d{1,18}) bytes$", re.MULTILINE)
_PERCENTILE = re.compile(r"^  (\d{1,2})%+ in (\d{1,12}\.\d{1,9}) secs$", re.MULTILINE)
_STATUS = re.compile(r"^  \[(\d{3})\]\t(\d{1,15}) responses$", re.MULTILINE)
_ERRORS = re.compile(r"^Error distribution:\n", re.MULTILINE)
_ERROR = re.compile(r"^  \[(\d{1,15})\]\t(\S[^\n]{0,2000})$", re.MULTILINE)
_FAILED = 400
_UNKNOWN = (
    "hey: its number of workers (-c) and rate (-q), and how figures went over time",
    "hey: percentiles other than those printed and the interval of each: its histogram has but "
    "ten buckets",
    STALL,
)


def _matches(source: Source) -> bool:
    head = head_of(source)
    return bool(_SUMMARY.search(head)) and "\nDetails (average, fastest, slowest):" in head


def _read(source: Source) -> Outcome:
    text = text_of(source)
    figures = {line[1]: decimal(line[2]) for line in _FIGURE.finditer(text)}
    length = figures.get("Total")
    if not length or "Status code distribution:" not in text:
        refuse(source, "hey's whole output up to `Status code distribution`", text[-200:])
    statuses = {int(line[1]): int(line[2]) for line in _STATUS.finditer(text)}
    errors = _errors(text)
    completed, unanswered = sum(statuses.values()), sum(errors.values())
    wrong = {f"HTTP {code}": n for code, n in statuses.items() if code >= _FAILED}
    failed = sum(wrong.values()) + unanswered
    received = _BYTES.search(text)
    return Outcome(
        tool="hey",
        model="closed",
        whole=Figures(
            latency=_latencies(text, figures, completed),
            sent=completed + unanswered,
            completed=completed,
            failed=failed,
            errors=wrong | errors,
            duration_s=length,
            throughput_rps=completed / length,
            goodput_rps=max(completed - sum(wrong.values()), 0) / length,
            received_bytes=int(received[1]) if received else None,
        ),
        unknown=_UNKNOWN,
        warnings=_warnings(completed, unanswered),
    )


def _latencies(text: str, figures: dict[str, float | None], completed: int) -> Latencies:
    def shown(name: str) -> float | None:
        value = figures.get(name)
        return None if value is None or not completed else value * 1000

    # a percentile that few requests did not reach is printed as "0% in 0.0000 secs"
    stated = {
        int(line[1]) / 100: float(line[2]) * 1000
        for line in _PERCENTILE.finditer(text)
        if int(line[1])
    }
    return Latencies(
        count=min(completed, MOST_KEPT),
        stated=stated if completed else {},
        mean_ms=shown("Average"),
        least_ms=shown("Fastest"),
        most_ms=shown("Slowest"),
        resolution_ms=RESOLUTION_MS,
    )


def _errors(text: str) -> dict[str, int]:
    begin = _ERRORS.search(text)
    found: dict[str, int] = {}
    for line in _ERROR.finditer(text, begin.end()) if begin else ():
        kind = kind_of(line[2])
        found[kind] = found.get(kind, 0) + int(line[1])
    return found


def kind_of(error: str) -> str:
    """Return the kind of an error of Go's HTTP client, without the address in it."""
    text = named(error)
    if "Client.Timeout exceeded" in text or "context deadline exceeded" in text:
        return "timeout"
    if "connection refused" in text:
        return "connection refused"
    if "connection reset" in text:
        return "connection reset"
    return text.rpartition('": ')[2] or text


def _warnings(completed: int, unanswered: int) -> tuple[str, ...]:
    said: list[str] = []
    if not completed:
        said.append("no request was answered: there are no latencies")
    elif unanswered:
        said.append(f"{unanswered:,} requests without an answer are left out of the latencies")
    if completed > MOST_KEPT:
        said.append(f"hey's percentiles are of its first {MOST_KEPT:,} requests only")
    return tuple(said)


READER = Reader(
    name="hey",
    title="hey (text)",
    matches=_matches,
    read=_read,
    example="hey -z 30s -c 8 URL > hey.txt",
)
