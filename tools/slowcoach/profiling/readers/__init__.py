"""One module for each file format; a file is recognized by its content, not its name."""

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache

from slowcoach.core.errors import UnreadableError
from slowcoach.core.registry import discover
from slowcoach.profiling import gzipped
from slowcoach.profiling.model import Profile, Reader
from slowcoach.profiling.names import named
from slowcoach.profiling.validity import valid

_SHOWN = 40


@cache
def readers() -> tuple[Reader, ...]:
    """Return every reader, by name of format."""
    return discover(sys.modules[__name__], "READER", Reader)


def recognize(data: bytes, name: str) -> Reader:
    """Return the reader of this file; raises UnreadableError when there is none."""
    known = ", ".join(reader.format for reader in readers())
    if not data or data.isspace():
        raise UnreadableError(
            f"{name}: expected a profile, got an empty file",
            hint=f"Record one with record_profile, or give one of: {known}",
        )
    for reader in readers():
        if reader.matches(data):
            return reader
    start = data[:_SHOWN].decode("utf-8", "replace")
    raise UnreadableError(
        f"{name}: expected a profile ({known}), got a file that begins {start!r}",
        hint="Give a profile in one of these formats; `py-spy record -f speedscope` writes one",
    )


def opened(data: bytes, name: str) -> tuple[str, list[Profile]]:
    """Return the format and the profiles of a file, which may be packed with gzip.

    Raises UnreadableError saying where it cannot be read.
    """
    data = gzipped.plain(data, name)
    reader = recognize(data, name)
    with _nothing_collected():
        return reader.format, named(valid(reader.read(data, name), name))


@contextmanager
def _nothing_collected() -> Generator[None]:
    """Hold the garbage collector back: a reader makes millions of objects, none of them garbage in
    cycles, and a fifth of its time would go into looking through them.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def read(data: bytes, name: str) -> list[Profile]:
    """Return the profiles of a file; raises UnreadableError saying where it cannot be read."""
    return opened(data, name)[1]


def is_profile(data: bytes) -> bool:
    """Tell whether a file, packed or not, looks like a profile; never raises."""
    try:
        data = gzipped.plain(data, "")
    except UnreadableError:
        return False
    return bool(data) and any(reader.matches(data) for reader in readers())
