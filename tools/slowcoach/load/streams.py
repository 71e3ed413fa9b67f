"""A file of results in pieces: unpacked, in UTF-8, whole lines, however large it is."""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from slowcoach.core.errors import UnreadableError
from slowcoach.core.files import checked
from slowcoach.core.job import Cancellation
from slowcoach.core.units import size
from slowcoach.load.reader_kind import HEAD_BYTES, Source

WHAT = "results of a load test"
LARGEST = 1 << 40  # bytes: files are streamed
LARGEST_UNPACKED = 1 << 36  # of a packed file: what takes minutes to read
LARGEST_DOCUMENT = 64 << 20  # of a file that must be held whole, such as a summary
LONGEST_LINE = 16 << 20
_READ = 1 << 20
_MAGIC = b"\x1f\x8b"
_GZIP = 31  # zlib's window bits for a stream with gzip's header
_FIRST_STEP = 1 << 12  # what is left of a step after a stream's end is copied: begin with little
_HELD = 1 << 16  # bytes that are gathered: many small streams would come as many small parts
_UTF16_NULS = 0.3
_SHOWN = 60
_MOST_COUNTED = 1e15


def source_of(
    path: str | Path,
    told: Callable[[int, int], None] | None = None,
    cancellation: Cancellation | None = None,
) -> Source:
    """Return a file with its first bytes, unpacked and in UTF-8.

    Raises UnreadableError for what is no file, cannot be read or is empty.
    """
    file = checked(path, what=WHAT, limit=LARGEST, smaller="Give a part of it")
    length = file.stat().st_size
    bare = Source(file, b"", length, cancellation=cancellation)
    stream = Stream(bare)
    head = b""
    for part in stream.parts():
        head += part
        if len(head) >= HEAD_BYTES:
            break
    if not head.strip():
        raise UnreadableError(
            f"{path}: expected {WHAT}, got an empty file", hint="Check that the test ran to its end"
        )
    return Source(file, head[:HEAD_BYTES], length, told or bare.told, cancellation)


class Stream:
    """The content of a source. `warnings` grows while it is read; `ended` tells, after the last
    line, whether that one had its end.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.warnings: list[str] = []
        self.ended = True
        self._done = 0
        self._some = False

    def blocks(self) -> Iterator[bytes]:
        """Yield whole lines in pieces of about a megabyte, their ends as LF.

        Raises UnreadableError for a line without end, CancelledError when called off.
        """
        rest = b""
        for part in self.parts():
            cut = part.rfind(b"\n") + 1
            if not cut:
                rest += part
                if len(rest) > LONGEST_LINE:
                    self._refuse_line(rest)
                continue
            yield _with_lf(rest + part[:cut])
            rest = part[cut:]
        self.ended = not rest
        if rest:
            yield _with_lf(rest)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its number from 1, without its end."""
        at = 0
        for block in self.blocks():
            for line in block.removesuffix(b"\n").split(b"\n"):
                at += 1
                yield at, line

    def parts(self) -> Iterator[bytes]:
        """Yield the content as it comes, unpacked, in UTF-8."""
        try:
            yield from _in_utf8(self._unpacked())
        except OSError as error:
            raise UnreadableError(
                f"{self.source.path}: {error.strerror or error}", hint="Check that you may read it"
            ) from None

    def _unpacked(self) -> Iterator[bytes]:
        pieces = self._pieces()
        first = next(pieces, b"")
        if not first.startswith(_MAGIC):
            yield first
            yield from pieces
            return
        yield from self._inflated(first, pieces)

    def _pieces(self) -> Iterator[bytes]:
        """Yield the file's own bytes, telling how far it is."""
        with self.source.path.open("rb") as file:
            while piece := file.read(_READ):
                self._done += len(piece)
                if self.source.cancellation is not None:
                    self.source.cancellation.check()
                self.source.told(self._done, self.source.size)
                yield piece

    def _inflated(self, first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield what gzip streams, one after the other, hold; a cut end is a warning."""
        left, held = LARGEST_UNPACKED, bytearray()
        for part in self._members(first, pieces):
            left -= len(part)
            self._some = self._some or bool(part)
            if left < 0:
                self._refuse(f"expected at most {size(LARGEST_UNPACKED)} unpacked, got more")
            held += part
            if len(held) >= _HELD:
                yield bytes(held)
                held.clear()
        yield bytes(held)

    def _members(self, piece: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
        stream, at, step = zlib.decompressobj(_GZIP), 0, _FIRST_STEP
        while piece:
            if stream.eof:
                if not piece.startswith(_MAGIC[:1], at):
                    return  # padding
                stream, step = zlib.decompressobj(_GZIP), _FIRST_STEP
            try:
                yield stream.decompress(piece[at : at + step], _READ)
            except zlib.error:
                self._damaged()
                return
            at = min(at + step, len(piece)) - len(stream.unconsumed_tail or stream.unused_data)
            step = min(2 * step, _READ)
            if at >= len(piece):
                piece, at = next(pieces, b""), 0
        if not stream.eof:
            self.warnings.append("the packed file is cut: what came before is read")

    def _damaged(self) -> None:
        if not self._some:
            self._refuse("expected gzip, got damaged data")
        self.warnings.append("the packed file is damaged: what came before is read")

    def _refuse_line(self, line: bytes) -> NoReturn:
        shown = " ".join(line[:_SHOWN].decode("utf-8", "replace").split())
        self._refuse(f"expected lines, got more than {size(LONGEST_LINE)} without an end: {shown}")

    def _refuse(self, message: str) -> NoReturn:
        raise UnreadableError(
            f"{self.source.path}: {message}", hint="Save the results again, or unpack them first"
        )

    def whole(self, limit: int = LARGEST_DOCUMENT) -> bytes:
        """Return all of a small file; raises UnreadableError beyond `limit` bytes."""
        parts: list[bytes] = []
        for part in self.parts():
            parts.append(part)
            limit -= len(part)
            if limit < 0:
                self._refuse("expected a summary of some megabytes, got more")
        return b"".join(parts)

    def document(self) -> Any:
        """Return the JSON document of a small file. NaN and infinity come as None.

        Raises UnreadableError with the line for what is no JSON.
        """
        try:
            return json.loads(self.whole(), parse_constant=lambda _: None)
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}: {error.msg}"
            message = f"{self.source.path}: expected JSON, got {where}"
        except RecursionError:
            message = f"{self.source.path}: expected JSON, got too many brackets within brackets"
        except ValueError as error:
            message = f"{self.source.path}: expected JSON, got {error}"
        raise UnreadableError(message, hint="Check that the test ended and wrote it whole")


def _with_lf(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n") if b"\r" in block else block


def _in_utf8(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield text of UTF-16 (by its mark or its NULs) as UTF-8, other bytes as they are."""
    first = next(parts, b"")
    encoding = _utf16(first)
    if encoding is None:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from parts
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first).removeprefix("\ufeff").encode("utf-8", "replace")
    for part in parts:
        yield decoder.decode(part).encode("utf-8", "replace")
    if rest := decoder.decode(b"", final=True):
        yield rest.encode("utf-8", "replace")


def _utf16(first: bytes) -> str | None:
    head = first[:4096]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.count(0) > _UTF16_NULS * len(head) and head[::2].count(0) == 0:
        return "utf-16-le"
    return None


def mapping(value: Any) -> dict[str, Any]:
    """Return a JSON object as it is; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return a JSON array as it is; an empty one for anything else."""
    return value if isinstance(value, list) else []


def figure(value: Any) -> float | None:
    """Return a finite number of JSON as a float; None for anything else (a boolean too)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if abs(found) < float("inf") else None


def count(value: Any) -> int | None:
    """Return a number of JSON that counts something; None for anything else, and beyond 10^15."""
    found = figure(value)
    return None if found is None or not 0 <= found <= _MOST_COUNTED else round(found)
