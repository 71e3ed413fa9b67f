"""JSON and YAML documents that describe requests, read within bounds."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path
from typing import Any

import yaml

from slowcoach.core.errors import UnreadableError
from slowcoach.core.files import read_bytes
from slowcoach.load.traffic import Given

LIMIT = 32 << 20
_HEAD = 1 << 17
# one half of a sign that JSON writes as two
_HALF = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def document(path: Path | str, what: str, hint: str) -> Any:
    """Return the content of a JSON or YAML file; the error tells the line, never the content."""
    data = read_bytes(path, what=what, limit=LIMIT, smaller="Give a part of it")
    try:
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
        if text.lstrip()[:1] in {"{", "["}:
            return json.loads(_HALF.sub(r"\\ufffd", text))
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - the safe loader
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is no UTF-8"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}" if mark else "no YAML"
    except RecursionError:
        where = "nested too deep"
    except (ValueError, yaml.YAMLError):
        where = "no JSON and no YAML"
    raise UnreadableError(f"{str(path)[:300]}: expected {what}: {where}", hint=hint) from None


def head_of(given: Given) -> bytes:
    """Return the first bytes of a file, unpacked when it is packed by gzip."""
    if not given.head.startswith(b"\x1f\x8b"):
        return given.head
    try:
        return zlib.decompressobj(31).decompress(given.head, _HEAD)
    except zlib.error:
        return b""


def listed(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, whatever was given."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def keyed(value: Any) -> dict[str, Any]:
    """Return an object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}
