"""An event loop in a thread of its own that sends a load, and who hears of it from outside."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec

from slowcoach.load.builtin.health import Health
from slowcoach.load.builtin.record import Record
from slowcoach.load.builtin.sender import Load, Sender
from slowcoach.load.outcome import Moment

_LOOK_S = 0.2
_LEAD_S = 0.05  # from here until the first request is due


class Local:
    """A load that is being sent by a thread of this process."""

    def __init__(self, load: Load, emit: Callable[[Moment], None], begin_at: float) -> None:
        self._sender = Sender(load, emit)
        self._begin_at = begin_at
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._result: tuple[Record, Health] | None = None
        self._failure: BaseException | None = None
        self._asked: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Tell whether it still sends."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Let it end soon, with what was measured."""
        self._ask(self._sender.stop)

    def end(self) -> None:
        """Let it end at once, if it has not ended."""
        self._ask(self._sender.end)

    def result(self) -> tuple[Record, Health]:
        """Wait for the end and return what came of it; raises what went wrong."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        if self._result is None:
            raise RuntimeError("the load ended without a result")
        return self._result

    def _ask(self, call: Callable[[], None]) -> None:
        with self._lock:
            self._asked = call
            if self._loop is not None:
                with suppress(RuntimeError):  # it has ended in the meantime
                    self._loop.call_soon_threadsafe(call)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                self._result = runner.run(self._main())
        except Exception as error:  # noqa: BLE001 - told by `result`, in the caller's thread
            self._failure = error

    async def _main(self) -> tuple[Record, Health]:
        begun = time.perf_counter() + max(self._begin_at - time.time(), 0.0)
        loop = asyncio.get_running_loop()
        with self._lock:
            self._loop = loop
            asked = self._asked
        if asked is not None:
            loop.call_soon(asked)
        return await self._sender.run(begun)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return uvloop's loops where it is installed: they cost a third less."""
    if find_spec("uvloop") is None:
        return asyncio.new_event_loop
    factory: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    return factory


class Here:
    """A load that a thread of this process sends (a `Sending` of engine.py)."""

    def __init__(self, load: Load) -> None:
        self._moments: queue.SimpleQueue[Moment] = queue.SimpleQueue()
        self.began = time.time() + _LEAD_S
        self._local = Local(load, self._moments.put, self.began)

    def moments(self) -> Iterator[Moment]:
        """Yield each second as it ends, until the end."""
        while self._local.is_alive or not self._moments.empty():
            with suppress(queue.Empty):
                yield self._moments.get(timeout=_LOOK_S)

    def stop(self) -> None:
        """Let it end soon, with what was measured."""
        self._local.stop()

    def end(self) -> None:
        """End it at once."""
        self._local.end()

    def result(self) -> tuple[Record, Sequence[Health]]:
        """Wait for its end and return what came of it."""
        record, health = self._local.result()
        return record, [health]
