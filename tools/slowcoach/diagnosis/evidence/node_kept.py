"""What Node.js processes keep while a load runs: what lives on, and what their caches lose.

V8 is not made to collect meanwhile, since it then drops compiled code too, and requests take far
longer: what lives is the least of some seconds. Cost: a question or two a second; sampling of
allocations only where what lives grows; Map's `delete` replaced for 0.2 s, twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Final

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.evidence.node_caches import losing
from slowcoach.diagnosis.evidence.node_heap import MARK, growers, made_evenly
from slowcoach.diagnosis.evidence.node_memory import HeapPoint
from slowcoach.diagnosis.limits import harm
from slowcoach.diagnosis.models import Growth
from slowcoach.profiling.recorders import node_waits
from slowcoach.profiling.recorders.inspector import Inspector
from slowcoach.profiling.recorders.node_inspector import installed, method

_CACHES: Final = node_waits.SOURCE.with_name("node_caches.cjs")
_CACHES_FIRST_S, _CACHES_EVERY_S = 1.0, 6.0
_SEARCHES: Final = 2  # each has V8 compile anew what uses Maps
_HEAP_STEP: Final = 131_072
_ROOM: Final = (
    "(({ used_heap_size: used, heap_size_limit: most }) => "
    "used < %d && most - used > %g * used)(require('v8').getHeapStatistics())"
)
_SINCE_S: Final = 2.0
_HEAP_EVERY_S, _HEAP_AT_LEAST_S = 0.3, 0.8
_USED: Final = "(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())"


class Kept:
    """Looks at heaps and caches from `begin` to `end`; `growth` ends it, too."""

    def __init__(self, inspectors: Sequence[Inspector]) -> None:
        self._inspectors = inspectors
        self._stack = ExitStack()
        self._caches: list[tuple[Inspector, str]] = []
        self._grown: tuple[Growth, ...] = ()
        self._next, self._caches_due, self._begun = 0.0, 0.0, 0.0
        self._loaded, self._sampled = False, False
        self._searches = 0
        self._lock = threading.Lock()
        self.heap: list[HeapPoint] = []
        self._marks: list[tuple[Inspector, str]] = []
        self.evenly = False  # what lives at the end was made all the time
        self.load_s = 0.0
        self.forced_s = 0.0  # in collections that we asked for

    def begin(self) -> None:
        """Note what lives, from now on."""
        self._loaded = True
        self._begun = time.monotonic()
        with suppress(SlowcoachError), self._lock:
            for inspector in self._inspectors:
                inspector.call("HeapProfiler.enable")
                inspector.call("HeapProfiler.collectGarbage")
            self.heap.append(self._used(collected=True))
            for inspector in self._inspectors:
                made = self._stack.enter_context(
                    installed(inspector, _CACHES, [], "look at caches")
                )
                if made:
                    self._caches.append((inspector, made))
                    self._show_objects(inspector, made)
        self._caches_due = self._begun + _CACHES_FIRST_S

    def _show_objects(self, inspector: Inspector, made: str) -> None:
        """Give what looks at caches the plain objects, which V8 finds by their prototype.

        A list of them takes up to a third of what they take: not where memory may run out.
        """
        with suppress(SlowcoachError):
            room = _ROOM % (harm("largest_node_heap"), harm("node_room"))
            if not inspector.evaluate(room)["value"]:
                return
            kind = inspector.evaluate("Object.prototype", by_value=False)["objectId"]
            found = inspector.call("Runtime.queryObjects", prototypeObjectId=kind)["objects"]
            every = found["objectId"]
            try:
                inspector.call(
                    "Runtime.callFunctionOn",
                    functionDeclaration="function (every) { this.take(every); }",
                    objectId=made,
                    arguments=[{"objectId": every}],
                    silent=True,
                )
            finally:
                for each in (every, kind):
                    inspector.call("Runtime.releaseObject", objectId=each)

    def look(self) -> None:
        """Look, if it is time for it."""
        begun = time.monotonic()
        if not self._loaded or begun < self._next:
            return
        with suppress(SlowcoachError), self._lock:
            self._look_at_caches(begun)
            begun = time.monotonic()
            self.heap.append(self._used())
            if not self._sampled and self._grows():
                self._sampled = True  # who makes what lives on; it costs, so only where it grows
                for inspector in self._inspectors:
                    self._sample(inspector)
                self.heap.append(self._used(collected=True))
        took = (time.monotonic() - begun) / harm("node_heap_share")
        self._next = begun + min(max(_HEAP_EVERY_S, took), _HEAP_AT_LEAST_S)

    def _look_at_caches(self, now: float) -> None:
        if now < self._caches_due or self._searches >= _SEARCHES:
            return
        self._searches += 1
        self._caches_due = now + _CACHES_EVERY_S
        for inspector, made in self._caches:
            inspector.ask(made, method("look"))

    def _sample(self, inspector: Inspector) -> None:
        asked = time.monotonic()
        # code that is compiled anew names its functions: none is inlined at first
        inspector.call("HeapProfiler.collectGarbage")
        self.forced_s += time.monotonic() - asked
        inspector.call("HeapProfiler.startSampling", samplingInterval=_HEAP_STEP)

    def mark(self) -> None:
        """Note in the order of what is made that the load has ended."""
        if not self._sampled or not self._loaded:
            return
        with suppress(SlowcoachError), self._lock:
            for each in self._inspectors:
                made = each.evaluate(MARK, by_value=False)
                self._marks.append((each, made["objectId"]))

    def _used(self, *, collected: bool = False) -> HeapPoint:
        used = sum(float(each.evaluate(_USED)["value"]) for each in self._inspectors)
        return HeapPoint(max(time.monotonic() - self._begun, 0.0), round(used), collected)

    def _grows(self) -> bool:
        """Tell whether the least of the last seconds is above what lived when the load began."""
        now = self.heap[-1].at_s
        recent = [point.used for point in self.heap[1:] if point.at_s > now - _SINCE_S]
        least = rule("memory.leak").limit("least_growth")
        return bool(recent) and now >= _SINCE_S and min(recent) - self.heap[0].used >= least

    def end(self) -> None:
        """Take what was kept, and leave the processes as they were."""
        if not self._loaded:
            return
        self._loaded = False
        self.load_s = time.monotonic() - self._begun
        with self._stack, suppress(SlowcoachError), self._lock:
            self._grown = tuple(self._losing() + self._growing())

    def _losing(self) -> list[Growth]:
        found: list[Growth] = []
        with suppress(SlowcoachError):
            for inspector, made in self._caches:
                found += losing(inspector.ask(made, method("read")), self.load_s)
        return found

    def _growing(self) -> list[Growth]:
        found: list[Growth] = []
        for inspector in self._inspectors:
            inspector.call("HeapProfiler.collectGarbage")
        self.heap.append(self._used(collected=True))
        for inspector in self._inspectors:
            if self._sampled:
                profile = inspector.call("HeapProfiler.stopSampling")["profile"]
                found += growers(profile)
                self.evenly = self.evenly or made_evenly(profile)
            inspector.call("HeapProfiler.disable")
        for inspector, made in self._marks:
            inspector.call("Runtime.releaseObject", objectId=made)
        return sorted(found, key=lambda g: -g.after)

    def growth(self) -> tuple[Growth, ...]:
        """Return the own functions whose objects live on, and the caches that lose entries."""
        self.end()
        return self._grown
