"""A network namespace of a test's own: loopback, and a way out that leads nowhere and counts.

Its interface takes every packet to other addresses and leads them nowhere; the kernel's counter
then tells whether anything at all was sent beyond loopback, by whichever process.
"""

import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import needs

_ETC = Path("/etc/netns")


class Room:
    """A namespace that is there. `run` executes a command in it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def argv(self, *words: str) -> list[str]:
        """Return the command line that runs a command inside."""
        return ["ip", "netns", "exec", self.name, *words]

    def run(
        self, words: Sequence[str], *, timeout: float = 120, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside to its end."""
        return subprocess.run(
            self.argv(*words),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env={**os.environ, **environment},
        )

    def sent_beyond(self) -> int:
        """Return how many packets went to other addresses than loopback's."""
        told = self.run(["cat", "/sys/class/net/way-out/statistics/tx_packets"])
        return int(told.stdout)


@contextmanager
def room(name: str) -> Iterator[Room]:
    """Make a namespace whose only way out is a counter; remove it afterwards."""
    ip = needs.program("ip")
    if sys.platform != "linux" or os.geteuid() != 0:
        needs.missing("needs root on Linux, to make a network namespace")
    if subprocess.run([ip, "netns", "add", name], capture_output=True, check=False).returncode:
        needs.missing("needs permission to make a network namespace")
    made = Room(name)
    etc = _ETC / name
    try:
        etc.mkdir(parents=True)
        (etc / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        (etc / "hosts").write_text("127.0.0.1 localhost\n")
        for words in (
            ["ip", "link", "set", "lo", "up"],
            ["ip", "link", "add", "way-out", "type", "veth", "peer", "name", "nowhere"],
            # no packet of the kernel's own: no neighbour or router is looked for
            ["sysctl", "-q", "-w", "net.ipv6.conf.way-out.disable_ipv6=1"],
            ["sysctl", "-q", "-w", "net.ipv6.conf.nowhere.disable_ipv6=1"],
            ["ip", "link", "set", "nowhere", "up"],
            ["ip", "address", "add", "192.0.2.1/24", "dev", "way-out"],
            ["ip", "link", "set", "way-out", "arp", "off", "up"],
            ["ip", "route", "add", "default", "via", "192.0.2.2"],
        ):
            done = made.run(words)
            if done.returncode:
                needs.missing(f"needs an interface of its own: {done.stderr.strip()}")
        yield made
    finally:
        subprocess.run([ip, "netns", "delete", name], capture_output=True, check=False)
        shutil.rmtree(etc, ignore_errors=True)


def answer(question: bytes, address: str) -> bytes:
    """Return the DNS answer of one A record that may not be kept (TTL 0); no others are known."""
    end = question.index(b"\0", 12) + 5
    kind = struct.unpack("!H", question[end - 4 : end - 2])[0]
    is_a = kind == 1
    head = question[:2] + struct.pack("!HHHHH", 0x8180, 1, int(is_a), 0, 0)
    if not is_a:
        return head + question[12:end]
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + socket.inet_aton(address)
    return head + question[12:end] + record


def serve_names(addresses: Sequence[str], port: int = 53) -> None:
    """Answer each question for an address with the next of `addresses`, the last ever after."""
    asked = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", port))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            question, who = listening.recvfrom(512)
            listening.sendto(answer(question, addresses[min(asked, len(addresses) - 1)]), who)
            end = question.index(b"\0", 12) + 5
            asked += struct.unpack("!H", question[end - 4 : end - 2])[0] == 1


def serve_redirects(port: int, to: str) -> None:
    """Answer every request on loopback with a redirect elsewhere; count them in a file."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            is_plain = self.path.startswith("/plain")
            self.send_response(200 if is_plain else 302)
            if not is_plain:
                self.send_header("Location", to)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "names":
        serve_names(rest)
    else:
        serve_redirects(int(rest[0]), rest[1])
