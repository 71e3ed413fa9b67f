"""Suspended tasks of trio in another process: what each awaits."""

import time
from contextlib import suppress

from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter
from slowcoach.diagnosis.interpreter.stacks import DEPTH_LIMIT, TASKS_LIMIT, PyTask, StackReader

KIND = "trio"
_MODULE = "trio._core._run"
_RUNS_IN, _RUNNER = "trio/_core/_run.py", "runner"
_EVERY_S = 1.0


class TrioReader:
    """Reads the tasks of the runners that an interpreter's threads execute.

    A runner is known by the functions that it runs in, which name it. It stays.
    """

    def __init__(self, interpreter: Interpreter, stacks: StackReader) -> None:
        self._i = interpreter
        self._stacks = stacks
        self._next = 0.0
        self._sets: dict[int, int] = {}
        self._slots: dict[int, dict[str, int]] = {}

    def tasks(self) -> list[PyTask]:
        """Return the suspended tasks with what they await, leaf first."""
        now = time.monotonic()
        if not self._sets and now >= self._next:
            self._next = now + _EVERY_S
            self._find()
        found: list[PyTask] = []
        for runner, at in self._sets.items():
            with suppress(UnreadableMemoryError):
                members = self._i.set_members(self._i.memory.word(runner + at))
                found += [task for a in members[:TASKS_LIMIT] if (task := self._task(a))]
        return found

    def _find(self) -> None:
        if _MODULE not in self._i.modules():
            return
        for top in self._stacks.tops():
            frame, depth = top, 0
            while frame and depth < DEPTH_LIMIT:
                place, caller = self._stacks.frame(frame)
                runner = 0
                if place and place.file.endswith(_RUNS_IN):
                    runner = self._stacks.variables(frame).get(_RUNNER, 0)
                if at := self._slot(runner, "tasks") if runner else 0:
                    self._sets[runner] = at
                frame, depth = caller, depth + 1

    def _slot(self, obj: int, name: str) -> int:
        """Return where in an object one of its class's slots lies (0: it has none)."""
        kind = self._i.type_address(obj)
        if kind not in self._slots:
            self._slots[kind] = self._i.slots(kind)
        return self._slots[kind].get(name, 0)

    def _task(self, address: int) -> PyTask | None:
        with suppress(UnreadableMemoryError):
            at = self._slot(address, "coro")
            coroutine = self._i.memory.word(address + at) if at else 0
            frames = self._stacks.awaited(coroutine).frames
            return PyTask(address, frames, KIND) if frames else None
        return None
