"""The traces of one endpoint, out of a file of any kind and much else. The edge.

The file is read twice: once for the traces that the endpoint is in, once for their spans. So what
is kept does not depend on the file's size.
"""

import heapq
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import cast

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.files import checked, read_bytes
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.tracing import otlp_binary, otlp_lines
from slowcoach.diagnosis.tracing.endpoint import Wanted, is_asked, name_of
from slowcoach.profiling.protobuf import WireError
from slowcoach.queries.logs.event import Span

LARGEST = 1_000_000_000  # bytes of a file as text
LARGEST_BINARY = 200_000_000  # which is held in memory
MOST_TRACES = 400
MOST_SPANS = 60_000  # of the traces that are kept
MOST_READ = 500_000  # spans of a file that are looked at
_WHAT = "traces as OTLP (JSON or protobuf), of Jaeger or of Zipkin"
_HINT = "Export them from the collector's file exporter, or as JSON from Jaeger or Zipkin"
_HEAD = 1 << 18
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_MOST_NAMES = 500
_NAMED = 6
_EVERY = 5_000


@dataclass(slots=True)
class Sample:
    """Traces of the endpoint, each with all its spans; `found` were there. `by_port`: the spans of
    the endpoint are those of the server at the asked port.
    """

    traces: list[list[Span]] = field(default_factory=list[list[Span]])
    found: int = 0
    by_port: bool = False
    notes: list[str] = field(default_factory=list[str])


def read_traces(path: str, asked: Wanted, cancellation: Cancellation) -> Sample:
    """Return a sample of the endpoint's traces, the same one each time.

    Raises UnreadableError (no traces), InputError (none of this endpoint).
    """
    opened = _opened(path)
    found = _Found(asked)
    for span in _counted(opened(), cancellation):
        found.take(span)
    if not found.matches:
        raise InputError(f"{path}: no server's span of {asked.method} {asked.path}", hint=found.has)
    chosen = found.chosen()
    sample = Sample(found=len(found.matches), by_port=found.by_port)
    kept: dict[str, list[Span]] = {trace: [] for trace in chosen}
    left = MOST_SPANS
    for span in _counted(opened(), cancellation):
        spans = kept.get(span.trace)
        if spans is not None and left > 0:
            spans.append(span)
            left -= 1
    sample.traces = [spans for spans in kept.values() if spans]
    sample.notes = _notes(sample, found, left)
    return sample


def _notes(sample: Sample, found: "_Found", left: int) -> list[str]:
    notes: list[str] = []
    if sample.found > len(sample.traces):
        notes.append(f"{len(sample.traces)} of {sample.found:,} traces of the endpoint were read")
    if left <= 0:
        notes.append(f"of the traces only the first {MOST_SPANS:,} spans were read")
    if found.count >= MOST_READ:
        notes.append(f"only the first {MOST_READ:,} spans of the file were looked at")
    return notes


class _Found:
    """The traces that the endpoint is in, and what else there is, for the error."""

    def __init__(self, asked: Wanted) -> None:
        self._asked = asked
        self._at_port: set[str] = set()
        self._others: Counter[str] = Counter()
        self._near: dict[str, None] = {}  # of the server at the asked port
        self._all: set[str] = set()
        self.count = 0

    def take(self, span: Span) -> None:
        self.count += 1
        if span.http is None or span.client:
            return
        if is_asked(span, self._asked):
            self._all.add(span.trace)
            if span.port == self._asked.port:
                self._at_port.add(span.trace)
            return
        name = name_of(span.http)
        if span.port == self._asked.port and len(self._near) < _MOST_NAMES:
            self._near.setdefault(name)
        if name in self._others or len(self._others) < _MOST_NAMES:
            self._others[name] += 1

    @property
    def by_port(self) -> bool:
        """Tell whether servers at the asked port are among the endpoint's spans."""
        return bool(self._at_port)

    @property
    def matches(self) -> set[str]:
        return self._at_port or self._all

    def chosen(self) -> list[str]:
        """Return at most so many traces, evenly from the whole file: those of the least hashes."""
        return heapq.nsmallest(MOST_TRACES, self.matches, key=_hash)

    @property
    def has(self) -> str:
        names = [*self._near, *(name for name, _ in self._others.most_common())]
        names = list(dict.fromkeys(names))[:_NAMED]
        if not names:
            return "Export traces with the server's spans (http.request.method, http.route)"
        return f"Give one of the traces' endpoints: {', '.join(names)}"


def _hash(trace: str) -> bytes:
    return blake2b(trace.encode(), digest_size=8).digest()


def _counted(spans: Iterator[Span], cancellation: Cancellation) -> Iterator[Span]:
    for count, span in enumerate(spans):
        if count % _EVERY == 0:
            cancellation.check()
        if count >= MOST_READ:
            return
        yield span


def _opened(path: str) -> Callable[[], Iterator[Span]]:
    """Return a function that reads the file's spans anew. Raises UnreadableError."""
    file = checked(path, what=_WHAT, limit=LARGEST, smaller="Export a shorter time, or one service")
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD)
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}", hint="May you read it?") from None
    if not head:
        raise UnreadableError(f"{path}: expected {_WHAT}, got an empty file", hint=_HINT)
    first = _unpacked(head, _HEAD) if head.startswith(_GZIP) else head
    if otlp_lines.is_by_line(first):
        return lambda: otlp_lines.spans(file)
    if _is_text(first):
        return _text(path)
    return _binary(path, file)


def _is_text(head: bytes) -> bool:
    """Tell whether it is JSON: a protobuf export of spans has zeros in it early on."""
    return b"\0" not in head and head.removeprefix(_BOM).lstrip()[:1] in {b"{", b"["}


def _whole(path: str, file: Path) -> bytes:
    data = read_bytes(
        file, what=_WHAT, limit=LARGEST_BINARY, smaller="Export a shorter time, or JSON"
    )
    if not data.startswith(_GZIP):
        return data
    unpacked = _unpacked(data, LARGEST_BINARY + 1)
    if len(unpacked) > LARGEST_BINARY:
        raise UnreadableError(f"{path}: too large when unpacked", hint="Export a shorter time")
    return unpacked


def _unpacked(data: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(data, most)
    except zlib.error:
        return b""


def _binary(path: str, file: Path) -> Callable[[], Iterator[Span]]:
    data = _whole(path, file)
    if not otlp_binary.is_export(data):
        raise UnreadableError(f"{path}: expected {_WHAT}, got something else", hint=_HINT)

    def spans() -> Iterator[Span]:
        try:
            yield from otlp_binary.spans(data)
        except WireError as error:
            raise UnreadableError(f"{path}: {error}", hint=_HINT) from None

    return spans


def _text(path: str) -> Callable[[], Iterator[Span]]:
    from slowcoach.queries.logs.sources import jaeger, otlp, zipkin
    from slowcoach.queries.logs.stream import Stream

    head = Stream(path).head
    kinds = (otlp.SOURCE, jaeger.SOURCE, zipkin.SOURCE)
    kind = next((source for source in kinds if source.matches(head)), None)
    if kind is None:
        raise UnreadableError(f"{path}: expected {_WHAT}, got something else", hint=_HINT)

    def spans() -> Iterator[Span]:
        yield from cast("Iterator[Span]", kind.read(Stream(path)))

    return spans
