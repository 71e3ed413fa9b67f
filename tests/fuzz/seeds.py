"""The files that are mutated: the tests' samples of every format, unpacked, and small ones."""

import gzip
from functools import cache
from pathlib import Path

from slowcoach.load.reader_kind import readers as load_readers
from slowcoach.profiling.readers import readers

DATA = Path(__file__).parent.parent / "data"
LARGEST = 48_000  # bytes: a mutation of a large file mostly hits what does not matter
_PACKED = b"\x1f\x8b"


@cache
def seeds(kind: str = "profiles") -> tuple[tuple[str, bytes], ...]:
    """Return (name, content) of every sample of a kind (profiles, load), ordered by name."""
    found = [
        (f"{folder.name}/{path.name}", _content(path))
        for folder in _folders(kind)
        for path in sorted(folder.glob("*"))
        if path.name != "README.md" or kind == "profiles"
    ]
    if kind == "load":  # requests one after the other: the first of them are enough
        found = [(name, data[:LARGEST]) for name, data in found]
    return tuple((name, data) for name, data in found if 0 < len(data) <= LARGEST)


def _folders(kind: str) -> list[Path]:
    if kind == "load":
        return [DATA / "load" / "results" / name for name in load_readers()]
    return [*(DATA / "profiles" / reader.format for reader in readers()), DATA / "hostile"]


def _content(path: Path) -> bytes:
    if not path.is_file():
        return b""
    data = path.read_bytes()
    try:
        return gzip.decompress(data) if data.startswith(_PACKED) else data
    except (OSError, EOFError):
        return data
