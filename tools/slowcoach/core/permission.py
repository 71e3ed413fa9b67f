"""What the user allows: running code, sending load, writing files, and to which hosts."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from slowcoach.core.errors import InputError, NotPermittedError


@dataclass(frozen=True)
class LoadBounds:
    """The most that a session's load tests may be. None: the bound of the page `load_safety`.

    `rps` requests a second, `users` at a time, `duration_s` of one test, `requests` in all.
    """

    rps: float | None = None
    users: int | None = None
    duration_s: float | None = None
    requests: int | None = None


@dataclass(frozen=True)
class Permissions:
    """The permissions of one session. A person's own command line has all of them but foreign
    hosts; an MCP server has what `slowcoach serve --allow-...` gave it.
    """

    execute: bool = True
    load: bool = True
    write: bool = True
    hosts: frozenset[str] = field(default_factory=frozenset)
    bounds: LoadBounds = LoadBounds()

    def require_execute(self, what: str) -> None:
        """Raise NotPermittedError unless code may be run and processes looked into."""
        if not self.execute:
            raise NotPermittedError(
                f"{what} runs or attaches to a program, which this server may not do",
                hint="Start it as `slowcoach serve --allow-exec` to permit that",
            )

    def require_write(self, what: str) -> None:
        """Raise NotPermittedError unless files may be written."""
        if not self.write:
            raise NotPermittedError(
                f"{what} writes files, which this server may not do",
                hint="Start it as `slowcoach serve --allow-write` to permit that",
            )

    def require_load(self, url: str) -> None:
        """Raise NotPermittedError unless load may be sent to the host of `url`."""
        host = host_of(url)
        if not self.load:
            raise NotPermittedError(
                f"requests to {host} are load, which this server may not send",
                hint="Start it as `slowcoach serve --allow-load` to permit that for this machine",
            )
        if not is_loopback(host) and host not in self.hosts:
            raise NotPermittedError(
                f"{host} is not this machine, and load goes only there by default",
                hint=f"If {host} is yours to load, allow it by name: --allow-host {host}",
            )


def host_of(url: str) -> str:
    """Return the host of an http or https URL; raises InputError for anything else."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(f"url {url!r}: {error}", hint="Give http://host:port/path") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise InputError(
            f"url {url!r}: expected http:// or https:// and a host",
            hint="Give it as http://127.0.0.1:8000/path",
        )
    return host


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine, without asking DNS."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
