"""Zipkin's spans: a list of objects (version 2 of its format), or one a line."""

import json
import re
from collections.abc import Iterator
from typing import Any

from slowcoach.queries.logs.event import Source, Span
from slowcoach.queries.logs.sources import _spans
from slowcoach.queries.logs.stream import Stream

_MICRO = 1e6


def _read(stream: Stream) -> Iterator[Span]:
    if stream.head.lstrip().startswith("{"):
        yield from _lines(stream)
        return
    for _, item in _spans.objects(stream, {""}):
        if "traceId" in item:
            yield _span(item)


def _lines(stream: Stream) -> Iterator[Span]:
    for line in stream.lines():
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(item, dict) and "traceId" in item:
            yield _span(item)


def _span(item: dict[str, Any]) -> Span:
    tags = item.get("tags")
    tags = tags if isinstance(tags, dict) else {}
    sql, mysql = _spans.statement_of(tags)
    endpoint = item.get("localEndpoint")
    start = _spans.number(item.get("timestamp")) / _MICRO
    server = item.get("kind") == "SERVER"
    address, port = _spans.address_of(tags, server=server)
    return Span(
        trace=str(item.get("traceId", "")),
        id=str(item.get("id", "")),
        parent=str(item.get("parentId") or ""),
        service=str(endpoint.get("serviceName", "")) if isinstance(endpoint, dict) else "",
        name=str(item.get("name", "")),
        start=start,
        end=start + _spans.number(item.get("duration")) / _MICRO,
        client=str(item.get("kind")) in {"CLIENT", "PRODUCER"},
        sql=sql,
        mysql=mysql,
        caller=_spans.caller_of(tags),
        failed="error" in tags,
        server=server,
        http=_spans.request_of(tags, str(item.get("name", ""))),
        peer=_spans.peer_of(tags) or _remote(item),
        process=_spans.process_of(tags),
        address=address,
        port=port or _port(item, "localEndpoint" if server else "remoteEndpoint"),
        system=_spans.system_of(tags),
        table=_spans.table_of(tags),
    )


def _port(item: dict[str, Any], name: str) -> int:
    endpoint = item.get(name)
    return int(_spans.number(endpoint.get("port"))) if isinstance(endpoint, dict) else 0


def _remote(item: dict[str, Any]) -> str:
    endpoint = item.get("remoteEndpoint")
    return str(endpoint.get("serviceName") or "") if isinstance(endpoint, dict) else ""


SOURCE = Source(
    name="zipkin",
    title="Zipkin's spans",
    matches=lambda head: (
        re.match(r"\s*[\[{]", head) is not None
        and re.search(r'"traceId"\s*:', head) is not None
        and re.search(r'"localEndpoint"\s*:|"timestamp"\s*:\s*\d', head) is not None
    ),
    read=_read,
    tells=frozenset({"times", "clock", "sessions", "traces", "failures"}),
    more="the tag db.query.text or sql.query on the spans of the database",
)
