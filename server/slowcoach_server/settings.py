"""What the server's user allows, from flags and the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from slowcoach.core.errors import InputError
from slowcoach.core.permission import LoadBounds, Permissions
from slowcoach.core.runs import Runs


@dataclass(frozen=True)
class Settings:
    """The settings of one server. By default it reads and changes nothing."""

    allow_exec: bool = False
    allow_load: bool = False
    allow_write: bool = False
    allow_hosts: frozenset[str] = field(default_factory=frozenset)
    bounds: LoadBounds = field(default_factory=LoadBounds)
    store_url: str | None = None
    database_url: str | None = None
    toolsets: frozenset[str] = field(default_factory=frozenset)
    read_only: bool = False
    folders: tuple[Path, ...] = ()

    def runs(self) -> Runs:
        """Return the runs of a server or command line with these settings."""
        return Runs(self.store_url, self.permissions(), self.database_url)

    def permissions(self) -> Permissions:
        """Return what the tools ask for."""
        return Permissions(
            execute=self.allow_exec and not self.read_only,
            load=self.allow_load and not self.read_only,
            write=self.allow_write and not self.read_only,
            hosts=self.allow_hosts,
            bounds=self.bounds,
        )


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of SLOWCOACH_ALLOW_EXEC, _LOAD, _WRITE, _HOSTS, _DIRS, _TOOLSETS,
    _READ_ONLY, _STORE, _DATABASE_URL and the bounds of load tests, SLOWCOACH_MAX_RPS, _USERS,
    _LOAD_S, _REQUESTS. Raises InputError.
    """

    def is_on(name: str) -> bool:
        return environment.get(name, "").lower() in {"1", "true", "yes", "on"}

    folders = environment.get("SLOWCOACH_ALLOW_DIRS", "")
    return Settings(
        allow_exec=is_on("SLOWCOACH_ALLOW_EXEC"),
        allow_load=is_on("SLOWCOACH_ALLOW_LOAD"),
        allow_write=is_on("SLOWCOACH_ALLOW_WRITE"),
        allow_hosts=names(environment.get("SLOWCOACH_ALLOW_HOSTS", "")),
        bounds=_bounds(environment),
        store_url=environment.get("SLOWCOACH_STORE") or None,
        database_url=environment.get("SLOWCOACH_DATABASE_URL") or None,
        toolsets=names(environment.get("SLOWCOACH_TOOLSETS", "")),
        read_only=is_on("SLOWCOACH_READ_ONLY"),
        folders=tuple(map(Path, filter(None, folders.split(os.pathsep)))),
    )


def names(text: str) -> frozenset[str]:
    """Return the words of a list with commas."""
    return frozenset(word.strip() for word in text.split(",") if word.strip())


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
