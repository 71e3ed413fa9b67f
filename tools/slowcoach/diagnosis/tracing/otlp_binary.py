"""OpenTelemetry's spans as protocol buffers: one export, or several with their lengths before.

The fields: https://github.com/open-telemetry/opentelemetry-proto, trace/v1/trace.proto.
"""

import struct
from collections.abc import Iterator
from typing import Any

from slowcoach.profiling.protobuf import BYTES, FIXED64, VARINT, WireError, fields, signed
from slowcoach.queries.logs.event import Process, Span
from slowcoach.queries.logs.sources import _spans
from slowcoach.queries.logs.sources.otlp import span_of

_RESOURCE_SPANS = 1
_RESOURCE, _SCOPE_SPANS = 1, 2
_SPANS = 2
_RESOURCE_ATTRIBUTES = 1
_TRACE, _ID, _PARENT, _NAME, _KIND, _START, _END, _ATTRIBUTES, _STATUS = 1, 2, 4, 5, 6, 7, 8, 9, 15
_STATUS_CODE = 3
_KEY, _VALUE = 1, 2
_TEXT, _BOOL, _INTEGER, _DOUBLE = 1, 2, 3, 4
_IDS = {_TRACE: "traceId", _ID: "spanId", _PARENT: "parentSpanId"}
_TIMES = {_START: "startTimeUnixNano", _END: "endTimeUnixNano"}
_LENGTH = struct.Struct(">I")


def spans(data: bytes) -> Iterator[Span]:
    """Yield the spans of an export (TracesData). Raises WireError for anything else."""
    for start, end in _exports(data):
        for number, wire, a, b in fields(data, start, end):
            if number == _RESOURCE_SPANS and wire == BYTES:
                yield from _of_resource(data, a, b)


def is_export(data: bytes) -> bool:
    """Tell whether the first bytes look like an export of spans."""
    try:
        start, end = next(_exports(data))
        number, wire, a, b = next(fields(data, start, end))
        if number != _RESOURCE_SPANS or wire != BYTES:
            return False
        inner = next(fields(data, a, b))
    except (WireError, StopIteration, struct.error):
        return False
    return inner[0] in {_RESOURCE, _SCOPE_SPANS} and inner[1] == BYTES


def _exports(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the exports: the file exporter writes each after its length."""
    if data[:1] != b"\0":
        yield 0, len(data)
        return
    at = 0
    while at + _LENGTH.size <= len(data):
        (size,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        if size > len(data) - at:
            raise WireError(f"byte {at}: an export of {size:,} bytes, {len(data) - at:,} are left")
        yield at, at + size
        at += size


def _of_resource(data: bytes, start: int, end: int) -> Iterator[Span]:
    service, process = "", Process()
    for number, wire, a, b in fields(data, start, end):
        if wire != BYTES:
            continue
        if number == _RESOURCE:
            told = _attributes(data, a, b, _RESOURCE_ATTRIBUTES)
            service, process = str(told.get("service.name", "")), _spans.process_of(told)
        elif number == _SCOPE_SPANS:
            for inner, kind, c, d in fields(data, a, b):
                if inner == _SPANS and kind == BYTES:
                    yield _span(data, c, d, service, process)


def _span(data: bytes, start: int, end: int, service: str, process: Process) -> Span:
    item: dict[str, Any] = {}
    for number, wire, a, b in fields(data, start, end):
        if number in _IDS and wire == BYTES:
            item[_IDS[number]] = data[a:b].hex()
        elif number in _TIMES and wire == FIXED64:
            item[_TIMES[number]] = int.from_bytes(data[a:b], "little")
        elif number == _NAME and wire == BYTES:
            item["name"] = data[a:b].decode("utf-8", "replace")
        elif number == _KIND and wire == VARINT:
            item["kind"] = a
        elif number == _STATUS and wire == BYTES:
            item["status"] = {"code": _last(data, a, b, _STATUS_CODE)}
    return span_of(item, _attributes(data, start, end, _ATTRIBUTES), service, process)


def _last(data: bytes, start: int, end: int, wanted: int) -> int:
    found = 0
    for number, wire, a, _ in fields(data, start, end):
        if number == wanted and wire == VARINT:
            found = a
    return found


def _attributes(data: bytes, start: int, end: int, wanted: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, wire, a, b in fields(data, start, end):
        if number == wanted and wire == BYTES:
            key, value = "", None
            for inner, kind, c, d in fields(data, a, b):
                if inner == _KEY and kind == BYTES:
                    key = data[c:d].decode("utf-8", "replace")
                elif inner == _VALUE and kind == BYTES:
                    value = _value(data, c, d)
            found[key] = value
    return found


def _value(data: bytes, start: int, end: int) -> Any:
    """Return a text, a number or a truth; lists and what is nested tell nothing here."""
    for number, wire, a, b in fields(data, start, end):
        if number == _TEXT and wire == BYTES:
            return data[a:b].decode("utf-8", "replace")
        if number == _BOOL and wire == VARINT:
            return bool(a)
        if number == _INTEGER and wire == VARINT:
            return signed(a)
        if number == _DOUBLE and wire == FIXED64:
            return struct.unpack_from("<d", data, a)[0]
    return None
