"""Times as logs write them, in seconds; only differences matter, so zones are left out."""

import re
from datetime import datetime

TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive: zones are left out
_SHORT = re.compile(r"(\d\d)(\d\d)(\d\d)\s+(\d{1,2}):(\d\d):(\d\d)$")


def seconds(text: str) -> float | None:
    """Return the seconds of a time without a zone, 2026-11-26 20:24:15.123; None if it is none."""
    try:
        return (datetime.fromisoformat(text.replace(",", ".")) - _EPOCH).total_seconds()
    except (ValueError, TypeError):  # TypeError: it has a zone
        pass
    short = _SHORT.match(text)
    if short is None:
        return None
    year, *rest = map(int, short.groups())
    try:
        return (datetime(2000 + year, *rest) - _EPOCH).total_seconds()  # type: ignore[arg-type] # noqa: DTZ001
    except ValueError:
        return None


def found(text: str) -> float | None:
    """Return the first such time in a text."""
    match = TIME.search(text)
    return seconds(match.group()) if match else None
