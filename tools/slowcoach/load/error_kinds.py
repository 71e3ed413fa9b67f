"""What the words for an error mean, whichever tool wrote them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum

_STATUS = re.compile(r"(?<![\d.:])([45]\d\d)(?![\d.])")
_LATE = re.compile(r"time[d]?[ _-]?-?out|deadline exceeded|request canceled", re.IGNORECASE)
_CONNECTION = re.compile(
    r"refus|reset|closed|broken ?pipe|EOF|unreachable|disconnect|aborted|NoHttpResponse|dial",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"out of files|out of ports|too many open files|cannot assign|EMFILE", re.IGNORECASE
)
_OVERLOADED = frozenset({"429", "500", "502", "503", "504", "509", "529"})


class Meaning(Enum):
    """What an error says of the target under load."""

    REJECTED = "rejected"  # answered at once that it is too much: 429, 503 and the like
    CONNECTION = "connection"  # no connection, or one that broke
    LATE = "late"  # no answer in time
    OURS = "ours"  # the generator's machine had no more files or ports
    OTHER = "other"  # what has nothing to do with load: 401, 404, a failed check


REFUSED = frozenset({Meaning.REJECTED, Meaning.CONNECTION})


def meaning_of(kind: str) -> Meaning:
    """Return what an error's words mean."""
    if _OURS.search(kind):
        return Meaning.OURS
    if _LATE.search(kind):
        return Meaning.LATE
    if (status := _STATUS.search(kind)) is not None:
        return Meaning.REJECTED if status[1] in _OVERLOADED else Meaning.OTHER
    if _CONNECTION.search(kind):
        return Meaning.CONNECTION
    return Meaning.REJECTED if kind == "of any kind" else Meaning.OTHER


def counted(errors: Mapping[str, int]) -> dict[Meaning, int]:
    """Return how many errors have each meaning."""
    found: dict[Meaning, int] = {}
    for kind, count in errors.items():
        meaning = meaning_of(kind)
        found[meaning] = found.get(meaning, 0) + count
    return found


def most_common(errors: Iterable[Mapping[str, int]], meanings: frozenset[Meaning]) -> str:
    """Return the words of the commonest error with one of these meanings; "" without any."""
    sums: dict[str, int] = {}
    for each in errors:
        for kind, count in each.items():
            if meaning_of(kind) in meanings:
                sums[kind] = sums.get(kind, 0) + count
    return max(sums, key=lambda kind: sums[kind], default="")
