"""The machine's TCP connections: who talks to which port, and how often.

Cost: /proc/net/tcp is read (1 ms for some hundred lines); one netlink dump for exchanges.
Needs Linux; no privileges.
"""

import ipaddress
import os
import socket
import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.diagnosis.limits import harm

_STATES = {
    "01": "established",
    "02": "connecting",
    "06": "time_wait",
    "08": "close_wait",
    "0A": "listen",
}
_SOCK_DIAG, _DIAG_BY_FAMILY, _DIAG_BOTH = 4, 20, 18
_DUMP = 0x301
_DONE, _ERROR = 3, 2
_INFO = 2
_ESTABLISHED_MASK = 1 << 1
_OPEN_MASK = 1 << 1 | 1 << 2 | 1 << 8 | 1 << 10
_HEADER = struct.Struct("=IHHII")
_DIAG_SIZE = 72
_DATA_SEGMENTS_AT = 152
_NETLINK_BUFFER = 1 << 18
_EVERY_S = 0.05
SERVICES = {
    53: "DNS",
    1433: "SQL Server",
    1521: "Oracle",
    3306: "MySQL",
    5432: "PostgreSQL",
    5672: "RabbitMQ",
    6379: "Redis",
    9042: "Cassandra",
    9092: "Kafka",
    9200: "Elasticsearch",
    11211: "memcached",
    27017: "MongoDB",
}


@dataclass(frozen=True, slots=True)
class Connection:
    """One TCP socket of this machine; for others `inode` is 0."""

    local_port: int
    remote_host: str
    remote_port: int
    state: str
    inode: int


def connections(pid: int | str = "self") -> list[Connection]:
    """Return the TCP sockets of a process's network namespace."""
    found: list[Connection] = []
    for name in ("tcp", "tcp6"):
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]
            found.extend(connection_of(line) for line in lines)
    return found


def connection_of(line: str) -> Connection:
    """Return the socket that one line of /proc/net/tcp tells of."""
    parts = line.split()
    local, remote = parts[1], parts[2]
    host, port = remote.split(":")
    return Connection(
        local_port=int(local.split(":")[1], 16),
        remote_host=address_of(host),
        remote_port=int(port, 16),
        state=_STATES.get(parts[3], "other"),
        inode=int(parts[9]),
    )


def address_of(text: str) -> str:
    """Return an address as people write it, from the kernel's words in hexadecimal."""
    raw = bytes.fromhex(text)
    words = struct.unpack(f"<{len(raw) // 4}I", raw)
    address = ipaddress.ip_address(struct.pack(f">{len(words)}I", *words))
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def socket_inodes(pid: int) -> dict[int, int]:
    """Return the process's sockets: inode by file descriptor."""
    found: dict[int, int] = {}
    with suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                target = os.readlink(entry.path)  # noqa: PTH115 - the text, not a path
                if target.startswith("socket:["):
                    found[int(entry.name)] = int(target[8:-1])
    return found


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went so far: exchanges by socket (inode, peer port), and closed connections by port."""

    segments: dict[tuple[int, int], int]
    closed: Counter[int]


def traffic(inodes: set[int]) -> Traffic:
    """Return the exchanges on these sockets so far, and connections in TIME_WAIT by port."""
    segments: dict[tuple[int, int], int] = {}
    with suppress(OSError, struct.error):
        for inode, port, count in map(_parsed, messages(_ESTABLISHED_MASK, 1 << (_INFO - 1))):
            if inode in inodes:
                segments[inode, port] = count
    closed: Counter[int] = Counter()
    for c in connections():
        if c.state == "time_wait":
            closed.update({c.local_port, c.remote_port})
    return Traffic(segments, closed)


def exchanges(before: Traffic, after: Traffic) -> dict[int, int]:
    """Return requests sent by peer port between two looks.

    On kept connections an exchange is a data segment out and one in; a connection that was
    opened and closed in between counts once.
    """
    counts: Counter[int] = Counter()
    for (inode, port), count in after.segments.items():
        counts[port] += max(0, count - before.segments.get((inode, port), 0))
    for port, count in after.closed.items():
        counts[port] += max(0, count - before.closed.get(port, 0))
    return dict(counts)


def less_idle(
    exchanged: Mapping[int, int], idle: Mapping[int, float], seconds: float, errors: float = 0.0
) -> dict[int, int]:
    """Return exchanges by port less those that an idle service makes in so many seconds; `idle`:
    how many a second, `errors`: how many standard errors of that count are taken off as well.
    """
    by_itself = {port: rate * seconds for port, rate in idle.items()}
    most = {port: n + errors * n**0.5 for port, n in by_itself.items()}
    return {port: max(0, round(n - most.get(port, 0.0))) for port, n in exchanged.items()}


def open_connections(pid: int) -> dict[int, Connection]:
    """Return the open TCP sockets by inode, without those in TIME_WAIT, of which there are many.

    Asks the kernel by netlink, which answers for this process's own network namespace; for
    another one /proc is read.
    """
    try:
        own = os.readlink("/proc/self/ns/net") == os.readlink(f"/proc/{pid}/ns/net")  # noqa: PTH115
        if own:
            found = map(_from_message, messages(_OPEN_MASK, 0))
            return {c.inode: c for c in found if c.inode}
    except (OSError, struct.error):
        pass
    return {c.inode: c for c in connections(pid) if c.inode}


def _from_message(message: bytes) -> Connection:
    family, state = message[0], message[1]
    local_port, remote_port = struct.unpack_from(">HH", message, 4)
    width = 4 if family == socket.AF_INET else 16
    address = ipaddress.ip_address(message[24 : 24 + width])
    mapped = getattr(address, "ipv4_mapped", None)
    inode: int = struct.unpack_from("=I", message, _DIAG_SIZE - 4)[0]
    name = _STATES.get(f"{state:02X}", "other")
    return Connection(local_port, str(mapped or address), remote_port, name, inode)


def messages(states: int, extensions: int) -> Iterator[bytes]:
    """Yield the kernel's messages about the TCP sockets in some states, by sock_diag(7).

    Asks for both families at once, as the interface before it allowed: the kernel looks through
    its whole table for each dump (2 ms for one of 262,144 buckets).
    """
    families = struct.pack("=4B", socket.AF_UNSPEC, 0, 0, extensions)
    both = families + bytes(48) + struct.pack("=2I", states, 0)
    try:
        yield from _asked(_DIAG_BOTH, both)
    except _RefusedError:
        for family in (socket.AF_INET, socket.AF_INET6):
            one = struct.pack("=BBBxI", family, socket.IPPROTO_TCP, extensions, states) + bytes(48)
            with suppress(_RefusedError):
                yield from _asked(_DIAG_BY_FAMILY, one)


def pause_after(spent_s: float) -> float:
    """Return how long to wait after a look at all sockets that took so much processor time."""
    return max(_EVERY_S, spent_s / harm("sockets_share"))


class _RefusedError(OSError):
    """The kernel does not know what it was asked."""


def _asked(kind_of_request: int, wanted: bytes) -> Iterator[bytes]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as link:
        link.settimeout(1.0)
        link.send(_HEADER.pack(16 + len(wanted), kind_of_request, _DUMP, 1, 0) + wanted)
        while True:
            data = link.recv(_NETLINK_BUFFER)
            at = 0
            while at < len(data):
                size, kind = _HEADER.unpack_from(data, at)[:2]
                if kind == _ERROR:
                    raise _RefusedError
                if kind == _DONE:
                    return
                yield data[at + 16 : at + size]
                at += (size + 3) & ~3


def _parsed(message: bytes) -> tuple[int, int, int]:
    port: int = struct.unpack_from(">H", message, 6)[0]
    inode: int = struct.unpack_from("=I", message, _DIAG_SIZE - 4)[0]
    at = _DIAG_SIZE
    while at + 4 <= len(message):
        size, kind = struct.unpack_from("=HH", message, at)
        if size < 4:  # noqa: PLR2004 - an attribute has at least its own header
            break
        if kind == _INFO and size >= _DATA_SEGMENTS_AT + 12:
            got, sent = struct.unpack_from("=II", message, at + 4 + _DATA_SEGMENTS_AT)
            # a request in two pieces has one answer, a long answer one request
            return inode, port, min(got, sent)
        at += (size + 3) & ~3
    return inode, port, 0
