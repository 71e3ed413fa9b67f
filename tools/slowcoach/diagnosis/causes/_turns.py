"""Whether tasks that wait in the program itself wait for their turn: one goes on at a time. Pure.

A lock of a program's own making (a chain of promises, a map of who is busy) has no name by which
it is known. It is told by what it does: nearly always one thing is under way, hardly ever two, the
others wait for it, which one request alone does not, and the latency grows as a queue makes it.
"""

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.activity import SHARED
from slowcoach.diagnosis.models import Activity
from slowcoach.diagnosis.view import View, ramp

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
    queue = 1 - 1 / max(1.0, view.growth)  # by Little's law, as a queue lengthens the latency
    one *= ramp(queue, waiting * limits.limit("queue") / 2, waiting * limits.limit("queue"))
    return limits.limit("unnamed") * one * (1 - view.alone_share(waits_inside)) * going_on / at_work


def _goes_on(a: Activity) -> bool:
    return a.state in _UNDER_WAY and a.carrier != "loop" and a.target != SHARED
