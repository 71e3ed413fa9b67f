"""The short texts that load tools print for people: durations, figures, lines by their words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NoReturn

from slowcoach.core.errors import UnreadableError
from slowcoach.core.redaction import redacted
from slowcoach.load.outcome import Figures, LoadUnit, Step
from slowcoach.load.reader_kind import Source
from slowcoach.load.streams import Stream

LARGEST_REPORT = 4 << 20  # bytes: hours of progress lines may stand before the figures
LARGEST_FIGURE = 1e15
_MS: Mapping[str, float] = {
    **{"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "secs": 1e3},
    **{"sec": 1e3, "m": 60e3, "min": 60e3, "h": 3600e3},
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|secs?|s|min|m|h)")
_LONGEST_FIGURE = 40
_LONGEST_NAME = 200
_SUFFIXES: Mapping[str, float] = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_SUFFIXED = re.compile(r"(\d+(?:[.,]\d+)*)([kMGT]?)")


def text_of(source: Source) -> str:
    """Return the whole of a report; raises UnreadableError when it is too large for one."""
    return Stream(source).whole(LARGEST_REPORT).decode("utf-8", "replace").replace("\r\n", "\n")


def head_of(source: Source) -> str:
    """Return the first 64 KB as text."""
    return source.head.decode("utf-8", "replace").replace("\r\n", "\n")


def milliseconds(text: str) -> float | None:
    """Return a duration such as `1.81ms`, `0.0004 secs`, `1m2.5s` in ms; None for another text."""
    text = text.replace(" ", "")
    if not text or len(text) > _LONGEST_FIGURE:
        return None
    total, at = 0.0, 0
    for part in _DURATION.finditer(text):
        if part.start() != at:
            return None
        total += float(part[1]) * _MS[part[2]]
        at = part.end()
    return total if at == len(text) and math.isfinite(total) else None


def decimal(text: str | None) -> float | None:
    """Return a plain number; None for none at all, NaN, infinity or what is not plausible."""
    if text is None or len(text) > _LONGEST_FIGURE:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= LARGEST_FIGURE else None


def whole(text: str | None) -> int | None:
    """Return a count (0 or more); None for another text."""
    value = decimal(text)
    return None if value is None or value < 0 else round(value)


def suffixed(text: str) -> tuple[float, float] | None:
    """Return a number such as `18k` or `1,022`, and its grain (1,000 for `18k`).

    Separators of thousands may be commas or points (a machine's language decides): three digits
    after the last one make it such a separator.
    """
    found = _SUFFIXED.fullmatch(text) if len(text) <= _LONGEST_FIGURE else None
    if found is None:
        return None
    digits = re.sub(r"[.,](?=\d{3}(?!\d))", "", found[1]).replace(",", ".")
    value = decimal(digits)
    if value is None:
        return None
    grain = _SUFFIXES[found[2]]
    decimals = len(digits.partition(".")[2])
    return value * grain, grain / 10**decimals


def first(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return where a pattern stands first. Patterns must not backtrack over lines."""
    return pattern.search(text)


def named(text: str) -> str:
    """Return an error or an address of a report: one line, not long, without secrets."""
    return str(redacted("", " ".join(text.split())[:_LONGEST_NAME])) or "error"


def refuse(source: Source, expected: str, got: str, hint: str = "") -> NoReturn:
    """Raise UnreadableError for a report that is not what it should be."""
    shown = " ".join(got[:80].split())
    raise UnreadableError(
        f"{source.path}: expected {expected}, got {shown or 'nothing'}",
        hint=hint or "Save the tool's whole output again, from its first line to its last",
    )


def one_step(load: float | None, unit: LoadUnit, figures: Figures) -> tuple[Step, ...]:
    """Return the only step of a test with one load from begin to end, if the load is told."""
    if not load or not figures.duration_s:
        return ()
    name = f"{load:g} {unit}"
    return (Step(name, load, unit, 0.0, figures.duration_s, figures),)
