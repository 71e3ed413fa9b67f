"""Java, by the runtime's own recorder."""

from functools import partial

from slowcoach.profiling.go_java_session import record
from slowcoach.profiling.recorders import java
from slowcoach.profiling.runtime import Runtime

RUNTIME = Runtime(
    name="java",
    title="Java",
    kinds={"pid": ("cpu", "wall", "alloc", "lock")},
    owns=java.is_java,
    starts=java.starts_java,
    record=partial(record, language="java"),
)
