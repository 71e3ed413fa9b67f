"""Python: py-spy and the interpreter's own memory for processes and commands, timed functions."""

from slowcoach.profiling import python_session
from slowcoach.profiling.recorders.python_process import owns, starts
from slowcoach.profiling.runtime import Runtime

RUNTIME = Runtime(
    name="python",
    title="Python",
    kinds={
        "pid": ("cpu", "wall", "alloc", "lock"),
        "command": ("cpu", "wall", "alloc", "lock"),
        "target": ("cpu", "wall", "alloc"),
    },
    owns=owns,
    starts=starts,
    names=lambda _target: True,  # asked last: our refusal says how a target is written
    record=python_session.record,
    rates={"pid": 100, "command": 100, "target": 100},
    instead={"lock": "Give the pid of the program that calls it from several threads"},
)
