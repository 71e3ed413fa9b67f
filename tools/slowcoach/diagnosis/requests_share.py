"""Which part of what a service does is done for the requests, and which beside them. Pure."""

from collections.abc import Iterable

from slowcoach.diagnosis.activity import NOT_SERVED, UNSTARTED
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity, Phase

_THREADS = frozenset({"thread", "worker"})
_PERCENTILE = 0.95
_Call = tuple[str, int]


def unstarted(phase: Phase) -> float:
    """Return how many requests at a time wait in the queue of a pool of threads. Of requests that
    have several tasks there each, some of which threads are at, a part waits.
    """
    waiting = sum(a.mean for a in phase.activities if a.state == UNSTARTED)
    requests = float(max(1, phase.concurrency))
    if waiting <= requests:
        return waiting
    return requests * waiting / (waiting + _served(phase))


def _served(phase: Phase) -> float:
    return sum(a.mean for a in phase.activities if a.state not in NOT_SERVED)


def for_requests(phase: Phase) -> Phase:
    """Return the phase without what is more than its requests can be doing.

    Who waits in a queue does nothing else meanwhile: of C requests at a time with Q in a queue,
    the activities of all others together are at most C - Q (Little's law). What is seen above
    that is done beside the requests, by the like of what they do; all of it is scaled down.
    """
    waiting = unstarted(phase)
    served = _served(phase)
    room = max(1, phase.concurrency) - waiting
    if not waiting or served <= room:
        return phase

    def scaled(a: Activity) -> Activity:
        if a.state in NOT_SERVED:
            return a
        return a.model_copy(update={"mean": a.mean * room / served})

    return phase.model_copy(update={"activities": tuple(scaled(a) for a in phase.activities)})


def beside(phases: Iterable[Phase]) -> frozenset[_Call]:
    """Return the calls of peers (function, port) that threads make beside the requests: more at a
    time than there are requests, and each lasts longer than a request does.
    """
    return frozenset(
        (a.function, a.port) for phase in phases for a in phase.activities if _outlasts(a, phase)
    )


def _outlasts(a: Activity, phase: Phase) -> bool:
    calls, latencies = phase.exchanges.get(a.port, 0), sorted(phase.latencies_ms)
    if a.carrier not in _THREADS or not calls or not latencies:
        return False
    slow_ms = latencies[int(len(latencies) * _PERCENTILE)]
    each_ms = 1000 * a.mean * phase.seconds / calls
    several = a.mean > looking("more_than_requests") * max(1, phase.concurrency)
    return several and each_ms > looking("longer_than_requests") * slow_ms


def without(phase: Phase, calls: frozenset[_Call]) -> Phase:
    """Return the phase with these calls as what goes on with or without requests."""
    aside = tuple(a for a in phase.activities if a.port and (a.function, a.port) in calls)
    if not aside:
        return phase
    rest = tuple(a for a in phase.activities if a not in aside)
    return phase.model_copy(update={"activities": rest, "standing": (*phase.standing, *aside)})
