"""The files that are mutated: the tests' samples of every format, unpacked, and small ones."""

import gzip
from functools import cache
from pathlib import Path

_TESTS = Path(__file__).parent.parent
FOLDERS = (_TESTS / "data" / "profiles", _TESTS / "data" / "hostile")
LARGEST = 48_000  # bytes: a mutation of a large file mostly hits what does not matter
_PACKED = b"\x1f\x8b"


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Return (name, content) of every sample, in the order of the names."""
    found = [
        (path.relative_to(folder).as_posix(), _content(path))
        for folder in FOLDERS
        for path in sorted(folder.rglob("*"))
        if (path.is_file() and path.parent != folder) or folder.name == "hostile"
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
