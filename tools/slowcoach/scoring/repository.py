"""Reading a repository: bounded in number and size of files, no links followed. The edge."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.files import require_inside

MOST_FILES = 20_000
_LARGEST = 512_000  # bytes: larger files are data or generated
_MOST_BYTES = 300_000_000
_BINARY_LOOK = 1_024
_SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", "node_modules", "bower_components", "vendor", "third_party",
        ".venv", "venv", "env", "site-packages", "__pycache__", ".tox", ".nox", ".mypy_cache",
        ".pytest_cache", ".ruff_cache", "dist", "build", "target", "out", ".next", ".nuxt",
        "coverage", ".gradle", ".idea", ".terraform", "Pods",
    }
)  # fmt: skip


@dataclass(slots=True)
class Repository:
    """A folder to read. `read` and `skipped` tell, after use, how much of it was looked at."""

    root: Path
    read: int = 0
    skipped: int = 0
    _bytes: int = 0

    def paths(self) -> Iterator[str]:
        """Yield the files' paths from the root with slashes, those near the root first."""
        folders = [""]
        count = 0
        while folders:
            below: list[str] = []
            for folder in folders:
                for entry in self._entries(folder):
                    path = f"{folder}{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        below += [] if entry.name in _SKIPPED else [f"{path}/"]
                    elif entry.is_file(follow_symlinks=False):
                        count += 1
                        if count > MOST_FILES:
                            self.skipped += 1
                        else:
                            yield path
            folders = below if count <= MOST_FILES else []

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.root / folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError:
            self.skipped += 1
            return []

    def data(self, path: str) -> bytes:
        """Return a file's data; empty when it is too large, binary or may not be read."""
        file = self.root / path
        try:
            size = file.stat().st_size
            if size > _LARGEST or self._bytes + size > _MOST_BYTES:
                self.skipped += 1
                return b""
            data = file.read_bytes()
        except OSError:
            self.skipped += 1
            return b""
        self.read += 1
        self._bytes += size
        return b"" if b"\0" in data[:_BINARY_LOOK] else data


def repository(path: str) -> Repository:
    """Return the repository in a folder; raises InputError when there is none."""
    require_inside(path)
    root = Path(path).expanduser()
    try:
        if not root.exists():
            raise UnreadableError(
                f"{path[:200]!r}: expected a repository's folder, found nothing",
                hint="Give the path of a checkout on this machine",
            )
        if not root.is_dir():
            raise UnreadableError(
                f"{path[:200]!r}: expected a folder, got a file", hint="Give the checkout's folder"
            )
        os.scandir(root).close()
    except OSError as error:
        raise UnreadableError(
            f"{path[:200]!r}: {error.strerror}", hint="Check the path and its permissions"
        ) from None
    except ValueError:
        raise InputError("repo: a path cannot hold a NUL", hint="Give the folder's path") from None
    return Repository(root)
