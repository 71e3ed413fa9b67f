"""The three encodings of vegeta's results (JSON lines, CSV, gob) as rows of one kind."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from slowcoach.load.reader_kind import Source
from slowcoach.load.readers import _gob
from slowcoach.load.readers._reports import refuse
from slowcoach.load.readers._table import Row, rows
from slowcoach.load.readers.hey import kind_of
from slowcoach.load.samples import Samples
from slowcoach.load.streams import Stream

JSON_LINE = re.compile(rb'\A\s*\{"attack":"')
CSV_LINE = re.compile(rb"\A\d{16,19},\d{1,3},\d{1,19},\d{1,19},\d{1,19},")
GOB_START = re.compile(rb"\A.{1,9}?\x7f\x03\x01\x01\x06Result\x01", re.DOTALL)
_FAILED = 400
_NAN = float("nan")
_NS = 1e9
_LEAST_COLUMNS = 6
_METHOD, _URL = 9, 10  # of newer versions
_YEAR_ONE = 62_135_596_800  # seconds from Go's year 1 to 1970
_INSTANT = 13  # bytes of a time at least: a version, seconds, nanoseconds
_FIELDS = frozenset({"Code", "Timestamp", "Latency", "BytesIn", "Error", "Method", "URL"})
_MOST_STATUS = 999
_LARGEST = 1 << 62
_LONG_LINE = 100_000  # bytes: the CSV parser takes no longer field
_BASE64 = re.compile(rb",[A-Za-z0-9+/=]{1000,}")  # a body or headers, which nobody needs here


class Results:
    """Requests as they are read into samples."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stream = Stream(source)
        self.samples = Samples()
        self.samples.bytes = 0

    def rows(self) -> Iterator[Row]:
        """Yield the requests of whichever encoding it is."""
        head = self.source.head
        if JSON_LINE.match(head):
            return rows(self.source, self.stream, self._of_json, "a JSON object of vegeta's")
        if CSV_LINE.match(head):
            return rows(self.source, self.stream, self._of_csv, "vegeta's columns")
        return self._of_gob()

    def _row(self, sent_s: float, code: int, latency_ns: int, received: int, error: str) -> Row:
        samples = self.samples
        samples.bytes = (samples.bytes or 0) + min(max(received, 0), _LARGEST)
        if code >= _FAILED:
            kind = samples.kinds.code(f"HTTP {code}", answered=True)
        elif error or not code:
            kind = samples.kinds.code(kind_of(error), answered=code > 0)
        else:
            kind = 0
        answered = samples.kinds.answered[kind] or samples.kinds.titles[kind] == "timeout"
        return sent_s, latency_ns / 1e6 if answered else _NAN, 0, kind

    def _named(self, row: Row, method: str, url: str) -> Row:
        name = self.samples.names.code(f"{method} {url}".strip() or "all")
        return row[0], row[1], name, row[3]

    def _of_json(self, line: bytes) -> Row | None:
        try:
            found = json.loads(line)
            sent = datetime.fromisoformat(found["timestamp"]).timestamp()
            code, latency = found["code"], found["latency"]
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
            return None
        if not _plausible(code, latency):
            return None
        received = found.get("bytes_in")
        row = self._row(
            sent,
            code,
            latency,
            received if isinstance(received, int) else 0,
            _text(found.get("error")),
        )
        return self._named(row, _text(found.get("method")), _text(found.get("url")))

    def _of_csv(self, line: bytes) -> Row | None:
        if len(line) > _LONG_LINE:
            line = _BASE64.sub(b",", line)
        try:
            fields = next(csv.reader([line.decode("utf-8", "replace")]), [])
            sent, code, latency, _, received = (int(text) for text in fields[:5])
        except (ValueError, csv.Error):
            return None
        if len(fields) < _LEAST_COLUMNS or not _plausible(code, latency) or not 0 < sent < _LARGEST:
            return None
        row = self._row(sent / _NS, code, latency, received, fields[5])
        if len(fields) <= _URL:
            return self._named(row, "", "")
        return self._named(row, fields[_METHOD], fields[_URL])

    def _of_gob(self) -> Iterator[Row]:
        decoder, number = _gob.Decoder(), 0
        try:
            for message in _gob.messages(self.stream.parts()):
                values = decoder.value(message, _FIELDS)
                if values is not None:
                    yield self._of_values(values)
                    number += 1
        except _gob.GobError as error:
            if not number:
                refuse(self.source, "vegeta's results as gob", str(error))
            self.stream.warnings.append(f"the file is cut or damaged after {number:,} requests")

    def _of_values(self, values: Any) -> Row:
        code, latency = values.get("Code", 0), values.get("Latency", 0)
        at = values.get("Timestamp", b"")
        if not _plausible(code, latency) or not isinstance(at, bytes) or len(at) < _INSTANT:
            raise _gob.GobError("a result without its time")
        sent = int.from_bytes(at[1:9], "big") - _YEAR_ONE + int.from_bytes(at[9:13], "big") / _NS
        received = values.get("BytesIn", 0)
        row = self._row(
            sent,
            code,
            latency,
            received if isinstance(received, int) else 0,
            _text(values.get("Error")),
        )
        return self._named(row, _text(values.get("Method")), _text(values.get("URL")))


def _plausible(code: Any, latency: Any) -> bool:
    numbers = type(code) is int and type(latency) is int
    return numbers and 0 <= code <= _MOST_STATUS and 0 <= latency < _LARGEST


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
