"""Reading from a server of the settings by GET: bounded, and never from another host. The edge."""

import json
import ssl
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx

from slowcoach.core.errors import (
    InputError,
    NotPermittedError,
    UnreachableError,
    UnreadableError,
)
from slowcoach.core.knowledge import page
from slowcoach.production.model import Allowance
from slowcoach.production.settings import Server

PAGE = "production_sources"
_REFUSED = frozenset({401, 403})
_SHOWN = 160


def bound(name: str) -> float:
    """Return a bound of the page `production_sources`."""
    return float(page(PAGE).data["bounds"][name]["value"])


class Reading:
    """One server that is asked. Redirects and proxies are not followed; the token is not shown."""

    def __init__(self, server: Server, title: str, allowance: Allowance) -> None:
        self._title, self._allowance = title, allowance
        parts = urlsplit(server.url)
        host = parts.hostname or ""
        self._host = f"{host}:{parts.port}" if parts.port else host
        self._left = int(bound("requests"))
        headers = {"Accept": "application/json"}
        if server.token:
            known = server.token.lower().startswith(("basic ", "bearer "))
            headers["Authorization"] = server.token if known else f"Bearer {server.token}"
        if server.tenant:
            headers["X-Scope-OrgID"] = server.tenant
        try:
            self._client = httpx.Client(
                base_url=server.url,
                headers=headers,
                verify=_trust(server),
                trust_env=False,
                follow_redirects=False,
            )
        except (ValueError, UnicodeError, httpx.InvalidURL):
            raise InputError(
                f"{title}: expected a plain URL and token in the settings",
                hint="They hold a character that no header or address may have",
            ) from None

    def __enter__(self) -> "Reading":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def json(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return the JSON at a path; raises UnreachableError, UnreadableError."""
        body = self.get(path, query)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise UnreadableError(
                f"{self._title} at {self._host}: expected JSON from {path}",
                hint="Check that the URL of the settings is that of its API",
            ) from None

    def get(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        """Return the body at a path. Raises UnreachableError, NotPermittedError for a token that
        is refused, CancelledError.
        """
        self._allowance.cancellation.check()
        left = self._allowance.ends_at - time.monotonic()
        self._left -= 1
        if left <= 0 or self._left < 0:
            raise self._silent("the time or number of requests for it is over")
        timeout = httpx.Timeout(min(bound("answer_s"), left))
        try:
            with self._client.stream("GET", path, params=query, timeout=timeout) as answer:
                self._check(answer)
                return self._body(answer)
        except httpx.HTTPError as error:
            raise self._silent(str(error)[:_SHOWN] or type(error).__name__) from None

    def _check(self, answer: httpx.Response) -> None:
        if answer.is_success:
            return
        if answer.status_code in _REFUSED:
            raise NotPermittedError(
                f"{self._title} at {self._host} refuses with {answer.status_code}",
                hint="Check the token of the settings and what it may read",
            )
        if answer.is_redirect:
            raise self._silent("it redirects, which is not followed")
        raise self._silent(f"it answers {answer.status_code}")

    def _body(self, answer: httpx.Response) -> bytes:
        body, most = bytearray(), bound("bytes")
        for part in answer.iter_bytes():
            body += part
            if len(body) > most:
                raise self._silent(f"its answer is larger than {most:,.0f} bytes")
            if time.monotonic() > self._allowance.ends_at:
                raise self._silent("the time for it is over")
            self._allowance.cancellation.check()
        return bytes(body)

    def _silent(self, why: str) -> UnreachableError:
        return UnreachableError(
            f"{self._title} at {self._host}: {why}", hint="Check its URL in the settings"
        )


def _trust(server: Server) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.authority or None)
    except OSError:
        raise InputError(
            "certificates to trust: expected a file in PEM", hint="Check the _CA of the settings"
        ) from None
