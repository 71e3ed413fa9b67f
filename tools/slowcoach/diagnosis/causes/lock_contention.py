"""Threads or tasks wait for one another at a lock of the process."""

from slowcoach.core.knowledge import rule
from slowcoach.core.units import number, share
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._compute import called
from slowcoach.diagnosis.causes._library_locks import behind_files
from slowcoach.diagnosis.causes._outside import resource
from slowcoach.diagnosis.causes._places import latency, places, shares
from slowcoach.diagnosis.causes._pools import waits_for_pool
from slowcoach.diagnosis.causes._silence import standstill
from slowcoach.diagnosis.causes._turns import in_turn, waits_inside
from slowcoach.diagnosis.claim import Claim, all_that
from slowcoach.diagnosis.limits import shape
from slowcoach.diagnosis.load_signs import load_figures, unhindered
from slowcoach.diagnosis.models import Activity, Judgement
from slowcoach.diagnosis.view import Test, View, ramp

WORD = "lock.contention"
_LOCKS = frozenset({"lock", "semaphore", "condition"})


def _judge(view: View) -> Judgement:
    limits = rule(WORD)
    waits = _waits(view)
    turn = 0.0
    if not view.mean(waits) and (turn := in_turn(view)):
        waits = waits_inside
    waiting = [a for a in view.top(waits) if a.path or not turn]
    if not waiting and not view.observed.stacks_seen:
        return resource(view, WORD, one=True)
    if not waiting:
        return Judgement(cause=WORD, score=0, why="nobody was seen waiting for a lock")
    held = view.share(waits)
    behind = view.queued / view.concurrency * ramp(held, 0, limits.limit("share"))
    score = min(1.0, held + behind) * ramp(held, 0, limits.limit("share")) * view.late
    score *= (1 - standstill(view)) * (turn or 1.0)
    # what grows with the requests at a time has no queue inside, unless one alone waits as well
    score *= 1 - shape("against") * unhindered(view) * (1 - view.alone_share(waits))
    first = waiting[0]
    holders = _holders(view, first, lambda a: not waits(a) and not view.hands_over(a))
    where = places(waiting, 2)
    where += [f"held during {a.place}" for a in holders[:2]]
    # a lock inside a library is best told by what of the library was called
    inside = dict.fromkeys((called(first), first.waits_in))
    where += [f"inside {inner}" for inner in inside if inner]
    return Judgement(
        cause=WORD,
        score=score,
        why=(
            f"{number(view.mean(waits))} of {view.concurrency} requests at a time "
            f"({share(held)}) wait for a lock in {first.function}"
        ),
        where=tuple(where),
        figures=(
            *shares(view, waiting, "wait for the lock"),
            *shares(view, holders, "hold it, or come from the same function", 2),
            *load_figures(view),
            *latency(view),
        ),
        against="" if score else "waiting for locks takes little of the time",
    )


def _waits(view: View) -> Test:
    """Return the test for waits at a lock. One at a condition is at a lock of the program's own
    making, unless a request alone waits there too: then it is for news.
    """
    pools, sure = waits_for_pool(view)
    taken = [] if sure else pools
    files = behind_files(view)

    def waits(a: Activity) -> bool:
        locked = a.state in _LOCKS and a.carrier != "loop" and not files(a)
        return locked and a not in taken and not view.meant(a)

    return waits


def _holders(view: View, waiter: Activity, works: Test) -> list[Activity]:
    """Return what works inside the function in which others wait; where a lock is taken in one
    method and held in another, inside the nearest of its callers in which anything works.
    """
    for function in (waiter.function, *reversed(waiter.path)):
        if found := view.top(_within(function, works)):
            return found
    return []


def _within(function: str, works: Test) -> Test:
    return lambda a: works(a) and function in a.path


def _claims(view: View) -> Claim:
    waits = _waits(view)
    if not view.mean(waits) and (turn := in_turn(view)):
        return Claim(lambda a: turn * waits_inside(a))
    return all_that(waits, queues=view.mean(waits) > 0)


CAUSE = Cause(WORD, _judge, claims=_claims)
