"""Which part of what a service does is done for the requests, and which beside them. Pure."""

from slowcoach.diagnosis.activity import NOT_SERVED, UNSTARTED
from slowcoach.diagnosis.models import Activity, Phase


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
