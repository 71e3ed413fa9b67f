"""Mutations of bytes and of lines, and the choice of a mutation; all from one random generator."""

import gzip
import re
from collections.abc import Callable
from random import Random

from fuzz.seeds import seeds
from fuzz.structure import json_changed, protobuf_changed


class Chance(Random):
    """A random generator, and the kind of the files that are mutated."""

    kind = "profiles"


Mutation = Callable[[bytes, Chance], bytes]
_NUMBERS = (
    *(b"0", b"-1", b"1", b"255", b"65536", b"2147483648", b"4294967295", b"9223372036854775807"),
    *(b"9223372036854775808", b"18446744073709551616", b"-9223372036854775809", b"1e308", b"1e999"),
    *(b"NaN", b"Infinity", b"0.1", b"1e-320", b"-0", b"9" * 30, b"9" * 400, b"9" * 5000, b"0x10"),
    "٣".encode(),
)
_BYTES = (0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x22, 0x3B, 0x7B, 0x5B, 0x1B)
_TOKENS = (
    *(b"\x00", b"\xff" * 9, b"\xff" * 10 + b"\x01", b"\x80" * 9 + b"\x7f", b";", b"\n", b"\r\n"),
    *(b'"', b"[", b"{", b"]", b"}", b" ", b"\t", b"null", b"[]", b"{}", b"<", b"|", b":", b"="),
    *("\u202e".encode(), b"\x1b[31m", b"\xed\xa0\x80", b"\\ud800", b"\xff\xff\xff\x7f", b"FLR\0"),
)
_DIGITS = re.compile(rb"-?\d+(\.\d+)?")
_LARGEST = 200_000


def mutated(seed: int, index: int, kind: str = "profiles") -> tuple[bytes, str]:
    """Return the input of a number, always the same one, and how it was made."""
    random = Chance(f"{seed}:{index}")
    random.kind = kind
    name, data = random.choice(seeds(kind))
    said = [name]
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        mutation = _mutation(data, random)
        data = mutation(data, random)[:_LARGEST]
        said.append(mutation.__name__.strip("_"))
    if random.random() < 0.05:
        wrap = random.choice(_WRAPS)
        data = wrap(data, random)
        said.append(wrap.__name__.strip("_"))
    return data, " ".join(said)


def _mutation(data: bytes, random: Chance) -> Mutation:
    """Choose one that fits: JSON and protocol buffers are mostly changed by their structure."""
    start = data.lstrip()[:1]
    if start in (b"{", b"[") and random.random() < 0.75:
        return json_changed
    text = data[:4096].isascii()
    if not text and random.random() < 0.5:
        return protobuf_changed
    return random.choice(_OF_TEXT if text and random.random() < 0.7 else _OF_BYTES)


def _place(data: bytes, random: Random) -> int:
    """Return an offset; the beginning, where the headers are, is as likely as all the rest."""
    most = len(data) if random.random() < 0.6 else min(len(data), 200)
    return random.randrange(most + 1)


def _flip(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        at = _place(data, random)
        if at < len(changed):
            changed[at] ^= 1 << random.randrange(8)
    return bytes(changed)


def _set(data: bytes, random: Random) -> bytes:
    at = _place(data, random)
    return data[:at] + bytes((random.choice(_BYTES),)) + data[at + 1 :]


def _wide(data: bytes, random: Random) -> bytes:
    """Overwrite four or eight bytes with a number at a limit."""
    width = random.choice((4, 8))
    value = random.choice((0, 1, -1, 1 << 31, (1 << 31) - 1, (1 << 62), -(1 << 62), 1000))
    order: str = random.choice(("big", "little"))
    wide = (value % (1 << (8 * width))).to_bytes(width, "big" if order == "big" else "little")
    at = _place(data, random)
    return data[:at] + wide + data[at + width :]


def _insert(data: bytes, random: Random) -> bytes:
    at = _place(data, random)
    return data[:at] + random.choice(_TOKENS) * random.choice((1, 1, 1, 2, 50)) + data[at:]


def _delete(data: bytes, random: Random) -> bytes:
    at = _place(data, random)
    return data[:at] + data[at + random.choice((1, 1, 2, 8, 100, 1000)) :]


def _repeat(data: bytes, random: Random) -> bytes:
    at = _place(data, random)
    piece = data[at : at + random.choice((1, 4, 30, 300))]
    return data[:at] + piece * random.choice((2, 2, 3, 30, 300)) + data[at:]


def _truncate(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _splice(data: bytes, random: Chance) -> bytes:
    _, other = random.choice(seeds(random.kind))
    return data[: _place(data, random)] + other[_place(other, random) :]


def _number(data: bytes, random: Random) -> bytes:
    found = list(_DIGITS.finditer(data))
    if not found:
        return _set(data, random)
    where = random.choice(found if random.random() < 0.6 else found[:20])
    return data[: where.start()] + random.choice(_NUMBERS) + data[where.end() :]


def _lines(data: bytes, random: Random) -> bytes:
    """Swap, repeat, take away, cut or join lines."""
    lines = data.split(b"\n")
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    what = random.randrange(6)
    if what == 0:
        lines[one], lines[other] = lines[other], lines[one]
    elif what == 1:
        lines[one:one] = [lines[other]] * random.choice((1, 2, 100))
    elif what == 2:
        del lines[one : one + random.choice((1, 1, 5, 50))]
    elif what == 3:
        lines[one] = lines[one][: random.randrange(len(lines[one]) + 1)]
    elif what == 4:
        lines[one] = random.choice(_TOKENS) + lines[one]
    else:
        lines[one : one + 2] = [b"".join(lines[one : one + 2])]
    return b"\n".join(lines)


def _words(data: bytes, random: Random) -> bytes:
    """Swap or take away the words of a line, or put one of another line there."""
    lines = data.split(b"\n")
    one = random.randrange(len(lines))
    words = lines[one].split(b" ")
    other = random.choice(lines).split(b" ")
    words[random.randrange(len(words))] = random.choice((b"", *other[:5], *_TOKENS, *_NUMBERS))
    lines[one] = b" ".join(words)
    return b"\n".join(lines)


_OF_BYTES: tuple[Mutation, ...] = (
    *(_flip, _flip, _set, _set, _wide, _insert, _delete, _repeat, _truncate, _splice, _number),
)
_OF_TEXT: tuple[Mutation, ...] = (*_OF_BYTES[3:], _number, _number, _lines, _lines, _words, _words)


def _packed(data: bytes, random: Random) -> bytes:
    packed = gzip.compress(data, 1, mtime=0)
    return packed if random.random() < 0.6 else _flip(packed, random)


def _utf16(data: bytes, random: Random) -> bytes:
    encoding = random.choice(("utf-16-le", "utf-16-be"))
    mark = "\ufeff".encode(encoding)
    return mark + data.decode("utf-8", "replace").encode(encoding)


def _marked(data: bytes, _random: Random) -> bytes:
    return b"\xef\xbb\xbf" + data


def _windows(data: bytes, _random: Random) -> bytes:
    return data.replace(b"\n", b"\r\n")


_WRAPS: tuple[Mutation, ...] = (_packed, _packed, _utf16, _marked, _windows)
