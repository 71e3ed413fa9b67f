"""Times of log lines to seconds since 1970, whatever their zone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from slowcoach.load.access_logs.layout import Columns

_MONTHS = {
    "JanFebMarAprMayJunJulAugSepOctNovDec"[at : at + 3]: at // 3 + 1 for at in range(0, 36, 3)
}
_CLF = re.compile(
    r"(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?: ([+-])(\d\d)(\d\d))?"
)
_FRACTION = re.compile(r"(?<=:\d\d)[.,](\d+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MEMORY = 50_000
_EPOCH_MS = 1e11  # seconds since 1970 are fewer until the year 5138
_EPOCH_US = 1e14
_EPOCH_NS = 1e17
NAN = float("nan")


class _Memo(dict[str, float]):
    """What a reading of texts gave, asked again at the cost of a look into a dictionary."""

    def __init__(self, read: Callable[[str], float]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> float:
        if len(self) > _MEMORY:
            self.clear()
        found = self[text] = self._read(text)
        return found


class Clock:
    """Reads the times of one log's columns."""

    def __init__(self) -> None:
        self._clf = _Memo(_clf)
        self._iso = _Memo(_iso)
        self._any = _Memo(_any)

    def times(self, columns: Columns) -> NDArray[np.float64]:
        """Return the time of each line in seconds since 1970, NaN where it is none."""
        for role, scale in (("time_epoch", 1.0), ("time_ms", 1e-3), ("time_us", 1e-6)):
            if role in columns:
                return numbers(columns[role]) * scale
        if "date" in columns:
            pairs = zip(columns["date"], columns["clock"], strict=True)
            return self._read(self._iso, [f"{date}T{clock}" for date, clock in pairs])
        for role, memo in (
            ("time_clf", self._clf),
            ("time_iso", self._iso),
            ("time_any", self._any),
        ):
            if role in columns:
                return self._read(memo, columns[role])
        return np.full(0, NAN)

    @staticmethod
    def _read(memo: Mapping[str, float], texts: Sequence[str]) -> NDArray[np.float64]:
        return np.fromiter(map(memo.__getitem__, texts), dtype=np.float64, count=len(texts))


def numbers(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return texts as numbers, NaN where they are none; lists (as of upstreams) are added up."""
    try:
        return np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    except ValueError:
        return np.fromiter(map(_number, texts), dtype=np.float64, count=len(texts))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        parts = [float(part) for part in _NUMBER.findall(text[:1000])]
        return sum(parts) if parts else NAN


def _clf(text: str) -> float:
    match = _CLF.fullmatch(text)
    month = _MONTHS.get(match[2]) if match else None
    if match is None or month is None:
        return NAN
    day, _, year, hour, minute, second, fraction, sign, hours, minutes = match.groups()
    try:
        at = datetime(
            int(year), month, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC
        )
    except ValueError:
        return NAN
    offset = (int(hours) * 60 + int(minutes)) * 60 if sign else 0
    part = float(f"0.{fraction}") if fraction else 0.0
    return at.timestamp() + part - (offset if sign == "+" else -offset)


def _iso(text: str) -> float:
    fraction = _FRACTION.search(text)
    whole = text[: fraction.start()] + text[fraction.end() :] if fraction else text
    try:
        at = datetime.fromisoformat(whole.replace(" UTC", "+00:00"))
    except ValueError:
        return NAN
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return at.timestamp() + (float(f"0.{fraction[1]}") if fraction else 0.0)


def _any(text: str) -> float:
    """Return a time in whatever form: a number of any unit, ISO 8601, or a log's own."""
    try:
        value = float(text)
    except ValueError:
        found = _iso(text)
        return _clf(text.strip("[]")) if math.isnan(found) else found
    for limit, scale in ((_EPOCH_NS, 1e-9), (_EPOCH_US, 1e-6), (_EPOCH_MS, 1e-3)):
        if value >= limit:
            return value * scale
    return value
