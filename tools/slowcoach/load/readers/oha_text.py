"""oha's text for people."""

from __future__ import annotations

import re

from slowcoach.load.outcome import Latencies, Outcome
from slowcoach.load.reader_kind import Reader, Source
from slowcoach.load.readers._reports import head_of, milliseconds, refuse, text_of
from slowcoach.load.readers.oha import outcome

_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}m")
_TITLE = re.compile(r"^Summary:\n  Success rate:\t", re.MULTILINE)
_FIGURE = re.compile(r"^  (Total|Slowest|Fastest|Average):\t *(\S{1,30} \S{1,6})$", re.MULTILINE)
_PERCENTILE = re.compile(
    r"^  (\d{1,2}(?:\.\d{1,4})?)%? in (\d{1,20}(?:\.\d{1,9})? \S{1,6})$", re.MULTILINE
)
_STATUS = re.compile(r"^  \[(\d{3})\] (\d{1,15}) responses$", re.MULTILINE)
_ERROR = re.compile(r"^  \[(\d{1,15})\] (\S[^\n]{0,2000})$", re.MULTILINE)


def _matches(source: Source) -> bool:
    return bool(_TITLE.search(_COLOUR.sub("", head_of(source))))


def _read(source: Source) -> Outcome:
    text = _COLOUR.sub("", text_of(source))
    figures = {line[1]: milliseconds(line[2]) for line in _FIGURE.finditer(text)}
    length = figures.get("Total")
    before, mark, status = text.partition("\nStatus code distribution:\n")
    if not length or not mark:
        refuse(source, "oha's whole output up to `Status code distribution`", text[-200:])
    answers, _, failures = status.partition("\nError distribution:\n")
    statuses = {int(line[1]): int(line[2]) for line in _STATUS.finditer(answers)}
    errors: dict[str, int] = {}
    for line in _ERROR.finditer(failures):
        errors[line[2]] = errors.get(line[2], 0) + int(line[1])
    latency = Latencies(
        stated={
            round(float(line[1]) / 100, 9): took
            for line in _PERCENTILE.finditer(before)
            if (took := milliseconds(line[2])) is not None
        },
        mean_ms=figures.get("Average"),
        least_ms=figures.get("Fastest"),
        most_ms=figures.get("Slowest"),
        resolution_ms=_grain(before),
    )
    return outcome(statuses, errors, latency, length / 1000, None)


def _grain(text: str) -> float:
    """Return the last decimal's worth in ms, from the unit that the text has."""
    found = _FIGURE.search(text)
    if found is None:
        return 0.0
    number, unit = found[2].split(" ")
    decimals = len(number.partition(".")[2])
    return (milliseconds(f"1{unit}") or 0.0) * 0.1**decimals


READER = Reader(
    name="oha_text",
    title="oha (text)",
    matches=_matches,
    read=_read,
    example="oha -z 30s --no-tui URL > oha.txt",
)
