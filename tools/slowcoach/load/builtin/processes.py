"""A load that several processes of this machine send together, each its share of the arrivals."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from slowcoach.core import scratch
from slowcoach.core.errors import ToolFailedError
from slowcoach.core.process import Child, running
from slowcoach.load.builtin.health import Health
from slowcoach.load.builtin.record import Record
from slowcoach.load.builtin.sender import Load
from slowcoach.load.builtin.series import together
from slowcoach.load.builtin.shares import GO, STOP, moment_of, result_of, write_order
from slowcoach.load.engine_kind import Order
from slowcoach.load.outcome import Moment

_LOOK_S = 0.05
_LEAD_S = 0.2
_PATIENCE_S = 60.0  # until every process is ready
_TAIL = 300
_MODULE = "slowcoach.load.builtin.worker"


class Processes:
    """A load that is being sent by processes (a `Sending` of engine.py); ended with its block."""

    def __init__(self, order: Order, load: Load) -> None:
        self._order, self._load = order, load
        self._ended = threading.Event()
        self._stack = ExitStack()
        self._shares: list[_Share] = []
        self.began = 0.0

    def __enter__(self) -> Processes:
        with ExitStack() as stack:
            name = stack.enter_context(scratch.folder("slowcoach-load-"))
            self._folder = Path(name)
            write_order(
                self._order, self._load.in_flight_limit * self._order.processes, self._folder
            )
            environment = {**os.environ, **self._order.environment}
            for part in range(self._order.processes):
                log = self._folder / f"{part}.ndjson"
                # -P: a file of the current folder must not pass for a module
                argv = (sys.executable, "-P", "-m", _MODULE, name, str(part))
                child = stack.enter_context(running(argv, log=log, env=environment))
                self._shares.append(_Share(child, log))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._stack.close()

    def moments(self) -> Iterator[Moment]:
        """Begin once all are ready, and yield each second that all have told."""
        self._begin()
        while not self._ended.is_set():
            is_over = all(share.result is not None for share in self._shares)
            self._read()
            while whole := self._whole_second(is_over=is_over):
                yield whole
            if is_over:
                return
            time.sleep(_LOOK_S)

    def _begin(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while not all(share.is_ready for share in self._shares):
            if self._ended.wait(_LOOK_S):
                return
            if time.monotonic() > until:
                raise ToolFailedError(
                    "the load's processes were not ready in time", hint="Use fewer processes"
                )
            self._read()
        # a rename is atomic: nobody reads half of the time
        part = self._folder / f"{GO}.part"
        self.began = time.time() + _LEAD_S
        part.write_text(repr(self.began), encoding="utf-8")
        part.replace(self._folder / GO)

    def _read(self) -> None:
        for share in self._shares:
            share.read()

    def _whole_second(self, *, is_over: bool) -> Moment | None:
        """Return the next second once every process that still sends has told it."""
        if not is_over and not all(share.moments or share.result for share in self._shares):
            return None
        waiting = [share.moments for share in self._shares if share.moments]
        if not waiting:
            return None
        second = min(moments[0].start_s for moments in waiting)
        return together([each.pop(0) for each in waiting if each[0].start_s == second])

    def stop(self) -> None:
        """Let them end soon, with what was measured."""
        (self._folder / STOP).touch()

    def end(self) -> None:
        """End them at once: they are stopped as the block ends."""
        self._ended.set()

    def result(self) -> tuple[Record, Sequence[Health]]:
        """Return what all of them noted together, and how each was."""
        results = [share.result for share in self._shares if share.result is not None]
        (record, _), *others = results
        for other, _ in others:
            record.merge(other)
        return record, [health for _, health in results]


class _Share:
    """One process and what it has said."""

    def __init__(self, child: Child, log: Path) -> None:
        self._child, self._log = child, log
        self._at = 0
        self._rest = b""
        self._complaint = ""
        self.is_ready = False
        self.moments: list[Moment] = []
        self.result: tuple[Record, Health] | None = None

    def read(self) -> None:
        """Take what it said since; raises ToolFailedError when it ended without a result."""
        code = self._child.ended()
        with self._log.open("rb") as log:
            log.seek(self._at)
            data = log.read()
        self._at += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line)
        if code is not None and self.result is None:
            raise ToolFailedError(
                f"a process of the load generator ended with {code}: {self._complaint}",
                hint="Use fewer processes, or look at the machine's memory",
            )

    def _take(self, line: bytes) -> None:
        try:
            message: dict[str, Any] = json.loads(line)
        except ValueError:
            text = line.decode("utf-8", "replace").strip()
            self._complaint = f"{self._complaint} {text}"[-_TAIL:].strip()
            return
        if "moment" in message:
            self.moments.append(moment_of(message))
        elif "record" in message:
            self.result = result_of(message)
        else:
            self.is_ready = True
