"""Where a project's Python files define a function."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_NOT_OURS: Final = frozenset({"node_modules", "site-packages", "venv", "__pycache__", "build"})
_MOST_FILES = 3000
_LARGEST = 1_000_000  # bytes
_MOST_FOUND = 5


def defined_in(folder: Path, name: str) -> list[str]:
    """Return the files (relative to the folder, five at most) that define a function or method.

    `name` may be dotted (`Basket.total`): its last part is what is looked for. Hidden folders,
    virtual environments and what is installed are left out; 3,000 files are looked at.
    """
    last = name.rpartition(".")[2]
    pattern = re.compile(rf"^\s*(?:async\s+)?def\s+{re.escape(last)}\s*\(", re.MULTILINE)
    found: list[str] = []
    for file in _files(folder):
        if pattern.search(_text(file)):
            found.append(str(file.relative_to(folder)))
        if len(found) == _MOST_FOUND:
            break
    return found


def _files(folder: Path) -> Iterator[Path]:
    left = _MOST_FILES
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in _NOT_OURS and not f.startswith("."))
        for name in sorted(names):
            if name.endswith(".py"):
                if not left:
                    return
                left -= 1
                yield Path(place) / name


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > _LARGEST:
            return ""
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
