"""The virtual threads of a JVM (21 or later), which its ordinary dumps leave out.

Cost: the JVM writes them to a file in a temporary folder, which is read and deleted; some
milliseconds of its processor time for a hundred of them. It stops no thread but the one it is at.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from slowcoach.core import scratch
from slowcoach.profiling.recorders.java_attach import asked
from slowcoach.profiling.recorders.java_threads import JavaThread, threads_of

SINCE_JDK = 21
_USED = re.compile(
    r"^VirtualThread-|^ForkJoinPool-\d+-(?:worker|delayScheduler)|-Poller$|^MasterPoller$"
)
_CARRIED = "java.lang.VirtualThread:"
_MODULE = re.compile(r"^[\w.]+(?:@[^/]*)?/")
_PARKED = re.compile(r"(?:VirtualThread\.(?:park|yield|sleep)\w*|Unsafe\.park|Object\.wait0?)\(")
_NUMBERED_FROM = 1 << 24  # beyond the operating system's thread ids
_LARGEST = 50_000_000


def uses_virtual(dump: Sequence[JavaThread]) -> bool:
    """Tell whether an ordinary dump has threads that carry or serve virtual ones."""
    return any(
        _USED.search(thread.name) or any(frame.name.startswith(_CARRIED) for frame in thread.frames)
        for thread in dump
    )


def virtual_threads(pid: int) -> list[JavaThread]:
    """Return the virtual threads. Raises errors of core.errors, OSError or ValueError."""
    with scratch.folder() as folder:
        owner = Path(f"/proc/{pid}").stat()
        if os.geteuid() != owner.st_uid:
            os.chown(folder, owner.st_uid, owner.st_gid)
        file = Path(folder) / "threads.json"
        idle = not _carriers_run(pid)
        asked(pid, "Thread.dump_to_file", "-overwrite", "-format=json", str(file))
        if file.stat().st_size > _LARGEST:
            raise ValueError("too many threads")
        return virtual_of(file.read_text(encoding="utf-8", errors="replace"), idle=idle)


def _carriers_run(pid: int) -> bool:
    """Tell whether any thread that carries virtual ones is on a processor or waits for one."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            name, _, rest = (task / "stat").read_text(encoding="utf-8").rpartition(")")
            if "(ForkJoinPool-" in name and rest.split()[0] == "R":
                return True
    return False


def virtual_of(text: str, *, idle: bool = False) -> list[JavaThread]:
    """Return the virtual threads of a dump in JSON. `idle`: none of them was computing, so what
    is not parked stands at a monitor; the JVM tells no states before 24. Raises ValueError.
    """
    try:
        containers = json.loads(text)["threadDump"]["threadContainers"]
        threads = [each for container in containers for each in container["threads"]]
        lines = [
            line
            for each in threads
            if each.get("virtual", _told(each))
            for line in _lines(each, idle=idle)
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"expected a dump of threads: {error}") from None
    return threads_of("\n".join(lines))


def _told(thread: Mapping[str, Any]) -> bool:
    """Tell whether a thread is virtual where the JVM (21 to 23) does not say so."""
    return any("java.lang.VirtualThread.run(" in frame for frame in thread["stack"])


def _lines(thread: Mapping[str, Any], *, idle: bool) -> Iterable[str]:
    """Yield a thread as the JVM's ordinary dumps have them."""
    stack = [_MODULE.sub("", frame) for frame in thread["stack"]]
    yield f'"{thread["name"]}" #{thread["tid"]} nid={_NUMBERED_FROM + int(thread["tid"])}'
    state = thread.get("state") or _state(stack[0] if stack else "", idle=idle)
    yield f"   java.lang.Thread.State: {state}"
    held = {each["depth"]: each["locks"] for each in thread.get("monitorsOwned", ())}
    for depth, frame in enumerate(stack):
        yield f"\tat {frame}"
        if not depth and thread.get("blockedOn"):
            yield f"\t- waiting to lock <{_identity(thread['blockedOn'])}>"
        for lock in held.get(depth, ()):
            yield f"\t- locked <{_identity(lock)}>"


def _state(leaf: str, *, idle: bool) -> str:
    if _PARKED.search(leaf):
        return "WAITING"
    return "BLOCKED" if idle and not leaf.endswith("(Native Method)") else "RUNNABLE"


def _identity(lock: str) -> str:
    return lock.rpartition("@")[2]
