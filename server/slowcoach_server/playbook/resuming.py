"""Going on from an earlier run or a saved brief: the same measurement again, then a comparison."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from slowcoach.core.errors import InputError
from slowcoach.core.files import read_bytes
from slowcoach.core.redaction import HIDDEN
from slowcoach.core.runs import Runs
from slowcoach.diagnosis.brief import LARGEST, read, without_gaps

COMMANDS: Final = {
    "investigate": "explain_endpoint",
    "record_profile": "profile_function",
    "run_load_test": "load_test",
}
_URL: Final = re.compile(r"https?://[^\s'\"]+")
_HINT = "Give a run of investigate, record_profile or run_load_test, or a brief's YAML file"


@dataclass(frozen=True)
class Earlier:
    """What is gone on from: its command, what it was asked with, the run to compare with."""

    command: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    run_id: str | None = None


def earlier(name: str, runs: Runs) -> Earlier:
    """Return what a run or a brief's file tells. Raises InputError and UnreadableError."""
    if Path(name).is_file():
        return _of_file(Path(name))
    stored = runs.store.get(name)
    command = COMMANDS.get(stored.tool)
    if command is None:
        raise InputError(f"run {name} is of {stored.tool}, which is not gone on from", hint=_HINT)
    arguments = {
        key: value
        for key, value in stored.arguments.items()
        if value is not None and key != "wait_s" and HIDDEN not in str(value)
    }
    if stored.tool == "investigate":
        arguments["brief"] = name
    return Earlier(command, arguments, name)


def _of_file(path: Path) -> Earlier:
    data = read_bytes(path, what="a brief", limit=LARGEST, smaller="Give a brief alone")
    text = data.decode("utf-8", "replace")
    fields = without_gaps(read(text, path.name).fields)
    arguments: dict[str, Any] = {"brief": str(path)}
    scope = str(fields.get("problem_statement", {}).get("affected_scope", ""))
    if found := _URL.search(scope) or _URL.search(text):
        arguments["url"] = found[0].rstrip(".,;)")
    return Earlier("explain_endpoint", arguments)
