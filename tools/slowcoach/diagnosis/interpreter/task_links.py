"""Tasks of asyncio that wait for tasks: whose behalf each is on.

A task that a coroutine waits for carries that coroutine's frames below its own, as if it were
called: so a library's coroutine in a task of its own is told by the code that asked for it.
`wait_for` before Python 3.12 makes such a task for each call; then the waiting one is left out.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from slowcoach.diagnosis.interpreter.executors import (
    IN_QUEUE,
    PENDING,
    RUNNING,
    executor_state,
)
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter
from slowcoach.diagnosis.interpreter.stacks import Chain, PyFrame, PyTask, StackReader

_TASK = "_asyncio.Task"
_GATHERING = "_GatheringFuture"
_TASKS_FILE, _GROUPS_FILE = "asyncio/tasks.py", "asyncio/taskgroups.py"
_WAITING_FILES = (_TASKS_FILE, _GROUPS_FILE)
_DEPTH = 8
_CHILDREN = 200


def linked_tasks(
    interpreter: Interpreter,
    stacks: StackReader,
    chains: Mapping[int, Chain],
    standing: Collection[int] = (),
) -> list[PyTask]:
    """Return the suspended tasks, those that others (not standing ones) wait for with the others'
    frames.
    """
    parents: dict[int, int] = {}
    replaced: set[int] = set()
    bare: set[int] = set()
    futures: dict[int, list[int]] = {}
    for address, chain in chains.items():
        if address in standing:
            continue
        with suppress(UnreadableMemoryError):
            alone, children = _children(interpreter, stacks, chain)
            children = tuple(children)
            if children and not _any_task(interpreter, children) and _waits_for_any(chain):
                bare.add(address)
            known = [child for child in children if child in chains and child != address]
            futures[address] = [child for child in children if child not in chains]
            parents |= dict.fromkeys(known, address)
            if alone and known:
                replaced.add(address)
    return [
        PyTask(
            address,
            _asking(chain.frames) if address in bare else _frames(address, chains, parents),
            awaits,
        )
        for address, chain in chains.items()
        if address not in replaced
        for awaits in _awaits(interpreter, chain, futures.get(address, ()))
    ]


def _awaits(interpreter: Interpreter, chain: Chain, parts: Iterable[int]) -> list[str]:
    """Return what a chain awaits; where it is functions in an executor at once, for each of them
    that no thread has begun, and once for those that have begun.
    """
    if executor_state(interpreter, chain.end, chain.awaits) == PENDING:
        return [IN_QUEUE]
    states = [executor_state(interpreter, part, interpreter.type_name(part)) for part in parts]
    waiting = [IN_QUEUE] * states.count(PENDING)
    return waiting if waiting and RUNNING not in states else [*waiting, chain.awaits]


def _frames(
    address: int, chains: Mapping[int, Chain], parents: Mapping[int, int]
) -> tuple[PyFrame, ...]:
    frames: tuple[PyFrame, ...] = ()
    at: int | None = address
    for _ in range(_DEPTH):
        if at is None:
            break
        frames += _asking(chains[at].frames) if frames else chains[at].frames
        at = parents.get(at)
    return frames


def _asking(frames: tuple[PyFrame, ...]) -> tuple[PyFrame, ...]:
    """Return the frames from the one that asks for tasks, without how it waits for them."""
    first = next((i for i, f in enumerate(frames) if not f.file.endswith(_WAITING_FILES)), 0)
    return frames[first:]


def _waits_for_any(chain: Chain) -> bool:
    leaf = chain.frames[0]
    return leaf.name == "_wait" and leaf.file.endswith(_TASKS_FILE)


def _any_task(interpreter: Interpreter, waited: Iterable[int]) -> bool:
    """Tell whether a task is among what `asyncio.wait` was given; bare futures are news."""
    return any(interpreter.type_name(one) == _TASK for one in waited)


def _children(
    interpreter: Interpreter, stacks: StackReader, chain: Chain
) -> tuple[bool, Iterable[int]]:
    """Return the tasks that a chain waits for, and whether it is nothing but a wrapper of one."""
    if chain.awaits == _TASK:
        return False, (chain.end,)
    if chain.awaits.endswith(_GATHERING):
        children = interpreter.attributes(chain.end).get("_children", 0)
        return False, interpreter.sequence(children, _CHILDREN) if children else ()
    leaf = chain.frames[0]
    if leaf.file.endswith(_TASKS_FILE) and leaf.name == "wait_for":
        inner = stacks.variables(chain.leaf).get("fut", 0)
        return True, (inner,)
    if leaf.file.endswith(_TASKS_FILE) and leaf.name == "_wait":
        waited = stacks.variables(chain.leaf).get("fs", 0)
        return False, interpreter.set_members(waited)[:_CHILDREN] if waited else ()
    if leaf.file.endswith(_GROUPS_FILE):
        group = stacks.variables(chain.leaf).get("self", 0)
        tasks = interpreter.attributes(group).get("_tasks", 0) if group else 0
        return False, interpreter.set_members(tasks)[:_CHILDREN] if tasks else ()
    return False, ()
