"""What of a phase belongs to file operations, though it looks like computing. Pure."""

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.activity import INSIDE, TURN, is_library
from slowcoach.diagnosis.models import Activity, Observed, Phase

_WITH_DISK = frozenset({"native", "sleep", "lock"})
_EMBEDDED = frozenset({INSIDE, TURN})  # of an engine that is at files itself


def path_of(activity: Activity) -> str:
    """Return the target of what is a file operation: a path, if it has one."""
    return activity.target if activity.target.startswith("/") else ""


def with_disk(phase: Phase, observed: Observed) -> Phase:
    """Return the phase with what belongs to file operations counted as such.

    The kernel's own work for them is seen as running without the interpreter, and libraries in
    C that write for the program (an embedded database) sleep while they wait for one another.
    """
    limits, loaded = rule("io.disk"), observed.loaded
    total = loaded.cpu_user_s + loaded.cpu_system_s
    if loaded.cpu_system_s < total * limits.limit("kernel_share"):
        return phase
    answers = max(1, loaded.completed)
    moved = (loaded.read_chars + loaded.written_chars) / answers
    everywhere = moved >= limits.limit("bytes_per_request")
    # by a call of a library as well: the same stack is found in its system calls at other looks
    stacks = {(a.function, a.file, a.callee) for a in loaded.activities if a.state == "disk"}
    at_files = [a.packages for a in loaded.activities if a.state == "disk"]
    libraries = {name for packages in at_files for name in packages if is_library(name)}
    functions = {(function, file) for function, file, _ in stacks}

    def told(a: Activity) -> Activity:
        called = (a.function, a.file, a.callee) in stacks
        inside = called if a.callee else (a.function, a.file) in functions
        own = a.target in _EMBEDDED and bool(libraries.intersection(a.packages))
        embedded = a.state == "db" and (own or (called and bool(a.callee)))
        if (inside and a.state in _WITH_DISK) or embedded or (everywhere and a.state == "native"):
            return a.model_copy(update={"state": "disk", "target": path_of(a)})
        return a

    return phase.model_copy(update={"activities": tuple(told(a) for a in phase.activities)})
