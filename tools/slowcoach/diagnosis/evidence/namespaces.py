"""Processes as containers know them: pids and ports of other namespaces of this machine.

Cost: a line of /proc/PID/status for each process (some ms); /proc/PID/net/tcp for each network
namespace. Needs Linux; without root only the user's own processes.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

from slowcoach.diagnosis.evidence.sockets import Connection, connections, socket_inodes

_INNER = re.compile(r"^NSpid:\s+(.+)$", re.MULTILINE)
_PROXY = re.compile(r"-container-port(?:=|\s+)(\d+)")
_PROXY_HOST = re.compile(r"-container-ip(?:=|\s+)([\da-fA-F.:]+)")


def all_pids() -> list[int]:
    """Return the processes that this one can see."""
    with suppress(OSError):
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    return []


def inner_pids(pid: int) -> tuple[int, ...]:
    """Return a process's pid in each namespace that it is in, from here inwards."""
    with suppress(OSError):
        found = _INNER.search(Path(f"/proc/{pid}/status").read_text(errors="replace"))
        if found:
            return tuple(int(word) for word in found.group(1).split())
    return ()


def with_inner_pid(inner: int) -> list[int]:
    """Return the processes of containers that are called `inner` in there."""
    return [pid for pid in all_pids() if len(told := inner_pids(pid)) > 1 and told[-1] == inner]


def container_of(pid: int) -> str:
    """Return what tells a process's container from others: its control group."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cgroup").read_text(errors="replace")
    return ""


def network_of(pid: int | str) -> str:
    """Return the name of a process's network namespace, "" when it may not be seen."""
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/net")  # noqa: PTH115 - the text, not a path
    return ""


def listening_ports(pids: tuple[int, ...]) -> list[int]:
    """Return the TCP ports that these processes listen at, in their own network namespaces."""
    ports: set[int] = set()
    tables: dict[str, list[Connection]] = {}
    for pid in pids:
        network = network_of(pid)
        if network not in tables:
            tables[network] = [c for c in connections(pid) if c.state == "listen"]
        own = set(socket_inodes(pid).values())
        ports |= {c.local_port for c in tables[network] if c.inode in own}
    return sorted(ports)


def listeners_elsewhere(port: int, address: str = "") -> list[int]:
    """Return the processes that listen at a port in other network namespaces of this machine.

    With `address` only in the namespace that has it.
    """
    own, seen = network_of("self"), dict[str, set[int]]()
    found: list[int] = []
    for pid in all_pids():
        network = network_of(pid)
        if not network or network == own:
            continue
        if network not in seen:
            there = not address or _has(pid, address)
            held = connections(pid) if there else []
            seen[network] = {c.inode for c in held if c.state == "listen" and c.local_port == port}
        if seen[network] and seen[network] & set(socket_inodes(pid).values()):
            found.append(pid)
    return found


def _has(pid: int, address: str) -> bool:
    with suppress(OSError):
        return f"-- {address}\n" in Path(f"/proc/{pid}/net/fib_trie").read_text()
    return False


def forwarded(command: str) -> tuple[int, str] | None:
    """Return port and address that a container engine's proxy leads to; None when it is none."""
    port, address = _PROXY.search(command), _PROXY_HOST.search(command)
    return (int(port.group(1)), address.group(1) if address else "") if port else None
