"""What the system says of a Node.js process: that it is one, its ports, what may be sent to it."""

import contextlib
import os
import re
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from slowcoach.core.errors import (
    InputError,
    NotPermittedError,
    SlowcoachError,
    UnreachableError,
    UnsupportedError,
)
from slowcoach.profiling.recorders import proc

DEFAULT_PORT: Final = 9229  # https://nodejs.org/api/cli.html#--inspect-porthostport
_NODE = re.compile(r"node(js)?([-.]?\d[\d.]*)?(\.exe)?")
_LAUNCHERS: Final = frozenset({"npm", "npx", "pnpm", "yarn", "tsx", "ts-node"})
_SCRIPT_OF_NODE = re.compile(rb"^#!.*\bnode\b")
_PORT_FLAG = re.compile(r"--(?:inspect(?:-brk|-port|-wait)?|debug-port)(?:=(?:.*:)?(\d+))?")
_PERMISSIONS: Final = frozenset({"--permission", "--experimental-permission"})
_LISTEN: Final = "0A"  # TCP_LISTEN of the kernel's tcp_states.h
_LOCAL, _STATE, _INODE = 1, 3, 9  # columns of /proc/net/tcp
_HEX = 16
_FIRST_LINE = 200


class Listener(NamedTuple):
    """A port that is listened at in a process's network, and the socket behind it."""

    port: int
    inode: str


def is_node(pid: int) -> bool:
    """Tell whether a process runs Node.js: by its program, or a libnode that it has loaded."""
    try:
        if _NODE.fullmatch(Path(f"/proc/{pid}/exe").readlink().name.removesuffix(" (deleted)")):
            return True
        return "/libnode.so" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    except PermissionError:  # another user's; its command line may be read all the same
        return bool(_NODE.fullmatch(Path(_read(pid, "cmdline").split("\0")[0]).name))
    except (OSError, UnicodeDecodeError):
        return False


def starts_node(command: Sequence[str]) -> bool:
    """Tell whether a command starts Node.js: node, its package managers, a script of it."""
    name = Path(command[0]).name if command else ""
    if _NODE.fullmatch(name) or name in _LAUNCHERS:
        return True
    found = Path(command[0]) if command else None
    try:
        with (found or Path()).open("rb") as file:
            return bool(_SCRIPT_OF_NODE.match(file.read(_FIRST_LINE)))
    except OSError:
        return False


def must_be_reachable(pid: int) -> None:
    """Raise the error that says why this process cannot be attached to, and what to do."""
    who = proc.name(pid)
    if not sys.platform.startswith("linux"):
        raise UnsupportedError(
            f"{who}: a running Node.js program can be attached to on Linux only",
            hint="Give the command that starts it instead of the pid",
        )
    if not proc.exists(pid):
        raise UnreachableError(f"pid {pid}: no such process", hint="Find it with `pgrep -af node`")
    try:
        Path(f"/proc/{pid}/exe").readlink()
        os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 - whether it may be read, no more
    except OSError:
        raise _not_ours(pid, who) from None
    if not is_node(pid):
        raise InputError(
            f"{who}: expected a Node.js process, got {program(pid)}",
            hint="Give the pid of node itself (`pgrep -af node`): npm, a shell or a "
            "supervisor that started it has another",
        )
    if Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink():
        raise UnsupportedError(
            f"{who}: it runs in a network of its own (a container), where its inspector cannot be "
            "reached from here",
            hint="Run Slowcoach in that container, or give the command that starts the program",
        )


def must_take_signal(pid: int) -> None:
    """Raise unless SIGUSR1 opens the inspector there: where nobody takes it, it kills."""
    who = proc.name(pid)
    if "--disable-sigusr1" in options(pid):
        raise _deaf(f"{who}: it was started with --disable-sigusr1, so nothing can attach to it")
    if _PERMISSIONS & set(options(pid)) and "--allow-inspector" not in options(pid):
        raise _deaf(f"{who}: it was started with --permission, under which nothing can attach")
    caught = _status(pid).get("SigCgt", "0")
    if not int(caught, _HEX) >> (signal.SIGUSR1 - 1) & 1:
        raise _deaf(f"{who}: it does not take SIGUSR1 (it starts up, or was told not to)")
    taken = next((each for each in listeners(pid) if each.port == wanted_port(pid)), None)
    if taken is not None:
        other = owner_of(taken.inode)
        whose = "another process" if other is None else proc.name(other)
        raise UnreachableError(
            f"{who}: the inspector's port {taken.port} is taken by {whose}",
            hint="Close the inspector of that program first, or start this one with "
            "--inspect-port=0, which takes any free port",
        )


def options(pid: int) -> list[str]:
    """Return the options of a Node.js process: of its command line and of NODE_OPTIONS."""
    words = _read(pid, "cmdline").split("\0")
    for item in _read(pid, "environ").split("\0"):
        if item.startswith("NODE_OPTIONS="):
            with contextlib.suppress(ValueError):
                words += shlex.split(item.removeprefix("NODE_OPTIONS="))
    return words


def wanted_port(pid: int) -> int:
    """Return the port that its inspector opens at; 0 is any."""
    for word in options(pid):
        match = _PORT_FLAG.fullmatch(word)
        if match and match[1]:
            return int(match[1])
    return DEFAULT_PORT


def own_listeners(pid: int) -> frozenset[Listener]:
    """Return the ports that this process itself listens at."""
    own = frozenset(_socket_inodes(pid))
    return frozenset(each for each in listeners(pid) if each.inode in own)


def listeners(pid: int) -> Iterator[Listener]:
    """Yield what is listened at in the network of a process, over IPv4 and IPv6."""
    for table in ("net/tcp", "net/tcp6"):
        for line in _read(pid, table).splitlines()[1:]:
            parts = line.split()
            if parts[_STATE] == _LISTEN:
                port = int(parts[_LOCAL].rpartition(":")[2], _HEX)
                yield Listener(port, parts[_INODE])


def owner_of(inode: str) -> int | None:
    """Return the process that holds a socket, None when it cannot be seen."""
    for entry in Path("/proc").glob("[0-9]*"):
        if inode in _socket_inodes(int(entry.name)):
            return int(entry.name)
    return None


def _socket_inodes(pid: int) -> Iterator[str]:
    try:
        names = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 - names only, no objects
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError):
            link = os.readlink(f"/proc/{pid}/fd/{name}")  # noqa: PTH115 - thousands, no objects
            if link.startswith("socket:["):
                yield link[len("socket:[") : -1]


def node_children(pid: int) -> list[int]:
    """Return the Node.js processes below a process (a cluster's workers)."""
    return [each for each in proc.descendants(pid) if each != pid and is_node(each)]


def _deaf(message: str) -> SlowcoachError:
    return UnsupportedError(
        message, hint="Give the command that starts it instead of the pid, or wait until it is up"
    )


def _not_ours(pid: int, who: str) -> SlowcoachError:
    try:
        owner = Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return UnreachableError(f"{who}: it has ended", hint="Start it again")
    return NotPermittedError(
        f"{who}: the system does not let us look at this process",
        hint=f"It belongs to user {owner}: run Slowcoach as that user or as root",
    )


def program(pid: int) -> str:
    """Return the name of the program that a process runs."""
    try:
        link = Path(f"/proc/{pid}/exe").readlink()
        return link.name.removesuffix(" (deleted)")
    except OSError:
        return "another program"


def _status(pid: int) -> dict[str, str]:
    pairs = (line.partition(":") for line in _read(pid, "status").splitlines())
    return {key: value.strip() for key, _, value in pairs}


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
