"""The ASGI application around the MCP server, and how it is run and stopped."""

import secrets
import sys
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, Final

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.routes import build_resource_metadata_url, create_protected_resource_routes
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from slowcoach.core.permission import is_loopback
from slowcoach.core.runs import Runs
from slowcoach_server.app import build_app, own_version
from slowcoach_server.http.limits import RateLimit
from slowcoach_server.http.metrics import CountRequests, Metrics
from slowcoach_server.http.options import PATH, HttpOptions
from slowcoach_server.http.tokens import SignedTokens, StaticTokens
from slowcoach_server.settings import Settings

_OPEN: Final = ("/healthz", "/.well-known/")
_GRACE_S = 5
_IDLE_S = 1800.0
_TRACES: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class _Open:
    """Lets what supervisors and clients must read before they can log in pass by the login."""

    def __init__(self, plain: ASGIApp, guarded: ASGIApp) -> None:
        self._plain, self._guarded = plain, guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_open = scope["type"] != "http" or path.startswith(_OPEN)
        await (self._plain if is_open else self._guarded)(scope, receive, send)


def with_token(options: HttpOptions) -> tuple[HttpOptions, str | None]:
    """Return the options, with a new token where other machines could call without one."""
    if is_loopback(options.host) or options.tokens or options.oauth:
        return options, None
    token = secrets.token_urlsafe(32)
    return replace(options, tokens={"client": token}), token


def application(settings: Settings, options: HttpOptions, runs: Runs) -> ASGIApp:
    """Return the application: /mcp, /healthz, /metrics, and what OAuth clients look for."""
    metrics = Metrics(runs)
    served = build_app(settings, runs, middleware=[metrics.observe])
    inner: Any = served.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=options.body_bytes,
        max_sessions=options.sessions,
        session_idle_timeout=_IDLE_S,
        host=options.host,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=options.hosts,
            allowed_origins=options.allowed_origins,
        ),
    )
    inner.router.routes += [
        Route("/healthz", _healthy, methods=["GET"]),
        Route("/metrics", metrics.page, methods=["GET"]),
        *_metadata(options),
    ]
    limited = RateLimit(inner, per_minute=options.per_minute)
    return CountRequests(_logged_in(inner, limited, options), metrics=metrics)


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"status": "ok", "version": own_version()})


def _metadata(options: HttpOptions) -> list[Route]:
    if options.oauth is None:
        return []
    said = AuthSettings.model_validate(  # keeps an address without a path as it was given
        {
            "issuer_url": options.oauth.issuer,
            "resource_server_url": options.oauth.audience,
            "validate_token_resource": False,
        }
    )
    return create_protected_resource_routes(
        resource_url=said.resource_server_url or said.issuer_url,
        authorization_servers=[said.issuer_url],
        scopes_supported=list(options.oauth.scopes) or None,
        resource_name="Slowcoach",
    )


def _logged_in(plain: ASGIApp, limited: ASGIApp, options: HttpOptions) -> ASGIApp:
    if options.oauth:
        verifier: Any = SignedTokens(options.oauth)
        about = build_resource_metadata_url(AnyHttpUrl(options.oauth.audience))
        scopes = list(options.oauth.scopes)
    elif options.tokens:
        verifier, about, scopes = StaticTokens(options.tokens), None, []
    else:
        return _Open(plain, limited)
    asked = RequireAuthMiddleware(AuthContextMiddleware(limited), scopes, about)
    guarded = AuthenticationMiddleware(asked, backend=BearerAuthBackend(verifier))
    return _Open(plain, guarded)


def run(settings: Settings, options: HttpOptions, runs: Runs) -> None:
    """Serve until a signal; open answers get a few seconds to end."""
    import uvicorn

    options, token = with_token(options)
    if token is not None:
        sys.stderr.write(f"bearer token of this run: {token}\n")
    _trace()
    config = uvicorn.Config(
        application(settings, options, runs),
        host=options.host,
        port=options.port,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE_S,
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
        server_header=False,
    )
    sys.stderr.write(f"serving MCP at {options.url}\n")
    uvicorn.Server(config).run()


def _trace() -> None:
    """Send OpenTelemetry spans of every message, if the environment names a collector."""
    import os

    if not any(os.environ.get(name) for name in _TRACES):
        return
    if find_spec("opentelemetry.exporter") is None or find_spec("opentelemetry.sdk") is None:
        sys.stderr.write("no spans are sent: pip install 'slowcoach[traces]'\n")
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    about = Resource.create({"service.name": "slowcoach", "service.version": own_version()})
    provider = TracerProvider(resource=about)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
