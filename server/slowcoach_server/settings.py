"""What the server's user allows, from flags and the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from slowcoach.core.permission import Permissions


@dataclass(frozen=True)
class Settings:
    """The settings of one server. By default it reads and changes nothing."""

    allow_exec: bool = False
    allow_load: bool = False
    allow_write: bool = False
    allow_hosts: frozenset[str] = field(default_factory=frozenset)
    store_url: str | None = None

    def permissions(self) -> Permissions:
        """Return what the tools ask for."""
        return Permissions(
            execute=self.allow_exec,
            load=self.allow_load,
            write=self.allow_write,
            hosts=self.allow_hosts,
        )


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of SLOWCOACH_ALLOW_EXEC, _LOAD, _WRITE, _HOSTS and SLOWCOACH_STORE."""

    def is_on(name: str) -> bool:
        return environment.get(name, "").lower() in {"1", "true", "yes", "on"}

    hosts = environment.get("SLOWCOACH_ALLOW_HOSTS", "")
    return Settings(
        allow_exec=is_on("SLOWCOACH_ALLOW_EXEC"),
        allow_load=is_on("SLOWCOACH_ALLOW_LOAD"),
        allow_write=is_on("SLOWCOACH_ALLOW_WRITE"),
        allow_hosts=frozenset(host.strip() for host in hosts.split(",") if host.strip()),
        store_url=environment.get("SLOWCOACH_STORE") or None,
    )
