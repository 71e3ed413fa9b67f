"""One module for each format that other tools read; the readers read all of them back."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from slowcoach.core.registry import discover
from slowcoach.profiling.model import Profile


@dataclass(frozen=True)
class Export:
    """How profiles become a file: `write` gets them and a name; `lacks` is what is lost."""

    format: str
    file: str
    media_type: str
    write: Callable[[Sequence[Profile], str], bytes]
    lacks: str = ""


@cache
def exports() -> dict[str, Export]:
    """Return every export by the name of its format."""
    found = discover(sys.modules[__name__], "EXPORT", Export)
    return {export.format: export for export in sorted(found, key=lambda e: e.format)}
