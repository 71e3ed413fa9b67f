"""h2load's text. Its clients wait for answers: a closed test, with --rps too."""

from __future__ import annotations

import re

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import (
    decimal,
    head_of,
    milliseconds,
    one_step,
    refuse,
    text_of,
)

STALL = (
    "h2load: what users would have waited during a stall: each stream waits for its answer before "
    "it asks again, with --rps too"
)

_FINISHED = re.compile(r"^finished in (\S{1,20}), (\d{1,15}\.\d{1,6}) req/s, ", re.MULTILINE)
_REQUESTS = re.compile(
    r"^requests: (\d{1,15}) total, (\d{1,15}) started, (\d{1,15}) done, (\d{1,15}) succeeded, "
    r"(\d{1,15}) failed, (\d{1,15}) errored, (\d{1,15}) timeout$",
    re.MULTILINE,
)
_STATUS = re.compile(
    r"^status codes: (\d{1,15}) 2xx, (\d{1,15}) 3xx, (\d{1,15}) 4xx, (\d{1,15}) 5xx$", re.MULTILINE
)
_BYTES = re.compile(r"^traffic: \S{1,20} \((\d{1,18})\) total", re.MULTILINE)
_CLIENTS = re.compile(r"^spawning thread #\d{1,6}: (\d{1,10}) total client\(s\)\.", re.MULTILINE)
_HEADING = re.compile(r"^ {10,}(min +max[^\n]{0,200})$", re.MULTILINE)
# newest versions shorten "time for request"
_LATENCY = re.compile(r"^(?:time for request|request +): +(\S[^\n]{0,200})$", re.MULTILINE)
_PERCENTILE = re.compile(r"p(\d{2})|median")
_LEAST_RPS = 0.005  # what prints as 0.00
_UNKNOWN = (
    "h2load: percentiles, which its versions up to 1.68 do not print (--log-file gives all)",
    "h2load: how figures went over time, and the rate of --rps",
    STALL,
)
_KNOWN = ("h2load: percentiles other than those printed and the interval of each", *_UNKNOWN[1:])


def _matches(source: Source) -> bool:
    head = head_of(source)
    return bool(_FINISHED.search(head) and _REQUESTS.search(head)) or head.startswith(
        "starting benchmark...\nspawning thread #"
    )


def _read(source: Source) -> Outcome:
    text = text_of(source)
    finished, requests = _FINISHED.search(text), _REQUESTS.search(text)
    if finished is None or requests is None:
        refuse(source, "h2load's whole output with `finished in` and `requests:`", text[-200:])
    total, started, done, succeeded, failed, errored, timeout = (int(n) for n in requests.groups())
    status, received = _STATUS.search(text), _BYTES.search(text)
    sent = max(started, done)
    # those that were never started count as failed and errored too
    failed, errored = min(failed, sent), min(errored, sent - done)
    errors = {"timeout": min(timeout, errored), "no answer": max(errored - timeout, 0)}
    if status:
        errors |= {"HTTP 4xx": int(status[3]), "HTTP 5xx": int(status[4])}
    rate = float(finished[2])
    # the time includes --warm-up-time, the rate does not
    length = done / rate if rate >= _LEAST_RPS else (milliseconds(finished[1]) or 0.0) / 1000
    latency = _latencies(text, done)
    figures = Figures(
        latency=latency,
        sent=sent,
        completed=done,
        failed=failed,
        dropped=max(total - sent, 0),
        errors={kind: n for kind, n in errors.items() if n},
        duration_s=length or None,
        throughput_rps=done / length if length else None,
        goodput_rps=succeeded / length if length else None,
        received_bytes=int(received[1]) if received else None,
    )
    clients = sum(int(found[1]) for found in _CLIENTS.finditer(text))
    return Outcome(
        tool="h2load",
        model="closed",
        whole=figures,
        steps=one_step(clients, "users", figures),
        unknown=_KNOWN if latency.stated else _UNKNOWN,
        warnings=() if done else ("no request was answered: there are no latencies",),
    )


def _latencies(text: str, done: int) -> Latencies:
    """Return what the table says, whose columns differ between versions."""
    heading, line = _HEADING.search(text), _LATENCY.search(text)
    if heading is None or line is None or not done:
        return Latencies(count=done)
    columns = heading[1].replace("+/- sd", "+/-sd").split()
    values = dict(zip(columns, map(milliseconds, line[1].split()), strict=False))
    stated = {
        0.5 if name == "median" else (decimal(found[1]) or 0.0) / 100: value
        for name, value in values.items()
        if value is not None and (found := _PERCENTILE.fullmatch(name))
    }
    return Latencies(
        count=done,
        stated=stated,
        mean_ms=values.get("mean"),
        least_ms=values.get("min"),
        most_ms=values.get("max"),
        resolution_ms=0.001,
    )


READER = Reader(
    name="h2load",
    title="h2load (text)",
    matches=_matches,
    read=_read,
    example="h2load -D 30 -c 8 URL > h2load.txt",
)
