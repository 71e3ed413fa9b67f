"""What is asked of production: which endpoint, of which service, between which times. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

HOUR_S, DAY_S = 3600.0, 86_400.0
_MOMENT = re.compile(r"\b(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d)?\s*(Z|[+-]\d\d:?\d\d)?)?")
_NAME = re.compile(r"[\w.:/-]{1,100}")


@dataclass(frozen=True, slots=True)
class Question:
    """An endpoint and the times of interest, in Unix seconds: `since` to `until`, compared with
    `before` to `since`. `services` are names that it may go by, the likeliest first; `route` is
    its route as metrics name it, `least_ms` what counts as a slow request of it.
    """

    method: str
    path: str
    before: float
    since: float
    until: float
    services: tuple[str, ...] = ()
    route: str = ""
    least_ms: float = 0.0

    @property
    def length_s(self) -> int:
        """Return how long the time of interest is, in s."""
        return max(60, round(self.until - self.since))

    @property
    def before_s(self) -> int:
        """Return how long the time before it is, in s."""
        return max(60, round(self.since - self.before))

    def known_as(self, service: str) -> "Question":
        """Return the question with another name of the service, the last of all."""
        if not service or service in self.services:
            return self
        return replace(self, services=(*self.services, service))


def question_of(
    method: str, path: str, now: float, services: tuple[str, ...] = (), since_when: str = ""
) -> Question:
    """Return the question: the last hour and the day before it, or by the brief's `since_when`.

    A day with a time in that text asks for the hour from then on, a day alone for that day.
    """
    names = tuple(dict.fromkeys(name for name in services if _NAME.fullmatch(name)))
    begun, length = _moment(since_when) or (now - HOUR_S, HOUR_S)
    if not 0 < begun < now:
        begun, length = now - HOUR_S, HOUR_S
    until = min(now, begun + length)
    return Question(method.upper(), path, begun - DAY_S, begun, until, names)


def _moment(text: str) -> tuple[float, float] | None:
    match = _MOMENT.search(text)
    if match is None:
        return None
    day, clock, zone = match.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{clock or '00:00'}{zone or '+00:00'}")
    except ValueError:
        return None
    return at.timestamp(), HOUR_S if clock else DAY_S


def clock(at: float, now: float) -> str:
    """Return a time as people say it, UTC, with its day when that is not today's."""
    moment, today = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(now, UTC)
    moment = moment.replace(second=0) + timedelta(minutes=round(moment.second / 60))
    form = "%H:%M" if moment.date() == today.date() else "%Y-%m-%d %H:%M"
    return f"{moment.strftime(form)} UTC"
