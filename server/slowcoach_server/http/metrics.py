"""What Prometheus reads of the server: requests, tool calls, runs at work."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slowcoach.catalogue import tools
from slowcoach.core.runs import Runs

_SECONDS = (0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60)
_OTHER = "other"


class Metrics:
    """The server's own figures, in a registry of their own."""

    def __init__(self, runs: Runs) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "slowcoach_http_requests", "HTTP requests", ["status"], registry=self.registry
        )
        self.calls = Counter(
            "slowcoach_tool_calls", "Tool calls", ["tool", "outcome"], registry=self.registry
        )
        self.seconds = Histogram(
            "slowcoach_tool_seconds",
            "Time to the answer of a tool call",
            ["tool"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        busy = Gauge("slowcoach_runs_active", "Runs at work", registry=self.registry)
        busy.set_function(lambda: float(runs.busy()))

    async def page(self, _request: Request) -> Response:
        """Answer with the figures in Prometheus's text format."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

    async def observe(self, context: Any, call_next: Callable[[Any], Awaitable[Any]]) -> Any:
        """Count a message of a client; a middleware of the MCP server."""
        if context.method != "tools/call":
            return await call_next(context)
        said = (context.params or {}).get("name")
        tool = said if said in tools() else _OTHER  # a client's words make no new series
        begun, outcome = time.monotonic(), "error"
        try:
            result = await call_next(context)
            outcome = "error" if _is_error(result) else "answered"
            return result
        finally:
            self.calls.labels(tool, outcome).inc()
            self.seconds.labels(tool).observe(time.monotonic() - begun)


def _is_error(result: Any) -> bool:
    if isinstance(result, dict):
        return bool(result.get("isError") or result.get("is_error"))
    return bool(getattr(result, "is_error", False))


class CountRequests:
    """Counts answers by their status."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count its answer."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.requests.labels(str(message["status"])).inc()
            await send(message)

        await self.app(scope, receive, counted if scope["type"] == "http" else send)
