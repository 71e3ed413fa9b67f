"""Whom load may be sent to: a name is resolved once, checked, and then only these addresses used.

A name that resolves elsewhere a moment later (rebinding) changes nothing, since nobody asks again.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from slowcoach.core.errors import NotPermittedError, UnreachableError
from slowcoach.core.permission import Permissions, host_of, is_loopback

Resolve = Callable[[str, int], Sequence[str]]
_PORTS = {"http": 80, "https": 443}
_PRIVATE = tuple(  # RFC 1918, RFC 6598 (overlay networks), RFC 4193; not metadata's link-local
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)


@dataclass(frozen=True, slots=True)
class Target:
    """A host that may be loaded, and the addresses that stand for it during the test."""

    host: str
    port: int
    tls: bool
    addresses: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Return scheme, host and port, as URLs of this target begin."""
        scheme = "https" if self.tls else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = _PORTS[scheme] == self.port
        return f"{scheme}://{host}" if default else f"{scheme}://{host}:{self.port}"

    def holds(self, url: str) -> bool:
        """Tell whether a URL leads to this target."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or parts.hostname is None:
            return False
        port = parts.port or _PORTS[parts.scheme]
        same = (parts.hostname.lower(), port) == (self.host, self.port)
        return same and (parts.scheme == "https") == self.tls


def target_of(url: str, permissions: Permissions, resolve: Resolve | None = None) -> Target:
    """Return the checked target of a URL.

    This machine by loopback names and addresses; another host only when the user's settings name
    it, and then only while it resolves to addresses of a private network, or to an address that
    the settings name itself. Raises NotPermittedError before anything is sent, InputError for
    what is no http or https URL, UnreachableError for a name that does not resolve.
    """
    permissions.require_load(url)
    host = host_of(url).lower()
    parts = urlsplit(url)
    port = parts.port or _PORTS[parts.scheme]
    addresses = tuple(dict.fromkeys((resolve or _resolved)(host, port)))
    for address in addresses:
        _check(host, address, permissions)
    if not addresses:
        raise UnreachableError(f"{host}: the name has no address", hint="Check the URL's host")
    return Target(host=host, port=port, tls=parts.scheme == "https", addresses=addresses)


def _check(host: str, address: str, permissions: Permissions) -> None:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    if found.is_loopback or str(found) in permissions.hosts:
        return
    if is_loopback(host):
        raise NotPermittedError(
            f"{host} resolves to {found}, which is not this machine",
            hint="Use 127.0.0.1, or look at what answers for that name",
        )
    if any(found in network for network in _PRIVATE if network.version == found.version):
        return
    raise NotPermittedError(
        f"{host} resolves to {found}, an address outside of private networks",
        hint=f"If it is yours to load, allow the address itself too: --allow-host {found}",
    )


def _resolved(host: str, port: int) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(
            f"{host}: the name does not resolve ({error})", hint="Check the URL's host"
        ) from None
    return [str(entry[4][0]) for entry in found]
