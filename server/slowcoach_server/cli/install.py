"""`slowcoach install CLIENT`: shows the change of its configuration, asks, makes or undoes it."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from slowcoach_server.install.change import Change, planned
from slowcoach_server.install.clients import client


def install(
    name: str,
    *,
    project: Path | None,
    flags: Sequence[str],
    uvx: bool,
    undo: bool,
    yes: bool,
) -> int:
    """Add the server to a client's configuration, or take it out; exit 1 when it was not made."""
    chosen = client(name)
    file = chosen.file(project)
    entry = None if undo else chosen.entry([*command(uvx=uvx), "serve", *flags], {})
    change = planned(chosen, file, entry)
    if not change.is_one:
        sys.stdout.write(f"{file} is as it should be: nothing to do\n")
        return 0
    sys.stdout.write(f"{change.shown()}\n\n")
    if not yes and not _agreed(change):
        return 1
    copy = change.make()
    kept = f" (before: {copy})" if copy else ""
    sys.stdout.write(f"written: {file}{kept}\n{'' if undo else chosen.after}\n")
    return 0


def _agreed(change: Change) -> bool:
    if not sys.stdin.isatty():
        sys.stdout.write("Nothing was changed: say --yes to make this change.\n")
        return False
    sys.stdout.write(f"Change {change.file}? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def command(*, uvx: bool) -> list[str]:
    """Return how the client starts us: this installation by its path, or uvx."""
    if uvx:
        return ["uvx", "slowcoach"]
    beside = Path(sys.executable).with_name("slowcoach.exe" if os.name == "nt" else "slowcoach")
    if beside.exists():
        return [str(beside)]
    found = shutil.which("slowcoach")
    return [found] if found else [sys.executable, "-m", "slowcoach_server"]
