"""vegeta's reports: JSON, text, hdrplot and hist."""

from __future__ import annotations

import json
import re
from typing import Any

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers import _spectrum
from slowcoach.load.readers._buckets import Bucket, Buckets
from slowcoach.load.readers._reports import (
    decimal,
    head_of,
    milliseconds,
    one_step,
    refuse,
    text_of,
    whole,
)
from slowcoach.load.readers.hey import kind_of
from slowcoach.load.readers.vegeta import SENT
from slowcoach.load.streams import Stream, count, figure, items, mapping

_JSON = re.compile(rb'\A\s*\{"latencies":\{"total":')
_TEXT = re.compile(
    r"\A\s*Requests {2,}\[total, rate(?:, throughput)?\] +(\d{1,15}), (\d{1,15}\.\d\d)"
)
_PLOT = re.compile(r"\A\s*Value\(ms\) +Percentile +TotalCount +1/\(1-Percentile\)\n")
_HIST = re.compile(r"\A\s*Bucket +# +% +Histogram\n")
_LINE = re.compile(r"^(Duration|Latencies|Success|Status Codes|Bytes In) {2,}", re.MULTILINE)
_BUCKET = re.compile(r"^\[(\S{1,20}), +(\S{1,20})\] +(\d{1,15}) +\d{1,3}\.\d\d% ", re.MULTILINE)
_STATUS = re.compile(r"(\d{1,3}):(\d{1,15})")
_NAMES = {"50th": 0.5, "90th": 0.9, "95th": 0.95, "99th": 0.99}
_SHOWN = {"50": 0.5, "90": 0.9, "95": 0.95, "99": 0.99}
_FAILED = 400
_NS_MS = 1e-6
_NS_S = 1e-9
_DIGEST = "vegeta: exact percentiles (its reports estimate them by a digest) and their intervals"
_TIME = "vegeta: how figures went over time, and those of each target"
_COUNTS = "vegeta: how many requests failed, how long the attack took, and its rate"


def _matches(source: Source) -> bool:
    head = head_of(source)
    marks = (_TEXT, _PLOT, _HIST)
    return _JSON.match(source.head) is not None or any(mark.match(head) for mark in marks)


def _read(source: Source) -> Outcome:
    if _JSON.match(source.head):
        return _of_json(source)
    text = text_of(source)
    if _TEXT.match(text):
        return _of_text(source, text)
    return _of_plot(source, text) if _PLOT.match(text) else _of_hist(source, text)


def _of_json(source: Source) -> Outcome:
    document = mapping(Stream(source).document())
    told = mapping(document.get("latencies"))
    statuses = {
        int(code): n
        for code, value in mapping(document.get("status_codes")).items()
        if code.isdecimal() and len(code) < len("1000") and (n := count(value)) is not None
    }
    requests = count(document.get("requests"))
    if requests is None:
        refuse(source, "vegeta's report with `requests`", json.dumps(document)[:80])

    def ms(name: str) -> float | None:
        value = figure(told.get(name))
        return None if value is None or not requests else value * _NS_MS

    attack, wait = (figure(document.get(name)) or 0.0 for name in ("duration", "wait"))
    latency = Latencies(
        count=requests,
        stated={q: value for name, q in _NAMES.items() if (value := ms(name)) is not None},
        mean_ms=ms("mean"),
        least_ms=ms("min"),
        most_ms=ms("max"),
    )
    errors = [text for text in items(document.get("errors")) if isinstance(text, str)]
    figures = _figures(latency, requests, statuses, (attack + wait) * _NS_S, errors)
    started = document.get("earliest")
    return _outcome(figures, figure(document.get("rate")), started)


def _figures(
    latency: Latencies, requests: int, statuses: dict[int, int], length: float, errors: list[str]
) -> Figures:
    wrong = {f"HTTP {code}": n for code, n in statuses.items() if code >= _FAILED}
    unanswered = statuses.get(0, 0)
    if unanswered:
        kinds = {kind_of(text) for text in errors if not text[:3].isdecimal()}
        wrong[kinds.pop() if len(kinds) == 1 else "no answer"] = unanswered
    failed = min(sum(wrong.values()), requests)
    completed = max(requests - unanswered, 0)
    return Figures(
        latency=latency,
        sent=requests,
        completed=completed,
        failed=failed,
        errors=wrong,
        duration_s=length or None,
        throughput_rps=completed / length if length else None,
        goodput_rps=(requests - failed) / length if length else None,
    )


def _outcome(figures: Figures, rate: float | None, started: Any = None) -> Outcome:
    return Outcome(
        tool="vegeta",
        model="open",
        whole=figures,
        steps=one_step(rate, "req/s", figures),
        started=started[:40] if isinstance(started, str) else None,
        unknown=(SENT, _DIGEST, _TIME),
        warnings=() if figures.completed else ("no request was answered",),
    )


def _of_text(source: Source, text: str) -> Outcome:
    lines = {found[1]: text[found.end() :].partition("\n")[0] for found in _LINE.finditer(text)}
    asked = _TEXT.search(text)
    total = whole(asked[1]) if asked else None
    length = _columns(lines.get("Duration", "")).get("total")
    if total is None or length is None or "Latencies" not in lines:
        refuse(source, "vegeta's whole text report", text[-200:])
    shown = _columns(lines["Latencies"]) if total else {}
    statuses = {int(code): int(n) for code, n in _STATUS.findall(lines.get("Status Codes", ""))}
    errors = text.partition("Error Set:\n")[2].splitlines()
    latency = Latencies(
        count=total,
        stated={q: value for name, q in _SHOWN.items() if (value := shown.get(name)) is not None},
        mean_ms=shown.get("mean"),
        least_ms=shown.get("min"),
        most_ms=shown.get("max"),
    )
    rate = decimal(asked[2]) if asked else None
    return _outcome(_figures(latency, total, statuses, length / 1000, errors), rate)


def _columns(line: str) -> dict[str, float | None]:
    """Return the durations (ms) of a line such as `[min, mean] 1ms, 2.5ms` by their names."""
    names, _, values = line.lstrip("[").partition("]")
    return dict(
        zip(
            (name.strip() for name in names.split(",")),
            (milliseconds(value.strip()) for value in values.split(",")),
            strict=False,
        )
    )


def _of_plot(source: Source, text: str) -> Outcome:
    rows = [row for line in text.splitlines() if (row := _spectrum.row_of(line)) is not None]
    if not _spectrum.ordered(rows) or not rows[-1].count:
        refuse(source, "rows whose values and counts grow", text[:200])
    return Outcome(
        tool="vegeta",
        model="open",
        whole=Figures(
            latency=_spectrum.latencies_of(rows), sent=rows[-1].count, completed=rows[-1].count
        ),
        unknown=(SENT, _spectrum.unknown(rows, "vegeta"), _COUNTS, _TIME),
    )


def _of_hist(source: Source, text: str) -> Outcome:
    found: list[Bucket] = []
    for line in _BUCKET.finditer(text):
        low = milliseconds(line[1])
        high = float("inf") if line[2] == "+Inf" else milliseconds(line[2])
        if low is None or high is None or high < low:
            refuse(source, "buckets with durations as their ends", line[0])
        found.append(Bucket(low, high, float(line[3])))
    buckets = Buckets(sorted(found, key=lambda bucket: bucket.low))
    if not buckets.total:
        refuse(source, "buckets with requests", text[:200])
    return Outcome(
        tool="vegeta",
        model="open",
        whole=Figures(
            latency=buckets.latencies(counts=True),
            sent=round(buckets.total),
            completed=round(buckets.total),
        ),
        unknown=(SENT, buckets.unknown("vegeta"), _COUNTS, _TIME),
    )


READER = Reader(
    name="vegeta_report",
    title="vegeta report (JSON, text, hdrplot, hist)",
    matches=_matches,
    read=_read,
    example="vegeta report -type=json results.gob > report.json",
)
