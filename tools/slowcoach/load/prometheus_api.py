"""Asking a Prometheus: only the address given, which the settings must allow.

No redirect is followed, answers are bounded, and the host is resolved and checked once.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from slowcoach.core.errors import UnreachableError
from slowcoach.core.permission import Permissions
from slowcoach.load.targets import Target, target_of

_TIMEOUT_S = 10.0
_LARGEST = 16_000_000
_OK = 200

Ask = Callable[[str, Mapping[str, str]], Any]
"""Asks a path of the API and returns the answer's `data`."""


def asking(address: str, permissions: Permissions) -> Ask:
    """Return what asks the Prometheus at an address.

    Raises NotPermittedError for a host that is not allowed. What it returns raises
    UnreachableError when there is no answer as a Prometheus gives it.
    """
    target = target_of(address, permissions)
    base = urlsplit(address).path.rstrip("/")
    return lambda path, arguments: _asked(target, base + path, arguments)


def _asked(target: Target, path: str, arguments: Mapping[str, str]) -> Any:
    """Ask one of the target's checked addresses and return the answer's data."""
    where = f"{target.origin}{path}"
    try:
        with closing(_connection(target)) as link:
            link.request("GET", f"{path}?{urlencode(arguments)}", headers={"Host": _host(target)})
            answer = link.getresponse()
            body = answer.read(_LARGEST + 1)
    except (OSError, HTTPException) as error:
        raise UnreachableError(
            f"{where}: {error}", hint="Check the address of Prometheus, such as http://host:9090"
        ) from None
    if answer.status != _OK or len(body) > _LARGEST:
        raise UnreachableError(
            f"{where}: expected an answer of Prometheus, got status {answer.status} and "
            f"{len(body)} bytes",
            hint="Check the address; a proxy before it may ask for a login",
        )
    return _data(body, where)


def _data(body: bytes, where: str) -> Any:
    try:
        found = json.loads(body)
        return found["data"]
    except (ValueError, KeyError, TypeError):
        raise UnreachableError(
            f"{where}: expected the JSON of Prometheus' API, got something else",
            hint="Check the address of Prometheus, such as http://host:9090",
        ) from None


def _connection(target: Target) -> HTTPConnection:
    address = target.addresses[0]
    if not target.tls:
        return HTTPConnection(address, target.port, timeout=_TIMEOUT_S)
    return _Pinned(address, target, ssl.create_default_context())


class _Pinned(HTTPSConnection):
    """Connects to the checked address, and asks for the certificate of the host's name."""

    def __init__(self, address: str, target: Target, context: ssl.SSLContext) -> None:
        super().__init__(address, target.port, timeout=_TIMEOUT_S, context=context)
        self._name, self._trust = target.host, context

    def connect(self) -> None:
        """Connect, with the host's name in TLS."""
        HTTPConnection.connect(self)
        self.sock = self._trust.wrap_socket(self.sock, server_hostname=self._name)


def _host(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{host}:{target.port}"
