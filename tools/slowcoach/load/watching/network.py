"""A process's sockets: how many, to whom, how full its accept queue; and what the kernel dropped.

Cost: two small files and one netlink dump of the listening sockets alone (some 50 µs). The peers
are read rarely: their cost grows with the machine's connections.
"""

from __future__ import annotations

import os
import socket
import struct
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.diagnosis.evidence.sockets import SERVICES, open_connections, socket_inodes

_COUNTERS = {
    "ListenOverflows": "listen overflows",
    "ListenDrops": "listen drops",
    "TCPBacklogDrop": "backlog drops",
    "TCPReqQFullDrop": "SYN queue drops",
}
_LISTEN_MASK = 1 << 10
_DIAG, _DUMP, _BY_FAMILY, _DONE, _ERROR = 4, 0x301, 20, 3, 2
_HEADER = struct.Struct("=IHHII")
_QUEUES_AT, _INODE_AT = 56, 68  # idiag_rqueue and idiag_inode of struct inet_diag_msg
_BUFFER = 1 << 16


@dataclass(frozen=True, slots=True)
class Listening:
    """A listening socket: connections that wait to be accepted, and how many may."""

    port: int
    inode: int
    waiting: int
    most: int


def counters(pid: int) -> dict[str, int]:
    """Return what the network of a process dropped so far, by kind."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/net/netstat").read_text(encoding="ascii").splitlines()
        for names, values in zip(lines[::2], lines[1::2], strict=False):
            if names.startswith("TcpExt:"):
                row = dict(zip(names.split(), values.split(), strict=False))
                return {told: int(row[name]) for name, told in _COUNTERS.items() if name in row}
    return {}


def states(pid: int) -> dict[str, int]:
    """Return how many TCP sockets the network of a process holds: in use, orphans, TIME_WAIT."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/net/sockstat").read_text(encoding="ascii").splitlines():
            if line.startswith("TCP:"):
                words = line.split()[1:]
                row = dict(zip(words[::2], map(int, words[1::2]), strict=False))
                names = {"inuse": "in use", "tw": "time_wait", "orphan": "orphan"}
                return {told: row[name] for name, told in names.items() if name in row}
    return {}


def listening() -> dict[int, Listening]:
    """Return the listening sockets of this network namespace by inode, by sock_diag(7)."""
    found: dict[int, Listening] = {}
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError, struct.error, AttributeError):
            for each in _listening(family):
                found[each.inode] = each
    return found


def _listening(family: int) -> Iterable[Listening]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _DIAG) as link:
        link.settimeout(1.0)
        wanted = struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 0, _LISTEN_MASK) + bytes(48)
        link.send(_HEADER.pack(16 + len(wanted), _BY_FAMILY, _DUMP, 1, 0) + wanted)
        while True:
            data = link.recv(_BUFFER)
            at = 0
            while at < len(data):
                size, kind = _HEADER.unpack_from(data, at)[:2]
                if kind in {_DONE, _ERROR}:
                    return
                yield _parsed(data[at + 16 : at + size])
                at += (size + 3) & ~3


def _parsed(message: bytes) -> Listening:
    (port,) = struct.unpack_from(">H", message, 4)
    waiting, most = struct.unpack_from("=II", message, _QUEUES_AT)
    (inode,) = struct.unpack_from("=I", message, _INODE_AT)
    return Listening(port, inode, waiting, most)


def same_network(pid: int) -> bool:
    """Tell whether a process lives in this one's network namespace."""
    with suppress(OSError):
        return os.readlink("/proc/self/ns/net") == os.readlink(f"/proc/{pid}/ns/net")  # noqa: PTH115
    return False


def inodes(pids: Iterable[int]) -> set[int]:
    """Return the sockets that some processes hold."""
    return {inode for pid in pids for inode in socket_inodes(pid).values()}


def peers(pids: Iterable[int], own: frozenset[int]) -> dict[str, int]:
    """Return the open connections of processes to others, by the peer ("PostgreSQL, port 5432").

    `own` are the ports at which they listen: connections of their clients are left out.
    """
    found: Counter[str] = Counter()
    pids = list(pids)
    held = inodes(pids)
    for inode, each in (open_connections(pids[0]) if pids else {}).items():
        if inode in held and each.local_port not in own and each.state == "established":
            name = SERVICES.get(each.remote_port)
            port = f"port {each.remote_port}"
            found[f"{name}, {port}" if name else port] += 1
    return dict(found)
