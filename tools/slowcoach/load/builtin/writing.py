"""How a value is written where it stands: a URL, a header, a body of some content type."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import quote

from slowcoach.load.http1 import is_header_value

_DATA_SAFE = "/%~:?@!$&'()*+,;="
_VALUE_SAFE = "/%~"


class ValueUnfitError(Exception):
    """A value cannot stand where the plan puts it, such as a line break in a header."""


@lru_cache(maxsize=4096)
def part_of_url(value: str) -> bytes:
    """Write a value of the plan's data, which is a part of a real URL."""
    return quote(value, safe=_DATA_SAFE, errors="replace").encode()


@lru_cache(maxsize=4096)
def in_url(value: str) -> bytes:
    """Write a whole value, in which `&` and `+` mean themselves."""
    return quote(value, safe=_VALUE_SAFE, errors="replace").encode()


def in_header(value: str) -> bytes:
    """Write a header's value as Latin-1; raises ValueUnfitError."""
    if not is_header_value(value):
        raise ValueUnfitError
    return value.encode("latin-1")


def _in_body(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _in_json(value: str) -> bytes:
    return json.dumps(value, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")


def _in_form(value: str) -> bytes:
    return quote(value, safe="", errors="replace").encode()


def in_body_of(headers: Mapping[str, str]) -> Callable[[str], bytes]:
    """Return how values are written in a body of this content type."""
    kind = next((v.lower() for k, v in headers.items() if k.lower() == "content-type"), "")
    if "json" in kind:
        return _in_json
    return _in_form if "form-urlencoded" in kind else _in_body
