"""What each thread of a process waits for, as the kernel sees it: the system call and its target.

Cost: two small files of /proc per thread and look (about 20 µs each). Needs the right to ptrace
(same user, or root). Numbers of system calls are those of x86-64 and arm64.
"""

import os
import platform
import stat
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from slowcoach.diagnosis.evidence.sockets import Connection, open_connections
from slowcoach.diagnosis.interpreter.memory import ProcessMemory, UnreadableMemoryError

_LOOKS, _BETWEEN_S = 3, 0.0002
_X86 = {
    "futex": (202,),
    "sleep": (35, 230),
    "poll": (7, 271),
    "select": (23, 270),
    "epoll": (232, 281, 441),
    "transfer": (0, 1, 19, 20, 44, 45, 46, 47, 40, 42, 43, 288, 299, 307),
    "disk": (
        17,
        18,
        74,
        75,
        76,
        77,
        82,
        87,
        257,
        2,
        4,
        5,
        6,
        262,
        263,
        264,
        277,
        285,
        295,
        296,
        306,
        217,
        316,
        326,
        327,
        328,
        332,
    ),
    "child": (61, 247),
    "file lock": (72, 73),
}
_ARM = {
    "futex": (98,),
    "sleep": (101, 115),
    "poll": (73,),
    "select": (72,),
    "epoll": (22, 441),
    "transfer": (63, 64, 65, 66, 203, 206, 207, 211, 212, 71, 202, 242, 243, 269),
    "disk": (
        67,
        68,
        82,
        83,
        45,
        46,
        38,
        35,
        56,
        79,
        80,
        84,
        47,
        69,
        70,
        267,
        61,
        276,
        285,
        286,
        287,
        291,
    ),
    "child": (260, 95),
    "file lock": (25, 32),
}
_TABLE = _ARM if platform.machine() in {"aarch64", "arm64"} else _X86
_CALLS = {number: name for name, numbers in _TABLE.items() for number in numbers}
_POLL_LIMIT = 64
_FD_SET_BYTES = 128


@dataclass(frozen=True, slots=True)
class Wait:
    """`kind`: run, gil, lock, sleep, socket, select, disk, pipe, child, file lock, other.

    For a lock `target` is its address, for a socket the peer's port, for files the path.
    `timed`: the wait ends by itself. `client`: the socket was accepted, not opened.
    """

    kind: str
    target: str = ""
    port: int = 0
    timed: bool = False
    client: bool = False


RUN = Wait("run")


class WaitReader:
    """Reads the waits of one process's threads; keeps what file descriptors lead to."""

    def __init__(
        self, pid: int, memory: ProcessMemory | None, own_port: int, gil: tuple[int, int] | None
    ) -> None:
        """`gil`: the range of addresses in which the interpreter's own locks lie."""
        self._pid = pid
        self._memory = memory
        self._own_port = own_port
        self._gil = gil
        self._by_inode: dict[int, Connection] = {}

    def threads(self) -> list[int]:
        """Return the native ids of the threads; raises OSError when the process is gone."""
        return [int(name) for name in os.listdir(f"/proc/{self._pid}/task")]  # noqa: PTH208

    def slices(self, thread: int) -> int:
        """Return how often a thread was put on a processor: unchanged, it has not run since."""
        return int(Path(f"/proc/{self._pid}/task/{thread}/schedstat").read_text().split()[2])

    def read(self, thread: int) -> Wait:
        """Return what a thread waits for now; raises OSError when it is gone."""
        words = Path(f"/proc/{self._pid}/task/{thread}/syscall").read_text().split()
        if words[0] in {"running", "-1"}:
            return RUN
        call = _CALLS.get(int(words[0]), "other")
        arguments = [int(word, 16) for word in words[1:7]]
        return self._decoded(call, arguments)

    def lasting(self, thread: int) -> Wait:
        """Return what a thread waits for; of one that runs, whether it does all the time: a sync
        of a file is several short waits, with the kernel's own work between them.
        """
        wait = self.read(thread)
        for _ in range(_LOOKS):
            if wait.kind != "run":
                break
            time.sleep(_BETWEEN_S)
            wait = self.read(thread)
        return wait

    def _decoded(self, call: str, arguments: list[int]) -> Wait:
        if call == "futex":
            return self._futex(arguments)
        if call == "poll":
            return self._several(self._polled(arguments[0], arguments[1]))
        if call == "select":
            fds = self._selected(arguments[0], arguments[1:4])
            return self._several(fds) if fds else Wait("sleep", timed=True)
        if call == "epoll":
            return self._several(self._registered(arguments[0]))
        if call == "transfer":
            return self._descriptor(arguments[0])
        if call == "sleep":
            return Wait("sleep", timed=True)
        return Wait(call)

    def _futex(self, arguments: list[int]) -> Wait:
        address = arguments[0]
        if self._gil and self._gil[0] <= address < self._gil[1]:
            return Wait("gil")
        return Wait("lock", f"{address:#x}", timed=bool(arguments[3]))

    def _polled(self, address: int, count: int) -> list[int]:
        with suppress(UnreadableMemoryError):
            if self._memory and 0 < count <= _POLL_LIMIT:
                data = self._memory.read(address, 8 * count)
                return [fd for fd, _, _ in struct.iter_unpack("<ihh", data) if fd >= 0]
        return []

    def _selected(self, highest: int, sets: list[int]) -> list[int]:
        found: set[int] = set()
        for address in sets:
            with suppress(UnreadableMemoryError):
                if self._memory and address:
                    bits = int.from_bytes(self._memory.read(address, _FD_SET_BYTES), "little")
                    found |= {fd for fd in range(min(highest, 1024)) if bits >> fd & 1}
        return sorted(found)

    def _registered(self, epoll: int) -> list[int]:
        with suppress(OSError):
            text = Path(f"/proc/{self._pid}/fdinfo/{epoll}").read_text()
            return [int(line.split()[1]) for line in text.splitlines() if line.startswith("tfd")]
        return []

    def _several(self, fds: list[int]) -> Wait:
        if len(fds) != 1:
            return Wait("select")
        return self._descriptor(fds[0])

    def _descriptor(self, fd: int) -> Wait:
        try:
            target = os.readlink(f"/proc/{self._pid}/fd/{fd}")  # noqa: PTH115 - the text
        except OSError:
            return Wait("other")
        if target.startswith("socket:["):
            return self._socket(int(target[8:-1]))
        if target.startswith("/") and not target.startswith("/dev/") and not self._flows(fd):
            return Wait("disk", target)
        return Wait("pipe", target)

    def _flows(self, fd: int) -> bool:
        """Tell whether a named file is a pipe or a device: what it gives no disk has."""
        with suppress(OSError):
            mode = os.stat(f"/proc/{self._pid}/fd/{fd}").st_mode  # noqa: PTH116 - follows the link
            return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)
        return False

    def _socket(self, inode: int) -> Wait:
        known = self._by_inode.get(inode)
        if known is None or known.remote_port == 0:
            self._by_inode = open_connections(self._pid)
            known = self._by_inode.get(inode)
        if known is None:
            return Wait("socket", "a local (Unix) socket")
        if known.state == "listen":
            return Wait("select")
        if known.local_port == self._own_port:
            return Wait("socket", "the client", known.remote_port, client=True)
        return Wait("socket", f"{known.remote_host}:{known.remote_port}", known.remote_port)
