"""An access log of any server: what users really ask for, how often, and how they pause."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.units import duration, number
from slowcoach.load.access_logs.files import HINT, PACKED, LogFile
from slowcoach.load.access_logs.mix import mix_of
from slowcoach.load.access_logs.reading import AccessLog, layout_of
from slowcoach.load.access_logs.tally import Tally, quantiles
from slowcoach.load.think_time import Thinking, thinking
from slowcoach.load.traffic import Given, Sessions, Source, Traffic

_MOST_REWINDS = 20
_KILO = 1000.0
_LEAST_SHARE = 0.005
_NEGLIGIBLE = 0.002  # of a log's length: so short pauses are hardly ever cut
_SHOWN = 4


def _matches(given: Given) -> bool:
    if given.path is None:
        return False
    if given.path.is_dir() or "*" in given.path.name:
        return True
    return layout_of(_head(given, given.path)) is not None


def _head(given: Given, path: Path) -> str:
    """Return the first lines; a packed file's first bytes alone may not suffice for one."""
    if not given.head.startswith(PACKED):
        return given.head.decode("latin-1")
    try:
        return LogFile(path).head()
    except UnreadableError:
        return ""


def _read(given: Given) -> Traffic:
    if given.path is None:
        raise InputError("an access log is read from a file", hint="Give its path")
    check = given.cancellation.check if given.cancellation is not None else None
    wanted = urlsplit(given.base).hostname if given.base else None
    log = AccessLog(given.path, form=given.format, host=wanted, on_block=check)
    origin = _origin(given.base)
    log.read()
    return _traffic(log, origin or _told_origin(log), given)


def _origin(base: str | None) -> str | None:
    if base is None:
        return None
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}"


def _told_origin(log: AccessLog) -> str:
    if log.host is None or not log.host.strip("-_"):
        raise InputError(
            "access_log: a log has no host", hint="Give `url` too, such as https://staging.test"
        )
    return f"http://{log.host}"


def _traffic(log: AccessLog, origin: str, given: Given) -> Traffic:
    tally = log.tally
    mix = mix_of(tally.places.found(), origin, writes=given.writes)
    if not mix.endpoints:
        raise UnreadableError(
            f"{given.path}: no request that could be repeated among {tally.lines:,} lines",
            hint=f"Left out: {_left_out(tally) or 'nothing'}. {HINT}",
        )
    rates, span_s = tally.rates.found()
    sessions, said = _sessions(tally)
    paused = _paused(tally) if sessions is not None else Thinking(None)
    notes = [
        f"{tally.lines - tally.unread:,} of {tally.lines:,} lines read "
        f"({', '.join(log.layouts)}), {duration(span_s)} of traffic",
        *_of_left_out(tally),
        *mix.notes,
        *said,
        *(_of_pauses(paused, tally, log.has_service) if sessions is not None else ()),
        *log.notes,
    ]
    return Traffic(
        endpoints=mix.endpoints,
        think=paused.think,
        data=mix.data,
        rates=rates,
        sessions=sessions,
        statuses=tally.statuses(),
        latency_ms=quantiles(tally.latency),
        methods=tally.methods(),
        answer_bytes=quantiles(tally.answer_kilobytes, _KILO),
        request_bytes=quantiles(tally.request_kilobytes, _KILO),
        notes=tuple(notes),
    )


def _paused(tally: Tally) -> Thinking:
    """Return the pauses; those of a log that was cut, with long ones counted for the cut ones."""
    pauses = tally.sessions.pauses()
    found = thinking(pauses)
    if found.think is None:
        return found
    long_s = found.think.median_s * math.exp(2 * found.think.sigma)
    is_cut, window_s = tally.rates.is_cut(long_s)
    if not is_cut or long_s < window_s * _NEGLIGIBLE:
        return found
    return thinking(replace(pauses, window=window_s))


def _of_left_out(tally: Tally) -> list[str]:
    found = _left_out(tally)
    notes = [f"left out: {found}"] if found else []
    if tally.rates.odd:
        notes.append(f"{tally.rates.odd:,} lines with times years away are not in the rates")
    return notes


def _left_out(tally: Tally) -> str:
    reasons = [f"{count:,} {reason}" for reason, count in tally.left_out.most_common()]
    if never := tally.places.never_answered:
        reasons.append(f"{never:,} to paths never answered with success")
    return ", ".join(reasons)


def _sessions(tally: Tally) -> tuple[Sessions | None, list[str]]:
    """Return the visits, None where clients cannot be told apart."""
    if tally.rewound > _MOST_REWINDS:
        return None, ["the lines are in no order of time, so visits cannot be told"]
    said: list[str] = []
    if tally.rewound:
        said.append(f"the times go back {tally.rewound} times, as of several logs put together")
    if tally.clients.count == 0:
        return None, [*said, "the log tells no clients, so visits cannot be told"]
    if tally.clients.count == 1:
        return None, [*said, "all requests are of one client, so visits cannot be told"]
    return tally.sessions.found(), said


def _of_pauses(found: Thinking, tally: Tally, has_service: bool) -> list[str]:
    notes: list[str] = []
    if found.think is None:
        why = "too few" if found.error is None else "its times are too coarse for them"
        return [f"pauses of users: not told, {why} ({found.count:,})"]
    error = f", ± {found.error:.1%}" if found.error is not None else ""
    shape = "" if found.is_lognormal else "; not lognormal, so median and spread as seen"
    held = "" if has_service else "; the log has no durations, so answers' times are in them"
    notes.append(
        f"users pause {number(found.think.median_s)} s in the median (sigma "
        f"{found.think.sigma:g}{error}, {found.count:,} pauses{shape}{held})"
    )
    others = [
        f"{share:.1%} {what}"
        for share, what in (
            (found.visits, "new visits"),
            (found.fast, "a page's own requests"),
            (found.shared, "of clients that are several people"),
        )
        if share >= _LEAST_SHARE
    ]
    if others:
        notes.append(f"not counted as pauses: {', '.join(others)}")
    return notes


SOURCE = Source(name="access_log", title="access log", matches=_matches, read=_read)
