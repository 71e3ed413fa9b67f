"""The files that are mutated: the tests' samples of every format, unpacked, and small ones."""

import gzip
from functools import cache
from pathlib import Path

from slowcoach.profiling.readers import readers

DATA = Path(__file__).parent.parent / "data"
LARGEST = 48_000  # bytes: a mutation of a large file mostly hits what does not matter
_PACKED = b"\x1f\x8b"


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Return (name, content) of every sample, in the order of the names."""
    folders = [DATA / "profiles" / reader.format for reader in readers()]
    found = [
        (f"{folder.name}/{path.name}", _content(path))
        for folder in (*folders, DATA / "hostile")
        for path in sorted(folder.glob("*"))
    ]
    return tuple((name, data) for name, data in found if 0 < len(data) <= LARGEST)


def _content(path: Path) -> bytes:
    if not path.is_file():
        return b""
    data = path.read_bytes()
    try:
        return gzip.decompress(data) if data.startswith(_PACKED) else data
    except (OSError, EOFError):
        return data
