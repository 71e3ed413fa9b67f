"""HdrHistogram's logs (.hlog): a histogram for each interval, for each tag."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from slowcoach.load.histogram import Histogram, merged
from slowcoach.load.names import Names
from slowcoach.load.outcome import Figures, Latencies, Moment, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._hdr_encoding import Counts, HdrError, decoded
from slowcoach.load.readers._reports import refuse
from slowcoach.load.readers._weighted import weighted
from slowcoach.load.streams import Stream

_MARK = re.compile(rb"\A(?:#[^\n]{0,500}\n){0,20}#\[Histogram log format version ")
_ENTRY = re.compile(
    rb"\A(?:#[^\n]{0,500}\n|\"StartTimestamp\"[^\n]{0,200}\n){0,20}"
    rb"(?:Tag=[^,\s]{1,200},)?\d{1,12}\.\d{1,9},\d{1,12}\.\d{1,9},\d{1,18}\.\d{1,9},[A-Za-z0-9+/]"
)
_LINE = re.compile(
    rb"(?:Tag=([^,\s]{1,200}),)?(\d{1,12}\.\d{1,9}),(\d{1,12}\.\d{1,9}),(\d{1,18}\.\d{1,9}),"
    rb"([A-Za-z0-9+/=]+)\r?"
)
_TIMES = re.compile(rb"#\[(StartTime|BaseTime): (\d{1,12}(?:\.\d{1,9})?) \(seconds since epoch\)")
_LEGEND = b'"StartTimestamp"'
_UNTAGGED = "(no tag)"
_EPOCH_S = 1e9  # a start beyond is a time since 1970 itself
_LATEST_S = 4e9
_MOST_SLOTS = 7_200
_UNITS = (1.0, 1e3, 1e6, 1e9)
_NS_IN_MS = 1e6
_LEAST_S = 0.001
_UNKNOWN = (
    "HdrHistogram: how many requests failed, and whether the load was open or closed",
    "HdrHistogram: whether latencies count from when requests were due",
)


@dataclass(slots=True)
class _Log:
    """What was read so far: histograms by slot of time and by tag."""

    scale: float
    names: Names = field(default_factory=Names)
    by_tag: dict[int, Histogram] = field(default_factory=dict[int, Histogram])
    slots: dict[int, Histogram] = field(default_factory=dict[int, Histogram])
    length_s: float = 0.0
    origin: float = 0.0
    end: float = 0.0
    epoch: float | None = None
    base: float = 0.0
    digits: int = 5

    def add(self, tag: bytes | None, start: float, length: float, counts: Counts) -> None:
        """Add an interval."""
        if not self.length_s:
            self.length_s, self.origin = max(length, _LEAST_S), start
        found = weighted(counts.values / self.scale, counts.counts)
        code = self.names.code(_UNTAGGED if tag is None else tag.decode("utf-8", "replace"))
        self.by_tag.setdefault(code, Histogram()).merge(found)
        slot = round((start - self.origin) / self.length_s)
        self.slots.setdefault(slot, Histogram()).merge(found)
        self.end = max(self.end, start + length)
        self.digits = min(self.digits, counts.digits)
        while len(self.slots) > _MOST_SLOTS or max(self.slots) - min(self.slots) > 2 * _MOST_SLOTS:
            self._join()

    def _join(self) -> None:
        joined: dict[int, Histogram] = {}
        for slot, found in self.slots.items():
            joined.setdefault(slot // 2, Histogram()).merge(found)
        self.slots, self.length_s = joined, 2 * self.length_s


def _matches(source: Source) -> bool:
    return bool(_MARK.match(source.head) or _ENTRY.match(source.head))


def _read(source: Source) -> Outcome:
    scale = _scale(source)
    stream, log = Stream(source), _Log(scale or _NS_IN_MS)
    cut: tuple[int, str] | None = None
    for number, line in stream.lines():
        if cut is not None:
            refuse(source, f"HdrHistogram's V2 encoding in line {cut[0]}", cut[1])
        cut = _take(line, log, number)
    if cut is not None and (stream.ended or not log.slots):
        refuse(source, f"HdrHistogram's V2 encoding in line {cut[0]}", cut[1])
    if cut is not None:
        stream.warnings.append(f"line {cut[0]} is cut: what came before is read")
    if not any(found.n for found in log.by_tag.values()):
        refuse(source, "a latency in HdrHistogram's log", "none")
    return _outcome(log, stream, known=scale is not None)


def _take(line: bytes, log: _Log, number: int) -> tuple[int, str] | None:
    """Take a line into the log; returns what is wrong with it."""
    if times := _TIMES.match(line):
        if times[1] == b"StartTime":
            log.epoch = float(times[2])
        else:
            log.base = float(times[2])
        return None
    if not line.strip() or line.startswith((b"#", _LEGEND)):
        return None
    found = _LINE.fullmatch(line)
    if found is None:
        return number, line[:80].decode("utf-8", "replace")
    try:
        counts = decoded(found[5])
    except HdrError as error:
        return number, str(error)
    start, length = float(found[2]), float(found[3])
    if not start + length < _LATEST_S:
        return number, "a time that is none"
    log.add(found[1], start, length, counts)
    return None


def _scale(source: Source) -> float | None:
    """Return how many of the recorded units are in a ms: the log also has the maxima in ms."""
    for _, line in Stream(source).lines():
        found = _LINE.fullmatch(line)
        if found is None or float(found[4]) <= 0:
            continue
        try:
            most = decoded(found[5]).most
        except HdrError:
            return None
        ratio = most / float(found[4])
        return min(_UNITS, key=lambda unit: abs(1 - unit / ratio)) if ratio > 0 else None
    return None


def _outcome(log: _Log, stream: Stream, *, known: bool) -> Outcome:
    whole = merged(log.by_tag.values())
    tagged = len(log.by_tag) > 1
    first = min(log.slots)
    absolute = log.origin if log.origin > _EPOCH_S else log.base + log.origin
    if absolute < _EPOCH_S and log.epoch is not None:
        absolute = log.epoch + log.origin
    length = max(log.end - log.origin, 0.0)
    return Outcome(
        tool="HdrHistogram",
        model="unknown",
        whole=_figures(whole, log, length),
        endpoints={
            log.names.titles[code]: _figures(found, log, length)
            for code, found in sorted(log.by_tag.items(), key=lambda item: -item[1].n)
        }
        if tagged
        else {},
        moments=tuple(
            Moment(
                start_s=(slot - first) * log.length_s,
                length_s=log.length_s,
                completed=found.n,
                histogram=found,
            )
            for slot, found in sorted(log.slots.items())
        ),
        started=datetime.fromtimestamp(absolute, UTC).isoformat() if absolute > _EPOCH_S else None,
        unknown=(_unit(log.scale, known=known), *_UNKNOWN),
        warnings=(
            *(["tags are taken for endpoints; the whole is all of them"] if tagged else []),
            *stream.warnings,
            *log.names.warnings,
        ),
    )


def _figures(found: Histogram, log: _Log, length: float) -> Figures:
    return Figures(
        latency=Latencies(
            count=found.n,
            histogram=found,
            mean_ms=found.mean,
            least_ms=found.least if found.n else None,
            most_ms=found.most if found.n else None,
            error=0.005 + 0.5 * 10.0**-log.digits,
        ),
        completed=found.n,
        duration_s=length or None,
        throughput_rps=found.n / length if length else None,
    )


def _unit(scale: float, *, known: bool) -> str:
    names = dict(zip(_UNITS, ("ms", "µs", "ns", "ps"), strict=True))
    why = "its column of maxima is taken for ms" if known else "as HdrHistogram's users mostly do"
    return f"HdrHistogram: the unit of its values, taken for {names[scale]} ({why})"


READER = Reader(
    name="hdrhistogram_log",
    title="HdrHistogram log (.hlog)",
    matches=_matches,
    read=_read,
    example="a HistogramLogWriter of HdrHistogram's libraries",
    over=("hdrhistogram_percentiles",),
)
