"""OTLP JSON as the collector's file exporter writes it: an export a line, read quickly."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slowcoach.queries.logs.event import Span
from slowcoach.queries.logs.sources import _spans
from slowcoach.queries.logs.sources.otlp import attributes_of, span_of

_LONGEST = 1 << 26  # bytes of a line
_GZIP = b"\x1f\x8b"


def is_by_line(head: bytes) -> bool:
    """Tell whether the first line is an export by itself."""
    line, end, _ = head.partition(b"\n")
    return bool(end) and b'"resourceSpans"' in line and _loaded(line) is not None


def spans(file: Path) -> Iterator[Span]:
    """Yield the spans of every line that is an export; others are left out."""
    with file.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        with gzip.GzipFile(fileobj=raw) if packed else raw as opened:
            try:
                while line := opened.readline(_LONGEST):
                    found = _loaded(line)
                    if found is not None:
                        yield from _of_export(found)
            except (EOFError, OSError):  # a cut or damaged end: what came before is judged
                return


def _loaded(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _of_export(export: dict[str, Any]) -> Iterator[Span]:
    for resource in _spans.items(export.get("resourceSpans")):
        about = resource.get("resource")
        told = attributes_of(about) if isinstance(about, dict) else {}
        service, process = str(told.get("service.name", "")), _spans.process_of(told)
        scopes = resource.get("scopeSpans") or resource.get("instrumentationLibrarySpans")
        for scope in _spans.items(scopes):
            for item in _spans.items(scope.get("spans")):
                yield span_of(item, attributes_of(item), service, process)
