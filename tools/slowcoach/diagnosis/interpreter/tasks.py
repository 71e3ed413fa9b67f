"""Every suspended task of an interpreter: asyncio's, greenlets, trio's."""

import time
from contextlib import suppress

from slowcoach.diagnosis.interpreter.greenlets import GreenletReader
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter
from slowcoach.diagnosis.interpreter.stacks import PyTask, StackReader
from slowcoach.diagnosis.interpreter.task_links import linked_tasks
from slowcoach.diagnosis.interpreter.trio import TrioReader

_SETTLING_S = 1.0


class TaskReader:
    """Reads tasks of every kind again and again.

    What asyncio runs at the beginning is the service's own: it waits for what requests do, but
    not on their behalf.
    """

    def __init__(self, interpreter: Interpreter, stacks: StackReader) -> None:
        self._i = interpreter
        self._stacks = stacks
        self._standing: set[int] = set()
        self._settled_at = time.monotonic() + _SETTLING_S
        self._others = (GreenletReader(interpreter, stacks), TrioReader(interpreter, stacks))

    def tasks(self) -> list[PyTask]:
        """Return what is suspended; a kind that cannot be read just now is left out."""
        found: list[PyTask] = []
        with suppress(UnreadableMemoryError):
            chains = self._stacks.chains()
            if time.monotonic() < self._settled_at:
                self._standing |= set(chains)
            found += linked_tasks(self._i, self._stacks, chains, self._standing)
        for reader in self._others:
            with suppress(UnreadableMemoryError):
                found += reader.tasks()
        return found
