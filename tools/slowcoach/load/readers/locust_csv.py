"""Locust's set of CSV files (--csv): the statistics, their history by the second, failures.

`Requests/s` and percentiles of the history are of the last ten seconds, so counts are taken from
the differences of the totals. Percentiles of several such sets cannot be merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from slowcoach.core.errors import UnreadableError
from slowcoach.core.files import checked
from slowcoach.load.names import Names, cleaned
from slowcoach.load.outcome import Figures, Latencies, Moment, Outcome, Step
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.reading_locust import (
    CLOSED,
    COARSE,
    FAILED_TOO,
    GRAIN_MS,
    ROUNDED,
    UNANSWERED,
    error_of,
    name_of,
)
from slowcoach.load.reading_table import integer, number, records
from slowcoach.load.steps import steps_of
from slowcoach.load.streams import Stream

_STATS, _HISTORY = b"Type,Name,Request Count,Failure Count", b"Timestamp,User Count,Type,Name"
_FAILURES, _EXCEPTIONS = b"Method,Name,Error,Occurrences", b"Count,Message,Traceback,Nodes"
_ENDINGS = ("_stats_history.csv", "_stats.csv", "_failures.csv", "_exceptions.csv")
_ALL = "Aggregated"
_QUANTILES = {
    **{"50%": 0.5, "66%": 0.66, "75%": 0.75, "80%": 0.8, "90%": 0.9, "95%": 0.95, "98%": 0.98},
    **{"99%": 0.99, "99.9%": 0.999, "99.99%": 0.9999},
}
_WINDOW_S = 12.0  # that a percentile of the history covers: ten seconds, two of them before now
_LARGEST = 4 << 30
_MOST_MOMENTS = 200_000


@dataclass(slots=True)
class _Set:
    """What the files of a run hold together."""

    rows: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    history: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    failures: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    exceptions: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    warnings: list[str] = field(default_factory=list[str])


def matches(source: Source) -> bool:
    """Know any of the four files by its head row."""
    head = source.head.lstrip().replace(b'"', b"")
    return head.startswith((_STATS, _HISTORY, _FAILURES, _EXCEPTIONS))


def prefix(path: Path) -> str:
    """Return what the names of a set have in common, with the folder."""
    for ending in _ENDINGS:
        if path.name.endswith(ending):
            return str(path.with_name(path.name.removesuffix(ending)))
    return str(path)


def read(source: Source) -> Outcome:
    """Return what the set tells that a file is of; raises UnreadableError without statistics."""
    found = _set(source)
    moments = _moments(found.history)
    whole, endpoints = _figures(found, source.path)
    return Outcome(
        tool="Locust",
        model="closed",
        whole=whole,
        steps=tuple(_stated(step, found.history) for step in steps_of(moments, "closed")),
        endpoints=endpoints,
        moments=moments,
        started=_started(found.history),
        unknown=_unknown(found),
        warnings=(*found.warnings, *_told(found.exceptions)),
    )


def _set(source: Source) -> _Set:
    """Read the files of the set that are there."""
    found = _Set()
    base = prefix(source.path)
    paths = [source.path] if base == str(source.path) else [Path(base + e) for e in _ENDINGS]
    for path in paths:
        if path != source.path and not path.is_file():
            continue
        checked(path, what="Locust's statistics", limit=_LARGEST, smaller="Give _stats.csv alone")
        stream = Stream(replace(source, path=path, size=path.stat().st_size))
        for _, row in records(stream, path):
            _sort(row, found)
        found.warnings += stream.warnings
    return found


def _sort(row: dict[str, str], found: _Set) -> None:
    if "Timestamp" in row:
        if row.get("Name") == _ALL and len(found.history) < _MOST_MOMENTS:
            found.history.append(row)
    elif "Request Count" in row:
        found.rows.append(row)
    elif "Occurrences" in row:
        found.failures.append(row)
    elif "Traceback" in row:
        found.exceptions.append(row)


def _figures(found: _Set, path: Path) -> tuple[Figures, dict[str, Figures]]:
    errors = _errors(found.failures)
    seconds = _seconds(found)
    names, endpoints = Names(), dict[str, Figures]()
    whole: Figures | None = None
    for row in found.rows:
        name = name_of(row.get("Type", ""), row.get("Name", ""))
        if name in {_ALL, "Total"}:
            whole = _row(row, errors.get(_ALL, {}), seconds)
        else:
            title = names.titles[names.code(name)]
            endpoints[title] = _row(row, errors.get(name, {}), seconds)
    if whole is None and found.history:
        whole = _row(_totals(found.history[-1]), errors.get(_ALL, {}), seconds)
    if whole is None:
        raise UnreadableError(
            f"{path}: expected Locust's statistics, got neither _stats.csv nor a history of all",
            hint="Give the file whose name ends in _stats.csv, with the others beside it",
        )
    return whole, endpoints


def _totals(row: dict[str, str]) -> dict[str, str]:
    """Return the last row of a history as one of the statistics; its percentiles are no totals."""
    return {
        "Request Count": row.get("Total Request Count", ""),
        "Failure Count": row.get("Total Failure Count", ""),
        "50%": row.get("Total Median Response Time", ""),
        "Average Response Time": row.get("Total Average Response Time", ""),
        "Min Response Time": row.get("Total Min Response Time", ""),
        "Max Response Time": row.get("Total Max Response Time", ""),
    }


def _row(row: dict[str, str], errors: dict[str, int], seconds: float | None) -> Figures:
    sent, failed = integer(row, "Request Count"), integer(row, "Failure Count")
    rate = number(row, "Requests/s")
    failed = failed if failed is None or sent is None else min(failed, sent)
    length = seconds or (sent / rate if sent and rate else None)
    return Figures(
        latency=_latencies(row, sent),
        sent=sent,
        completed=sent,
        failed=failed,
        errors=errors,
        duration_s=length,
        throughput_rps=sent / length if sent is not None and length else rate,
        goodput_rps=(sent - failed) / length
        if sent is not None and failed is not None and length
        else None,
    )


def _latencies(row: dict[str, str], count: int | None) -> Latencies:
    stated = {q: v for name, q in _QUANTILES.items() if (v := number(row, name)) is not None}
    return Latencies(
        count=count,
        stated=stated if count else {},
        mean_ms=number(row, "Average Response Time"),
        least_ms=number(row, "Min Response Time"),
        most_ms=number(row, "Max Response Time"),
        resolution_ms=GRAIN_MS,
        error=ROUNDED,
    )


def _seconds(found: _Set) -> float | None:
    """Return how long requests were sent, by Locust's own rate over all."""
    for row in found.rows:
        if row.get("Name") in {_ALL, "Total"}:
            sent, rate = integer(row, "Request Count"), number(row, "Requests/s")
            return sent / rate if sent and rate else None
    times = [t for row in found.history if (t := number(row, "Timestamp")) is not None]
    return times[-1] - times[0] if len(times) > 1 else None


def _errors(failures: Sequence[dict[str, str]]) -> dict[str, dict[str, int]]:
    """Return the failures by endpoint and kind, and those of all under `Aggregated`."""
    found: dict[str, dict[str, int]] = {_ALL: {}}
    for row in failures:
        kind = cleaned(error_of(row.get("Error", ""))) or "error"
        name = name_of(row.get("Method", ""), row.get("Name", ""))
        for each in (found[_ALL], found.setdefault(name, {})):
            each[kind] = each.get(kind, 0) + (integer(row, "Occurrences") or 0)
    return found


def _moments(history: Sequence[dict[str, str]]) -> tuple[Moment, ...]:
    """Return the seconds between two rows of the history, by the growth of the totals."""
    found: list[Moment] = []
    first: float | None = None
    last: tuple[float, int, int] | None = None
    for row in history:
        at = number(row, "Timestamp")
        sent, failed = integer(row, "Total Request Count"), integer(row, "Total Failure Count")
        if at is None or sent is None or failed is None or (last and at <= last[0]):
            continue
        first = at if first is None else first
        if last is not None and sent >= last[1]:
            grown, wrong = sent - last[1], min(max(failed - last[2], 0), sent - last[1])
            found.append(
                Moment(
                    start_s=last[0] - first,
                    length_s=at - last[0],
                    completed=grown,
                    failed=wrong,
                    succeeded=max(grown - wrong, 0),
                    users=number(row, "User Count"),
                )
            )
        last = (at, sent, failed)
    return tuple(found)


def _stated(step: Step, history: Sequence[dict[str, str]]) -> Step:
    """Return a step with the percentiles of its last ten seconds, where it is longer."""
    if step.end_s - step.start_s < _WINDOW_S:
        return step
    first = number(history[0], "Timestamp") or 0.0
    inside = [row for row in history if (number(row, "Timestamp") or 0.0) - first <= step.end_s]
    found = _latencies(inside[-1], step.figures.completed)
    found = replace(found, mean_ms=None, least_ms=None, most_ms=None)
    return replace(step, figures=replace(step.figures, latency=found))


def _started(history: Sequence[dict[str, str]]) -> str | None:
    at = number(history[0], "Timestamp") if history else None
    try:
        return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _unknown(found: _Set) -> tuple[str, ...]:
    said = [CLOSED, COARSE, UNANSWERED, FAILED_TOO, "intervals of the percentiles: none are kept"]
    if found.history:
        said.append(
            "percentiles by the second: the history's are of the last ten seconds; a step's are "
            "those of its last ten, where it is longer than twelve"
        )
    else:
        said.append("users and figures by the second: no _stats_history.csv is beside this file")
    return tuple(said)


def _told(exceptions: Sequence[dict[str, str]]) -> list[str]:
    count = sum(integer(row, "Count") or 0 for row in exceptions)
    if not count:
        return []
    worst = max(exceptions, key=lambda row: integer(row, "Count") or 0)
    message = cleaned(worst.get("Message", ""))
    return [
        f"{count} exceptions in the users' own code, most: {message}; what came after them "
        "was not sent"
    ]


READER = Reader(
    name="locust_csv",
    title="Locust statistics (CSV)",
    matches=matches,
    read=read,
    example="locust -f locustfile.py --headless --csv results",
    run=prefix,
)
