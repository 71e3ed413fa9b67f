"""OpenTelemetry's spans as OTLP JSON: one export, or one a line as the file exporter writes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from slowcoach.queries.logs.event import Process, Source, Span
from slowcoach.queries.logs.sources import _spans
from slowcoach.queries.logs.stream import Stream

_CLIENT = frozenset({"3", "SPAN_KIND_CLIENT", "4", "SPAN_KIND_PRODUCER"})
_SERVER = frozenset({"2", "SPAN_KIND_SERVER"})
_ERROR = frozenset({"2", "STATUS_CODE_ERROR"})
_NANO = 1e9


def _read(stream: Stream) -> Iterator[Span]:
    service, process = "", Process()
    for name, item in _spans.objects(stream, {"spans"}, {"resource"}):
        if name == "resource":
            told = attributes_of(item)
            service, process = str(told.get("service.name", "")), _spans.process_of(told)
        else:
            yield span_of(item, attributes_of(item), service, process)


def span_of(
    item: Mapping[str, Any], attributes: Mapping[str, Any], service: str, process: Process
) -> Span:
    """Return the span that an object of OTLP JSON and its attributes tell of."""
    sql, mysql = _spans.statement_of(attributes)
    status = item.get("status")
    server = str(item.get("kind")) in _SERVER
    address, port = _spans.address_of(attributes, server=server)
    return Span(
        trace=str(item.get("traceId", "")),
        id=str(item.get("spanId", "")),
        parent=str(item.get("parentSpanId") or ""),
        service=service,
        name=str(item.get("name", "")),
        start=_spans.number(item.get("startTimeUnixNano")) / _NANO,
        end=_spans.number(item.get("endTimeUnixNano")) / _NANO,
        client=str(item.get("kind")) in _CLIENT,
        sql=sql,
        mysql=mysql,
        caller=_spans.caller_of(attributes),
        failed=isinstance(status, dict) and str(status.get("code")) in _ERROR,
        server=server,
        http=_spans.request_of(attributes, str(item.get("name", ""))),
        peer=_spans.peer_of(attributes),
        process=process,
        address=address,
        port=port,
        system=_spans.system_of(attributes),
        table=_spans.table_of(attributes),
    )


def attributes_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of an object of OTLP JSON by their names."""
    found: dict[str, Any] = {}
    for attribute in _spans.items(item.get("attributes")):
        value = attribute.get("value")
        if isinstance(value, dict):
            found[str(attribute.get("key"))] = next(iter(value.values()), None)
    return found


SOURCE = Source(
    name="otlp",
    title="OpenTelemetry's spans (OTLP JSON)",
    matches=lambda head: re.search(r'"(?:resourceSpans|scopeSpans)"\s*:', head) is not None,
    read=_read,
    tells=frozenset({"times", "clock", "sessions", "traces", "failures"}),
    more="db.query.text on the spans of the database (an instrumentation of the driver or ORM)",
    certain=True,
)
