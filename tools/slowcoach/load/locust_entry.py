"""Run Locust within the bounds of a test: `python -m slowcoach.load.locust_entry ARGUMENTS`.

The process, and each that it forks, connects to the target's addresses alone, asks no name
server, ends with its parent, and writes what its users saw to a file of the folder it runs in.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from slowcoach.load.ending_with_parent import end_with_parent

HOST, ADDRESSES, PINNED = "SLOWCOACH_HOST", "SLOWCOACH_ADDRESSES", "SLOWCOACH_ADDRESS"
_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_REFUSED = "is not the target of this test"


class NotTheTargetError(OSError):
    """A connection to another address than the target's was tried; nothing was sent."""


def confine(addresses: frozenset[str]) -> None:
    """Let no socket of this process, whoever opens it, reach another address; for good."""

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _CONNECTS:
            return
        address = arguments[1]
        # sockets between processes have a path; a connected one sends to no address
        if isinstance(address, tuple) and str(address[0]).partition("%")[0] not in addresses:
            raise NotTheTargetError(f"{address[0]} {_REFUSED}")

    sys.addaudithook(look)


def pin(host: str, address: str) -> None:
    """Resolve the target's name to one address, addresses to themselves, and nothing else."""
    gevent_socket = import_module("gevent.socket")

    def numeric(asked: Callable[..., Any]) -> Callable[..., Any]:
        def resolve(name: Any, port: Any, *args: Any, **options: Any) -> Any:
            text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
            wanted = address if text is not None and text.lower() == host else text
            if not _is_address(wanted):
                raise socket.gaierror(socket.EAI_NONAME, f"{text} {_REFUSED}")
            return asked(wanted, port, *args, **options)

        return resolve

    for module in (socket, gevent_socket):
        setattr(module, "getaddrinfo", numeric(module.getaddrinfo))  # noqa: B010 - a module


def _is_address(text: str | None) -> bool:
    try:
        ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return False
    return True


def main() -> None:
    """Confine this process, and become Locust."""
    parent = os.getpid()
    os.register_at_fork(after_in_child=lambda: end_with_parent(parent))
    confine(frozenset(os.environ[ADDRESSES].split(",")))
    locust = import_module("locust.main")  # makes sockets and sleeps gevent's
    pin(os.environ[HOST], os.environ[PINNED])
    import_module("slowcoach.load.locust_listener").listen()
    locust.main()


if __name__ == "__main__":
    main()
