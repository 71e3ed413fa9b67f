"""Read a file that a user named, within bounds; say what is wrong with it otherwise."""

import os
from pathlib import Path

from slowcoach.core.errors import UnreadableError
from slowcoach.core.units import size

_SHOWN = 300


def checked(path: str | Path, *, what: str, limit: int, smaller: str) -> Path:
    """Return the path of a regular file of at most `limit` bytes.

    `what` is what the file should be ("a profile"), `smaller` how to get a smaller one. Nothing
    is read: a file of gigabytes, a device or a pipe costs no more than a look.
    Raises UnreadableError.
    """
    shown = str(path)[:_SHOWN]
    file = Path(path).expanduser()
    try:
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
