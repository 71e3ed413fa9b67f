"""Facts of a Python service's interpreters: version, collections so far, tasks that stay unseen.

Cost: a few reads of memory. Needs what `evidence.stacks` needs.
"""

from contextlib import suppress

from slowcoach.diagnosis.evidence.stacks import Sampler
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError

_UNSEEN_TASKS = {"twisted.internet.reactor", "curio"}


def version_of(sampler: Sampler) -> str:
    for interpreter in sampler.interpreters:
        return ".".join(map(str, interpreter.version))
    return ""


def hidden_tasks(sampler: Sampler) -> bool:
    """Tell whether the program runs tasks of a kind that is not read: Deferreds and the like."""
    for interpreter in sampler.interpreters:
        with suppress(UnreadableMemoryError):
            return bool(_UNSEEN_TASKS & set(interpreter.modules()))
    return False


def collections_of(sampler: Sampler) -> tuple[int, int, int] | None:
    for interpreter in sampler.interpreters:
        with suppress(UnreadableMemoryError):
            return interpreter.collections()
    return None


def difference(
    before: tuple[int, int, int] | None, after: tuple[int, int, int] | None
) -> tuple[int, int, int] | None:
    if before is None or after is None:
        return None
    return (after[0] - before[0], after[1] - before[1], after[2] - before[2])
