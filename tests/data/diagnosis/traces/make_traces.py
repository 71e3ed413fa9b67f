"""Traces of the three services of shop.py, as OTLP (JSON and protobuf), Jaeger and Zipkin JSON.

    python tests/data/diagnosis/traces/make_traces.py

with opentelemetry-sdk, opentelemetry-exporter-otlp-proto-common and protobuf. The services run on
loopback; each endpoint of the front is asked alone, /counter by four at a time.
"""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

HERE = Path(__file__).parent
PLAN = {  # requests, at a time
    "/order/17": (12, 1),
    "/overview": (12, 1),
    "/together": (12, 1),
    "/lines": (6, 1),
    "/totals": (8, 1),
    "/rates": (12, 1),
    "/counter": (16, 4),
}


def started(role, traces, **ports):
    given = {**os.environ, "TRACES": traces, "PORT": "0", "HOST_NAME": "shop-1"} | ports
    process = subprocess.Popen(
        [sys.executable, "shop.py", role], cwd=HERE, env=given, stdout=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().split()[1]


def get(port, path):
    connection = HTTPConnection("127.0.0.1", int(port), timeout=30)
    connection.request("GET", path)
    connection.getresponse().read()
    connection.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/spans"
        stock, stock_port = started("stock", file)
        orders, orders_port = started("orders", file, STOCK_PORT=stock_port)
        front, port = started("front", file, STOCK_PORT=stock_port, ORDERS_PORT=orders_port)
        try:
            for path, (count, at_a_time) in PLAN.items():
                with ThreadPoolExecutor(at_a_time) as pool:
                    list(pool.map(lambda _, path=path: get(port, path), range(count)))
        finally:
            for process in (front, orders, stock):
                process.kill()
                process.wait()
        lines = Path(file).read_text().splitlines()
    pids = {stock.pid: 301, orders.pid: 201, front.pid: 101}
    ports = {stock_port: "8003", orders_port: "8002", port: "8001"}
    exports = [steady(line, pids, ports) for line in lines]
    (HERE / "otlp.jsonl").write_text("\n".join(json.dumps(e) for e in exports) + "\n")
    whole = {"resourceSpans": [r for e in exports for r in e["resourceSpans"]]}
    (HERE / "otlp.pb").write_bytes(ParseDict(based(whole), TracesData()).SerializeToString())
    spans = [(r["resource"], s) for r in whole["resourceSpans"] for s in r["scopeSpans"][0]["spans"]]
    (HERE / "jaeger.json").write_text(json.dumps(jaeger(spans)) + "\n")
    (HERE / "zipkin.json").write_text(json.dumps([zipkin(*one) for one in spans]) + "\n")


def steady(line, pids, ports):
    """Give processes and ports numbers that do not change from one making to the next."""
    for port, by in ports.items():
        line = line.replace(f'"intValue": "{port}"', f'"intValue": "{by}"')
        line = line.replace(f"127.0.0.1:{port}/", f"127.0.0.1:{by}/")
    for pid, by in pids.items():
        line = line.replace(f'"intValue": "{pid}"', f'"intValue": "{by}"')
    return json.loads(line)


def based(node):
    """Turn hexadecimal identifiers into the base64 that protobuf's JSON wants."""
    import base64

    if isinstance(node, list):
        return [based(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        k: base64.b64encode(bytes.fromhex(v)).decode()
        if k in {"traceId", "spanId", "parentSpanId"}
        else based(v)
        for k, v in node.items()
    }


def value(attribute):
    kind, found = next(iter(attribute["value"].items()))
    return int(found) if kind == "intValue" else found


def attributes(item):
    return {a["key"]: value(a) for a in item.get("attributes", [])}


def zipkin(resource, span):
    own, tags = attributes(resource), attributes(span)
    start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
    tags |= {k: v for k, v in own.items() if k != "service.name"}
    found = {
        "traceId": span["traceId"],
        "id": span["spanId"],
        "name": span["name"],
        "timestamp": start // 1000,
        "duration": (end - start) // 1000,
        "localEndpoint": {"serviceName": own["service.name"]},
        "tags": {k: str(v) for k, v in tags.items()},
    }
    kind = span["kind"].removeprefix("SPAN_KIND_")
    if kind != "INTERNAL":
        found["kind"] = kind
    if span.get("parentSpanId"):
        found["parentId"] = span["parentSpanId"]
    return found


def tags_of(found):
    return [
        {"key": k, "type": "int64" if isinstance(v, int) else "string", "value": v}
        for k, v in found.items()
    ]


def jaeger(spans):
    traces, processes = {}, {}
    for resource, span in spans:
        own = attributes(resource)
        name = own.pop("service.name")
        processes[name] = {"serviceName": name, "tags": tags_of(own)}
        start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
        kind = span["kind"].removeprefix("SPAN_KIND_").lower()
        parent = span.get("parentSpanId")
        refs = [{"refType": "CHILD_OF", "traceID": span["traceId"], "spanID": parent}]
        traces.setdefault(span["traceId"], []).append(
            {
                "traceID": span["traceId"],
                "spanID": span["spanId"],
                "operationName": span["name"],
                "references": refs if parent else [],
                "startTime": start // 1000,
                "duration": (end - start) // 1000,
                "tags": tags_of({**attributes(span), "span.kind": kind}),
                "logs": [],
                "processID": name,
            }
        )
    data = [{"traceID": t, "spans": s, "processes": processes} for t, s in traces.items()]
    return {"data": data, "total": 0, "limit": 0, "offset": 0, "errors": None}


if __name__ == "__main__":
    main()
