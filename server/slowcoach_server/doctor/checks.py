"""The checks of `slowcoach doctor`: each says what it found and what to do. No output here."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.knowledge import page

Standing = Literal["ok", "missing", "refused", "failed"]


@dataclass(frozen=True)
class Found:
    """One thing that was looked for: how it stands, in words, and how to get it."""

    group: str
    name: str
    standing: Standing
    said: str
    get: str = ""


def everything() -> list[Found]:
    """Run every check that starts nothing; see `server.answers` for the one that does."""
    data = page("environment").data
    return [
        _itself(),
        *map(_part, data["parts"]),
        *(_permitted(each) for each in data["permissions"]),
        _store(),
    ]


def _itself() -> Found:
    python = ".".join(map(str, sys.version_info[:3]))
    return Found("slowcoach", "slowcoach", "ok", f"{_version('slowcoach')}, Python {python}")


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown version"


def _part(part: Mapping[str, Any]) -> Found:
    name, adds = str(part["name"]), str(part["adds"])
    if part["kind"] == "module":
        return _module(name, adds, str(part["get"]))
    if part["kind"] == "distribution":
        return _distribution(name, adds, str(part["get"]))
    path = _program([name, *part.get("also", ())])
    if path is None:
        return Found("programs", name, "missing", f"would add: {adds}", str(part["get"]))
    return Found("programs", name, "ok", f"{adds} ({path})")


def _program(names: Sequence[str]) -> str | None:
    return next((path for name in names if (path := shutil.which(name))), None)


def _module(name: str, adds: str, get: str) -> Found:
    top = name.partition(".")[0]
    if not _importable(name):
        return Found("packages", name, "missing", f"would add: {adds}", get)
    of = packages_distributions().get(top, [top])
    which = of[0] if len(of) == 1 else name.replace(".", "-")  # several share a namespace
    return Found("packages", name, "ok", f"{adds} ({which} {_version(which)})")


def _distribution(name: str, adds: str, get: str) -> Found:
    try:
        return Found("packages", name, "ok", f"{adds} ({version(name)})")
    except PackageNotFoundError:
        return Found("packages", name, "missing", f"would add: {adds}", get)


def _importable(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _permitted(given: Mapping[str, Any]) -> Found:
    name, means = str(given["name"]), str(given["means"])
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Found("permissions", name, "ok", f"{means} (root)")
    try:
        value = int(Path(given["file"]).read_text(encoding="ascii"))
    except (OSError, ValueError):
        said = "not limited here" if sys.platform == "linux" else "only on Linux"
        return Found("permissions", name, "ok", said)
    if value <= int(given["most"]):
        return Found("permissions", name, "ok", f"{means} ({value})")
    return Found("permissions", name, "refused", f"not so: it is {value}", str(given["get"]))


def _store() -> Found:
    from slowcoach.core.runs import Runs
    from slowcoach_server.settings import from_environment

    try:
        kept = Runs(from_environment().store_url).store.newest(limit=1)
    except SlowcoachError as error:
        return Found("slowcoach", "runs", "failed", error.message, error.hint or "")
    return Found("slowcoach", "runs", "ok", "can be kept" + (", some are" if kept else ""))
