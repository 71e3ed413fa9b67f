"""Go, by the runtime's own recorder; by perf where a program has no profiling endpoint."""

from functools import partial

from slowcoach.profiling.go_java_session import record
from slowcoach.profiling.recorders import go
from slowcoach.profiling.recorders.go_benchmark import is_go_target
from slowcoach.profiling.runtime import Runtime

_KINDS = ("cpu", "wall", "alloc", "lock")

RUNTIME = Runtime(
    name="go",
    title="Go",
    kinds={"pid": _KINDS, "command": _KINDS, "target": ("cpu", "alloc", "lock")},
    owns=go.is_go,
    starts=go.starts_go,
    names=is_go_target,
    instead={"wall": "kind=lock shows where a benchmark waits for channels and locks"},
    record=partial(record, language="go"),
)
