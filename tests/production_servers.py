"""Small servers that answer as Jaeger, Tempo, Pyroscope, Parca and Kubernetes document it."""

import base64
import json
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

DATA = Path(__file__).parent / "data"
Query = dict[str, str]
Reply = tuple[int, bytes, dict[str, str]]
Answer = Callable[[str, Query], Reply]


@dataclass
class Server:
    """A server that is up: what it was asked, and the headers that came along."""

    url: str
    asked: list[tuple[str, Query]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve answers to GET alone on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            server.asked.append((parts.path, query))
            server.headers.append({k.lower(): v for k, v in self.headers.items()})
            status, body, headers = answer(parts.path, query)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    if tls is not None:
        made.socket = tls.wrap_socket(made.socket, server_side=True)
    server = Server(f"{'https' if tls else 'http'}://127.0.0.1:{made.server_port}")
    thread = threading.Thread(target=made.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return TLS for 127.0.0.1 with a certificate that is its own authority, and its file."""
    certificate, key = folder / "server.crt", folder / "server.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"]
    command += ["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=kubernetes"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls, certificate


def told(document: Any) -> Reply:
    """Return an answer with JSON."""
    return 200, json.dumps(document).encode(), {"Content-Type": "application/json"}


NOT_FOUND: Reply = (404, b"{}", {})


@cache
def _traces() -> list[Any]:
    found: list[Any] = json.loads((DATA / "diagnosis/traces/jaeger.json").read_text())["data"]
    return found


def jaeger(path: str, query: Query) -> Reply:
    """Answer as Jaeger's query service does."""
    if path == "/api/services":
        names = {p["serviceName"] for t in _traces() for p in t["processes"].values()}
        return told({"data": sorted(names), "total": len(names), "errors": None})
    if path.endswith("/operations"):
        found = {s["operationName"] for s in _spans(unquote(path.split("/")[3]))}
        return told({"data": sorted(found), "errors": None})
    if path != "/api/traces":
        return NOT_FOUND
    assert int(query["start"]) < int(query["end"])
    least = int(query.get("minDuration", "0us").removesuffix("us"))
    spans = _spans(query["service"])
    ids = {
        s["traceID"]
        for s in spans
        if s["operationName"] == query["operation"] and s["duration"] >= least
    }
    chosen = [t for t in _traces() if t["traceID"] in ids][: int(query["limit"])]
    return told({"data": chosen, "errors": None})


def _spans(service: str) -> list[Any]:
    return [
        span
        for trace in _traces()
        for span in trace["spans"]
        if trace["processes"][span["processID"]]["serviceName"] == service
    ]


@cache
def _exports() -> dict[str, list[Any]]:
    """Return the resourceSpans of each trace."""
    found: dict[str, list[Any]] = {}
    for line in (DATA / "diagnosis/traces/otlp.jsonl").read_text().splitlines():
        for resource in json.loads(line)["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    one = {"scope": scope.get("scope", {}), "spans": [span]}
                    found.setdefault(span["traceId"], []).append(
                        {"resource": resource["resource"], "scopeSpans": [one]}
                    )
    return found


def tempo(path: str, query: Query) -> Reply:
    """Answer as Tempo does; of TraceQL it knows the route alone."""
    if path == "/api/search":
        assert query["q"].startswith("{ kind = server && (")
        route = query["q"].split('span.http.route = "')[1].split('"')[0]
        told_route = json.dumps({"key": "http.route", "value": {"stringValue": route}})
        ids = [i for i, r in _exports().items() if told_route in json.dumps(r)]
        return told({"traces": [{"traceID": i} for i in ids], "metrics": {}})
    if path.startswith("/api/traces/"):
        return told({"batches": _exports()[path.rpartition("/")[2]]})
    return NOT_FOUND


def pyroscope(path: str, query: Query) -> Reply:
    """Answer as Pyroscope's /pyroscope/render does."""
    if path != "/pyroscope/render" or query["format"] != "json":
        return NOT_FOUND
    if query["query"] != 'process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name="front"}':
        empty = {"names": ["total"], "levels": [[0, 0, 0, 0]], "numTicks": 0, "maxSelf": 0}
        return told({"version": 1, "flamebearer": empty, "metadata": {"format": "single"}})
    return 200, (DATA / "profiles/pyroscope/render.json").read_bytes(), {}


def parca(path: str, query: Query) -> Reply:
    """Answer as Parca's HTTP gateway does."""
    if path == "/api/profiles/types":
        memory = {"name": "memory", "sampleType": "alloc_space", "sampleUnit": "bytes"}
        cpu = {"name": "process_cpu", "sampleType": "cpu", "sampleUnit": "nanoseconds"}
        period = {"periodType": "space", "periodUnit": "bytes"}
        cpu |= {"periodType": "cpu", "periodUnit": "nanoseconds"}
        return told({"types": [memory | period, {**cpu, "delta": True}]})
    if path == "/api/profiles/labels/job/values":
        return told({"labelValues": ["front", "stock"]})
    if path.startswith("/api/profiles/labels/"):
        return told({"labelValues": []})
    if path == "/api/profiles/query":
        kind = "process_cpu:cpu:nanoseconds:cpu:nanoseconds:delta"
        assert query["merge.query"] == f'{kind}{{job="front"}}', query
        assert query["mode"] == "MODE_MERGE"
        assert query["merge.start"].endswith("Z")
        body = (DATA / "profiles/pprof/cpu.pb.gz").read_bytes()
        return told({"pprof": base64.b64encode(body).decode(), "total": "1"})
    return NOT_FOUND


def kubernetes(path: str, _query: Query) -> Reply:
    """Answer as an API server does for the pods of a namespace."""
    if path != "/api/v1/namespaces/shop/pods":
        return NOT_FOUND
    return 200, (DATA / "production/pods.json").read_bytes(), {}
