"""Tasks that wait for a function in an executor: has a thread taken it up, or is it in the queue?

asyncio ties its future to the executor's by a callback whose closure holds the latter; that one
knows its state (`concurrent.futures._base`). `asyncio.shield` ties the future that it gives to the
one that it shields in the same way.
"""

from collections.abc import Iterator
from contextlib import suppress

from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter

IN_QUEUE = "concurrent.futures.Future PENDING"
PENDING, RUNNING = "PENDING", "RUNNING"
_AWAITED = "_asyncio.Future"
_ENDS = frozenset({_AWAITED, "_asyncio.Task"})
_CALLBACK_AT = 24  # of a compiled future: after its head and its loop, in 3.9 to 3.13
_CELL_CONTENT = 16
_CELLS = 5
_SHIELD = ("asyncio/tasks.py", "_outer_done_callback")


def executor_state(interpreter: Interpreter, awaited: int, kind: str) -> str:
    """Return the state of the function in an executor that a future stands for: `PENDING` while
    no thread has begun it, `RUNNING`; empty for other futures and those that are done.
    """
    if kind != _AWAITED:
        return ""
    with suppress(UnreadableMemoryError):
        for content in _held(interpreter, _callback(interpreter, awaited)):
            if interpreter.type_name(content) == "Future":
                state = interpreter.attributes(content).get("_state", 0)
                return interpreter.text(state) if state else ""
    return ""


def behind_shield(interpreter: Interpreter, awaited: int, kind: str) -> tuple[int, str]:
    """Return the future or task that `asyncio.shield` has put another before, and its type; what
    is no shield is returned as it is.
    """
    if kind != _AWAITED:
        return awaited, kind
    with suppress(UnreadableMemoryError):
        callback = _callback(interpreter, awaited)
        if callback and _is_shields(interpreter, callback):
            for content in _held(interpreter, callback):
                inner = interpreter.type_name(content)
                if inner in _ENDS:
                    return content, inner
    return awaited, kind


def _callback(interpreter: Interpreter, future: int) -> int:
    """Return the function that a future calls first when it is done (0: none of Python's)."""
    callback = interpreter.memory.word(future + _CALLBACK_AT)
    return callback if callback and interpreter.type_name(callback) == "function" else 0


def _held(interpreter: Interpreter, function: int) -> Iterator[int]:
    """Yield the objects that a function's closure holds."""
    if not function:
        return
    closure = interpreter.memory.word(function + interpreter.layout.function_closure)
    for cell in interpreter.sequence(closure, _CELLS) if closure else ():
        content = interpreter.memory.word(cell + _CELL_CONTENT)
        if content:
            yield content


def _is_shields(interpreter: Interpreter, function: int) -> bool:
    layout, memory = interpreter.layout, interpreter.memory
    code = memory.word(function + layout.function_code)
    file = interpreter.text(memory.word(code + layout.code_filename))
    name = interpreter.text(memory.word(code + layout.code_qualname))
    return file.endswith(_SHIELD[0]) and name.endswith(_SHIELD[1])
