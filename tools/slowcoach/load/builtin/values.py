"""Values that a session takes from an answer."""

from __future__ import annotations

import json
import re
import zlib
from functools import lru_cache
from typing import Any

from slowcoach.load.http1 import header
from slowcoach.load.plan import Extract

_LONGEST = 8 * 1024  # of a value
_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_MOST_UNPACKED = 4 * 1024 * 1024
_REGEX_BYTES = 64 * 1024  # that a pattern is looked for in: patterns may take long


def value_of(extract: Extract, head: bytes, body: bytes) -> str | None:
    """Return the value in an answer, None when it is not there or longer than 8 kB."""
    if extract.source == "header":
        found = _header(head, extract.path)
    elif extract.source == "cookie":
        found = _cookie(head, extract.path)
    elif extract.source == "json":
        found = _json(_plain(head, body), extract.path)
    else:
        found = _match(_plain(head, body), extract.path)
    return found if found is not None and len(found) <= _LONGEST else None


def _lines(head: bytes, name: str) -> list[str]:
    wanted = name.lower().encode("latin-1", "ignore")
    found: list[str] = []
    for line in head.split(b"\r\n")[1:]:
        key, colon, value = line.partition(b":")
        if colon and key.strip().lower() == wanted:
            found.append(value.strip().decode("latin-1"))
    return found


def _header(head: bytes, name: str) -> str | None:
    return next(iter(_lines(head, name)), None)


def _cookie(head: bytes, name: str) -> str | None:
    for line in _lines(head, "set-cookie"):
        key, sign, value = line.partition(";")[0].partition("=")
        if sign and key.strip() == name:
            return value.strip()
    return None


def _json(body: bytes, path: str) -> str | None:
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for key in _keys(path):
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            return None
    if isinstance(found, str):
        return found
    return None if found is None else json.dumps(found, separators=(",", ":"))


@lru_cache(maxsize=1024)
def _keys(path: str) -> tuple[str | int, ...]:
    """Return the keys of a path such as items[0].id; `$.` at its start is allowed."""
    return tuple(m[1] or int(m[2]) for m in _PART.finditer(path.removeprefix("$.")))


def _match(body: bytes, pattern: str) -> str | None:
    match = re.search(pattern, body[:_REGEX_BYTES].decode("utf-8", "replace"))
    return match[1] if match else None


def _plain(head: bytes, body: bytes) -> bytes:
    """Return a body unpacked, as far as a bound allows."""
    encoding = header(head.lower(), b"content-encoding")
    if encoding not in {b"gzip", b"x-gzip", b"deflate"}:
        return body
    for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        try:
            return zlib.decompressobj(bits).decompress(body, _MOST_UNPACKED)
        except zlib.error:
            continue
    return b""
