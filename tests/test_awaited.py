"""What a process awaits of its peers, by its sockets, and what that says of its requests."""

import os
import socket
import struct
import threading
import time

import pytest

from slowcoach.diagnosis.evidence.awaited import Answers, Awaited, link_of
from slowcoach.diagnosis.evidence.unseen import together, unseen
from slowcoach.diagnosis.models import Activity

_HEADER = 72


def message(sent: int, received: int, acked: int, unacked: int, came: int, went: int) -> bytes:
    """Return a socket's message as sock_diag(7) gives it; times are in ms since."""
    head = bytearray(_HEADER)
    struct.pack_into(">HH", head, 4, 41000, 5432)
    struct.pack_into("=I", head, 68, 77)
    info = bytearray(192)
    struct.pack_into("=I", info, 24, unacked)
    struct.pack_into("=4I", info, 44, sent, 0, received, acked)
    struct.pack_into("=II", info, 152, came, went)
    return bytes(head) + struct.pack("=HH", 4 + len(info), 2) + bytes(info)


@pytest.mark.parametrize(
    ("told", "awaits"),
    [
        ((8, 12, 12, 1, 13, 14), True),  # as the kernel told them of a service that ran
        ((16, 16, 16, 1, 65, 66), True),
        ((32, 4, 4, 0, 81, 81), False),
        ((112, 96, 96, 0, 14, 14), False),
        ((4, 32, 4, 0, 0, 1), True),
        ((4, 4, 4, 0, 11, 11), False),
        ((90, 90, 50, 0, 12, 12), True),
        ((90, 90, 90, 0, 12, 13), True),
        ((90, 90, 90, 0, 12, 24), False),
        ((90, 90, 90, 0, 0, 0), False),
    ],
)
def test_a_connection_awaits_an_answer_while_the_last_data_went_out(
    told: tuple[int, int, int, int, int, int], awaits: bool
) -> None:
    link = link_of(message(*told))
    assert link is not None
    assert (link.awaits, link.peer_port, link.inode) == (awaits, 5432, 77)


def test_answers_of_a_peer_that_takes_its_time_are_seen_awaited() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            taken, _ = server.accept()
            with taken:
                while taken.recv(100):
                    time.sleep(0.2)
                    taken.sendall(b"answer")

        threading.Thread(target=serve, daemon=True).start()
        with (
            socket.create_connection(("127.0.0.1", port)) as client,
            Answers(os.getpid(), 1).counted() as awaited,
        ):
            for _ in range(5):
                client.sendall(b"ask")
                client.recv(100)
    assert awaited[port].exchanges >= 3
    assert awaited[port].mean > 0.4


def test_of_one_long_wait_among_short_ones_the_looks_see_the_long_one() -> None:
    alike = Awaited([1] * 100, [2.0, 6.0, 10.0, 14.0, 18.0] * 20, exchanges=250, seconds=5.0)
    assert alike.evenness == 1.0
    one_long = Awaited([1] * 100, [20.0, 60.0, 100.0, 140.0, 180.0] * 20, 250, 5.0)
    assert one_long.evenness == pytest.approx(0.1)


def waits(counts: list[int], exchanges: int = 100) -> Awaited:
    return Awaited(counts, [10.0] * sum(counts), exchanges, 5.0)


SENDS = Activity(
    carrier="loop",
    state="cpu",
    function="Page.get",
    file="Page.java",
    line=3,
    path=("Page.load", "Page.get"),
    callee=("web.client.Request.send",),
    mean=0.2,
)


def test_requests_that_nobody_works_on_wait_for_answers_that_callbacks_await() -> None:
    found = unseen({80: waits([8] * 40)}, {}, 1.0, 8, [SENDS])
    assert [(a.state, a.port, a.function) for a in found] == [("net", 80, "Page.get")]
    assert found[0].mean == pytest.approx(7.8)


def test_where_nothing_was_seen_asking_the_code_that_can_is_named_before_other_callbacks() -> None:
    parses = SENDS.model_copy(update={"function": "Gates.parse", "callee": ("json.read",)})
    writes = SENDS.model_copy(update={"function": "Page.write", "callee": ("json.write",)})
    seen = [writes.model_copy(update={"mean": 0.3}), parses]

    def sender(asks: bool, *askers: str) -> str:
        waits_for = {80: waits([8] * 40)}
        found = unseen(waits_for, {}, 1.0, 8, seen, 0, lambda _: asks, lambda _: askers)
        return found[0].function

    assert sender(False, "Gates.parse", "Gates.gate") == "Gates.parse"
    assert sender(False) == "Page.write"
    assert sender(True, "Gates.parse") == "Page.write"  # it was seen asking


def test_answers_that_a_lone_request_awaits_together_are_one_wait() -> None:
    alone = {80: waits([4, 4, 0, 4]), 81: waits([1, 1, 0, 1])}
    assert together(alone) == 5.0
    found = unseen({80: waits([32] * 9), 81: waits([8] * 9)}, {}, together(alone), 8, [])
    assert sum(a.mean for a in found) == pytest.approx(8.0)
    assert {a.beside for a in found} == {5.0}


def test_what_threads_wait_for_and_what_the_idle_service_awaits_is_not_counted_again() -> None:
    blocked = Activity(carrier="thread", state="net", function="ask", port=80, mean=7.9)
    assert not unseen({80: waits([8] * 40)}, {}, 1.0, 8, [blocked])
    assert not unseen({80: waits([1] * 40)}, {80: 1.0}, 1.0, 1, [])
    assert not unseen({80: waits([8] * 40, exchanges=0)}, {}, 1.0, 8, [])
    nobody_awaits = {80: waits([60] * 40)}
    assert not unseen(nobody_awaits, {}, 1.0, 8, [])
