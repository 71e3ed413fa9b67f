"""What threads of a Python service compute beside the requests, which wait for the interpreter.

A thread that watches, refreshes or collects does so with and without requests: it is no request's
work, yet who waits for the interpreter waits for what that thread does. Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping

from slowcoach.diagnosis.evidence.activities import Sorter
from slowcoach.diagnosis.evidence.frames import function_of, is_user
from slowcoach.diagnosis.evidence.stack_parts import leaf_selects, leaf_waits, path_of, short_of
from slowcoach.diagnosis.evidence.stacks import Looks, Seen
from slowcoach.diagnosis.evidence.waits import RUN
from slowcoach.diagnosis.models import Activity

_Thread = tuple[int, int]
CARRIER = "thread"


def _state(seen: Seen) -> str:
    """Return how a thread holds the interpreter ('' if it does not, or only passes through)."""
    if seen.task or not seen.frames or leaf_selects(seen) or leaf_waits(seen.frames):
        return ""
    if seen.collecting:
        return "gc"
    return "cpu" if seen.wait == RUN and not seen.without_gil else ""


def computing_idle(idle: Looks) -> Mapping[_Thread, float]:
    """Return the share of time in which each thread holds the interpreter without requests."""
    held: Counter[_Thread] = Counter()
    for seen, count in idle.seen.items():
        if _state(seen):
            held[seen.pid, seen.thread] += count
    return {thread: count / max(1, idle.looks) for thread, count in held.items()}


def standing(
    looks: Looks, sorter: Sorter, without: Mapping[_Thread, float]
) -> tuple[Activity, ...]:
    """Return what threads computed that is not the requests', most first: of each thread at most
    what it computes `without` requests, for the rest may be done for them.
    """
    by_thread: dict[_Thread, Counter[Seen]] = defaultdict(Counter)
    for seen, count in looks.seen.items():
        thread = seen.pid, seen.thread
        if (
            thread in without
            and _state(seen)
            and not (sorter.loops(seen) or sorter.is_request(seen))
        ):
            by_thread[thread][seen] += count
    found: list[Activity] = []
    for thread, counts in by_thread.items():
        mean = counts.total() / max(1, looks.looks)
        part = min(1.0, without[thread] / mean) / max(1, looks.looks)
        found += [_activity(seen, count * part) for seen, count in counts.items()]
    return tuple(sorted(found, key=lambda a: -a.mean))


def _activity(seen: Seen, mean: float) -> Activity:
    place = next((f for f in seen.frames if is_user(f)), seen.frames[-1])
    return Activity(
        carrier=CARRIER,
        state=_state(seen),
        function=function_of(place),
        file=place.file,
        line=place.line,
        lines={place.line: round(mean, 4)},
        leaves={short_of(seen.frames[0]): round(mean, 4)},
        path=path_of(seen.frames),
        mean=round(mean, 4),
    )
