"""Where the map of a script is: named at its end, beside it, within it, or given with a trace."""

import base64
import binascii
import json
import os
import re
import stat
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urljoin, urlsplit
from urllib.request import url2pathname

from slowcoach.profiling.source_maps.mapping import BadMapError, SourceMap, source_map

_LARGEST: Final = 64 << 20  # bytes of a script, and of a map
_MOST: Final = 200  # maps of one profile
_NAMED: Final = re.compile(rb"[/*][/*][#@]\s*sourceMappingURL=([^\s'\"*]+)\s*(?:\*/)?\s*\Z")
_INLINE: Final = re.compile(r"data:application/json[^,]*?(;base64)?,", re.IGNORECASE)
_PACKAGE: Final = re.compile(r"(?:.*[\\/])?node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+[\\/]")
_COMMENT: Final = 8  # bytes of `//# ` and the like before it
_WARNED: Final = 3


@dataclass(frozen=True)
class Found:
    """A script's map, and where its sources are counted from (a path's folder, or a URL)."""

    map: SourceMap
    base: str

    def file(self, source: int) -> str:
        """Return the path or URL of a source. That of an installed package's script stays in the
        package, though its map tells of where it was made: else it would pass for own code.
        """
        found = self._told(self.map.sources[source])
        package = _PACKAGE.match(self.base)
        if not package or found.startswith(package[0]):
            return found
        name = re.split(r"[\\/]", found)[-1] or self.base
        return os.path.join(os.path.dirname(self.base), name)  # noqa: PTH118, PTH120

    def _told(self, name: str) -> str:
        if re.match(r"[\w+.-]+://", name):
            return url2pathname(urlsplit(name).path) if name.startswith("file://") else name
        if "://" in self.base:
            return urljoin(self.base, name)
        return os.path.normpath(os.path.join(os.path.dirname(self.base), name))  # noqa: PTH118, PTH120


class Maps:
    """The maps of a profile's scripts by URL, each read once. `given` are maps by script's URL
    that came with the profile.
    """

    def __init__(self, given: dict[str, Any] | None = None) -> None:
        self._given = given or {}
        self._known: dict[str, Found | None] = {}
        self._failed: list[str] = []

    def of(self, url: str) -> Found | None:
        """Return the map of a script, None when it has none that can be read."""
        if url not in self._known:
            full = len(self._known) >= _MOST and url not in self._given
            self._known[url] = None if full else self._find(url)
        return self._known[url]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return which maps could not be read, and why."""
        return tuple(self._failed[:_WARNED])

    def _find(self, url: str) -> Found | None:
        try:
            if url in self._given:
                return Found(source_map(self._given[url]), url)
            return _of_file(_path(url)) if url else None
        except (BadMapError, OSError, ValueError, RecursionError) as error:
            self._failed.append(f"The source map of {url[-120:]} cannot be used: {error}")
            return None


def _path(url: str) -> str:
    return url2pathname(urlsplit(url).path) if url.startswith("file://") else url


def _of_file(path: str) -> Found | None:
    """Return the map that a script names at its end, or the file beside it with `.map`."""
    if not os.path.isabs(path) or "\0" in path:  # noqa: PTH117 - millions of frames, no objects
        return None
    named = _named(path)
    if named is not None and (match := _INLINE.match(named)):
        return Found(source_map(_parsed(_inline(named, match))), path)
    if named is not None and "://" not in named:
        beside = os.path.normpath(os.path.join(os.path.dirname(path), named))  # noqa: PTH118, PTH120
        data = _read(url2pathname(beside))
        if data is not None:
            return Found(source_map(_parsed(data)), beside)
    data = _read(f"{path}.map")
    return None if data is None else Found(source_map(_parsed(data)), f"{path}.map")


def _named(path: str) -> str | None:
    """Return what the comment at a script's end names."""
    data = _read(path)
    if data is None:
        return None
    match = _NAMED.search(data, max(data.rfind(b"sourceMappingURL=") - _COMMENT, 0))
    return match[1].decode("utf-8", "replace") if match else None


def _read(path: str) -> bytes | None:
    """Return a regular file's content; None when there is none to be read.

    Raises BadMapError for one that is too large.
    """
    try:
        with open(path, "rb", opener=_opener) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return None
            if status.st_size > _LARGEST:
                raise BadMapError(f"{status.st_size:,} bytes, more than {_LARGEST:,}")
            return file.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        return None


def _opener(path: str, flags: int) -> int:
    """A pipe in a file's place must not make us wait."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _inline(named: str, match: re.Match[str]) -> bytes:
    text = named[match.end() :]
    if match[1] is None:
        return unquote_to_bytes(text)
    try:
        return base64.b64decode(text, validate=False)
    except binascii.Error as error:
        raise BadMapError(str(error)) from None


def _parsed(data: bytes) -> Any:
    """Return the map's JSON; a first line that keeps it from being run is left out."""
    if data.startswith(b")]}"):
        data = data.partition(b"\n")[2]
    return json.loads(data)
