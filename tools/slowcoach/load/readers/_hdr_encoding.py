"""HdrHistogram's V2 encoding: base64 of zlib of a header and counts as ZigZag LEB128 numbers.

Source: HdrHistogram's own Java sources (AbstractHistogram, encodeIntoByteBuffer and
recalculate). A decoder of our own needs no dependency and bounds what a log may ask for.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST = 4 << 20  # bytes of one histogram, unpacked
_COMPRESSED, _PLAIN = 0x1C849304, 0x1C849303
_DOUBLES = (b"\x0c\x72\x12\x4f", b"\x0c\x72\x12\x4e")
_DOUBLE_HEADER = 16  # its cookie, digits and range; a histogram of integers follows
_WORD_SIZE = 0xF0  # bits of a cookie that older encodings use
_HEADER = struct.Struct(">iiiiqqd")
_DIGITS = range(6)
_MOST = 1 << 53  # counts beyond are no counts
_CONTINUES = 0x80
_BITS = 0x7F
_LONGEST = 8  # bytes of a number, more than which no plausible count takes


class HdrError(ValueError):
    """The text is no histogram."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each value was recorded, in units of the log.

    A value stands for all that the histogram does not tell from it; it is their middle.
    """

    values: NDArray[np.float64]
    counts: NDArray[np.int64]
    most: float
    digits: int

    @property
    def total(self) -> int:
        """Return how many values there are."""
        return int(self.counts.sum())


def decoded(text: bytes) -> Counts:
    """Return a log line's histogram; raises HdrError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise HdrError("text that is not base64") from None
    return _decoded(_unpacked(data))


def _unpacked(data: bytes) -> bytes:
    if data.startswith(_DOUBLES):
        data = data[_DOUBLE_HEADER:]
    if _cookie(data) != _COMPRESSED:
        raise HdrError("another encoding than V2 compressed")
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(data[8:], LARGEST)
    except zlib.error:
        raise HdrError("damaged zlib data") from None
    if stream.unconsumed_tail:
        raise HdrError("a histogram of more than 4 MB")
    return plain


def _cookie(data: bytes) -> int:
    if len(data) < _HEADER.size // 2:
        raise HdrError("too few bytes")
    return int.from_bytes(data[:4], "big") & ~_WORD_SIZE


def _decoded(plain: bytes) -> Counts:
    if len(plain) < _HEADER.size or _cookie(plain) != _PLAIN:
        raise HdrError("another encoding than V2")
    _, length, _, digits, lowest, highest, ratio = _HEADER.unpack_from(plain)
    if digits not in _DIGITS or not 1 <= lowest <= highest or not 0 < ratio < _MOST:
        raise HdrError("a header that cannot be")
    payload = plain[_HEADER.size :]
    if length != len(payload):
        raise HdrError("counts that are cut")
    numbers = _numbers(payload)
    # a negative number is a run of so many counts of zero
    steps = np.where(numbers < 0, -numbers, 1)
    if len(steps) and (steps.max() > _MOST or numbers.max() > _MOST):
        raise HdrError("counts that cannot be")
    ends = np.cumsum(steps.astype(np.float64))
    places = _places(digits, lowest, highest)
    if len(ends) and ends[-1] > places:
        raise HdrError("more counts than its range has")
    used = numbers > 0
    indices = (ends[used] - 1).astype(np.int64)
    counts = numbers[used]
    if counts.astype(np.float64).sum() > _MOST:
        raise HdrError("counts that cannot be")
    lows, widths = _ranges(indices, digits, lowest)
    most = float(lows[-1] + widths[-1] - 1) * ratio if len(lows) else 0.0
    return Counts((lows + widths / 2) * ratio, counts, most, digits)


def _numbers(payload: bytes) -> NDArray[np.int64]:
    """Return ZigZag LEB128 numbers; raises HdrError for one that is cut or too long."""
    data = np.frombuffer(payload, dtype=np.uint8)
    if not len(data):
        return np.zeros(0, dtype=np.int64)
    ends = np.flatnonzero(data < _CONTINUES)
    if not len(ends) or ends[-1] != len(data) - 1:
        raise HdrError("counts that are cut")
    starts = np.concatenate(([0], ends[:-1] + 1))
    if int((ends - starts).max()) >= _LONGEST:
        raise HdrError("counts that cannot be")
    places = np.arange(len(data)) - np.repeat(starts, ends - starts + 1)
    parts = (data & _BITS).astype(np.int64) << (7 * places)
    whole = np.add.reduceat(parts, starts)
    return np.asarray((whole >> 1) ^ -(whole & 1), dtype=np.int64)


def _magnitudes(digits: int, lowest: int) -> tuple[int, int]:
    """Return the binary logarithms of the unit and of half the number of sub-buckets."""
    unit = lowest.bit_length() - 1
    half = max((2 * 10**digits - 1).bit_length(), 1) - 1
    return unit, half


def _places(digits: int, lowest: int, highest: int) -> int:
    """Return how many counts such a histogram has room for."""
    unit, half = _magnitudes(digits, lowest)
    buckets = max(highest.bit_length() - (unit + half + 1), 0) + 1
    return (buckets + 1) << half


def _ranges(
    indices: NDArray[np.int64], digits: int, lowest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least value of each count, and how many values stand with it."""
    unit, half = _magnitudes(digits, lowest)
    buckets = (indices >> half) - 1
    subs = (indices & ((1 << half) - 1)) + (1 << half)
    subs = np.where(buckets < 0, subs - (1 << half), subs)
    widths = np.exp2(np.maximum(buckets, 0) + unit)
    return subs * widths, widths
