"""Several machines in one: network namespaces on a bridge, made and removed by the test itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import needs

_numbers = count(os.getpid() % 200)


@dataclass(frozen=True)
class Host:
    """A namespace with one address."""

    namespace: str
    address: str

    def command(self, *argv: str) -> list[str]:
        """Return the command that runs another one on this host."""
        return ["ip", "netns", "exec", self.namespace, *argv]


@dataclass(frozen=True)
class Network:
    """A server's host and others beside it; `here` is this machine's own address among them."""

    here: str
    server: Host
    others: tuple[Host, ...]


@contextmanager
def network(others: int) -> Iterator[Network]:
    """Make a network of a server and other hosts; needs root, `ip` and a kernel that lets us."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("ip") is None:
        needs.missing("needs root and ip to make network namespaces")
    number = next(_numbers)
    name, part = f"sc{os.getpid()}x{number}", _free_part(number)
    hosts = [Host(f"{name}-{i}", f"10.213.{part}.{i + 2}") for i in range(others + 1)]
    with ExitStack() as stack:
        try:
            for i, host in enumerate(hosts):
                _ip("netns", "add", host.namespace)
                stack.callback(_remove, host.namespace)
                _ip("-n", host.namespace, "link", "set", "lo", "up")
                if i == 0:
                    _ip("-n", host.namespace, "link", "add", "br0", "type", "bridge")
                    _ip("-n", host.namespace, "link", "set", "br0", "up")
                    _address(host, "br0")
                else:
                    _connect(hosts[0], f"v{number}p{i}", host)
            _connect_here(hosts[0], f"v{number}h", f"10.213.{part}.1", stack)
        except subprocess.CalledProcessError as error:
            needs.missing(f"needs network namespaces: {error.stderr!r}")
        yield Network(f"10.213.{part}.1", hosts[0], tuple(hosts[1:]))


def _free_part(start: int) -> int:
    """Return a network that no other test of this machine has just now."""
    used = subprocess.run(["ip", "-o", "addr"], check=True, capture_output=True, text=True).stdout
    return next(p for p in range(start % 250, 250 * 2) if f"10.213.{p % 250}.1/" not in used) % 250


def _connect(server: Host, cable: str, host: Host) -> None:
    peer = ("peer", "name", "eth0", "netns", host.namespace)
    _ip("-n", server.namespace, "link", "add", cable, "type", "veth", *peer)
    _ip("-n", server.namespace, "link", "set", cable, "master", "br0", "up")
    _address(host, "eth0")


def _connect_here(server: Host, cable: str, address: str, stack: ExitStack) -> None:
    name = f"sc{os.getpid() % 100000}{cable}"
    peer = ("peer", "name", cable, "netns", server.namespace)
    _ip("link", "add", name, "type", "veth", *peer)
    stack.callback(subprocess.run, ["ip", "link", "del", name], stderr=subprocess.DEVNULL)
    _ip("-n", server.namespace, "link", "set", cable, "master", "br0", "up")
    _ip("addr", "add", f"{address}/24", "dev", name)
    _ip("link", "set", name, "up")


def _address(host: Host, device: str) -> None:
    _ip("-n", host.namespace, "addr", "add", f"{host.address}/24", "dev", device)
    _ip("-n", host.namespace, "link", "set", device, "up")


def _remove(namespace: str) -> None:
    subprocess.run(["ip", "netns", "del", namespace], check=False, stderr=subprocess.DEVNULL)


def _ip(*argv: str) -> None:
    subprocess.run(["ip", *argv], check=True, capture_output=True, text=True)


SERVER = """
import asyncio, random, sys
address, port = sys.argv[1], int(sys.argv[2])
slow = {host: float(factor) for host, factor in (each.split("=") for each in sys.argv[3:])}

class Server(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.factor = slow.get(transport.get_extra_info("peername")[0], 1.0)

    def data_received(self, data):
        for _ in range(data.count(b"\\r\\n\\r\\n")):
            wait = random.lognormvariate(-5.5, 0.7) * self.factor
            broken = b" /broken" in data[:40] and random.random() < 0.2
            asyncio.get_running_loop().call_later(wait, self.answer, broken)

    def answer(self, broken):
        status = b"503 Unavailable" if broken else b"200 OK"
        self.transport.write(b"HTTP/1.1 " + status + b"\\r\\nContent-Length: 2\\r\\n\\r\\nok")

async def main():
    server = await asyncio.get_running_loop().create_server(Server, address, port)
    print("ready", flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@contextmanager
def serving(host: Host, port: int, slow: Sequence[tuple[Host, float]] = ()) -> Iterator[str]:
    """Run a server on a host: lognormal latencies with a median of 4 ms, times a factor for some
    clients; /broken fails now and then. Yields its URL.
    """
    factors = [f"{client.address}={factor}" for client, factor in slow]
    argv = [sys.executable, "-c", SERVER, host.address, str(port), *factors]
    process = subprocess.Popen(host.command(*argv), stdout=subprocess.PIPE, cwd=Path("/"))
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield f"http://{host.address}:{port}"
    finally:
        process.kill()
        process.communicate()
