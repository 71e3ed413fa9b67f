"""What a program's file says of itself: sections, and where addresses of a file stand.

ELF, 64 bits, little-endian (x86-64, arm64, riscv64); anything else is unknown.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_MAGIC: Final = b"\x7fELF\x02\x01"
_HEADER: Final = struct.Struct("<16xHHIQQQIHHHHHH")
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")
_SECTION: Final = struct.Struct("<IIQQQQIIQQ")
_LOAD, _EXECUTE = 1, 1
_MOST: Final = 1 << 16  # sections, and bytes of their names; more is no program of this world


@dataclass(frozen=True, slots=True)
class Elf:
    """`sections` by name; `segments` are (offset, size, address) of what is loaded as code."""

    sections: frozenset[str]
    segments: tuple[tuple[int, int, int], ...]

    def address(self, offset: int) -> int | None:
        """Return the address that symbols and lines are told by, of an offset in the file."""
        for start, size, address in self.segments:
            if start <= offset < start + size:
                return offset - start + address
        return None

    @property
    def unwindable(self) -> bool:
        """Tell whether stacks can be followed without frame pointers."""
        return bool(self.sections & {".eh_frame", ".debug_frame"})

    @property
    def has_lines(self) -> bool:
        """Tell whether it says which line an address is of."""
        return bool(self.sections & {".debug_line", ".gnu_debuglink", ".zdebug_line"})


def read(file: Path) -> Elf | None:
    """Return what a file says, or None when it is no such program or cannot be read."""
    try:
        with file.open("rb") as data:
            head = data.read(16 + _HEADER.size - 16)
            if head[: len(_MAGIC)] != _MAGIC:
                return None
            return _read(data, _HEADER.unpack(head))
    except (OSError, ValueError, struct.error):  # ValueError: an offset that no file has
        return None


def _read(data: BinaryIO, header: tuple[int, ...]) -> Elf:
    at, count = header[4], min(header[9], _MOST)
    segments = [_unpack(data, _SEGMENT, at + index * _SEGMENT.size) for index in range(count)]
    at, count, names_at = header[5], min(header[11], _MOST), header[12]
    sections = [_unpack(data, _SECTION, at + index * _SECTION.size) for index in range(count)]
    names = b""
    if names_at < len(sections):
        data.seek(sections[names_at][4])
        names = data.read(min(sections[names_at][5], _MOST))
    return Elf(
        frozenset(_name(names, section[0]) for section in sections),
        tuple((s[2], s[5], s[3]) for s in segments if s[0] == _LOAD and s[1] & _EXECUTE),
    )


def _unpack(data: BinaryIO, layout: struct.Struct, at: int) -> tuple[int, ...]:
    data.seek(at)
    return layout.unpack(data.read(layout.size))


def _name(names: bytes, at: int) -> str:
    return names[at : names.find(b"\0", at)].decode("ascii", "replace")
