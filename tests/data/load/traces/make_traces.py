"""Traces of a small shop under real requests: Flask and SQLite, instrumented by OpenTelemetry.

    python tests/data/load/traces/make_traces.py

with flask, opentelemetry-sdk, opentelemetry-instrumentation-flask, -sqlite3 and
opentelemetry-exporter-otlp-proto-common. OTLP is the SDK's own encoding; the same spans are written
in the shapes that Jaeger's and Zipkin's interfaces give. Three of four requests read an item.
"""

import base64
import json
import sqlite3
import threading
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from flask import Flask
from google.protobuf.json_format import MessageToDict
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from werkzeug.serving import make_server

HERE = Path(__file__).parent
IDS = ("traceId", "spanId", "parentSpanId")


def shop() -> Flask:
    SQLite3Instrumentor().instrument()
    app = Flask("shop")
    FlaskInstrumentor().instrument_app(app)

    def asked(number: int) -> str:
        link = sqlite3.connect(":memory:")
        found = link.cursor().execute("SELECT ?", (number,)).fetchone()
        link.close()
        return str(found[0])

    @app.get("/items/<int:item_id>")
    def item(item_id: int) -> str:
        return asked(item_id)

    @app.get("/search")
    def search() -> str:
        return asked(1) + asked(2)

    @app.post("/orders")
    def orders() -> str:
        return asked(3)

    return app


def visit(port: int) -> None:
    for number in range(40):
        link = HTTPConnection("127.0.0.1", port, timeout=20)
        if number % 10 == 9:
            link.request("POST", "/orders", b"{}")
        elif number % 4 == 3:
            link.request("GET", "/search?q=shoe&token=planted-in-a-trace-1")
        else:
            link.request("GET", f"/items/{number % 7}")
        link.getresponse().read()
        link.close()
        time.sleep(0.05)


def otlp(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    document = MessageToDict(encode_spans(spans))

    def hexed(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in IDS:
                    node[key] = base64.b64decode(value).hex()
                else:
                    hexed(value)
        elif isinstance(node, list):
            for each in node:
                hexed(each)

    hexed(document)
    return document


def _ids(span: ReadableSpan) -> tuple[str, str, str]:
    context, parent = span.get_span_context(), span.parent
    return (f"{context.trace_id:032x}", f"{context.span_id:016x}",
            f"{parent.span_id:016x}" if parent else "")  # fmt: skip


def jaeger(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    traces: dict[str, list[Any]] = {}
    for span in spans:
        trace_id, span_id, parent = _ids(span)
        tags = [{"key": k, "type": "string", "value": v} for k, v in span.attributes.items()]
        tags.append({"key": "span.kind", "type": "string", "value": span.kind.name.lower()})
        refs = [{"refType": "CHILD_OF", "traceID": trace_id, "spanID": parent}] if parent else []
        traces.setdefault(trace_id, []).append(
            {
                "traceID": trace_id,
                "spanID": span_id,
                "operationName": span.name,
                "references": refs,
                "startTime": span.start_time // 1000,
                "duration": (span.end_time - span.start_time) // 1000,
                "tags": tags,
                "processID": "p1",
            }  # fmt: skip
        )
    processes = {"p1": {"serviceName": "shop", "tags": []}}
    return {"data": [{"traceID": t, "spans": s, "processes": processes} for t, s in traces.items()]}


def zipkin(spans: Sequence[ReadableSpan]) -> list[dict[str, Any]]:
    found = []
    for span in spans:
        trace_id, span_id, parent = _ids(span)
        found.append(
            {
                "traceId": trace_id,
                "id": span_id,
                "name": span.name.lower(),
                "kind": span.kind.name if span.kind.name != "INTERNAL" else None,
                "timestamp": span.start_time // 1000,
                "duration": (span.end_time - span.start_time) // 1000,
                "localEndpoint": {"serviceName": "shop"},
                "tags": {k: str(v) for k, v in span.attributes.items()},
                **({"parentId": parent} if parent else {}),
            }  # fmt: skip
        )
    return found


def main() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    server = make_server("127.0.0.1", 0, shop(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    visit(server.server_port)
    server.shutdown()
    spans = exporter.get_finished_spans()
    for name, document in (
        ("otlp", otlp(spans)),
        ("jaeger", jaeger(spans)),
        ("zipkin", zipkin(spans)),
    ):
        (HERE / f"{name}.json").write_text(json.dumps(document) + "\n")


main()
