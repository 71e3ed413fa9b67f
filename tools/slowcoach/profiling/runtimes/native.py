"""Any program of Linux that no other runtime claims: C, C++, Rust, Zig and others, by perf."""

from slowcoach.profiling.native_session import record
from slowcoach.profiling.recorders import perf
from slowcoach.profiling.runtime import Runtime

_KINDS = ("cpu", "wall", "alloc", "lock")

RUNTIME = Runtime(
    name="native",
    title="native programs",
    kinds={"pid": _KINDS, "command": _KINDS},
    owns=lambda _pid: False,  # it takes what nobody else claims
    starts=lambda _command: False,
    record=record,
    rates={"pid": perf.RATE, "command": perf.RATE},
)
