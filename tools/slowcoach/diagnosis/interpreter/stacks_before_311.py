"""The stacks of Python 3.9 and 3.10, whose frames are objects of their own."""

import struct
from contextlib import suppress
from pathlib import Path

from slowcoach.diagnosis.interpreter.lines import line_by_ranges, line_by_steps
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter
from slowcoach.diagnosis.interpreter.stacks import SUSPENDED, PyFrame, StackReader

_PEP_626 = (3, 10)
_FRAME_SIZE = 128
_STACK_DEPTH_AT, _STACK_TOP_AT, _VALUE_STACK_AT = 80, 72, 64
_EXECUTING_AT = 116
_COROUTINE_FRAME_AT = 16
_THREAD_AT = 176  # of a thread's state: its pthread structure
_PTHREAD_SIZE = 1024


class StackReaderBefore311(StackReader):
    """Reads frames that are objects, linked from the leaf to the root."""

    def __init__(self, interpreter: Interpreter) -> None:
        super().__init__(interpreter)
        self._native: dict[int, int] = {}
        self._names: dict[int, str] = {}
        self._pep_626 = interpreter.version >= _PEP_626

    def native_id(self, state: int) -> int:
        """Return the system's thread id, which the thread's pthread structure holds."""
        thread = self._i.memory.word(state + _THREAD_AT)
        if thread not in self._native:
            data = self._i.memory.read(thread, _PTHREAD_SIZE)
            known = {int(p.name) for p in Path(f"/proc/{self._i.memory.pid}/task").iterdir()}
            numbers = [n for (n,) in struct.iter_unpack("<i", data) if n in known]
            # some keep the process's id too
            first = self._i.memory.pid
            self._native[thread] = next((n for n in numbers if n != first), max(numbers, default=0))
        return self._native[thread]

    def frame(self, frame: int) -> tuple[PyFrame | None, int]:
        """Return what a frame executes and the frame that called it."""
        layout = self._i.layout
        data = self._i.memory.read(frame, _FRAME_SIZE)
        previous, code = struct.unpack_from("<QQ", data, layout.frame_previous)
        known = self._code(code)
        if known is None:
            return None, previous
        name = self._qualified(known.name, code, frame)
        (last,) = struct.unpack_from("<i", data, layout.frame_instruction)
        place = known.places.get(last)
        if place is None:
            line = (line_by_ranges if self._pep_626 else line_by_steps)(
                known.table, known.first_line, 2 * last if self._pep_626 else last
            )
            place = known.places[last] = PyFrame(name, known.file, line)
        return place, previous

    def _qualified(self, name: str, code: int, frame: int) -> str:
        """Return a method's name with the class of what it was first called on."""
        if code not in self._names:
            self._names[code] = name
            with suppress(UnreadableMemoryError):
                variables = self.variables(frame)
                if obj := variables.get("self"):
                    owner = self._i.type_name(obj).rsplit(".", 1)[-1]
                    self._names[code] = f"{owner}.{name}"
        return self._names[code]

    def _suspended(self, obj: int) -> tuple[int, int]:
        memory = self._i.memory
        frame = memory.word(obj + _COROUTINE_FRAME_AT)
        if not frame:
            return 0, 0
        with suppress(UnreadableMemoryError):
            if self._pep_626:
                return self._at_depth(frame)
            top = memory.word(frame + _STACK_TOP_AT)
            if top and memory.read(frame + _EXECUTING_AT, 1) == b"\0":
                empty = top <= memory.word(frame + _VALUE_STACK_AT)
                return frame, 0 if empty else memory.word(top - 8)
        return 0, 0

    def _at_depth(self, frame: int) -> tuple[int, int]:
        memory = self._i.memory
        if memory.read(frame + self._i.layout.coroutine_state, 1)[0] not in SUSPENDED:
            return 0, 0
        (depth,) = struct.unpack("<i", memory.read(frame + _STACK_DEPTH_AT, 4))
        values = memory.word(frame + _VALUE_STACK_AT)
        return frame, memory.word(values + 8 * (depth - 1)) if depth > 0 else 0


def stack_reader(interpreter: Interpreter) -> StackReader:
    """Return the reader for an interpreter's version."""
    old = interpreter.layout.cframe is None and interpreter.version <= _PEP_626
    return (StackReaderBefore311 if old else StackReader)(interpreter)
