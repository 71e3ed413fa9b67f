"""Tasks that wait for a function in an executor: has a thread taken it up, or is it in the queue?

asyncio ties its future to the executor's by a callback whose closure holds the latter; that one
knows its state (`concurrent.futures._base`).
"""

from contextlib import suppress

from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter

IN_QUEUE = "concurrent.futures.Future PENDING"
_AWAITED = "_asyncio.Future"
_CALLBACK_AT = 24  # of a compiled future: after its head and its loop, in 3.9 to 3.13
_CELL_CONTENT = 16
_CELLS = 5


def unstarted(interpreter: Interpreter, awaited: int, kind: str) -> bool:
    """Tell whether what a task awaits is a function that no thread of an executor has begun."""
    if kind != _AWAITED:
        return False
    with suppress(UnreadableMemoryError):
        callback = interpreter.memory.word(awaited + _CALLBACK_AT)
        if not callback or interpreter.type_name(callback) != "function":
            return False
        closure = interpreter.memory.word(callback + interpreter.layout.function_closure)
        for cell in interpreter.sequence(closure, _CELLS) if closure else ():
            content = interpreter.memory.word(cell + _CELL_CONTENT)
            if content and interpreter.type_name(content) == "Future":
                state = interpreter.attributes(content).get("_state", 0)
                return bool(state) and interpreter.text(state) == "PENDING"
    return False
