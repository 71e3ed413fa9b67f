"""Greenlets that wait for locks, a queue, a sleep and a peer; prints `ready` when all do."""

from gevent import monkey

monkey.patch_all()

import socket
import threading
import time

import gevent
from gevent.lock import Semaphore
from gevent.queue import Queue

HELD = threading.Lock()


def wait_for_lock() -> None:
    with HELD:
        time.sleep(600)


def wait_for_peer(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.recv(1)


def wait_for_turn(turns: Semaphore) -> None:
    with turns:
        gevent.sleep(600)


def wait_for_news(news: Queue) -> None:
    news.get()


with socket.create_server(("127.0.0.1", 0)) as server:
    port = server.getsockname()[1]
    waiting = [gevent.spawn(wait_for_lock) for _ in range(3)]
    waiting.append(gevent.spawn(wait_for_peer, port))
    turns = Semaphore(1)
    waiting += [gevent.spawn(wait_for_turn, turns) for _ in range(2)]
    waiting.append(gevent.spawn(wait_for_news, Queue()))
    gevent.sleep(0.2)
    print("ready", port, flush=True)
    gevent.joinall(waiting)
