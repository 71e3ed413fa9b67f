"""Jaeger's traces as its page and its interface give them: {"data": [{"spans": ...}]}."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from slowcoach.queries.logs.event import Source, Span
from slowcoach.queries.logs.sources import _spans
from slowcoach.queries.logs.stream import Stream

_MICRO = 1e6
_MOST = 200_000  # spans that wait for the names of their services


def _read(stream: Stream) -> Iterator[Span]:
    waiting: list[tuple[Span, str]] = []
    for name, item in _spans.objects(stream, {"spans"}, {"processes", "process"}):
        if name == "spans":
            process = item.get("process")
            span = _span(item)
            if isinstance(process, dict):
                span = _in_process(span, process)
            waiting.append((span, str(item.get("processID", ""))))
        if name == "processes" or len(waiting) > _MOST:  # they stand behind the spans of a trace
            yield from _named(waiting, item if name == "processes" else {})
            waiting = []
    yield from _named(waiting, {})


def _named(spans: list[tuple[Span, str]], processes: Mapping[str, Any]) -> Iterator[Span]:
    for span, process in spans:
        found = processes.get(process)
        yield _in_process(span, found) if isinstance(found, dict) else span


def _in_process(span: Span, process: Mapping[str, Any]) -> Span:
    name = process.get("serviceName")
    return span._replace(
        service=str(name) if name else span.service, process=_spans.process_of(_tags(process))
    )


def _tags(item: Mapping[str, Any]) -> dict[str, Any]:
    return {str(tag.get("key")): tag.get("value") for tag in _spans.items(item.get("tags"))}


def _span(item: dict[str, Any]) -> Span:
    tags = _tags(item)
    server = tags.get("span.kind") == "server"
    address, port = _spans.address_of(tags, server=server)
    sql, mysql = _spans.statement_of(tags)
    start = _spans.number(item.get("startTime")) / _MICRO
    return Span(
        trace=str(item.get("traceID", "")),
        id=str(item.get("spanID", "")),
        parent=_parent(item),
        service="",
        name=str(item.get("operationName", "")),
        start=start,
        end=start + _spans.number(item.get("duration")) / _MICRO,
        client=str(tags.get("span.kind")) in {"client", "producer"},
        sql=sql,
        mysql=mysql,
        caller=_spans.caller_of(tags),
        failed=str(tags.get("error")).lower() == "true",
        server=server,
        http=_spans.request_of(tags, str(item.get("operationName", ""))),
        peer=_spans.peer_of(tags),
        address=address,
        port=port,
        system=_spans.system_of(tags),
        table=_spans.table_of(tags),
    )


def _parent(item: dict[str, Any]) -> str:
    references = _spans.items(item.get("references"))
    child = [r for r in references if r.get("refType") == "CHILD_OF"] or references
    return str(child[0].get("spanID", "")) if child else str(item.get("parentSpanID") or "")


SOURCE = Source(
    name="jaeger",
    title="Jaeger's traces",
    matches=lambda head: (
        re.search(r'"traceID"\s*:', head) is not None
        and re.search(r'"operationName"\s*:', head) is not None
    ),
    read=_read,
    tells=frozenset({"times", "clock", "sessions", "traces", "failures"}),
    more="db.query.text or db.statement on the spans of the database",
)
