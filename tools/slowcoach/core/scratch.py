"""Folders for what a tool needs for a while; they go with their block, or with this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from slowcoach.core import caretaker

PREFIX = "slowcoach-"


@contextmanager
def folder(prefix: str = PREFIX, above: Path | None = None) -> Iterator[str]:
    """Yield a new folder, below `above` or where the system has such; gone with the block, and
    when this process is killed within it.
    """
    kept = TemporaryDirectory(prefix=prefix, dir=above, ignore_cleanup_errors=True)
    key = caretaker.path(kept.name)
    try:
        with kept as made:
            yield made
    finally:
        if not Path(kept.name).exists():  # else a program that ends still writes to it
            caretaker.settled(key)
