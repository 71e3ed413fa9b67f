"""Connections of the machine, and how often peers were asked."""

import os
import socket
import sys

import pytest

from slowcoach.diagnosis.evidence import sockets
from slowcoach.diagnosis.evidence.sockets import Traffic, exchanges, less_idle

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's tables")


def test_an_open_connection_is_known_by_its_inode() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        inode = os.fstat(client.fileno()).st_ino
        found = sockets.open_connections(os.getpid())[inode]
        assert found.remote_port == server.getsockname()[1]
        assert found.remote_host == "127.0.0.1"
        listening = {c.local_port for c in sockets.connections() if c.state == "listen"}
        assert server.getsockname()[1] in listening
        assert inode in sockets.socket_inodes(os.getpid()).values()


def test_each_request_with_its_answer_is_one_exchange() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        peer, _ = server.accept()
        with peer:
            inodes = {os.fstat(client.fileno()).st_ino}
            before = sockets.traffic(inodes)
            for _ in range(5):
                client.sendall(b"ask")
                assert peer.recv(3) == b"ask"
                peer.sendall(b"tell")
                assert client.recv(4) == b"tell"
            after = sockets.traffic(inodes)
    if not after.segments:
        pytest.skip("the kernel gives no counters of sockets here")
    assert exchanges(before, after)[server_port(after)] == 5


def server_port(traffic: Traffic) -> int:
    return next(iter(traffic.segments))[1]


def test_a_line_of_the_kernels_table_is_read() -> None:
    line = (
        "   1: 0100007F:1538 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000 "
        "       0 123456 1 0000000000000000 20 4 30 10 -1"
    )
    found = sockets.connection_of(line)
    assert (found.local_port, found.remote_host, found.remote_port) == (5432, "127.0.0.1", 40000)
    assert (found.state, found.inode) == ("established", 123456)


def test_an_ipv6_address_that_means_ipv4_is_shown_as_such() -> None:
    assert sockets.address_of("0000000000000000FFFF00000100007F") == "127.0.0.1"
    assert sockets.address_of("00000000000000000000000001000000") == "::1"


def test_calls_that_an_idle_service_makes_are_no_requests() -> None:
    seen = {5432: 307, 6379: 40}
    assert less_idle(seen, {5432: 24.6}, 6.3) == {5432: 152, 6379: 40}
    # beside few requests only what is surely theirs
    assert less_idle({5432: 44}, {5432: 24.6}, 1.3, errors=2) == {5432: 1}
    assert less_idle({5432: 20}, {5432: 24.6}, 1.3) == {5432: 0}
