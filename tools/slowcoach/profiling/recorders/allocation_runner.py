"""Runs inside the target: traces its allocations for a while and writes what was seen.

Only the standard library, and nothing newer than Python 3.8. Slowcoach starts it at a program's
start (as `sitecustomize`), in a running program (by a debugger, or `sys.remote_exec` where the
interpreter has it), or around one function. It uses memray where the program can import it, and
tracemalloc otherwise. `main` turns memray's recording into sums, in a process of its own.
"""

import atexit
import contextlib
import importlib
import json
import os
import sys
import threading
import time
import tracemalloc
from typing import Any, Callable, Dict, List  # noqa: UP035 - Python 3.8

_DEPTH = 40  # frames of a stack that tracemalloc keeps
_LOOK_S = 0.25  # between two looks at how much is held
_GROWN = 1.1  # a new highest point is kept when it is so much higher
_FREES = (1, 5, 15)  # memray's numbers of the allocators that give back
_RECORDS = 4_000_000
_START_S = 10.0
_NEEDED = ("memray", "memray.reporters.module_tools")  # what a tracker imports when it starts
_READ_S = 20.0  # for reading memray's recording
Sums = Dict[int, List[int]]  # noqa: UP006 - bytes and allocations by stack


class Tracing:
    """One tracing of this process; `stop` ends it once and writes `<folder>/<pid>.json`."""

    def __init__(self, folder: str, use_memray: bool = True) -> None:
        """Start at once; the folder must be there and writable by this process."""
        self._folder = folder
        self._base = os.path.join(folder, str(os.getpid()))  # noqa: PTH118
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._tracker: Any = None
        self._peak: Any = None
        self._highest = 0
        self._begun = time.monotonic()
        self._ours = not tracemalloc.is_tracing()
        if use_memray:
            self._tracker = _tracker(self._base + ".bin")
        if self._tracker is None and self._ours:
            tracemalloc.start(_DEPTH)
        self._on = True

    def wanted(self) -> bool:
        """Tell whether somebody waits for it: the folder goes when it is called off."""
        return os.path.isdir(self._folder)  # noqa: PTH112

    def look(self) -> None:
        """Keep a snapshot of the highest point so far (tracemalloc only)."""
        if self._tracker is not None:
            return
        with self._lock:
            if not self._on:
                return
            held = tracemalloc.get_traced_memory()[0]
            if held > self._highest * _GROWN:
                self._highest = held
                self._peak = tracemalloc.take_snapshot()

    def stop(self, more: Any = None) -> None:
        """End it and write what was seen; a second call does nothing, nor one in a fork."""
        with self._lock:
            if not self._on or os.getpid() != self._pid:
                return
            self._on = False
            answer: Any = {
                "seconds": time.monotonic() - self._begun,
                "argv": sys.argv[:1],
            }
            answer.update(more or {})
            if self._tracker is not None:
                self._tracker.__exit__(None, None, None)
                answer["with"] = "memray"
                answer["python"] = sys.executable
                answer["path"] = os.path.dirname(os.path.dirname(_memray().__file__))  # noqa: PTH120
            else:
                end = tracemalloc.take_snapshot()
                if self._ours:
                    tracemalloc.stop()
                answer["with"] = "tracemalloc"
                answer["peak"] = _stacks(self._peak or end)
                answer["held"] = _stacks(end)
            if not self.wanted():
                return
            with open(self._base + ".part", "w", encoding="utf-8") as file:  # noqa: PTH123
                json.dump(answer, file)
            os.replace(self._base + ".part", self._base + ".json")  # noqa: PTH105


def _memray() -> Any:
    import memray

    return memray


def _tracker(file: str) -> Any:
    try:
        tracker = _memray().Tracker(file, trace_python_allocators=True)
        tracker.__enter__()
    except Exception:  # noqa: BLE001 - an old version, or one that does not load: tracemalloc then
        return None
    return tracker


def _stacks(snapshot: tracemalloc.Snapshot) -> List[Any]:  # noqa: UP006
    """Return [[[file, line], ... root first], bytes, blocks] for each place, without our own."""
    found = []
    for trace in snapshot.statistics("traceback"):
        frames = [[frame.filename, frame.lineno] for frame in trace.traceback]
        if not any(file in (__file__, tracemalloc.__file__) for file, _ in frames[-1:]):
            found.append([frames, trace.size, trace.count])
    return found


def start(folder: str, seconds: float) -> None:
    """Trace this process for so long, or until it ends.

    memray loses the stacks of the thread that starts it once that returns: another one does.
    """
    begun = threading.Event()
    with contextlib.suppress(Exception):  # here: the main thread may hold locks of imports
        for name in _NEEDED:
            importlib.import_module(name)

    def watch() -> None:
        tracing = Tracing(folder)
        atexit.register(tracing.stop)
        begun.set()
        end = time.monotonic() + seconds
        while time.monotonic() < end and tracing.wanted():
            time.sleep(min(_LOOK_S, max(end - time.monotonic(), 0.01)))
            tracing.look()
        tracing.stop()

    threading.Thread(target=watch, name="slowcoach-allocations", daemon=True).start()
    begun.wait(_START_S)


def called(
    call: Callable[[], Any], seconds: float, folder: str, use_memray: bool = True
) -> Dict[str, Any]:  # noqa: UP006
    """Trace calls of one function for so long, and keep the highest point of them."""
    tracing = Tracing(folder, use_memray)
    end, calls, ended = time.monotonic() + seconds, 0, threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            tracing.look()

    looks = threading.Thread(target=watch, daemon=True)
    looks.start()
    try:
        while time.monotonic() < end or not calls:
            call()
            calls += 1
    finally:
        ended.set()
        looks.join()
        tracing.stop({"calls": calls})
    return {"calls": calls}


def sums(file: str) -> Dict[str, Any]:  # noqa: UP006
    """Return memray's recording as sums by stack: allocated in all, at the peak, at the end."""
    reader = _memray().FileReader(file)
    by_stack: Sums = {}
    stacks: Dict[int, List[Any]] = {}  # noqa: UP006
    begun, count, whole = time.monotonic(), 0, True
    for record in reader.get_allocation_records():
        if record.allocator in _FREES:
            continue
        key = record.stack_id
        known = by_stack.get(key)
        if known is None:
            known = by_stack[key] = [0, 0]
            stacks[key] = record.stack_trace()
        known[0] += record.size
        known[1] += record.n_allocations
        count += 1
        if count >= _RECORDS or (not count % 10_000 and time.monotonic() - begun > _READ_S):
            whole = False
            break
    return {
        "allocated": [
            [stacks[key][::-1], size, blocks] for key, (size, blocks) in by_stack.items()
        ],
        "peak": _kept(reader.get_high_watermark_allocation_records(merge_threads=True)),
        "held": _kept(reader.get_leaked_allocation_records(merge_threads=True)),
        "records": count,
        "whole": whole,
    }


def _kept(records: Any) -> List[Any]:  # noqa: UP006
    return [
        [record.stack_trace()[::-1], record.size, record.n_allocations]
        for record in records
        if record.allocator not in _FREES
    ]


def main(file: str, out: str) -> None:
    """Write the sums of a recording as JSON."""
    with open(out, "w", encoding="utf-8") as target:  # noqa: PTH123
        json.dump(sums(file), target)


if __name__ == "__main__":
    del sys.path[0]  # the modules beside this one must not stand in for the target's
    main(sys.argv[1], sys.argv[2])
