"""Gatling's simulation.log: text with tabs up to 3.11, binary since 3.12."""

from __future__ import annotations

from slowcoach.core.errors import UnreadableError
from slowcoach.load.outcome import Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.reading_gatling import Records
from slowcoach.load.reading_gatling_binary import is_binary, read_binary
from slowcoach.load.streams import Stream

_FIRST = (b"RUN\t", b"ASSERTION\t")
_BEFORE = 5  # fields of a REQUEST up to its status, at least
_VERSION = 5  # the field of a RUN
_MOST_ODD = 0.5


def matches(source: Source) -> bool:
    """Know the first record, in both forms."""
    return source.head.startswith(_FIRST) or is_binary(source.head)


def read(source: Source) -> Outcome:
    """Return what the log tells; raises UnreadableError for another file, or without requests."""
    stream, records = Stream(source), Records()
    if is_binary(source.head):
        read_binary(source, stream, records)
    else:
        _read_text(source, stream, records)
    return records.outcome(source, stream.warnings)


def _read_text(source: Source, stream: Stream, records: Records) -> None:
    odd = first = number = 0
    for number, line in stream.lines():
        if not line or _take(line.decode("utf-8", "replace").split("\t"), records):
            continue
        odd += 1
        first = first or number
        if odd > max(_MOST_ODD * number, 10):
            raise UnreadableError(
                f"{source.path}, line {first}: expected Gatling's records, got {odd:,} other lines",
                hint="Give the simulation.log, or the results folder, that Gatling wrote",
            )
    if odd == 1 and first == number and not stream.ended:
        stream.warnings.append("the last line is cut: Gatling was ended while it wrote")
    elif odd:
        stream.warnings.append(
            f"{odd:,} lines could not be read (the first is line {first}): left out"
        )


def _take(fields: list[str], records: Records) -> bool:
    """Take a line; False when it is none of Gatling's."""
    kind = fields[0]
    try:
        if kind == "REQUEST":
            return _request(fields, records)
        if kind == "USER":
            return _user(fields, records)
        if kind == "GROUP":
            return _group(fields, records)
    except (ValueError, IndexError, OverflowError):  # a time of many digits is none
        return False
    if kind == "RUN":
        records.version = fields[_VERSION] if len(fields) > _VERSION else None
    elif kind == "ERROR":
        records.other(fields[1] if len(fields) > 1 else "")
    return kind in _KINDS


_KINDS = frozenset({"RUN", "ASSERTION", "ERROR"})


def _status_at(fields: list[str], first: int) -> int:
    """Return where OK or KO stands: versions before 3.4 have the user's number before it."""
    for at in range(first, len(fields)):
        if fields[at] in {"OK", "KO"} and fields[at - 1].isdecimal():
            return at
    raise ValueError("no status")


def _request(fields: list[str], records: Records) -> bool:
    at = _status_at(fields, _BEFORE)
    group = " / ".join(part for part in fields[at - 4].split(",") if part)
    start, end = int(fields[at - 2]), int(fields[at - 1])
    message = fields[at + 1].strip() if len(fields) > at + 1 else ""
    records.request(group, fields[at - 3], start, end, fields[at] == "OK", message)
    return True


def _group(fields: list[str], records: Records) -> bool:
    at = _status_at(fields, _BEFORE - 1)
    names = " / ".join(fields[at - 4].split(","))
    records.group(names, int(fields[at - 3]), int(fields[at - 2]), fields[at] == "OK")
    return True


def _user(fields: list[str], records: Records) -> bool:
    """Take a user who comes or goes: the time is the first after START, the last after END."""
    starts = "START" in fields
    at = fields.index("START" if starts else "END")
    times = [int(field) for field in fields[at + 1 :] if field.isdecimal() and field != "0"]
    records.user(starts=starts, at_ms=times[0] if starts else times[-1])
    return True


READER = Reader(
    name="gatling_log",
    title="Gatling simulation.log",
    matches=matches,
    read=read,
    example="mvn gatling:test",
    over=("gatling_stats",),
)
