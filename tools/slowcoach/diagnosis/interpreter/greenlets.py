"""Suspended greenlets (gevent, eventlet) of another process: where each will go on.

No list of them exists: they are found in the interpreter's own memory by the addresses of their
types. All of it is searched now and then, what held some before at every look.
"""

import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module

from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError, mappings
from slowcoach.diagnosis.interpreter.objects import Interpreter
from slowcoach.diagnosis.interpreter.stacks import TASKS_LIMIT, PyTask, StackReader
from slowcoach.diagnosis.limits import harm

KIND = _LIBRARY = "greenlet"
_TYPE_SUBCLASSES = 360  # of a type object
_WEAKLY_AT = 16
_IMPLEMENTATION_AT = 32  # of a greenlet: after its list of weak references and its dict
_IMPLEMENTATION_SIZE = 256
_FRAME_AT = 24  # of a frame object: what it executes
_WITH_FRAMES_INSIDE = (3, 11)
_REFERENCES = 0xFFFFFFFF
_BOUND = {"builtin_function_or_method", "method"}
_BOUND_TO_AT = 24
_PREFIX = "gevent."
_CHUNK = 1 << 20
_BLOCK = 1 << 16
_MEMORY_LIMIT = 1 << 29
_WORD = 8
_EVERY_S = 1.0
_CLASSES_LIMIT = 50


class GreenletReader:
    """Finds the greenlets of one interpreter and reads their stacks."""

    def __init__(self, interpreter: Interpreter, stacks: StackReader) -> None:
        self._i = interpreter
        self._stacks = stacks
        self._types: frozenset[int] = frozenset()
        self._blocks: set[int] = set()
        self._frame_at: int | None = None
        self._next_types = self._next_search = 0.0
        with suppress(UnreadableMemoryError):
            if _LIBRARY in interpreter.modules():
                import_module("numpy")  # now, so that the first look is not slow

    def tasks(self) -> list[PyTask]:
        """Return the suspended greenlets, their stacks leaf first."""
        now = time.monotonic()
        if now >= self._next_types:
            self._next_types = now + _EVERY_S
            self._types = frozenset(self._classes())
        if not self._types:
            return []
        found: list[PyTask] = []
        for address in self._addresses(now):
            with suppress(UnreadableMemoryError):
                frame = self._frame(address)
                frames = self._stacks.stack_of(frame)
                if frames:
                    found.append(PyTask(address, frames, self._waits_on(frame) or KIND))
            if len(found) >= TASKS_LIMIT:
                break
        return found

    def _classes(self) -> Iterator[int]:
        """Yield the addresses of the greenlet type and of what is derived from it."""
        module = self._i.modules().get(_LIBRARY)
        base = self._i.named(module).get(_LIBRARY) if module else None
        waiting = [base] if base else []
        for _ in range(_CLASSES_LIMIT):
            if not waiting:
                return
            kind = waiting.pop()
            yield kind
            with suppress(UnreadableMemoryError):
                derived = self._i.memory.word(kind + _TYPE_SUBCLASSES)
                for _, reference in self._i.dict_entries(derived) if derived else ():
                    waiting.append(self._i.memory.word(reference + _WEAKLY_AT))

    def _addresses(self, now: float) -> list[int]:
        if now < self._next_search:
            return [a for block in sorted(self._blocks) for a in self._within(block, _BLOCK)]
        begun = time.thread_time()
        found: list[int] = []
        for start, size in self._ranges():
            found += self._within(start, size)
        self._blocks |= {address & ~(_BLOCK - 1) for address in found}
        took = time.thread_time() - begun
        # libraries import greenlets without making any: then it is not worth much
        share = harm("greenlets_share" if found else "greenlets_in_vain_share")
        self._next_search = now + max(_EVERY_S, took / share)
        return found

    def _ranges(self) -> Iterator[tuple[int, int]]:
        """Yield the memory in which small objects lie: writable and of no file."""
        left = _MEMORY_LIMIT
        for each in mappings(self._i.memory.pid):
            if not each.permissions.startswith("rw") or each.path:
                continue
            for start in range(each.start, each.end, _CHUNK):
                size = min(_CHUNK, each.end - start)
                left -= size
                if left < 0:
                    return
                yield start, size

    def _within(self, start: int, size: int) -> list[int]:
        """Return the addresses of living greenlets in a range."""
        import numpy as np

        try:
            words = np.frombuffer(self._i.memory.read(start, size), dtype="<u8")
        except UnreadableMemoryError:
            return []
        found: list[int] = []
        for kind in self._types:
            for index in np.flatnonzero(words == kind).tolist():
                living = index and int(words[index - 1]) & _REFERENCES
                found += [start + _WORD * (index - 1)] if living else []
        return found

    def _frame(self, address: int) -> int:
        """Return the frame at which a greenlet was left; raises UnreadableMemoryError."""
        memory = self._i.memory
        implementation = memory.word(address + _IMPLEMENTATION_AT)
        if self._frame_at is None:
            words = memory.words(implementation, _IMPLEMENTATION_SIZE // _WORD)
            self._frame_at = next(
                (i * _WORD for i, w in enumerate(words) if self._is_frame(w)), None
            )
        if self._frame_at is None:
            raise UnreadableMemoryError(f"{address:#x}: not suspended")
        left = memory.word(implementation + self._frame_at)
        if not left or not self._is_frame(left):
            raise UnreadableMemoryError(f"{address:#x}: not suspended")
        # before 3.11 the frame object is what it executes
        return memory.word(left + _FRAME_AT) if self._i.version >= _WITH_FRAMES_INSIDE else left

    def _waits_on(self, frame: int) -> str:
        """Return the type that a call in a frame is made on, if it is gevent's own.

        Its semaphores, events and queues are compiled: no frame tells of them.
        """
        if self._i.version < _WITH_FRAMES_INSIDE:
            return ""
        kinds = (self._compiled(value) for value in reversed(self._stacks.values(frame)))
        return next((kind for kind in kinds if kind), "")

    def _compiled(self, value: int) -> str:
        with suppress(UnreadableMemoryError):
            kind = self._i.type_name(value)
            if kind in _BOUND:
                kind = self._i.type_name(self._i.memory.word(value + _BOUND_TO_AT))
            return kind if kind.startswith(_PREFIX) else ""
        return ""

    def _is_frame(self, address: int) -> bool:
        with suppress(UnreadableMemoryError, struct.error):
            return address % _WORD == 0 and self._i.type_name(address) == "frame"
        return False
