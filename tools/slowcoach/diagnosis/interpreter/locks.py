"""Who holds which lock in another process: the `with` blocks that its threads and tasks are in.

A `with` block keeps the lock's bound `__exit__` on the frame's value stack; the code's exception
table says how much of that stack is alive at an instruction (Objects/exception_handling_notes.txt
of CPython), so what is found is held now. A lock taken by a bare `acquire()` leaves no such trace.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter
from slowcoach.diagnosis.interpreter.stacks import (
    DEPTH_LIMIT,
    GENERATORS,
    SUSPENDED,
    TASKS_LIMIT,
    WRAPPED_AT,
    WRAPPERS,
    PyFrame,
    StackReader,
)

_METHODS = {"builtin_function_or_method", "method"}  # both keep their self at the same place
_SELF_AT = 24
_LOCK_AT = 16  # of a lock object: what the system call waits on
_LOCKS = {"_thread.lock", "_thread.RLock"}
_SLOTS_LIMIT = 20  # of nested blocks
_WITH_EXCEPTION_TABLES = (3, 11)
_EXCEPTIONS_AT = 40  # of a code object
_ACQUIRES = {"Lock.acquire", "Semaphore.acquire"}
_HOLDS_A_LOCK = "_lock"


@dataclass(frozen=True, slots=True)
class Held:
    """A lock and the line inside its `with` block; `owner` is a thread's native id or a task.

    `key` is the address that the system call waits on, or of the object for locks of Python code.
    """

    key: int
    owner: int
    frame: PyFrame


@dataclass(frozen=True, slots=True)
class _Blocks:
    locals_count: int
    ranges: tuple[tuple[int, int, int], ...]

    def alive(self, position: int) -> int:
        """Return how many values of the stack an exception at this position would keep."""
        return next((depth for start, end, depth in self.ranges if start <= position < end), 0)


def exception_ranges(table: bytes) -> tuple[tuple[int, int, int], ...]:
    """Return (start, end, depth) in bytes of code from a code object's exception table."""
    numbers: list[int] = []
    value = 0
    for byte in table:
        value = value << 6 | byte & 63
        if not byte & 64:
            numbers.append(value)
            value = 0
    entries = zip(numbers[::4], numbers[1::4], numbers[3::4], strict=False)
    return tuple((2 * start, 2 * (start + size), depth >> 1) for start, size, depth in entries)


class LockReader(StackReader):
    """Reads which locks are held, and which object a task or thread waits for."""

    def __init__(self, interpreter: Interpreter) -> None:
        super().__init__(interpreter)
        self._blocks: dict[int, _Blocks] = {}
        self.waits_for: dict[int, int] = {}

    def held(self) -> list[Held]:
        """Return what every thread and task holds now.

        `waits_for` then has the lock, by its object, for which a thread (native id) or a task
        stands in an `acquire` of Python code.
        """
        self.waits_for = {}
        found: list[Held] = []
        if self._i.version < _WITH_EXCEPTION_TABLES:
            return found
        with suppress(UnreadableMemoryError):
            for owner, frame in (*self._thread_frames(), *self._task_frames()):
                with suppress(UnreadableMemoryError):
                    found += self._in_frame(owner, frame)
        return found

    def names(self) -> dict[int, str]:
        """Return the names of the threads by native id, as the threading module knows them."""
        module = self._i.modules_cached().get("threading")
        found: dict[int, str] = {}
        with suppress(UnreadableMemoryError, KeyError):
            active = self._i.named(module)["_active"] if module else 0
            for _, thread in self._i.dict_entries(active) if active else ():
                known = self._i.attributes(thread)
                native = self._number(known["_native_id"])
                found[native] = self._i.text(known["_name"])
        return found

    def _number(self, obj: int) -> int:
        """Return a small int object's value: its digits have 30 bits."""
        low, high = struct.unpack("<II", self._i.memory.read(obj + 24, 8))
        one_digit = 1 << 30
        size = self._i.memory.word(obj + 16)
        digits = size if self._i.version <= (3, 11) else size >> 3
        return int(low if digits == 1 else low + one_digit * high)

    def _thread_frames(self) -> Iterator[tuple[int, int]]:
        layout, memory = self._i.layout, self._i.memory
        state = memory.word(self._i.state + layout.threads)
        while state:
            with suppress(UnreadableMemoryError):
                native, frame, depth = memory.word(state + layout.thread_native_id), 0, 0
                frame = self._top(state)
                while frame and depth < DEPTH_LIMIT:
                    yield native, frame
                    frame, depth = memory.word(frame + layout.frame_previous), depth + 1
            state = memory.word(state + layout.thread_next)

    def _task_frames(self) -> Iterator[tuple[int, int]]:
        for address in self._task_addresses()[:TASKS_LIMIT]:
            with suppress(UnreadableMemoryError):
                coroutine = self._i.memory.word(address + self._i.layout.task_coroutine)
                for frame in self._awaiting(coroutine):
                    yield address, frame

    def _awaiting(self, obj: int) -> Iterator[int]:
        """Yield the frames of a suspended coroutine and of what it awaits."""
        layout, memory = self._i.layout, self._i.memory
        for _ in range(DEPTH_LIMIT):
            kind = self._i.type_name(obj)
            if kind in WRAPPERS:
                obj = memory.word(obj + WRAPPED_AT)
                continue
            state = memory.read(obj + layout.coroutine_state, 1)[0] if kind in GENERATORS else -1
            if state not in SUSPENDED:
                return
            frame = obj + layout.coroutine_frame
            yield frame
            top: int = struct.unpack("<i", memory.read(frame + layout.frame_stack_top, 4))[0]
            if top <= 0:
                return
            obj = memory.word(frame + layout.frame_locals + 8 * (top - 1))

    def _in_frame(self, owner: int, frame: int) -> list[Held]:
        layout, memory = self._i.layout, self._i.memory
        words = struct.unpack("<10Q", memory.read(frame, 80))
        code = words[layout.frame_code // 8]
        place, _ = self.frame(frame)
        if place is None:
            return []
        slots = frame + layout.frame_locals
        if place.name in _ACQUIRES:
            self.waits_for[owner] = memory.word(slots)
        blocks = self._blocks_of(code)
        position = words[layout.frame_instruction // 8] - (code + layout.code_bytes)
        alive = min(blocks.alive(position), _SLOTS_LIMIT)
        if alive <= 0:
            return []
        found: list[Held] = []
        for value in memory.words(slots + 8 * blocks.locals_count, alive):
            with suppress(UnreadableMemoryError):
                if value and self._i.type_name(value) in _METHODS:
                    key = self._key(memory.word(value + _SELF_AT))
                    found.append(Held(key, owner, place))
        return found

    def _key(self, lock: int) -> int:
        """Return what tells a lock: a condition is its lock."""
        if self._i.type_name(lock) not in _LOCKS and self._i.is_instance(lock):
            inner = self._i.attributes(lock).get(_HOLDS_A_LOCK, 0)
            lock = inner or lock
        if self._i.type_name(lock) in _LOCKS:
            return self._i.memory.word(lock + _LOCK_AT)
        return lock

    def _blocks_of(self, code: int) -> _Blocks:
        known = self._blocks.get(code)
        if known is None:
            # co_nlocalsplus is the word after co_firstlineno
            raw = self._i.memory.read(code + self._i.layout.code_first_line + 4, 4)
            table = self._i.data(self._i.memory.word(code + _EXCEPTIONS_AT))
            known = _Blocks(int.from_bytes(raw, "little"), exception_ranges(table))
            self._blocks[code] = known
        return known
