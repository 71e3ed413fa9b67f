"""The process behind a URL: who listens, its workers, its runtime, its limits.

Cost: one pass over /proc (some ms). Needs Linux; without root only the user's own processes.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.core.errors import NotPermittedError, UnreachableError, UnsupportedError
from slowcoach.core.redaction import redacted
from slowcoach.diagnosis.evidence.allotment import cores_of
from slowcoach.diagnosis.evidence.namespaces import (
    all_pids,
    forwarded,
    listeners_elsewhere,
    listening_ports,
    with_inner_pid,
)
from slowcoach.diagnosis.evidence.node_cluster import workers_of
from slowcoach.diagnosis.evidence.sockets import connections, socket_inodes

_RUNTIMES = (
    ("python", re.compile(r"python\d?(\.\d+)?[td]?$|^uwsgi$")),
    ("node", re.compile(r"^(node|nodejs)$")),
    ("java", re.compile(r"^java$")),
    ("ruby", re.compile(r"^ruby")),
    ("dotnet", re.compile(r"^dotnet$")),
)
_PARENT, _THREADS, _STATE, _START = 1, 17, 0, 19
_COMMAND_LIMIT = 200
_GO_MAGIC = b"\xff Go buildinf:"
_GO_SEARCH = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Service:
    """The process and its workers. `workers` are those to look at (with the port open).

    `ports` are those that they listen at. `is_behind`: another process answers at the URL's port,
    and this one is asked by it.
    """

    pid: int
    workers: tuple[int, ...]
    command: str
    runtime: str
    threads: int
    open_files: int
    file_limit: int
    cores: int
    ports: tuple[int, ...] = ()
    is_behind: bool = False


def stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name; raises OSError."""
    text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    return text[text.rindex(")") + 2 :].split()


def descendants(pid: int) -> list[int]:
    """Return a process and all that descend from it, eldest first; zombies are left out."""
    parents: dict[int, int] = {}
    for other in all_pids():
        with suppress(OSError, ValueError, IndexError):
            fields = stat_fields(other)
            if fields[_STATE] != "Z":
                parents[other] = int(fields[_PARENT])
    found, index = [pid], 0
    while index < len(found):
        found += sorted(child for child, parent in parents.items() if parent == found[index])
        index += 1
    return found


def listeners(port: int) -> list[int]:
    """Return the pids that hold a listening TCP socket on a port of this machine."""
    wanted = {
        f"socket:[{c.inode}]" for c in connections() if c.state == "listen" and c.local_port == port
    }
    if not wanted:
        return []
    return [pid for pid in all_pids() if pid != os.getpid() and wanted & _socket_links(pid)]


def _socket_links(pid: int) -> set[str]:
    return {f"socket:[{inode}]" for inode in socket_inodes(pid).values()}


def find_service(port: int, pid: int | None, address: str = "") -> Service:
    """Return the service that answers on `port`, or the one that `pid` names.

    `address` is that of a container of this machine, if the URL has it.

    Raises UnreachableError (dead pid, nobody visible listens) and NotPermittedError.
    """
    if not Path("/proc/self/stat").exists():
        raise UnsupportedError(
            "looking into a process needs Linux's /proc",
            hint="Run Slowcoach on the Linux machine or in the container of the service",
        )
    holders = serving(port, address)
    root = _eldest(holders) if pid is None else _visible(pid)
    if root is None:
        raise UnreachableError(
            f"no process that this user may see listens on port {port}",
            hint="Give the service's `pid`, or run as its user (a container hides it too)",
        )
    return _described(root, holders)


def serving(port: int, address: str = "") -> list[int]:
    """Return the processes that answer at a port: those that listen there, or in the container
    that an engine's proxy leads to. With `address`, of the container that has it.
    """
    if address:
        return listeners_elsewhere(port, address)
    holders = listeners(port)
    for pid in holders:
        if inner := forwarded(command_of(pid)):
            return listeners_elsewhere(*inner) or holders
    return holders


def _visible(pid: int) -> int:
    """Return a pid as it is here: one that only a container knows by this number is translated."""
    if Path(f"/proc/{pid}").exists():
        return pid
    known = with_inner_pid(pid)
    return known[0] if len(known) == 1 else pid


def _eldest(pids: list[int]) -> int | None:
    family = set(pids)
    for pid in sorted(pids):
        with suppress(OSError, ValueError):
            if int(stat_fields(pid)[_PARENT]) not in family:
                return pid
    return min(pids, default=None)


def _described(pid: int, holders: list[int]) -> Service:
    try:
        fields = stat_fields(pid)
    except OSError:
        raise UnreachableError(
            f"pid {pid}: no such process", hint="Check the pid, or leave it out to find it by port"
        ) from None
    family = descendants(pid)
    holding = [p for p in family if p in holders]
    serving_here = holding or family
    try:
        open_files = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208
    except PermissionError:
        raise NotPermittedError(
            f"pid {pid} belongs to another user", hint="Run Slowcoach as that user, or as root"
        ) from None
    # a prefork master holds the port too, but sleeps: its workers serve
    workers = [p for p in serving_here if p != pid] if len(serving_here) > 1 else serving_here
    workers = workers_of(pid, family) or workers
    ports = tuple(listening_ports((pid, *workers[:1])))
    return Service(
        pid=pid,
        workers=tuple(workers),
        command=command_of(pid),
        runtime=runtime_of(workers[0]),
        threads=sum(_thread_count(p) for p in workers) or int(fields[_THREADS]),
        open_files=open_files,
        file_limit=_file_limit(pid),
        cores=cores_of(workers[0], runtime_of(workers[0])),
        ports=ports,
        is_behind=bool(holders and ports and not holding),
    )


def _thread_count(pid: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int(stat_fields(pid)[_THREADS])
    return 0


def command_of(pid: int) -> str:
    """Return the command line without secrets, cut at a limit."""
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        return " ".join(str(redacted("", word)) for word in words if word)[:_COMMAND_LIMIT]
    return ""


def runtime_of(pid: int) -> str:
    """Return python, node, java, go, ... or native, by the executable and what it maps."""
    with suppress(OSError):
        target = os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")  # noqa: PTH115
        name = Path(target).name
        for runtime, pattern in _RUNTIMES:
            if pattern.search(name):
                return runtime
        if "libpython" in Path(f"/proc/{pid}/maps").read_text(errors="replace"):
            return "python"
        with Path(f"/proc/{pid}/exe").open("rb") as file:
            return "go" if _GO_MAGIC in file.read(_GO_SEARCH) else "native"
    return "unknown"


def _file_limit(pid: int) -> int:
    with suppress(OSError, AttributeError, ValueError):
        text = Path(f"/proc/{pid}/limits").read_text()
        found = re.search(r"Max open files\s+(\d+)", text)
        return int(found.group(1)) if found else 0
    return 0


def process_start(pid: int) -> int:
    """Return the start time in clock ticks: a pid with another start is another process."""
    return int(stat_fields(pid)[_START])
