"""Who holds the interpreter's lock (GIL): read where the interpreter keeps it."""

from slowcoach.diagnosis.interpreter.objects import Interpreter

_TOLD_SINCE = (3, 11)  # before, the thread is not kept beside the lock
_HOLDER_AT = 8  # before the word that says that it is locked


def held(interpreter: Interpreter) -> bool:
    """Tell whether a thread holds the lock just now; raises UnreadableMemoryError."""
    locked = _locked_at(interpreter)
    return interpreter.memory.read(locked, 4) == b"\1\0\0\0"


def holder(interpreter: Interpreter) -> int | None:
    """Return the native id of the thread that holds the lock; None if none does, or it is not
    known. Raises UnreadableMemoryError.
    """
    if interpreter.version < _TOLD_SINCE or not held(interpreter):
        return None
    memory = interpreter.memory
    thread = memory.word(_locked_at(interpreter) - _HOLDER_AT)
    return memory.word(thread + interpreter.layout.thread_native_id) if thread else None


def _locked_at(interpreter: Interpreter) -> int:
    pointer = interpreter.layout.gil_pointer
    start = (
        interpreter.runtime
        if pointer is None
        else interpreter.memory.word(interpreter.state + pointer)
    )
    return start + interpreter.layout.gil_locked
