"""HAR: what a browser or a proxy recorded, request by request, with the answers."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from slowcoach.core.errors import UnreadableError
from slowcoach.core.files import checked
from slowcoach.load.correlation import correlate
from slowcoach.load.exchange import Exchange, readable
from slowcoach.load.pauses import limit, think_of, visit_s
from slowcoach.load.plan import Endpoint, Journey
from slowcoach.load.sealing import sealed, template
from slowcoach.load.secrecy import Vault
from slowcoach.load.sources import _documents, _mix
from slowcoach.load.traffic import Given, Source, Traffic

_LIMIT = 1 << 30
_LONGEST_ANSWER = 1 << 18
_MOST_ANSWERS = 1 << 26
_READS = frozenset({"GET", "HEAD"})
_ERRORS_FROM = 400
_CUT = 200
_WHAT = "a HAR file with log.entries"
_HINT = "Save it from the network tab of a browser or from a proxy"
_TEXT = re.compile(r"json|html|xml|text/plain|javascript", re.IGNORECASE)


@dataclass(slots=True)
class _Recording:
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    left_out: Counter[str] = field(default_factory=Counter[str])
    seen: int = 0
    with_cookies: bool = False
    warnings: tuple[str, ...] = ()


def read(given: Given) -> Traffic:
    """Return the visits of a recording as journeys, and its requests as a mix."""
    path = given.path
    if path is None:
        raise UnreadableError(f"expected {_WHAT}", hint=_HINT)
    recording = _recorded(path, given)
    if not recording.seen:
        raise UnreadableError(f"{path}: expected {_WHAT}", hint=_HINT)
    host, exchanges = _of_busiest_host(recording, given)
    vault = Vault()
    sessions = [correlate(visit, vault) for visit in _visits(exchanges)]
    for session in sessions:
        recording.left_out.update(session.left_out)
    steps = [[_mix.based(sealed(s, vault), given.base) for s in one.steps] for one in sessions]
    flat = [step for one in steps for step in one]
    if not flat:
        raise UnreadableError(
            f"{path}: no request in it that could be repeated: {_mix.counted(recording.left_out)}",
            hint="Say in the goal that the test is `with writes`, or record pages that only read",
        )
    think = think_of(list(_pauses([e for e in exchanges if e.kept])))
    hands_on = any(step.extract for step in flat)
    said = (
        f"{len(flat)} of {recording.seen} requests of the recording are used ({host})",
        *_mix.notes(recording.left_out, flat, writes=given.writes),
        *_sanitized(recording),
        *recording.warnings,
    )
    return Traffic(
        endpoints=_mix.mixed(flat),
        journeys=_journeys(steps) if hands_on or think is not None else (),
        think=think,
        statuses=dict(Counter(str(e.status) for e in exchanges if e.kept)),
        notes=said,
    )


def _recorded(path: Path, given: Given) -> _Recording:
    from slowcoach.queries.logs.sources import _spans
    from slowcoach.queries.logs.stream import Stream

    checked(path, what=_WHAT, limit=_LIMIT, smaller="Record less, or without bodies")
    stop = given.cancellation
    stream = Stream(str(path), lambda _done, _all: stop.check() if stop else None)
    found = _Recording()
    answers, most = 0, limit("entries")
    for _, entry in _spans.objects(stream, {"entries"}):
        found.seen += 1
        if len(found.exchanges) >= most:
            found.left_out[f"requests after the first {most:,}"] += 1
            continue
        exchange = _exchange(entry, found)
        if exchange is None:
            continue
        answers += len(exchange.answer)
        found.exchanges.append(
            exchange if answers < _MOST_ANSWERS else replace(exchange, answer="")
        )
    found.exchanges.sort(key=lambda e: e.started_s or 0.0)
    found.warnings = tuple(stream.warnings)
    return found


def _exchange(entry: dict[str, Any], found: _Recording) -> Exchange | None:
    """Return one entry; None when it is nothing to repeat or to learn from."""
    request, response = _dict(entry.get("request")), _dict(entry.get("response"))
    method, url = str(request.get("method", "")).upper(), readable(str(request.get("url", "")))
    content = _dict(response.get("content"))
    status = response.get("status")
    why = _mix.unusable(method, url, str(content.get("mimeType") or ""))
    if why is None and entry.get("_fromCache"):
        why = "answers from the browser's cache"
    if why is not None:
        found.left_out[why] += 1
        return None
    headers = _headers(request)
    found.with_cookies |= any(k.lower() in {"cookie", "authorization"} for k, _ in headers)
    started = _time(entry.get("startedDateTime"))
    body, mime = _posted(request)
    return Exchange(
        method=method,
        url=url.split("#")[0],
        headers=headers,
        body=None if body is None else readable(body),
        mime=mime,
        status=status if isinstance(status, int) else 0,
        answer_headers=_headers(response, "set-cookie"),
        answer=readable(_answer(content)),
        started_s=started,
        ended_s=None if started is None else started + _number(entry.get("time")) / 1000,
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e9 else 0.0  # noqa: PLR2004


def _headers(part: dict[str, Any], cookie: str = "cookie") -> tuple[tuple[str, str], ...]:
    """Return the headers; some programs tell cookies only beside them."""
    found = [
        (str(h.get("name", "")), str(h.get("value", ""))) for h in _listed(part.get("headers"))
    ]
    if not any(name.lower() == cookie for name, _ in found):
        cookies = [f"{c.get('name')}={c.get('value', '')}" for c in _listed(part.get("cookies"))]
        if cookie == "cookie" and cookies:
            found.append(("Cookie", "; ".join(cookies)))
        elif cookies:
            found += [("Set-Cookie", text) for text in cookies]
    lines = [(name, line) for name, value in found for line in _lines(name, readable(value))]
    return tuple(lines)


def _lines(name: str, value: str) -> Iterable[str]:
    return value.split("\n") if name.lower() == "set-cookie" else (value,)


def _posted(request: dict[str, Any]) -> tuple[str | None, str]:
    data = request.get("postData")
    if not isinstance(data, dict):
        return None, ""
    mime = str(data.get("mimeType") or "")
    text = data.get("text")
    if isinstance(text, str) and text:
        return (_decoded(text) if data.get("encoding") == "base64" else text), mime
    pairs = [(str(p.get("name", "")), str(p.get("value", ""))) for p in _listed(data.get("params"))]
    if any("fileName" in p for p in _listed(data.get("params"))):
        return "", "multipart/form-data"
    return (urlencode(pairs) if pairs else None), mime


def _answer(content: dict[str, Any]) -> str:
    text, mime = content.get("text"), str(content.get("mimeType") or "")
    if not isinstance(text, str) or not (_TEXT.search(mime) or not mime):
        return ""
    if content.get("encoding") == "base64":
        text = _decoded(text)
    return text if len(text) <= _LONGEST_ANSWER else ""


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _time(value: Any) -> float | None:
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _of_busiest_host(recording: _Recording, given: Given) -> tuple[str, list[Exchange]]:
    """Return the host with most requests and its exchanges, each told whether it is kept."""
    hosts = Counter(urlsplit(e.url).netloc.rpartition("@")[2] for e in recording.exchanges)
    host = hosts.most_common(1)[0][0] if hosts else ""
    found: list[Exchange] = []
    for exchange in recording.exchanges:
        if urlsplit(exchange.url).netloc.rpartition("@")[2] != host:
            recording.left_out["to other hosts"] += 1
            continue
        why = _unkept(exchange, given)
        if why is not None:
            recording.left_out[why] += 1
        found.append(replace(exchange, kept=why is None))
    return host[:_CUT], found


def _unkept(exchange: Exchange, given: Given) -> str | None:
    if exchange.status >= _ERRORS_FROM or exchange.status <= 0:
        return "failed in the recording"
    if exchange.writes and not given.writes:
        return "writes"
    return None


def _visits(exchanges: Sequence[Exchange]) -> Iterator[list[Exchange]]:
    """Yield the exchanges of each visit: a pause of half an hour ends one."""
    visit: list[Exchange] = []
    longest_s = visit_s()
    for exchange in exchanges:
        last = visit[-1].started_s if visit else None
        if last is not None and (exchange.started_s or last) - last > longest_s:
            yield visit
            visit = []
        visit.append(exchange)
    yield visit


def _pauses(exchanges: Sequence[Exchange]) -> Iterator[float]:
    end: float | None = None
    least_s = limit("pause_s")
    for exchange in exchanges:
        if exchange.started_s is None:
            continue
        if end is not None and exchange.started_s - end >= least_s:
            yield exchange.started_s - end
        end = max(end or 0.0, exchange.ended_s or exchange.started_s)


def _journeys(visits: Sequence[Sequence[Endpoint]]) -> tuple[Journey, ...]:
    return tuple(
        Journey(name=f"visit {number}: {template(steps[0].url)}"[:_CUT], steps=tuple(steps))
        for number, steps in enumerate(visits, 1)
        if steps
    )


def _sanitized(recording: _Recording) -> Iterable[str]:
    if not recording.with_cookies:
        yield (
            "the recording holds no cookies and no Authorization, which Chrome leaves out unless "
            "it exports HAR with sensitive data: sign-ins are not handed on"
        )


SOURCE = Source(
    name="har",
    title="A browser's HAR recording",
    matches=lambda given: (
        re.search(rb'^\s*(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:\s*\{', _documents.head_of(given))
        is not None
    ),
    read=read,
)
