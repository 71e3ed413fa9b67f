"""Go, by the runtime's own recorder."""

from functools import partial

from slowcoach.profiling.go_java_session import record
from slowcoach.profiling.recorders import go
from slowcoach.profiling.runtime import Runtime

RUNTIME = Runtime(
    name="go",
    title="Go",
    kinds={"pid": ("cpu", "wall", "alloc", "lock")},
    owns=go.is_go,
    starts=go.starts_go,
    record=partial(record, language="go"),
)
