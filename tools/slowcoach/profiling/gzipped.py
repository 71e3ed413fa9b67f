"""Gzip with a bound: a small file may unpack to more than the memory holds."""

import zlib
from collections.abc import Callable

from slowcoach.core.errors import UnreadableError
from slowcoach.core.units import size

MAGIC = b"\x1f\x8b"
LARGEST = 500_000_000  # bytes unpacked; a profile of that size holds some ten million stacks
_GZIP = 31  # zlib's window bits for a stream with gzip's header
_STEP = 1 << 20
_FIRST_STEP = 1 << 12  # what is left of a step after a stream's end is copied: begin with little
_STREAMS = 100_000  # one after the other in a file; a stream can be as small as 20 bytes
_WITHIN = 2  # a file saved packed, and packed again on its way


def plain(data: bytes, name: str, largest: int = LARGEST) -> bytes:
    """Return the file unpacked, or as it is when it is not gzip; gzip within gzip once.

    Raises UnreadableError for a cut or damaged stream, for more than `largest` bytes, and for
    gzip packed again and again.
    """
    for _ in range(_WITHIN):
        if not data.startswith(MAGIC):
            return data
        data = _streams(data, name, largest)
    if data.startswith(MAGIC):
        raise UnreadableError(
            f"{name}: expected a profile packed with gzip, got gzip within gzip within gzip",
            hint="Unpack it with gunzip first",
        )
    return data


def _streams(data: bytes, name: str, largest: int) -> bytes:
    """Return what all streams of a file hold, one after the other."""
    parts: list[bytes] = []
    left, at = largest, 0
    for _ in range(_STREAMS):
        stream, step = zlib.decompressobj(_GZIP), _FIRST_STEP
        while not stream.eof:
            if at >= len(data):
                raise UnreadableError(
                    f"{name}: expected a whole gzip file, got one cut after {len(data):,} bytes",
                    hint="Save it again, and wait until the profiler has ended",
                )
            parts.append(_unpacked(stream.decompress, data[at : at + step], left + 1, name))
            at, step = at + step, min(2 * step, _STEP)
            left -= len(parts[-1])
            if left < 0:
                raise UnreadableError(
                    f"{name}: expected a profile of at most {size(largest)} unpacked, got more",
                    hint="Record for less time or at a lower rate",
                )
        at = min(at, len(data)) - len(stream.unused_data)
        if not data.startswith(MAGIC, at):
            return b"".join(parts)
    raise UnreadableError(
        f"{name}: expected at most {_STREAMS:,} streams of gzip in a file, got more",
        hint="Unpack it with gunzip first",
    )


def _unpacked(unpack: Callable[[bytes, int], bytes], data: bytes, most: int, name: str) -> bytes:
    try:
        return unpack(data, most)
    except zlib.error as error:
        raise UnreadableError(
            f"{name}: expected gzip, got {error}", hint="The file is damaged: save it again"
        ) from None


def head(data: bytes, limit: int = 65536) -> bytes:
    """Return the first bytes, unpacked when they are gzip (once); never raises."""
    if not data.startswith(MAGIC):
        return data[:limit]
    try:
        return zlib.decompressobj(_GZIP).decompress(data[:limit], limit)
    except zlib.error:
        return b""
