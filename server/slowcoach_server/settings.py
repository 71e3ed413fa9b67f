"""What the server's user allows, from flags and the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from slowcoach.core.errors import InputError
from slowcoach.core.permission import LoadBounds, Permissions


@dataclass(frozen=True)
class Settings:
    """The settings of one server. By default it reads and changes nothing."""

    allow_exec: bool = False
    allow_load: bool = False
    allow_write: bool = False
    allow_hosts: frozenset[str] = field(default_factory=frozenset)
    bounds: LoadBounds = field(default_factory=LoadBounds)
    store_url: str | None = None

    def permissions(self) -> Permissions:
        """Return what the tools ask for."""
        return Permissions(
            execute=self.allow_exec,
            load=self.allow_load,
            write=self.allow_write,
            hosts=self.allow_hosts,
            bounds=self.bounds,
        )


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of SLOWCOACH_ALLOW_EXEC, _LOAD, _WRITE, _HOSTS, SLOWCOACH_STORE and the
    bounds of load tests, SLOWCOACH_MAX_RPS, _USERS, _LOAD_S, _REQUESTS. Raises InputError.
    """

    def is_on(name: str) -> bool:
        return environment.get(name, "").lower() in {"1", "true", "yes", "on"}

    hosts = environment.get("SLOWCOACH_ALLOW_HOSTS", "")
    return Settings(
        allow_exec=is_on("SLOWCOACH_ALLOW_EXEC"),
        allow_load=is_on("SLOWCOACH_ALLOW_LOAD"),
        allow_write=is_on("SLOWCOACH_ALLOW_WRITE"),
        allow_hosts=frozenset(host.strip() for host in hosts.split(",") if host.strip()),
        bounds=_bounds(environment),
        store_url=environment.get("SLOWCOACH_STORE") or None,
    )


def _bounds(environment: Mapping[str, str]) -> LoadBounds:
    def number(name: str) -> float | None:
        text = environment.get(name, "").strip()
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value < float("inf"):
            raise InputError(
                f"{name}: expected a number from 0 on, got {text[:40]!r}", hint="Set or unset it"
            )
        return value

    users, requests = number("SLOWCOACH_MAX_USERS"), number("SLOWCOACH_MAX_REQUESTS")
    return LoadBounds(
        rps=number("SLOWCOACH_MAX_RPS"),
        users=None if users is None else int(users),
        duration_s=number("SLOWCOACH_MAX_LOAD_S"),
        requests=None if requests is None else int(requests),
    )
