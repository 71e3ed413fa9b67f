"""The playbooks there are, by command."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from slowcoach.core.registry import discover
from slowcoach_server.playbook.walk import Walk


@dataclass(frozen=True)
class Playbook:
    """How a command is carried out: tools in order, what each decides, when to stop, the proof."""

    command: str
    run: Callable[[Walk], None]


@cache
def playbooks() -> dict[str, Playbook]:
    """Return the playbook of each command."""
    from slowcoach_server.playbook import commands

    return {each.command: each for each in discover(commands, "PLAYBOOK", Playbook)}
