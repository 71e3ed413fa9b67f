"""Numbers as people write them: 10x, 500 rps, two hours, 15 % a month, 200 kB."""

import re
from typing import Final

_FLAGS: Final = re.IGNORECASE
_NUMERALS: Final = {
    **{"half an": 0.5, "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0},
    **{"five": 5.0, "six": 6.0, "eight": 8.0, "nine": 9.0, "ten": 10.0, "twelve": 12.0},
    **{"fifteen": 15.0, "eighteen": 18.0, "twenty": 20.0, "thirty": 30.0, "fifty": 50.0},
    **{"sixty": 60.0, "hundred": 100.0},
}
_WORDS: Final = {**_NUMERALS, "twice": 2.0, "doubl": 2.0, "tripl": 3.0, "quadrupl": 4.0}
_SIZES: Final = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_MONTHS_OF: Final = {"month": 1, "quarter": 3, "year": 12, "week": 12 / 52}
_KB_OF: Final = {"k": 1.0, "m": 1000.0}
_NUMERAL: Final = f"(?:{'|'.join(_NUMERALS)})"
_NUMBER: Final = r"(\d[\d,]*(?:\.\d+)?)\s?(k\b|m\b|million\b|thousand\b)?"
_RATE: Final = re.compile(
    rf"{_NUMBER}\s?(?:rps\b|qps\b|r/s\b|req(?:uest)?s?\.?\s?(?:/|per\s|a\s|each\s)\s?s(?:ec(?:ond)?)?\b)",
    _FLAGS,
)
_USERS: Final = re.compile(
    rf"{_NUMBER}\s(?:(?:more|concurrent|virtual|simultaneous|simulated|parallel|active|daily)\s)*"
    r"(?:users|vus|clients|people|visitors|customers|shoppers|buyers|threads|connections)\b|"
    rf"{_NUMBER}\s(?:requests?\s)?"
    r"(?:at a time|at once|at the same time|in parallel|concurrently)\b",
    _FLAGS,
)
_INSTANCES: Final = re.compile(
    rf"\b(\d+|{_NUMERAL})\s(?:[a-z]+\s)?(?:instances|machines|servers|pods|nodes|replicas|hosts|"
    r"boxes|vms|containers)\b",
    _FLAGS,
)
_TIMES: Final = re.compile(
    rf"\b(\d+(?:\.\d+)?|{_NUMERAL})[\s-]?(?:x\b|times\b|fold\b)|\bx\s?(\d+(?:\.\d+)?)\b|"
    r"\b(twice|doubl|tripl|quadrupl)(?:e[sd]?|ing)?\b",
    _FLAGS,
)
_GROWTH: Final = re.compile(
    r"(\d+(?:\.\d+)?)\s?(?:%|percent)\s(?:[a-z]+\s){0,2}?(?:a|per|each|every)\s(month|year|quarter|week)",
    _FLAGS,
)
_MONTHS: Final = re.compile(rf"\b(\d+|{_NUMERAL})\s(month|year|quarter)s?\b", _FLAGS)
_DURATION: Final = re.compile(
    rf"\b(\d+(?:\.\d+)?|{_NUMERAL})[\s-]?"
    r"(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?)\b",
    _FLAGS,
)
_FOR: Final = re.compile(
    rf"\b(?:for|over|during|lasting)\s(?:about\s|at least\s)?(\d+(?:\.\d+)?|{_NUMERAL})[\s-]?"
    r"(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?)\b",
    _FLAGS,
)
_SIZE: Final = re.compile(r"\b(\d+(?:\.\d+)?)\s?(k|m)(?:i?b|ilobytes?|egabytes?)\b", _FLAGS)
_IS_BOUND: Final = re.compile(
    r"\b(?:under|below|within|than|over|above|beyond|against|exceeds?|budget|limit|max(?:imum)?|"
    r"(?:at|the) most|target|allowed|up to|down to|get (?:it|this) to)\b",
    _FLAGS,
)
_NEAR = 30  # characters
_REQUESTS: Final = re.compile(rf"{_NUMBER}\srequests\b(?!\s?(?:/|per|a)\s?s)", _FLAGS)
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)\s?(?:%|percent\b)", _FLAGS)
_OBJECTIVE: Final = re.compile(
    r"\bp\d\d(?:\.\d+)?\b.{0,30}?\d+(?:\.\d+)?\s?(?:ms|milliseconds?|s|seconds?)\b|"
    r"\b\d\d(?:\.\d+)?\s?%\s(?:of\s)?[^.;]{0,40}?\d+(?:\.\d+)?\s?(?:ms|s)\b",
    _FLAGS,
)


def _amount(number: str, size: str | None) -> float:
    return float(number.replace(",", "")) * _SIZES.get((size or "").lower(), 1.0)


def _valued(text: str) -> float:
    word = text.lower()
    return _WORDS[word] if word in _WORDS else float(word)


def _first(found: re.Match[str] | None) -> float | None:
    """Return the number of the alternative that matched, its size with it."""
    if found is None:
        return None
    parts: list[str] = [part for part in found.groups() if part]
    return _amount(parts[0], parts[1] if len(parts) > 1 else None)


def rate(text: str) -> float | None:
    """Return requests per second."""
    return _first(_RATE.search(text))


def users(text: str) -> int | None:
    """Return users, clients or connections at a time."""
    found = _first(_USERS.search(text))
    return None if found is None else int(found)


def instances(text: str) -> int | None:
    """Return on how many machines it runs."""
    found = _INSTANCES.search(text)
    return None if found is None else int(_valued(found[1]))


def requests(text: str) -> int | None:
    """Return a number of requests."""
    found = _first(_REQUESTS.search(text))
    return None if found is None else int(found)


def multiplier(text: str) -> float | None:
    """Return the factor of `10x`, `ten times`, `doubles`."""
    found = _TIMES.search(text)
    return None if found is None else _valued(next(part for part in found.groups() if part))


def growth(text: str) -> float | None:
    """Return the growth a month as a share, compound when it is said for another period."""
    found = _GROWTH.search(text)
    if found is None:
        return None
    whole: float = 1 + float(found[1]) / 100
    monthly: float = whole ** (1 / _MONTHS_OF[found[2].lower()])
    return round(monthly - 1, 6)


def months(text: str) -> int | None:
    """Return a horizon in months."""
    every = (found for found in _MONTHS.finditer(text) if found[1].lower() not in {"a", "an"})
    found = next(every, None)
    return None if found is None else round(_valued(found[1]) * _MONTHS_OF[found[2].lower()])


def duration_s(text: str) -> float | None:
    """Return how long, in seconds; `for ...` before any other time."""
    found = _FOR.search(text) or _DURATION.search(text)
    return None if found is None else _valued(found[1]) * _SECONDS[found[2][0].lower()]


def budget_kb(text: str) -> float | None:
    """Return a size that is a bound (`under 250 kB`), in kB (1,000 bytes)."""
    for found in _SIZE.finditer(text):
        if _IS_BOUND.search(text[max(0, found.start() - _NEAR) : found.end() + _NEAR]):
            return float(found[1]) * _KB_OF[found[2].lower()]
    return None


def percent(text: str) -> float | None:
    """Return a percentage."""
    found = _PERCENT.search(text)
    return None if found is None else float(found[1])


def objective(text: str) -> str | None:
    """Return what is aimed at, such as `p95 under 300 ms`, in the sentence's own words."""
    found = _OBJECTIVE.search(text)
    return None if found is None else " ".join(found[0].split())
