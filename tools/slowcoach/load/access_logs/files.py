"""Log files as whole lines in blocks, unpacked on the way, however large they are."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

from slowcoach.core.errors import UnreadableError
from slowcoach.core.files import checked

WHAT = "an access log"
HINT = "Give the log of nginx, Apache, a load balancer or a proxy, plain or packed (gz, bz2, xz)"
BLOCK = 1 << 20
LONGEST_LINE = 1 << 16
_LARGEST = 1 << 44  # bytes: a log is streamed, so its size is no matter
_HEAD = 1 << 18
_MOST_FILES = 2000
_PACKED: tuple[tuple[bytes, Callable[[IO[bytes]], object]], ...] = (
    (b"\x1f\x8b", lambda raw: gzip.GzipFile(fileobj=raw)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ", lzma.LZMAFile),
)
PACKED = tuple(magic for magic, _ in _PACKED)
"""What packed files begin with."""
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError)
_SKIPPED_NAMES = ("error", "debug", "slow")


class LogFile:
    """One file of a log. `long_lines` and `is_damaged` tell what was met while it was read."""

    def __init__(self, path: Path, on_block: Callable[[], None] | None = None) -> None:
        """`on_block` is called for each megabyte; what it raises ends the reading."""
        self.path = checked(path, what=WHAT, limit=_LARGEST, smaller="Give a part of it")
        self.long_lines = 0
        self.is_damaged = False
        self._on_block = on_block or (lambda: None)

    def head(self) -> str:
        """Return the first lines, as far as they are whole; raises UnreadableError."""
        found = b""
        for part in self._parts(_HEAD):
            found += part
            if len(found) >= _HEAD:
                break
        lines = found.rpartition(b"\n")[0] or found[:LONGEST_LINE]
        return _text(lines)

    def blocks(self) -> Iterator[str]:
        """Yield blocks of whole lines, each line with its end; longer lines are left out."""
        left: list[bytes] = []
        held = 0
        skipping = False
        for part in self._parts(BLOCK):
            self._on_block()
            whole, end, rest = part.rpartition(b"\n")
            if not end:
                held += len(part)
                skipping = skipping or held > LONGEST_LINE
                left = [] if skipping else [*left, part]
                continue
            if skipping:
                self.long_lines += 1
                whole = whole.partition(b"\n")[2]
            yield _text(b"".join(left) + whole + end)
            left, held, skipping = [rest], len(rest), len(rest) > LONGEST_LINE
        if skipping:
            self.long_lines += 1
        elif any(left):
            yield _text(b"".join(left) + b"\n")

    def _parts(self, size: int) -> Iterator[bytes]:
        """Yield the content in parts of about a size; of a cut file all that can be unpacked."""
        held: list[bytes] = []
        length = 0
        for piece in self._pieces(size):
            held.append(piece)
            length += len(piece)
            if length >= size:
                yield b"".join(held)
                held, length = [], 0
        if held:
            yield b"".join(held)

    def _pieces(self, size: int) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as raw:
                file = _unpacked(raw)
                while piece := file.read1(size):
                    yield piece
        except _DAMAGED:
            self.is_damaged = True
        except OSError as error:
            if error.errno is None:  # bz2 tells damage so
                self.is_damaged = True
                return
            raise UnreadableError(
                f"{self.path}: {error.strerror}", hint="Check that you may read it"
            ) from None


def _unpacked(raw: IO[bytes]) -> io.BufferedIOBase:
    first = raw.read(6)
    raw.seek(0)
    for magic, opened in _PACKED:
        if first.startswith(magic):
            return cast(io.BufferedIOBase, opened(raw))
    return cast(io.BufferedIOBase, raw)


def _text(block: bytes) -> str:
    """Return bytes as characters of the same number: nothing is lost, nothing can fail."""
    if block.startswith(b"\xef\xbb\xbf"):
        block = block[3:]
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    if b"\0" in block:
        block = block.replace(b"\0", b"")
    return block.decode("latin-1")


def files_of(path: Path) -> list[Path]:
    """Return the log files that a path names: itself, those of a folder, or of a pattern (`*`).

    Raises UnreadableError where there is none.
    """
    if path.is_dir():
        found = [file for file in path.iterdir() if _may_be_log(file)]
    elif "*" in path.name and not path.exists():
        found = [file for file in path.parent.glob(path.name) if file.is_file()]
    else:
        return [path]
    if not found:
        raise UnreadableError(f"{path}: expected {WHAT}, got none there", hint=HINT)
    if len(found) > _MOST_FILES:
        raise UnreadableError(
            f"{path}: expected at most {_MOST_FILES} files, got {len(found)}",
            hint="Give a pattern, such as access.log*",
        )
    return sorted(found)


def _may_be_log(file: Path) -> bool:
    name = file.name.lower()
    if name.startswith(".") or any(word in name for word in _SKIPPED_NAMES):
        return False
    return file.is_file() and file.stat().st_size > 0
