"""Where a service of the traces runs: its process, if it is on this machine. The edge.

By process id where its resource names one (as containers count them, too), checked by the time it
started; else by the port that its server's spans name.
"""

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.core.permission import is_loopback
from slowcoach.diagnosis.evidence.namespaces import (
    container_of,
    listening_ports,
    with_inner_pid,
)
from slowcoach.diagnosis.evidence.process import descendants, process_start, serving
from slowcoach.diagnosis.tracing.model import ServiceSeen
from slowcoach.queries.logs.event import Process

_TOLERANCE_S = 2.0  # clocks are read one after the other


@dataclass(frozen=True, slots=True)
class Located:
    """A service's process here, and the port that it is asked at (0: unknown).

    `pid` is None when it is not here; `place` then says where it ran, as far as spans tell.
    """

    service: str
    pid: int | None = None
    port: int = 0
    place: str = ""
    note: str = ""


def locate(service: ServiceSeen) -> Located:
    """Return the process of a service that runs on this machine, or where it ran."""
    for process in service.processes:
        for pid in _candidates(process):
            if _started_before(pid, service.begun) and _answers(pid, process, service):
                return Located(service.name, pid, _port(pid, service))
    found = _by_port(service)
    if found is not None:
        note = f"service {service.name} was found by its port: the traces name another process"
        return Located(service.name, found, service.ports[0], note=note)
    return Located(service.name, place=_place(service))


def _candidates(process: Process) -> list[int]:
    """Return the processes that may be the one: by pid here, and by pid in a container."""
    if process.pid <= 0:
        return []
    inside = [
        pid
        for pid in with_inner_pid(process.pid)
        if not process.container or process.container[:12] in container_of(pid)
    ]
    if _is_this(process.host) and Path(f"/proc/{process.pid}/stat").exists():
        return [process.pid, *inside]
    return inside


def _is_this(host: str) -> bool:
    own = socket.gethostname()
    return not host or host == own or host.split(".")[0] == own.split(".")[0]


def _started_before(pid: int, at: float) -> bool:
    """Tell whether a process was there when its spans began: a pid may be given out again."""
    with suppress(OSError, ValueError, IndexError, StopIteration):
        lines = Path("/proc/stat").read_text().splitlines()
        booted = next(float(line.split()[1]) for line in lines if line.startswith("btime"))
        started = booted + process_start(pid) / os.sysconf("SC_CLK_TCK")
        return started <= at + _TOLERANCE_S
    return False


def _answers(pid: int, process: Process, service: ServiceSeen) -> bool:
    """Tell whether a process listens where the service was asked, where that is needed to know.

    A pid of this very host is certain; a container's could be that of another container.
    """
    if process.host and _is_this(process.host):
        return True
    if not service.ports:
        return bool(process.container)
    return bool(set(listening_ports(tuple(descendants(pid)))) & set(service.ports))


def _port(pid: int, service: ServiceSeen) -> int:
    open_ones = listening_ports(tuple(descendants(pid)))
    return next((p for p in service.ports if p in open_ones), open_ones[0] if open_ones else 0)


def _by_port(service: ServiceSeen) -> int | None:
    hosts = {process.host for process in service.processes}
    if not service.ports or not any(is_loopback(a) or _is_this(a) for a in service.addresses):
        return None
    if not any(_is_this(host) for host in hosts):
        return None
    return min(serving(service.ports[0]), default=None)


def _place(service: ServiceSeen) -> str:
    said: list[str] = []
    for process in service.processes[:2]:
        words = (
            f"pid {process.pid}" if process.pid else "",
            f"pod {process.pod}" if process.pod else "",
            f"container {process.container[:12]}" if process.container else "",
            f"host {process.host}" if process.host else "",
        )
        said.append(" of ".join(word for word in words if word))
    return "; ".join(filter(None, said)) or (f"port {service.ports[0]}" if service.ports else "")
