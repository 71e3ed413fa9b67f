"""The memory of another process, and where symbols of its executables lie in it."""

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_U64 = struct.Struct("<Q")
_HIGHEST = 1 << 47
_MAX_READ = 16 * 1024 * 1024
_ELF64 = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_DYNSYM = 11
_LOAD = 1


class UnreadableMemoryError(Exception):
    """An address that cannot be read, or does not hold what was expected there."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapped range of addresses and the file behind it ('' for none)."""

    start: int
    end: int
    permissions: str
    offset: int
    path: str


class ProcessMemory:
    """Read access to a process's memory. Use as a context manager."""

    def __init__(self, pid: int) -> None:
        """Open the memory; raises PermissionError or FileNotFoundError as the system says."""
        self.pid = pid
        self._fd = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)

    def __enter__(self) -> "ProcessMemory":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back."""
        os.close(self._fd)

    def read(self, address: int, size: int) -> bytes:
        """Return `size` bytes; raises UnreadableMemoryError when they are not there."""
        if not 0 < address < _HIGHEST or not 0 <= size <= _MAX_READ:
            raise UnreadableMemoryError(f"{address:#x}+{size}")
        try:
            data = os.pread(self._fd, size, address)
        except OSError as error:
            raise UnreadableMemoryError(str(error)) from None
        if len(data) != size:
            raise UnreadableMemoryError(f"{address:#x}: {len(data)} of {size} bytes")
        return data

    def word(self, address: int) -> int:
        """Return the 64-bit word (a pointer or Py_ssize_t) at an address."""
        value: int = _U64.unpack(self.read(address, 8))[0]
        return value

    def words(self, address: int, count: int) -> tuple[int, ...]:
        """Return `count` 64-bit words."""
        return struct.unpack(f"<{count}Q", self.read(address, 8 * count))


def mappings(pid: int) -> list[Mapping]:
    """Return the process's mapped ranges, in address order."""
    found: list[Mapping] = []
    for line in Path(f"/proc/{pid}/maps").read_text(errors="replace").splitlines():
        parts = line.split(None, 5)
        start, end = (int(part, 16) for part in parts[0].split("-"))
        path = parts[5] if len(parts) > 5 else ""  # noqa: PLR2004 - the sixth field of maps(5)
        found.append(Mapping(start, end, parts[1], int(parts[2], 16), path))
    return found


@dataclass(frozen=True, slots=True)
class Binary:
    """An ELF file mapped into the process: where it was put, and its data range."""

    path: str
    bias: int
    data_start: int
    data_end: int
    symbols: dict[str, int]


def _wanted_symbols(data: bytes, wanted: set[str]) -> dict[str, int]:
    header = _ELF64.unpack_from(data)
    table, entry_size, count = header[6], header[11], header[12]
    sections = [_SECTION.unpack_from(data, table + i * entry_size) for i in range(count)]
    found: dict[str, int] = {}
    for section in sections:
        if section[1] != _DYNSYM:
            continue
        strings = sections[section[6]][4]
        for at in range(section[4], section[4] + section[5], _SYMBOL.size):
            name_at, _info, _other, _index, value, _size = _SYMBOL.unpack_from(data, at)
            end = data.index(b"\0", strings + name_at)
            name = data[strings + name_at : end].decode("ascii", "replace")
            if name in wanted and value:
                found[name] = value
    return found


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield (virtual address, size in memory) of what is loaded."""
    header = _ELF64.unpack_from(data)
    for index in range(header[10]):
        kind, _, _, virtual, _, _, size, _ = _SEGMENT.unpack_from(
            data, header[5] + index * header[9]
        )
        if kind == _LOAD:
            yield virtual, size


def find_binary(pid: int, wanted: set[str]) -> Binary | None:
    """Return the mapped ELF file (of `pid`'s own root) that exports every wanted symbol."""
    maps = [m for m in mappings(pid) if m.path.startswith("/")]
    for path in dict.fromkeys(m.path for m in maps if "python" in Path(m.path).name.lower()):
        with suppress(OSError, ValueError, struct.error, IndexError):
            data = Path(f"/proc/{pid}/root{path}").read_bytes()
            if data[:5] != b"\x7fELF\x02":
                continue
            symbols = _wanted_symbols(data, wanted)
            if set(symbols) != wanted:
                continue
            segments = list(_segments(data))
            first = min(virtual for virtual, _ in segments) & ~0xFFF
            bias = min(m.start - m.offset for m in maps if m.path == path) - first
            last, size = max(segments)
            return Binary(path, bias, last + bias, last + bias + size, symbols)
    return None
