"""Give up on a database in time, whatever it does: cancel its statement, then cut the line."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from slowcoach.core.errors import InputError, ToolFailedError

_CANCEL_S = 3.0  # how long the server has to take a cancellation, and then to act on it


@contextmanager
def bounded(connection: Any, seconds: float) -> Iterator[Callable[[], None]]:
    """Give up on what the connection does when the block takes longer; then ToolFailedError.

    Yields a function that gives up at once.
    """
    import psycopg

    late, done = threading.Event(), threading.Event()
    with socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as line:

        def give_up() -> None:
            _beside(lambda: _cancel(connection))
            _beside(lambda: _cut(line, done))

        def end() -> None:
            late.set()
            give_up()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield give_up
        except (psycopg.Error, ToolFailedError, InputError):
            if not late.is_set():
                raise
            raise ToolFailedError(
                f"the database did not answer within {seconds:g} s and was given up on",
                hint="Is it overloaded, stopped, or the network slow? Try a simpler statement",
            ) from None
        finally:
            done.set()
            timer.cancel()


def _beside(act: Callable[[], None]) -> None:
    threading.Thread(target=act, name="slowcoach-cancel", daemon=True).start()


def _cancel(connection: Any) -> None:
    """Have the server end the running statement, asked by a second connection."""
    import psycopg

    with suppress(psycopg.Error):
        connection.cancel_safe(timeout=_CANCEL_S)


def _cut(line: socket.socket, done: threading.Event) -> None:
    """Cut the line when the cancellation was of no use: who waits for an answer is woken up."""
    if not done.wait(2 * _CANCEL_S):
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
