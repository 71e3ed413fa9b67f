"""What a thread or task that was looked at does, in one word (see diagnosis.evidence.states)."""

from functools import lru_cache
from itertools import takewhile

from slowcoach.diagnosis.evidence.frames import is_user
from slowcoach.diagnosis.evidence.stacks import Seen
from slowcoach.diagnosis.evidence.states import task_state, thread_state

CONTENDED = frozenset({"lock", "semaphore", "pool", "condition"})  # what another one holds
_REMEMBERED = 10_000


@lru_cache(_REMEMBERED)
def state_of(seen: Seen) -> str:
    """Return in one word what a thread or task does."""
    callee = tuple(takewhile(lambda frame: not is_user(frame), seen.frames))
    if seen.task:
        return task_state(seen.awaits, callee)
    return thread_state(seen.wait, callee, 0)
