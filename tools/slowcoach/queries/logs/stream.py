"""A log as lines, however large it is: unpacked, decoded, never more than a line in memory."""

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from typing import IO

from slowcoach.core.errors import UnreadableError
from slowcoach.core.files import checked

LARGEST = 1 << 44  # bytes: a log is streamed, so its size is no matter
LINE = 1 << 20  # characters of a line that are kept
_MAGIC = b"\x1f\x8b"
_HEAD = 1 << 18
_SKIPPED = 1 << 28  # characters without an end of line: that is no log
_EVERY = 4096  # lines between two looks at cancellation
_WHAT = "a query log"
_HINT = "Give a query log, a slow log or a trace file as text, or one packed with gzip"
_MOST_NULS = 0.02
_UTF16_NULS = 0.3


class Stream:
    """The text of one file. `warnings` grows while it is read."""

    def __init__(self, path: str, on_bytes: Callable[[int, int], None] | None = None) -> None:
        """Open the file; raises UnreadableError for what is no text.

        `on_bytes` is called now and then with the bytes read and the file's size.
        """
        self.path = path
        self.warnings: list[str] = []
        self._on_bytes = on_bytes or (lambda done, total: None)
        self._file = checked(path, what=_WHAT, limit=LARGEST, smaller="Give a part of it")
        self.size = self._file.stat().st_size
        head = self._first()
        self.encoding = _encoding(head, path)
        self.head = head.decode(self.encoding, "replace").removeprefix("\ufeff")

    def _first(self) -> bytes:
        if not self.size:
            raise UnreadableError(f"{self.path}: expected {_WHAT}, got an empty file", hint=_HINT)
        try:
            with self._file.open("rb") as raw, _unpacked(raw) as file:
                return file.read(_HEAD)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return self._first_of_damaged()
        except OSError as error:
            raise UnreadableError(
                f"{self.path}: {error.strerror or error}", hint="Check that you may read it"
            ) from None

    def _first_of_damaged(self) -> bytes:
        """Return what the beginning of a damaged gzip file holds."""
        stream = zlib.decompressobj(31)
        try:
            with self._file.open("rb") as file:
                found = stream.decompress(file.read(_HEAD), _HEAD)
        except (OSError, zlib.error):
            found = b""
        if not found:
            raise UnreadableError(f"{self.path}: expected gzip, got damaged data", hint=_HINT)
        return found

    def pieces(self, longest: int = LINE) -> Iterator[str]:
        """Yield the file line by line, longer lines in pieces; a damaged end is a warning."""
        try:
            with self._file.open("rb") as raw, _unpacked(raw) as file:
                text = io.TextIOWrapper(
                    file, encoding=self.encoding, errors="replace", newline="\n"
                )
                yield from self._read(text, raw, longest)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.warnings.append("the file is cut or damaged: what came before is judged")
        except OSError as error:
            raise UnreadableError(
                f"{self.path}: {error.strerror or error}", hint="Check that you may read it"
            ) from None

    def _read(self, text: IO[str], raw: IO[bytes], longest: int) -> Iterator[str]:
        count = 0
        first = True
        while piece := text.readline(longest):
            if first:
                piece, first = piece.removeprefix("\ufeff"), False
            yield piece
            count += 1
            if count % _EVERY == 0 or len(piece) == longest:
                self._on_bytes(raw.tell(), self.size)

    def lines(self) -> Iterator[str]:
        """Yield the lines without their ends; what is longer than a statement is cut."""
        cut = skipped = 0
        pieces = self.pieces()
        for piece in pieces:
            if piece.endswith("\n"):
                yield piece.rstrip("\r\n")
                continue
            yield piece
            if len(piece) < LINE:
                continue  # the last line, without an end
            cut += 1
            for rest in pieces:
                skipped += len(rest)
                if skipped > _SKIPPED:
                    raise UnreadableError(
                        f"{self.path}: expected lines, got {skipped:,} characters without an end",
                        hint=_HINT,
                    )
                if rest.endswith("\n"):
                    break
        if cut:
            self.warnings.append(f"{cut} lines longer than {LINE:,} characters were cut")


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    packed = raw.read(2) == _MAGIC
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[return-value]


def _encoding(head: bytes, path: str) -> str:
    """Return the encoding that the first bytes show; raises UnreadableError for binary data."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    nuls = head.count(0) / len(head)
    if nuls > _UTF16_NULS and head[1::2].count(0) > head[::2].count(0) and any(head[::2]):
        return "utf-16-le"
    if nuls > _MOST_NULS or head.startswith(_MAGIC):
        raise UnreadableError(f"{path}: expected {_WHAT}, got binary data", hint=_HINT)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as error:
        odd = len(head.decode("ascii", "ignore")) / len(head)
        if error.start < len(head) and odd < _MOST_TEXT:
            raise UnreadableError(
                f"{path}: expected {_WHAT}, got binary data", hint=_HINT
            ) from None
        return "cp1252"
    return "utf-8"


_MOST_TEXT = 0.7  # of the bytes of a text in an encoding of one byte are ASCII
