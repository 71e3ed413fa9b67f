"""Gzip with a bound: a small file may unpack to more than the memory holds."""

import zlib
from collections.abc import Callable

from slowcoach.core.errors import UnreadableError
from slowcoach.core.units import size

MAGIC = b"\x1f\x8b"
LARGEST = 500_000_000  # bytes unpacked; a profile of that size holds some ten million stacks
_GZIP = 31  # zlib's window bits for a stream with gzip's header
_STEP = 1 << 20


def plain(data: bytes, name: str, largest: int = LARGEST) -> bytes:
    """Return the file unpacked, or as it is when it is not gzip.

    Raises UnreadableError for a cut or damaged stream and for more than `largest` bytes.
    """
    parts: list[bytes] = []
    left, at = largest, 0
    while data.startswith(MAGIC, at):  # a file may hold several streams one after the other
        stream = zlib.decompressobj(_GZIP)
        while not stream.eof:
            if at >= len(data):
                raise UnreadableError(
                    f"{name}: expected a whole gzip file, got one cut after {len(data):,} bytes",
                    hint="Save it again, and wait until the profiler has ended",
                )
            parts.append(_unpacked(stream.decompress, data[at : at + _STEP], left + 1, name))
            at += _STEP
            left -= len(parts[-1])
            if left < 0:
                raise UnreadableError(
                    f"{name}: expected a profile of at most {size(largest)} unpacked, got more",
                    hint="Record for less time or at a lower rate",
                )
        at = min(at, len(data)) - len(stream.unused_data)
    return b"".join(parts) if at else data


def _unpacked(unpack: Callable[[bytes, int], bytes], data: bytes, most: int, name: str) -> bytes:
    try:
        return unpack(data, most)
    except zlib.error as error:
        raise UnreadableError(
            f"{name}: expected gzip, got {error}", hint="The file is damaged: save it again"
        ) from None


def head(data: bytes, limit: int = 65536) -> bytes:
    """Return the first bytes, unpacked when they are gzip; never raises."""
    if not data.startswith(MAGIC):
        return data[:limit]
    try:
        return zlib.decompressobj(_GZIP).decompress(data[:limit], limit)
    except zlib.error:
        return b""
