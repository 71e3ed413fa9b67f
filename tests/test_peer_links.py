"""Connections to peers, beside the tasks that seem to wait for them."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from slowcoach.diagnosis.evidence.peer_links import PeerLinks, waiting_inside
from slowcoach.diagnosis.models import Activity


def task(state: str, mean: float, **more: object) -> Activity:
    return Activity.model_validate({"carrier": "task", "state": state, "mean": mean, **more})


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_connections_to_peers_are_counted_but_not_those_of_own_clients_or_to_the_database(
    peer: socket.socket,
) -> None:
    port = peer.getsockname()[1]
    with ExitStack() as stack:
        own = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        client = stack.enter_context(socket.create_connection(own.getsockname()))
        stack.enter_context(own.accept()[0])
        served, listens = own.getsockname()[1], client.getpeername()[1]
        assert served == listens
        for _ in range(3):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        links = PeerLinks((os.getpid(),), served, ())
        without = PeerLinks((os.getpid(),), served, (port,))
        assert links.mean is None
        links.look()
        without.look()
        links.look()  # too soon after the last
    assert len(links.counts) == 1
    assert links.counts[0] - without.counts[0] == 3


def test_more_tasks_than_connections_wait_for_something_inside_the_program() -> None:
    waiting, working = task("net", 9.5), Activity(carrier="worker", state="net", mean=1.0)
    (inside, outside) = waiting_inside([waiting, working], links=1.0)
    assert inside.state == "other"
    assert outside == working, "a thread stands at its socket"


@pytest.mark.parametrize(
    ("activity", "links"),
    [
        (task("net", 8.0), 8.0),
        (task("net", 8.0), 5.0),  # opened for a call and closed after it
        (task("future", 8.0), None),  # nobody counted
        (task("net", 8.0, port=6379), 0.0),  # its peer is known
        (task("lock", 8.0), 0.0),
    ],
)
def test_other_waits_are_left_as_they_are(activity: Activity, links: float | None) -> None:
    assert waiting_inside([activity], links) == (activity,)
