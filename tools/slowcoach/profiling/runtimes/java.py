"""Java, by the runtime's own recorder."""

from functools import partial

from slowcoach.profiling.go_java_session import record
from slowcoach.profiling.recorders import java
from slowcoach.profiling.recorders.java_method import is_java_target
from slowcoach.profiling.runtime import Runtime

_KINDS = ("cpu", "wall", "alloc", "lock")

RUNTIME = Runtime(
    name="java",
    title="Java",
    kinds={"pid": _KINDS, "command": _KINDS, "target": _KINDS},
    owns=java.is_java,
    starts=java.starts_java,
    names=is_java_target,
    record=partial(record, language="java"),
)
