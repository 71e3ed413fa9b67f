"""Read a file that a user named, within bounds; say what is wrong with it otherwise."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from slowcoach.core import scratch
from slowcoach.core.errors import NotPermittedError, UnreadableError
from slowcoach.core.units import size

_SHOWN = 300
_only: list[Path] = []
_own: list[Path] = []


def confine(folders: Sequence[Path]) -> None:
    """Let this process's tools name files and folders below these alone; none: any."""
    _only[:] = [folder.expanduser().resolve() for folder in folders]


@contextmanager
def own_folder() -> Iterator[Path]:
    """Yield a private folder for what a tool fetched itself, which its readers may read however
    they are confined; gone when the block ends.
    """
    with scratch.folder() as name:
        folder = Path(name).resolve()
        _own.append(folder)
        try:
            yield folder
        finally:
            _own.remove(folder)


def require_inside(path: str | Path) -> None:
    """Raise NotPermittedError for a path (links followed) outside of the permitted folders."""
    if not _only:
        return
    try:
        whole = Path(path).expanduser().resolve()
    except (OSError, ValueError):
        return  # no path at all: whoever reads it says so
    if not any(whole.is_relative_to(folder) for folder in (*_only, *_own)):
        raise NotPermittedError(
            f"{str(path)[:_SHOWN]} lies outside of the folders that this server may read",
            hint=f"Name one below {', '.join(map(str, _only))}, or start it with --allow-dir",
        )


def checked(path: str | Path, *, what: str, limit: int, smaller: str) -> Path:
    """Return the path of a regular file of at most `limit` bytes.

    `what` is what the file should be ("a profile"), `smaller` how to get a smaller one. Nothing
    is read: a file of gigabytes, a device or a pipe costs no more than a look.
    Raises UnreadableError, NotPermittedError outside of the folders of `confine`.
    """
    shown = str(path)[:_SHOWN]
    file = Path(path).expanduser()
    try:
        require_inside(path)
        length = file.stat().st_size
        if not file.is_file():
            kind = "a folder" if file.is_dir() else "no regular file"
            raise UnreadableError(f"{shown}: expected {what}, got {kind}", hint="Name one file")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UnreadableError(
            f"{shown}: expected {what}: {why}",
            hint=f"Check the path; relative ones start from {Path.cwd()}",
        ) from None
    if length > limit:
        raise UnreadableError(
            f"{shown}: expected {what} of at most {size(limit)}, got {size(length)}", hint=smaller
        )
    return file


def read_bytes(path: str | Path, *, what: str, limit: int, smaller: str) -> bytes:
    """Return the content of such a file; raises UnreadableError."""
    file = checked(path, what=what, limit=limit, smaller=smaller)
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableError(
            f"{str(path)[:_SHOWN]}: {error.strerror}", hint="Check that you may read it"
        ) from None


def data_folder() -> Path:
    """Return where this user's runs and switches are kept ($XDG_DATA_HOME, or the system's own)."""
    home = os.environ.get("XDG_DATA_HOME") or (
        os.environ.get("LOCALAPPDATA") if os.name == "nt" else None
    )
    return (Path(home) if home else Path.home() / ".local" / "share") / "slowcoach"
