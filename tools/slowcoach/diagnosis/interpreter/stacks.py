"""The Python stacks of another process: what its threads execute and its tasks await."""

import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType

from slowcoach.diagnosis.interpreter.executors import behind_shield
from slowcoach.diagnosis.interpreter.lines import line_at
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter

DEPTH_LIMIT = 250
TASKS_LIMIT = 2000
_THREADS_LIMIT = 2000
_VALUES_LIMIT, _LOCALS_LIMIT = 64, 1000
_OWNED_BY_C = 3
_RECEIVING_TASKS = 30
SUSPENDED = {255, 254}
GENERATORS = {"coroutine", "generator", "async_generator"}
WRAPPERS = {"coroutine_wrapper", "async_generator_asend", "async_generator_athrow"}
WRAPPED_AT = 16
_FUTURE_AT = 16
_WEAKLY_AT = 16


@dataclass(frozen=True, slots=True)
class PyFrame:
    """One line of a stack: the function's qualified name, its file and the line it is at."""

    name: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class PyThread:
    """One thread's stack, leaf first. `native_id` is the system's thread id."""

    native_id: int
    frames: tuple[PyFrame, ...]


@dataclass(frozen=True, slots=True)
class PyTask:
    """One suspended task: what it awaits, leaf first, and the type that it waits on at the end."""

    address: int
    frames: tuple[PyFrame, ...]
    awaits: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What a suspended coroutine awaits: frames leaf first, the type at the end, the addresses of
    the leaf's frame and of what stands at the end. Without frames it is not suspended.
    """

    frames: tuple[PyFrame, ...] = ()
    awaits: str = ""
    leaf: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Code:
    name: str
    file: str
    first_line: int
    table: bytes
    places: dict[int, PyFrame] = field(default_factory=dict[int, PyFrame])


class StackReader:
    """Reads stacks again and again; what it learned of code objects is kept."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._i = interpreter
        self._codes: dict[int, _Code] = {}
        self._variables: dict[int, tuple[str, ...]] = {}
        self._tasks_set = 0
        self.failures = 0
        self.reads = 0

    def threads(
        self, known: Mapping[int, tuple[PyFrame, ...]] = MappingProxyType({})
    ) -> list[PyThread]:
        """Return every thread's stack; those caught in the middle of a change are left out.

        `known` has the stacks, by native id, of threads that have not run since they were read.
        """
        layout, memory = self._i.layout, self._i.memory
        found: list[PyThread] = []
        state = memory.word(self._i.state + layout.threads)
        while state and len(found) < _THREADS_LIMIT:
            self.reads += 1
            try:
                native = self.native_id(state)
                frames = known.get(native)
                if frames is None:
                    frames = self.stack_of(self._top(state))
                found.append(PyThread(native, frames))
            except UnreadableMemoryError:
                self.failures += 1
            state = memory.word(state + layout.thread_next)
        return found

    def native_id(self, state: int) -> int:
        """Return the system's id of the thread with this state."""
        return self._i.memory.word(state + self._i.layout.thread_native_id)

    def tops(self) -> list[int]:
        """Return the frame that each thread executes."""
        found: list[int] = []
        state = self._i.memory.word(self._i.state + self._i.layout.threads)
        while state and len(found) < _THREADS_LIMIT:
            with suppress(UnreadableMemoryError):
                found.append(self._top(state))
            state = self._i.memory.word(state + self._i.layout.thread_next)
        return found

    def _top(self, state: int) -> int:
        layout, memory = self._i.layout, self._i.memory
        frame = memory.word(state + layout.thread_frame)
        if layout.cframe is not None:
            frame = memory.word(frame + layout.cframe)
        return frame

    def stack_of(self, frame: int) -> tuple[PyFrame, ...]:
        """Return the frames from one on, leaf first."""
        frames: list[PyFrame] = []
        while frame and len(frames) < DEPTH_LIMIT:
            line, previous = self.frame(frame)
            if line is not None:
                frames.append(line)
            frame = previous
        return tuple(frames)

    def frame(self, frame: int) -> tuple[PyFrame | None, int]:
        """Return what a frame executes (None: no Python code) and the frame that called it."""
        layout = self._i.layout
        words = struct.unpack("<10Q", self._i.memory.read(frame, 80))
        code, previous = words[layout.frame_code // 8], words[layout.frame_previous // 8]
        known = self._code(code)
        if known is None:
            return None, previous
        offset = max(0, words[layout.frame_instruction // 8] - (code + layout.code_bytes))
        place = known.places.get(offset)
        if place is None:
            line = line_at(known.table, known.first_line, offset)
            place = known.places[offset] = PyFrame(known.name, known.file, line)
        return place, previous

    def variables(self, frame: int) -> dict[str, int]:
        """Return the local variables of a frame by name."""
        layout, memory = self._i.layout, self._i.memory
        code = memory.word(frame + layout.frame_code)
        if code not in self._variables:
            names = self._i.sequence(memory.word(code + layout.code_variables))
            self._variables[code] = tuple(self._i.text(name) for name in names)
        known = self._variables[code]
        values = memory.words(frame + layout.frame_locals, len(known)) if known else ()
        return dict(zip(known, values, strict=True))

    def receivers(self) -> dict[int, PyFrame]:
        """Return the objects whose methods are being executed or awaited, with one such frame."""
        found: dict[int, PyFrame] = {}
        for top in [*self.tops(), *self._suspended_frames()]:
            frame, depth = top, 0
            while frame and depth < DEPTH_LIMIT:
                depth += 1
                try:
                    place, previous = self.frame(frame)
                    first = next(iter(self.variables(frame).items()), None) if place else None
                except UnreadableMemoryError:
                    break
                if place and first and first[0] == "self" and first[1]:
                    found.setdefault(first[1], place)
                frame = previous
        return found

    def _suspended_frames(self) -> list[int]:
        """Return the frames of what tasks await, of a few tasks."""
        found: list[int] = []
        for address in self._task_addresses()[:_RECEIVING_TASKS]:
            with suppress(UnreadableMemoryError):
                obj = self._i.memory.word(address + self._i.layout.task_coroutine)
                for _ in range(DEPTH_LIMIT):
                    kind = self._i.type_name(obj) if obj else ""
                    if kind in WRAPPERS:
                        obj = self._i.memory.word(obj + WRAPPED_AT)
                        continue
                    if kind not in GENERATORS:
                        break
                    frame, obj = self._suspended(obj)
                    found += [frame] if frame else []
        return found

    def values(self, frame: int) -> tuple[int, ...]:
        """Return what may lie on a frame's stack of values, the bottom first; some is stale."""
        layout, memory = self._i.layout, self._i.memory
        code = memory.word(frame + layout.frame_code)
        # co_nlocalsplus is the word after co_firstlineno, co_stacksize the one before
        depth, _, count = struct.unpack("<3i", memory.read(code + layout.code_first_line - 4, 12))
        if not (0 < depth <= _VALUES_LIMIT and 0 <= count <= _LOCALS_LIMIT):
            return ()
        return memory.words(frame + layout.frame_locals + 8 * count, depth)

    def _code(self, address: int) -> _Code | None:
        known = self._codes.get(address)
        if known is None:
            if self._i.type_name(address) != "code":
                return None
            known = self._read_code(address)
            self._codes[address] = known
        return known

    def _read_code(self, address: int) -> _Code:
        layout, memory = self._i.layout, self._i.memory
        first: int = struct.unpack("<i", memory.read(address + layout.code_first_line, 4))[0]
        return _Code(
            self._i.text(memory.word(address + layout.code_qualname)),
            self._i.text(memory.word(address + layout.code_filename)),
            first,
            self._i.data(memory.word(address + layout.code_line_table)),
        )

    def tasks(self) -> list[PyTask]:
        """Return the suspended tasks of asyncio (and of what builds on it) with what they await."""
        return [PyTask(address, c.frames, c.awaits) for address, c in self.chains().items()]

    def chains(self) -> dict[int, Chain]:
        """Return the same by the tasks' addresses, with where each chain of awaits ends."""
        found: dict[int, Chain] = {}
        for address in self._task_addresses()[:TASKS_LIMIT]:
            self.reads += 1
            try:
                at = self._i.layout.task_coroutine
                chain = self.awaited(self._i.memory.word(address + at))
            except UnreadableMemoryError:
                self.failures += 1
                continue
            if chain.frames:
                found[address] = chain
        return found

    def _task_addresses(self) -> list[int]:
        holder = self._tasks_holder()
        members = self._i.set_members(holder) if holder else []
        addresses: list[int] = []
        for reference in members:
            with suppress(UnreadableMemoryError):
                address = self._i.memory.word(reference + _WEAKLY_AT)
                if self._i.type_name(address) == "_asyncio.Task":
                    addresses.append(address)
        return addresses

    def _tasks_holder(self) -> int:
        """Return the set of all tasks: it is made when asyncio is imported, and stays."""
        if not self._tasks_set:
            module = self._i.modules_cached().get("asyncio.tasks")
            named = self._i.named(module) if module else {}
            weak = named.get(self._i.layout.tasks_name)
            self._tasks_set = self._i.attributes(weak)["data"] if weak else 0
        return self._tasks_set

    def awaited(self, obj: int) -> Chain:
        """Follow a suspended coroutine to the end of its chain of awaits."""
        root_first: list[PyFrame] = []
        frame = 0
        while obj and len(root_first) < DEPTH_LIMIT:
            kind = self._i.type_name(obj)
            if kind in WRAPPERS:
                obj = self._i.memory.word(obj + WRAPPED_AT)
                continue
            if kind not in GENERATORS:
                end, kind = self._end_of(obj, kind)
                return Chain(tuple(reversed(root_first)), kind, frame, end)
            frame, obj = self._suspended(obj)
            if not frame:
                return Chain()
            line, _ = self.frame(frame)
            if line is not None:
                root_first.append(line)
        return Chain(tuple(reversed(root_first)), "", frame)

    def _suspended(self, obj: int) -> tuple[int, int]:
        """Return the frame of a suspended coroutine (0: it is not) and what it awaits (0: none)."""
        layout, memory = self._i.layout, self._i.memory
        if memory.read(obj + layout.coroutine_state, 1)[0] not in SUSPENDED:
            return 0, 0
        frame = obj + layout.coroutine_frame
        top: int = struct.unpack("<i", memory.read(frame + layout.frame_stack_top, 4))[0]
        if top <= 0:
            return frame, 0
        return frame, memory.word(frame + layout.frame_locals + 8 * (top - 1))

    def _end_of(self, obj: int, kind: str) -> tuple[int, str]:
        """Return the future at the end of a chain, or what stands there, and its type."""
        if kind.endswith("FutureIter"):
            obj = self._i.memory.word(obj + _FUTURE_AT)
            return behind_shield(self._i, obj, self._i.type_name(obj))
        return obj, kind
