"""What a Locust master leaves of its workers: a file of each, and its own count at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_AT = re.compile(rb'\{"at": ([0-9.]+)')
_SILENT_S = 5.0


def fell_silent(workers: Sequence[Path]) -> list[str]:
    """Return which workers told nothing any more while others still did."""
    last = {path: _last_at(path) for path in workers}
    end = max(last.values(), default=0.0)
    return [
        f"{path.stem.removeprefix('seconds-')} fell silent at second {at:.0f} of {end:.0f}: "
        "what it sent after that is not counted"
        for path, at in last.items()
        if end - at > _SILENT_S
    ]


def _last_at(path: Path) -> float:
    with path.open("rb") as file:
        at = 0.0
        for line in file:
            found = _AT.match(line)
            at = float(found[1]) if found else at
    return at


def told_at_end(path: Path) -> dict[str, Any]:
    """Return what the master left at its end: its own count of requests, messages refused."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
