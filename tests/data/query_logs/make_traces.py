"""Traces of faulty and sound requests, by OpenTelemetry's own SDK, as OTLP, Jaeger and Zipkin JSON.

    python tests/data/query_logs/make_traces.py

with opentelemetry-sdk, opentelemetry-exporter-otlp-proto-common and protobuf (OTLP: the SDK's own
encoder; Zipkin and Jaeger: the same spans in the shape that their interfaces give, written here).
"""

import base64
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

HERE = Path(__file__).parent
IDS = ("traceId", "spanId", "parentSpanId")
MS = 1_000_000
BOOKS = "SELECT id, title FROM book WHERE author_id = $1"


class Clock:
    """Spans at given times: `at` goes on as work is done."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self.tracer = tracer
        self.at = 1_795_000_000_000 * MS

    def span(self, name: str, work: Callable[[], None], **given: Any) -> None:
        span = self.tracer.start_span(name, start_time=self.at, **given)
        with trace.use_span(span, end_on_exit=False):
            work()
        span.end(end_time=self.at)

    def wait(self, ms: float) -> None:
        self.at += int(ms * MS)

    def statement(self, sql: str, ms: float, **attributes: Any) -> None:
        said = {"db.system.name": "postgresql", "db.query.text": sql, **attributes}
        self.span(sql.split()[0], lambda: self.wait(ms), kind=SpanKind.CLIENT, attributes=said)
        self.wait(0.4)

    def call(self, host: str, ms: float) -> None:
        self.span(f"GET {host}", lambda: self.wait(ms), kind=SpanKind.CLIENT)
        self.wait(0.2)


def lazy(clock: Clock) -> None:
    place = {"code.file.path": "shop/views.py", "code.line.number": 42,
             "code.function.name": "authors"}  # fmt: skip

    def work() -> None:
        clock.statement("SELECT id, name FROM author ORDER BY name LIMIT 12", 2)
        for _ in range(12):
            clock.statement(BOOKS, 1.5, **place)

    clock.span("GET /authors", work, kind=SpanKind.SERVER)


def resolvers(clock: Clock) -> None:
    def one() -> None:
        clock.statement(BOOKS, 1)

    def work() -> None:
        clock.statement("SELECT id, name FROM author ORDER BY name LIMIT 8", 2)
        for _ in range(8):
            clock.span("resolve Author.books", one)

    clock.span("POST /graphql", work, kind=SpanKind.SERVER)


def batched(clock: Clock) -> None:
    def work() -> None:
        clock.statement("SELECT id, name FROM author ORDER BY name LIMIT 12", 2)
        clock.statement("SELECT id, title FROM book WHERE author_id = ANY($1)", 3)

    clock.span("GET /authors", work, kind=SpanKind.SERVER)


def sequential(clock: Clock) -> None:
    def work() -> None:
        clock.wait(5)
        for host, ms in (("prices", 60), ("stock", 80), ("reviews", 40)):
            clock.call(host, ms)
        clock.statement("SELECT name FROM author WHERE id = 7", 2)

    clock.span("GET /product", work, kind=SpanKind.SERVER)


def requests(clock: Clock) -> None:
    """The same quick request again and again: each is a trace of its own."""
    for number in range(10):
        sql = f"SELECT name FROM author WHERE id = {number}"
        clock.span("GET /author", lambda sql=sql: clock.statement(sql, 1), kind=SpanKind.SERVER)


def main() -> None:
    for work in (lazy, resolvers, batched, sequential, requests):
        memory = InMemorySpanExporter()
        provider = TracerProvider(resource=Resource({"service.name": "shop"}))
        provider.add_span_processor(SimpleSpanProcessor(memory))
        work(Clock(provider.get_tracer("samples")))
        spans = memory.get_finished_spans()
        keep("otlp", work.__name__, otlp(spans))
        keep("zipkin", work.__name__, [zipkin(span) for span in spans])
        keep("jaeger", work.__name__, jaeger(spans))
    lines = [json.dumps(otlp([span])) for span in spans]
    (HERE / "otlp/requests_by_line.json").write_text("\n".join(lines) + "\n", encoding="utf-8")


def otlp(spans: Sequence[ReadableSpan]) -> Any:
    """Return an export; identifiers of OTLP JSON are hexadecimal, protobuf's JSON has base64."""

    def hexadecimal(node: Any) -> Any:
        if isinstance(node, list):
            return [hexadecimal(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {
            key: base64.b64decode(value).hex() if key in IDS else hexadecimal(value)
            for key, value in node.items()
        }

    return hexadecimal(MessageToDict(encode_spans(spans)))


def keep(folder: str, name: str, document: Any) -> None:
    """Write one document."""
    target = HERE / folder / f"{name}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def zipkin(span: ReadableSpan) -> dict[str, Any]:
    found: dict[str, Any] = {
        "traceId": f"{span.context.trace_id:032x}",
        "id": f"{span.context.span_id:016x}",
        "name": span.name,
        "timestamp": (span.start_time or 0) // 1000,
        "duration": ((span.end_time or 0) - (span.start_time or 0)) // 1000,
        "localEndpoint": {"serviceName": "shop"},
        "tags": {key: str(value) for key, value in (span.attributes or {}).items()},
    }
    if span.kind is not SpanKind.INTERNAL:
        found["kind"] = span.kind.name
    if span.parent is not None:
        found["parentId"] = f"{span.parent.span_id:016x}"
    return found


def jaeger(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    traces: dict[str, list[Any]] = {}
    for span in spans:
        trace_id = f"{span.context.trace_id:032x}"
        parents = [span.parent] if span.parent is not None else []
        tags = [
            {"key": key, "type": "int64" if isinstance(value, int) else "string", "value": value}
            for key, value in (span.attributes or {}).items()
        ]
        tags.append({"key": "span.kind", "type": "string", "value": span.kind.name.lower()})
        traces.setdefault(trace_id, []).append(
            {
                "traceID": trace_id,
                "spanID": f"{span.context.span_id:016x}",
                "operationName": span.name,
                "references": [
                    {"refType": "CHILD_OF", "traceID": trace_id, "spanID": f"{p.span_id:016x}"}
                    for p in parents
                ],
                "startTime": (span.start_time or 0) // 1000,
                "duration": ((span.end_time or 0) - (span.start_time or 0)) // 1000,
                "tags": tags,
                "logs": [],
                "processID": "p1",
            }
        )
    processes = {"p1": {"serviceName": "shop", "tags": []}}
    data = [
        {"traceID": name, "spans": found, "processes": processes} for name, found in traces.items()
    ]
    return {"data": data, "total": 0, "limit": 0, "offset": 0, "errors": None}


if __name__ == "__main__":
    main()
