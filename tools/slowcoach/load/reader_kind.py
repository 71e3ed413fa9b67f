"""What a reader of load results is: one file in `readers/` each, with `READER`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from slowcoach.core.job import Cancellation
from slowcoach.core.registry import discover
from slowcoach.load.outcome import Outcome
from slowcoach.load.soundness import checked

HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """A file of results: its path and its first bytes (unpacked, in UTF-8).

    The rest is read by `streams.Stream(source)`, which unpacks and decodes likewise.

    `told` says how many bytes are done and of how many, for progress; readers of large files
    call it every few megabytes (it raises CancelledError when the work is called off).
    """

    path: Path
    head: bytes
    size: int
    told: Callable[[int, int], None] = lambda _done, _total: None
    cancellation: Cancellation | None = None


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One format. `matches` knows it by a file's first bytes (and name) without reading on;
    `read` streams it in bounded memory and raises UnreadableError with the line for what is not
    that format. `example` is the command that writes such a file.

    `run` names the result that a file belongs to, where a tool writes a set of files: they are
    read once. `over` names formats that tell less of the same run: such files beside this one
    are left out of a folder that is read.
    """

    name: str
    title: str
    matches: Callable[[Source], bool]
    read: Callable[[Source], Outcome]
    example: str
    run: Callable[[Path], str] = str
    over: tuple[str, ...] = ()


@cache
def readers() -> Mapping[str, Reader]:
    """Return every reader by its name; each refuses outcomes whose figures contradict."""
    from slowcoach.load import readers as package

    return {
        reader.name: replace(reader, read=checked(reader.read))
        for reader in discover(package, "READER", Reader)
    }
