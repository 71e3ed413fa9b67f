"""What a load test is to show, read from a sentence such as "500 rps with p95 < 300 ms"."""

import re
from dataclasses import dataclass, field, replace

from slowcoach.core.errors import InputError

EXAMPLES = (
    "500 rps, 200 users, 10x, 2000 requests per minute, p95 < 300 ms, error rate below 1%, "
    "for 30 minutes"
)
_NUMBER = r"(?P<{}>\d[\d,_.]*)(?:\s?(?P<{}_scale>k|m|mio|thousand|million)(?![a-z]))?"


def _number(name: str) -> str:
    return _NUMBER.format(name, name)


_PER = {
    **dict.fromkeys(("s", "sec", "second"), 1.0),
    **dict.fromkeys(("m", "min", "minute"), 60.0),
    **dict.fromkeys(("h", "hr", "hour"), 3600.0),
    **dict.fromkeys(("d", "day"), 86400.0),
    **dict.fromkeys(("mo", "month"), 86400.0 * 30),
}
_TIME = {"ms": 1e-3, "millisecond": 1e-3, "us": 1e-6, "µs": 1e-6, **_PER}
_PER_UNIT = r"(?P<per>seconds?|secs?|s|minutes?|min|hours?|hrs?|h|days?|d|months?|mo)\b"
_TIME_UNIT = (
    r"(?P<unit>milliseconds?|ms|µs|us|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?)\b"
)
_IS = (
    r"(?:\s*(?:<=?|≤|=|:|is|of|at|to|under|below|less than|at most|no more than|within"
    r"|max(?:imum)?|stays?|response(?: times?)?|latency|time))*\s*"
)
_RANGE = r"(?:" + _number("low") + r"\s*(?:-|–|to|→|up to)\s*)?"

_RATE = re.compile(
    _RANGE
    + _number("n")
    + r"\s*(?:(?P<short>rps|qps|tps|rpm|rph)\b|(?P<noun>[a-z]+(?: [a-z]+)?)?\s*"
    + r"(?:/|\b(?:per|a|an|each|every)\b)\s*"
    + _PER_UNIT
    + r")"
)
_SHORT = {"rps": "s", "qps": "s", "tps": "s", "rpm": "min", "rph": "h"}
_USERS = re.compile(
    _RANGE
    + _number("n")
    + r"\s*(?:(?:concurrent|simultaneous|virtual|active|parallel|online)[ -])*"
    + r"(?:users?|vus?|visitors?|clients?|customers?|people|persons?|sessions?|shoppers?)\b"
)
_TIMES = re.compile(r"(?P<n>\d[\d,.]*)\s*(?:x\b|×|times\b|-?fold\b)")
_WORDS = re.compile(r"\b(?P<word>double|twice|triple)\b")
_WORD_TIMES = {"double": 2.0, "twice": 2.0, "triple": 3.0}
_PERCENTILE = re.compile(
    r"(?:\bp\s?(?P<p>\d{2}(?:\.\d+)?)|(?P<th>\d{2}(?:\.\d+)?)th(?: percentile)?"
    r"|(?P<median>\bmedian)"
    r"|(?P<share>\d{2}(?:\.\d+)?)\s?% of (?:all )?(?:requests|answers|responses))"
    + _IS
    + _number("n")
    + r"\s*"
    + _TIME_UNIT
)
_RESPONSE = re.compile(
    r"(?P<mean>average |mean )?(?:respon(?:d|ds|se|ses)|answers?|latency)(?: times?)?(?: in)?"
    + _IS
    + _number("n")
    + r"\s*"
    + _TIME_UNIT
)
_ERRORS = re.compile(
    r"(?:errors?|failures?|failed requests|error rate|failure rate)(?: rate)?"
    + _IS
    + r"(?P<n>\d[\d.,]*)\s?%|(?P<m>\d[\d.,]*)\s?%\s*(?:errors?|failures?|failed)"
)
_SUCCESS = re.compile(
    r"(?P<n>\d{2}[\d.,]*)\s?%\s*(?:success(?:ful)?|availab\w*|uptime)"
    r"|(?:success(?: rate)?|availability)\s*(?:of|is|above|over|>=?|≥|at least|=|:)?\s*"
    r"(?P<m>\d{2}[\d.,]*)\s?%"
)
_THINK = re.compile(
    r"(?:think(?:ing)?(?: times?)?|pauses?|wait)(?: of|:| =|=)?\s*"
    r"(?P<low>\d[\d.]*)(?:\s*(?:-|–|to)\s*(?P<n>\d[\d.]*))?\s*" + _TIME_UNIT
)
_DURATION = re.compile(_number("n") + r"\s*-?" + _TIME_UNIT)
_NORMAL = re.compile(
    r"\b(?:normal|average|typical|usual|baseline|daily|today|now|current(?:ly)?)\b"
)
_LEFT = re.compile(r"\d[\w.,%]*")
_BLANK = "\0"
_MOST_RPS = 1_000_000
_SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mio": 1e6, "million": 1e6}
_DAY_S = 86400.0
_HUNDRED = 100.0
_THOUSANDS = re.compile(r"\d{1,3}(?:[,_]\d{3})+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Goal:
    """The figures of a goal; None where it says nothing. Times are in seconds.

    `low_rps` and `low_users` are the smaller ends of a range ("100 to 500 rps"); `is_normal`
    tells that the load is the everyday one and not the peak; `assumed` is how words were read.
    """

    rps: float | None = None
    low_rps: float | None = None
    users: float | None = None
    low_users: float | None = None
    factor: float | None = None
    percentiles_s: dict[float, float] = field(default_factory=dict[float, float])
    response_s: float | None = None
    error_pct: float | None = None
    think_s: tuple[float, float] | None = None
    duration_s: float | None = None
    is_normal: bool = False
    assumed: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def parse_goal(text: str) -> Goal:
    """Read a goal; each part of the text is used once, and figures left over are `unread`.

    Raises InputError when no figure is understood, or one is beyond reason.
    """
    scanner = _Scanner(" ".join(text.lower().split()))
    goal = Goal()
    for read in (_latency, _errors, _think, _rate, _users, _factor, _response, _duration):
        goal = read(scanner, goal)
    normal = _NORMAL.search(scanner.text) is not None
    unread = tuple(_LEFT.findall(scanner.text))
    goal = replace(goal, is_normal=goal.is_normal or normal, unread=unread)
    if text.strip() and goal == Goal(is_normal=goal.is_normal, unread=unread):
        raise InputError(
            f"goal {text[:80]!r}: no figure with a unit that says load, latency or errors",
            hint=f"Say it as: {EXAMPLES}",
        )
    return goal


class _Scanner:
    """A text from which parts are taken as they are understood."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return the first match and blank it out."""
        match = pattern.search(self.text)
        if match is not None:
            self.text = self.text[: match.start()] + _BLANK + self.text[match.end() :]
        return match


def _latency(scanner: _Scanner, goal: Goal) -> Goal:
    found = dict(goal.percentiles_s)
    while match := scanner.take(_PERCENTILE):
        which = match["p"] or match["th"] or match["share"] or "50"
        found[float(which)] = _value(match, "n") * _seconds(match["unit"])
    return replace(goal, percentiles_s=found)


def _errors(scanner: _Scanner, goal: Goal) -> Goal:
    if match := scanner.take(_ERRORS):
        return replace(goal, error_pct=_percent(match))
    if match := scanner.take(_SUCCESS):
        return replace(goal, error_pct=round(_HUNDRED - _percent(match), 9))
    return goal


def _percent(match: re.Match[str]) -> float:
    value = _plain(match["n"] or match["m"])
    if value > _HUNDRED:
        raise InputError(f"goal: {value:g} % is more than all", hint="Give 0 to 100 %")
    return value


def _think(scanner: _Scanner, goal: Goal) -> Goal:
    match = scanner.take(_THINK)
    if match is None:
        return goal
    unit = _seconds(match["unit"])
    low = _plain(match["low"]) * unit
    high = _plain(match["n"]) * unit if match["n"] else low
    return replace(goal, think_s=(min(low, high), max(low, high)))


def _rate(scanner: _Scanner, goal: Goal) -> Goal:
    match = scanner.take(_RATE)
    if match is None:
        return goal
    per = _seconds(_SHORT[match["short"]] if match["short"] else match["per"])
    rps = _value(match, "n") / per
    if not 0 < rps <= _MOST_RPS:
        raise InputError(
            f"goal: {rps:,.0f} requests per second is not a load that can be planned",
            hint=f"Give more than 0 and at most {_MOST_RPS:,} per second",
        )
    low = _value(match, "low") / per if match["low"] else None
    assumed = goal.assumed
    noun = (match["noun"] or "requests").strip()
    if not re.search(r"request|req|quer|call|hit|transaction", noun):
        assumed += (f"one of the {noun} is one request",)
    if per >= _DAY_S:
        assumed += ("a figure per day or month is an average, so it sizes the Baseline",)
    return replace(
        goal, rps=rps, low_rps=low, assumed=assumed, is_normal=goal.is_normal or per >= _DAY_S
    )


def _users(scanner: _Scanner, goal: Goal) -> Goal:
    match = scanner.take(_USERS)
    if match is None:
        return goal
    users = _value(match, "n")
    if not 1 <= users <= _MOST_RPS:
        raise InputError(f"goal: {users:g} users", hint=f"Give 1 to {_MOST_RPS:,} users")
    return replace(goal, users=users, low_users=_value(match, "low") if match["low"] else None)


def _factor(scanner: _Scanner, goal: Goal) -> Goal:
    if match := scanner.take(_TIMES):
        return replace(goal, factor=_plain(match["n"]))
    if match := scanner.take(_WORDS):
        return replace(goal, factor=_WORD_TIMES[match["word"]])
    return goal


def _response(scanner: _Scanner, goal: Goal) -> Goal:
    match = scanner.take(_RESPONSE)
    if match is None:
        return goal
    seconds = _value(match, "n") * _seconds(match["unit"])
    if match["mean"]:
        return replace(goal, response_s=seconds)
    if goal.percentiles_s:
        return goal
    said = ("the response time is meant for 95 % of the requests",)
    return replace(goal, percentiles_s={95.0: seconds}, assumed=goal.assumed + said)


def _duration(scanner: _Scanner, goal: Goal) -> Goal:
    match = scanner.take(_DURATION)
    if match is None:
        return goal
    seconds = _value(match, "n") * _seconds(match["unit"])
    if seconds >= 1:
        return replace(goal, duration_s=seconds)
    if goal.percentiles_s:
        return goal
    said = ("a time below a second is meant as the response time of 95 % of the requests",)
    return replace(goal, percentiles_s={95.0: seconds}, assumed=goal.assumed + said)


def _seconds(unit: str) -> float:
    return _TIME.get(unit) or _TIME[unit.removesuffix("s")]


def _value(match: re.Match[str], name: str) -> float:
    return _plain(match[name]) * _SCALE.get(match[f"{name}_scale"] or "", 1.0)


def _plain(text: str) -> float:
    """Read a number: "1,000" is a thousand, "0,5" a half."""
    text = text.rstrip(".,_")
    grouped = _THOUSANDS.fullmatch(text)
    cleaned = re.sub("[,_]", "", text) if grouped else text.replace(",", ".").replace("_", "")
    try:
        return float(cleaned)
    except ValueError:
        raise InputError(f"goal: {text!r} is not a number", hint=f"Say: {EXAMPLES}") from None
