"""A test's seconds, as many as are worth keeping."""

from __future__ import annotations

from slowcoach.load.histogram import merged
from slowcoach.load.outcome import Moment

MOST = 3600


class Series:
    """Keeps moments; when there are too many, each two become one of twice the length, so that
    a test of any length takes the same memory and loses no request.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._joined = 1
        self._moments: list[Moment] = []
        self._open: list[Moment] = []

    def add(self, moment: Moment) -> None:
        """Add the next second."""
        self._open.append(moment)
        if len(self._open) < self._joined:
            return
        self._moments.append(joined(self._open))
        self._open = []
        if len(self._moments) >= self._most:
            pairs = range(0, len(self._moments), 2)
            self._moments = [joined(self._moments[at : at + 2]) for at in pairs]
            self._joined *= 2

    @property
    def moments(self) -> tuple[Moment, ...]:
        """Return what was added, in order."""
        rest = [joined(self._open)] if self._open else []
        return (*self._moments, *rest)


def joined(moments: list[Moment]) -> Moment:
    """Return moments that follow one another as one."""
    first = moments[0]
    if len(moments) == 1:
        return first
    due = [moment.due_rps for moment in moments if moment.due_rps is not None]
    users = [moment.users for moment in moments if moment.users is not None]
    return Moment(
        start_s=first.start_s,
        length_s=sum(moment.length_s for moment in moments),
        sent=_sum([moment.sent for moment in moments]),
        completed=_sum([moment.completed for moment in moments]),
        failed=_sum([moment.failed for moment in moments]),
        dropped=_sum([moment.dropped for moment in moments]),
        users=sum(users) / len(users) if users else None,
        due_rps=sum(due) / len(due) if due else None,
        histogram=merged(m.histogram for m in moments if m.histogram is not None),
        good=merged(m.good for m in moments if m.good is not None),
    )


def together(moments: list[Moment]) -> Moment:
    """Return the same second of several processes as one."""
    first = moments[0]
    if len(moments) == 1:
        return first
    users = [moment.users for moment in moments if moment.users is not None]
    return Moment(
        start_s=first.start_s,
        length_s=first.length_s,
        sent=_sum([moment.sent for moment in moments]),
        completed=_sum([moment.completed for moment in moments]),
        failed=_sum([moment.failed for moment in moments]),
        dropped=_sum([moment.dropped for moment in moments]),
        users=sum(users) if users else None,
        due_rps=first.due_rps,
        histogram=merged(m.histogram for m in moments if m.histogram is not None),
        good=merged(m.good for m in moments if m.good is not None),
    )


def _sum(counts: list[int | None]) -> int | None:
    told = [count for count in counts if count is not None]
    return sum(told) if told else None
