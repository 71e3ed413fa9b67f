"""The clients of knowledge/pages/clients.md: where each keeps its servers, and as what."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from slowcoach.core.errors import InputError
from slowcoach.core.knowledge import page

NAME = "slowcoach"


@dataclass(frozen=True)
class Client:
    """One client: the file of the user or of a project, and the table that servers stand in."""

    name: str
    title: str
    under: str
    user: Mapping[str, str]
    project: str | None = None
    typed: bool = False
    after: str = ""

    def file(self, project: Path | None) -> Path:
        """Return its file: the user's, or that of a project. Raises InputError without one."""
        if project is not None:
            if self.project is None:
                raise InputError(
                    f"{self.title} has no configuration of a project", hint="Leave --project out"
                )
            return project / self.project
        told = self.user.get("any") or self.user.get(sys.platform) or self.user["linux"]
        return Path(told).expanduser()

    def entry(self, command: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
        """Return the entry of a server in this client's form."""
        plain: dict[str, Any] = {"command": command[0], "args": list(command[1:])}
        if environment:
            plain["env"] = dict(environment)
        return {"type": "stdio", **plain} if self.typed else plain


@cache
def clients() -> dict[str, Client]:
    """Return every client by its name."""
    return {each["name"]: Client(**each) for each in page("clients").data["clients"]}


def client(name: str) -> Client:
    """Return a client by its name; raises InputError with those that there are."""
    known = clients()
    if name not in known:
        raise InputError(f"client: expected one of {', '.join(known)}, got {name!r}", hint="")
    return known[name]
