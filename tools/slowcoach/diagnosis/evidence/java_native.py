"""What threads of a JVM are at that are in native code (JNI), by what the kernel says of them: a
dump calls each of them runnable, whether it computes, writes a file or waits.

Cost: one small file of /proc for each such thread and look, a few where it runs. Not asked are the
JDK's own native methods, whose names tell, but for those that serve files and sockets alike.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

from slowcoach.diagnosis.activity import INSIDE, TURN
from slowcoach.diagnosis.evidence.java_cache_libraries import is_of_the_jdk
from slowcoach.diagnosis.evidence.waits import RUN, Wait, WaitReader
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Activity
from slowcoach.profiling.recorders.java_threads import JavaThread

IN_NATIVE = "native code"  # the target of waits at a lock there
_NEVER_WAITS = re.compile(r"^io\.netty\.")  # native methods of channels that never block
_OF_BOTH = re.compile(r"^sun\.nio\.ch\.FileChannelImpl\b")
_COMPUTES = frozenset({"cpu", "native"})
_SEVERAL = frozenset({"select", "pipe", "other"})

_Call = tuple[str, str, str]


def is_native(thread: JavaThread) -> bool:
    """Tell whether a thread is in native code of which only the kernel knows what it does."""
    leaf = thread.frames[0].name.replace(":", ".")
    known = is_of_the_jdk(leaf) and not _OF_BOTH.match(leaf)
    return thread.native and not known and not _NEVER_WAITS.match(leaf)


def read(waits: WaitReader, thread: int) -> Wait:
    """Return what a thread waits for, as far as it can be read."""
    with suppress(OSError, ValueError, IndexError):
        return waits.lasting(thread)
    return RUN


def told(wait: Wait, *, database: bool) -> tuple[str, str, int]:
    """Return the state, the target and the peer's port of what is in native code. A `database`
    that works there is an engine inside the process, unless it is at a socket.
    """
    if wait.kind == "socket":
        state = "client" if wait.client else "db" if database else "net"
        return state, "" if wait.client else wait.target, wait.port
    if wait.kind == "run":
        return ("db", INSIDE, 0) if database else ("native", "", 0)
    if wait.kind == "sleep" and database:
        return "db", TURN, 0
    if wait.kind in {"lock", "file lock"}:
        return "lock", IN_NATIVE, 0
    if wait.kind in _SEVERAL:
        return "other", "", 0
    return wait.kind, wait.target, 0


def settled(activities: Sequence[Activity], used: float) -> tuple[Activity, ...]:
    """Return the activities with the waits at locks in native code as what they are for.

    They stay locks where the same call was seen at files more than computing. Else it is threads
    that Java does not know, which compute for the call, if more cores were `used` than threads were
    seen computing; else nobody can tell.
    """
    at_files: defaultdict[_Call, float] = defaultdict(float)
    for a in activities:
        if a.state in _COMPUTES | {"disk"} or a.target == INSIDE:
            at_files[_call(a)] += a.mean if a.state == "disk" else -a.mean
    waiting = [a for a in activities if a.target == IN_NATIVE]
    if not waiting:
        return tuple(activities)
    seen = sum(a.mean for a in activities if a.state in _COMPUTES or a.target == INSIDE)
    beside = used - seen >= deciding("working")

    def told_again(a: Activity) -> Activity:
        if a.target != IN_NATIVE or at_files[_call(a)] > 0:
            return a
        return a.model_copy(update={"state": "native" if beside else "other", "target": ""})

    return tuple(map(told_again, activities))


def _call(a: Activity) -> _Call:
    """Return the program's function, and what of the library it called."""
    return a.function, a.file, a.callee[0] if a.callee else ""
