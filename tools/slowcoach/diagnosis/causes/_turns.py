"""Whether tasks that wait in the program itself wait for their turn: one goes on at a time. Pure.

A lock of a program's own making (a chain of promises, a map of who is busy) has no name by which
it is known. It is told by what it does: nearly always one thing is under way, hardly ever two, the
others wait for it, which one request alone does not, and the latency grows as a queue makes it.
"""

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.activity import SHARED
from slowcoach.diagnosis.load_signs import scaling_of
from slowcoach.diagnosis.models import Activity
from slowcoach.diagnosis.view import View, ramp

_CALLS = frozenset({"net", "db"})
_UNDER_WAY = frozenset({"net", "db", "sleep", "child", "disk"})


def waits_inside(a: Activity) -> bool:
    """Tell whether a task waits for other code of the program that is not named as anything."""
    return a.state == "other" and a.carrier == "task"


def _named(a: Activity) -> bool:
    return waits_inside(a) and bool(a.path)


def in_turn(view: View) -> float:
    """Return how sure it is (0..1) that tasks that wait so wait for those before them.

    What is under way at the disk is its own cause; many may wait for answers on one connection.
    """
    limits = rule("lock.contention")
    waiting = view.share(waits_inside)
    at_work = view.mean(lambda a: not view.hands_over(a) and not waits_inside(a))
    going_on = view.mean(lambda a: _goes_on(a) and a.state != "disk")
    if not at_work or view.loaded.loop_busy is None:
        return 0.0
    if not waiting or view.share(_named) < waiting * limits.limit("seen_where"):
        return 0.0
    one = ramp(going_on, limits.limit("least_at_a_time"), limits.limit("one_at_a_time"))
    one *= 1 - ramp(at_work, limits.limit("few"), limits.limit("several"))
    one *= _queued(view, waiting)
    return limits.limit("unnamed") * one * (1 - view.alone_share(waits_inside)) * going_on / at_work


def shared_out(view: View) -> float:
    """Return how sure it is (0..1) that tasks that wait so wait for one of several things that
    requests share: as many calls as there are go on at a time, watched or not.
    """
    limits = rule("pool.exhausted")
    waiting = view.share(waits_inside)
    progress = _progress(view)
    if not progress or view.loaded.loop_busy is None:
        return 0.0
    going_on = view.mean(lambda a: _goes_on(a) and a.state in _CALLS)
    several = going_on >= limits.limit("several")
    off = abs(going_on - progress) / progress
    if not several or off > limits.limit("apart") or not waiting:
        return 0.0
    at_work = view.mean(lambda a: not view.hands_over(a) and not waits_inside(a))
    known = float(view.share(_named) >= waiting * rule("lock.contention").limit("seen_where"))
    sure = limits.limit("unnamed") * known * _queued(view, waiting) * going_on / at_work
    return sure * (1 - view.alone_share(waits_inside))


def _progress(view: View) -> float:
    """Return how many requests at a time make progress and no more, 0 where more would. Without
    steps (a request takes too long for them) the latency alone and under load tell it.
    """
    scaling = scaling_of(view.observed.sweep)
    if scaling is None:
        return view.concurrency / max(1.0, view.growth)
    return scaling.at_a_time if scaling.kind == "limited" else 0.0


def _queued(view: View, waiting: float) -> float:
    """Return how far (0..1) the latency grows as a queue of those that wait makes it grow."""
    enough = waiting * rule("lock.contention").limit("queue")
    return ramp(1 - 1 / max(1.0, view.growth), enough / 2, enough)  # by Little's law


def _goes_on(a: Activity) -> bool:
    return a.state in _UNDER_WAY and a.carrier != "loop" and a.target != SHARED
