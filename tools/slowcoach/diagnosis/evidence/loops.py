"""Which threads run event loops, and which run functions for them."""

from collections.abc import Iterable

from slowcoach.diagnosis.evidence.frames import origin_of, package_of
from slowcoach.diagnosis.interpreter.stacks import PyFrame

_LOOP_FILES = ("asyncio/base_events.py", "asyncio/runners.py")
_GREEN_WORKERS = frozenset({"gevent/threadpool.py", "gevent/_threading.py", "eventlet/tpool.py"})
EXECUTORS = _GREEN_WORKERS | {"concurrent/futures/thread.py", "anyio/_backends/_asyncio.py"}
_GREEN = frozenset({"gevent", "eventlet"})
_TRIO_LOOP = "trio/_core/_run.py"
_LOOP_PACKAGES = frozenset({"uvloop", "twisted", "curio", "tornado"})


def runs_loop(frames: Iterable[PyFrame]) -> bool:
    """Tell whether a thread's stack is that of an event loop."""
    frames = tuple(frames)
    if any(origin_of(frame.file)[1] in _GREEN_WORKERS for frame in frames):
        return False
    for frame in frames:
        origin, inside = origin_of(frame.file)
        if origin == "stdlib" and inside.startswith(_LOOP_FILES):
            return True
        package = package_of(frame) if origin == "library" else ""
        if (
            package in _GREEN
            or inside == _TRIO_LOOP
            or (package in _LOOP_PACKAGES and "loop" in inside + frame.name)
        ):
            return True
    return False
