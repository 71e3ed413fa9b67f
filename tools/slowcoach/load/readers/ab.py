"""ApacheBench's text. Its connections wait for answers: a closed test."""

from __future__ import annotations

import re

from slowcoach.load.outcome import Figures, Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import decimal, head_of, named, one_step, refuse, text_of

STALL = (
    "ab: what users would have waited during a stall: each connection waits for its answer before "
    "it asks again"
)

_TITLE = re.compile(r"^This is ApacheBench, Version (\S{1,20})", re.MULTILINE)
_LINE = re.compile(
    r"^(Server Hostname|Server Port|Document Path|Concurrency Level|Time taken for tests"
    r"|Complete requests|Failed requests|Non-2xx responses|Total transferred"
    r"|Requests per second): +(\S[^\n]{0,2000})$",
    re.MULTILINE,
)
_PARTS = re.compile(
    r"^   \(Connect: (\d{1,15}), Receive: (\d{1,15}), Length: (\d{1,15}), "
    r"Exceptions: (\d{1,15})\)$",
    re.MULTILINE,
)
_TOTAL = re.compile(
    r"^Total: +(\d{1,12}) +(\d{1,12}) +\d{1,12}\.\d +(\d{1,12}) +(\d{1,12})$", re.MULTILINE
)
_PERCENTILE = re.compile(r"^ {1,4}(\d{1,3})% +(\d{1,12})(?: \(longest request\))?$", re.MULTILINE)
_UNKNOWN = (
    "ab: percentiles other than those printed, the interval of each, and how figures went over "
    "time",
    "ab: which statuses its responses had: redirects (3xx) count as errors",
    STALL,
)


def _matches(source: Source) -> bool:
    return bool(_TITLE.search(head_of(source)))


def _read(source: Source) -> Outcome:
    text = text_of(source)
    lines = {found[1]: found[2] for found in _LINE.finditer(text)}
    length = _number(lines, "Time taken for tests")
    completed = _count(lines, "Complete requests")
    if not length or completed is None:
        refuse(source, "ab's whole output with `Complete requests`", text[-200:], _HINT)
    errors, by_length = _errors(text, lines)
    failed = sum(errors.values())
    sent = completed + errors.get("connect", 0)
    figures = Figures(
        latency=_latencies(text, completed),
        sent=sent,
        completed=completed,
        failed=min(failed, sent),
        errors=errors,
        duration_s=length,
        throughput_rps=completed / length,
        goodput_rps=max(completed - failed + errors.get("connect", 0), 0) / length,
        received_bytes=_count(lines, "Total transferred"),
    )
    title = _TITLE.search(text)
    return Outcome(
        tool=f"ab {title[1]}" if title else "ab",
        model="closed",
        whole=figures,
        steps=one_step(_number(lines, "Concurrency Level"), "users", figures),
        target=_target(lines),
        unknown=_UNKNOWN,
        warnings=_warnings(by_length, completed),
    )


_HINT = "ab prints its figures at the end, unless a timeout or an error stops it"


def _number(lines: dict[str, str], name: str) -> float | None:
    return decimal(lines[name].partition(" ")[0]) if name in lines else None


def _count(lines: dict[str, str], name: str) -> int | None:
    value = _number(lines, name)
    return None if value is None or value < 0 else round(value)


def _errors(text: str, lines: dict[str, str]) -> tuple[dict[str, int], int]:
    """Return what failed by kind, and how many answers only had another length than the first."""
    parts = _PARTS.search(text)
    connect, receive, length, exceptions = (int(n) for n in parts.groups()) if parts else (0,) * 4
    status = _count(lines, "Non-2xx responses") or 0
    found = {"connect": connect, "receive": receive, "exception": exceptions, "not 2xx": status}
    # an error's page has another length too: ab counts it as both
    return {kind: n for kind, n in found.items() if n}, max(length - status, 0)


def _latencies(text: str, completed: int) -> Latencies:
    total = _TOTAL.search(text)
    stated = {int(line[1]) / 100: float(line[2]) for line in _PERCENTILE.finditer(text)}
    least, mean, _, most = (float(n) for n in total.groups()) if total else (None,) * 4
    return Latencies(
        count=completed,
        stated={q: value for q, value in stated.items() if 0 < q <= 1},
        mean_ms=mean,
        least_ms=least,
        most_ms=most,
        resolution_ms=1.0,
    )


def _target(lines: dict[str, str]) -> str | None:
    if "Server Hostname" not in lines:
        return None
    port = lines.get("Server Port", "")
    host = lines["Server Hostname"] + (f":{port}" if port else "")
    return named(host + lines.get("Document Path", ""))


def _warnings(by_length: int, completed: int) -> tuple[str, ...]:
    said: list[str] = []
    if by_length:
        said.append(
            f"{by_length:,} answers of another length than the first are failures to ab; a page "
            "whose length changes is none, so they are not counted as such here"
        )
    if not completed:
        said.append("no request was answered: there are no latencies")
    return tuple(said)


READER = Reader(
    name="ab",
    title="ab (text)",
    matches=_matches,
    read=_read,
    example="ab -n 10000 -c 8 -k URL > ab.txt",
    over=("ab_requests", "ab_percentiles"),
)
