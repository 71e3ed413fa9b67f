"""autocannon's tables for people."""

from __future__ import annotations

import re

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import (
    decimal,
    head_of,
    milliseconds,
    named,
    one_step,
    refuse,
    suffixed,
    text_of,
)
from slowcoach.load.readers.autocannon import RESOLUTION_MS, STALL

_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}m")
_TITLE = re.compile(r"^Running [^@\n]{1,60} @ (\S{1,2000})$", re.MULTILINE)
_CONNECTIONS = re.compile(r"^(\d{1,9}) connections(?: |$)", re.MULTILINE)
_ROW = re.compile(r"^│ (Stat|Latency|Req/Sec) +│([^\n]{1,400})│$", re.MULTILINE)
_PERCENTILE = re.compile(r"^│ (\d{1,2}(?:\.\d{1,3})?) +│ (\d{1,12}) +│$", re.MULTILINE)
_REQUESTS = re.compile(r"^(\S{1,20}) requests in (\S{1,20}), [^\n]{1,20} read$", re.MULTILINE)
_STATUS = re.compile(r"^(\S{1,20}) 2xx responses, (\S{1,20}) non 2xx responses$", re.MULTILINE)
_ERRORS = re.compile(r"^(\S{1,20}) errors \((\S{1,20}) timeouts\)", re.MULTILINE)
_UNKNOWN = (
    "autocannon: which statuses responses that are not 2xx had: redirects count as errors",
    "autocannon: whether -R was given, with which its percentiles are of made-up latencies too",
    "autocannon: percentiles other than those printed and the interval of each",
    STALL,
)


def _matches(source: Source) -> bool:
    head = _COLOUR.sub("", head_of(source))
    return "│ Latency │" in head and "│ Req/Sec   │" in head


def _read(source: Source) -> Outcome:
    text = _COLOUR.sub("", text_of(source))
    requests = _REQUESTS.search(text)
    length = (milliseconds(requests[2]) or 0.0) / 1000 if requests else 0.0
    latency, rates = _columns(text, "Latency"), _columns(text, "Req/Sec")
    if not latency or not requests or not length:
        refuse(source, "autocannon's tables and `N requests in 30s`", text[-200:])
    errors = _errors(text)
    completed, doubt = _completed(text, requests[1], errors)
    rate = suffixed(rates.get("Avg", ""))
    if completed is not None and not doubt:
        throughput: float | None = completed / length
    else:
        throughput = rate[0] if rate else None
    title, connections = _TITLE.search(text), _CONNECTIONS.search(text)
    answered = completed is None or completed > 0
    failed = sum(errors.values())
    figures = Figures(
        latency=_latencies(text, latency) if answered else Latencies(count=0),
        completed=completed,
        sent=None if completed is None else completed + failed - errors.get("not 2xx", 0),
        failed=failed,
        errors=errors,
        duration_s=length,
        throughput_rps=throughput,
        goodput_rps=throughput * _good_share(completed, errors) if throughput else throughput,
    )
    return Outcome(
        tool="autocannon",
        model="closed",
        whole=figures,
        steps=one_step(decimal(connections[1]) if connections else None, "users", figures),
        target=named(title[1]) if title else None,
        unknown=_UNKNOWN,
        warnings=doubt if answered else ("no request was answered: there are no latencies",),
    )


def _good_share(completed: int | None, errors: dict[str, int]) -> float:
    return max(1 - errors.get("not 2xx", 0) / completed, 0.0) if completed else 1.0


def _columns(text: str, name: str) -> dict[str, str]:
    """Return a row's values by their columns; the heading above it names them."""
    heading: list[str] = []
    for row in _ROW.finditer(text):
        cells = [cell.strip() for cell in row[2].split("│")]
        if row[1] == "Stat":
            heading = cells
        elif row[1] == name:
            return dict(zip(heading, cells, strict=False))
    return {}


def _errors(text: str) -> dict[str, int]:
    errors, status = _ERRORS.search(text), _STATUS.search(text)
    every, timeouts = (_count(errors[1]), _count(errors[2])) if errors else (0, 0)
    found = {"timeout": timeouts, "no answer": max(every - timeouts, 0)}
    found["not 2xx"] = _count(status[2]) if status else 0
    return {kind: number for kind, number in found.items() if number}


def _count(text: str) -> int:
    value = suffixed(text)
    return round(value[0]) if value else 0


def _completed(
    text: str, requests: str, errors: dict[str, int]
) -> tuple[int | None, tuple[str, ...]]:
    """Return how many were answered, and a warning where that is only known to some thousands.

    All that were sent are printed, those without an answer too, such as at the end.
    """
    if status := _STATUS.search(text):
        return _count(status[1]) + _count(status[2]), ()
    sent = suffixed(requests)
    if sent is None:
        return None, ()
    if errors and milliseconds(_columns(text, "Latency").get("Max", "")) == 0:
        return 0, ()
    if sent[1] > 1:
        return round(sent[0]), (f"requests are only told as {requests}, to {sent[1]:,.0f}",)
    return round(sent[0]), ()


def _latencies(text: str, row: dict[str, str]) -> Latencies:
    stated = {
        round(percent / 100, 9): value
        for name, cell in row.items()
        if (percent := decimal(name.removesuffix("%"))) is not None
        and name.endswith("%")
        and (value := milliseconds(cell)) is not None
    }
    for line in _PERCENTILE.finditer(text):
        stated[round(float(line[1]) / 100, 9)] = float(line[2])
    return Latencies(
        stated=stated,
        mean_ms=milliseconds(row.get("Avg", "")),
        most_ms=milliseconds(row.get("Max", "")),
        resolution_ms=RESOLUTION_MS,
    )


READER = Reader(
    name="autocannon_text",
    title="autocannon (text)",
    matches=_matches,
    read=_read,
    example="autocannon -d 30 -c 8 -l URL > autocannon.txt 2>&1",
)
