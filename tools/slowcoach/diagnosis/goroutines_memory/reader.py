"""Look at all goroutines of a running program: state, stack, who started it.

A look costs some microseconds of ours a goroutine that moved since the last one, and nothing of
the program's. What runs at the moment is told by the function that it was started with only: its
stack moves.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Final, Self

from slowcoach.core.errors import NotPermittedError, UnsupportedError
from slowcoach.diagnosis.goroutines_memory.functions import Functions, printed
from slowcoach.diagnosis.goroutines_memory.layout import (
    SIZE,
    layouts_for,
)
from slowcoach.diagnosis.goroutines_memory.module import Module, find_module
from slowcoach.diagnosis.goroutines_memory.reasons import MOST_REASONS, reasons_of
from slowcoach.diagnosis.goroutines_memory.record import SYSCALL, G, record_of, u64
from slowcoach.diagnosis.interpreter.memory import ProcessMemory, UnreadableMemoryError
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.go_goroutines import Goroutine

_WORD: Final = 8
_RUNNABLE, _RUNNING, _WAITING = 1, 2, 4
_STATES: Final = {
    _RUNNABLE: "runnable",
    _RUNNING: "running",
    SYSCALL: "syscall",
    _WAITING: "waiting",
    8: "copystack",
    9: "preempted",
    10: "leaked",
}
_STATUSES: Final = 12
_MOST_GOROUTINES: Final = 1 << 20
_LARGEST_STACK: Final = 1 << 30
_PART: Final = 16 * 1024  # of a stack that is read at once
_DEEPEST: Final = 200
_TRIES: Final = 3
_CHECKED: Final = 64
_MAIN: Final = "runtime.main"
_ENDS: Final = "runtime.goexit"
_SYSTEMS_NUMBER: Final = range(7, 13)  # words of an `m`, among which is the system's thread id


class GoroutineReader:
    """Reads the goroutines of one process. To be entered, or closed."""

    def __init__(self, pid: int, version: str) -> None:
        """Find Go's tables in a process that a version of Go built.

        Raises NotPermittedError without the right to read its memory, UnsupportedError when it
        is not laid out as known versions of Go are.
        """
        try:
            self._memory = ProcessMemory(pid)
        except OSError as error:
            raise NotPermittedError(
                f"pid {pid}: its memory cannot be read: {error.strerror}",
                hint="Run as the same user with ptrace permitted, or as root",
            ) from error
        try:
            self._find(version)
        except (UnreadableMemoryError, OSError, struct.error, ValueError) as error:
            self.close()
            raise _unknown(pid, version) from error
        except UnsupportedError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()

    @property
    def memory(self) -> ProcessMemory:
        """Return the process's memory."""
        return self._memory

    @property
    def functions(self) -> Functions:
        """Return the functions of the program."""
        return self._functions

    def _find(self, version: str) -> None:
        module = find_module(self._memory)
        self._segments = module.segments
        self._reasons = reasons_of(self._memory, module)
        self._last: dict[int, tuple[G, Goroutine]] = {}
        self._threads: dict[int, int] = {}
        self._told_of_threads = True  # there is no look yet
        for layout in layouts_for(version):
            self._layout = layout
            self._functions = Functions(
                self._memory, module, module.words[layout.inlined], layout.wrapper
            )
            if (at := self._all(module)) is not None:
                self._at = at
                return
        raise _unknown(self._memory.pid, version)

    def _all(self, module: Module) -> int | None:
        """Return where the list of all goroutines lies: a slice whose elements are goroutines."""
        size = (module.bss_end - module.bss) // _WORD
        words = self._memory.words(module.bss, size)
        for index in range(size - 2):
            first, length, room = words[index : index + 3]
            if not first % _WORD and 0 < length <= room <= _MOST_GOROUTINES and first:
                try:
                    if self._fits(self._memory.words(first, min(length, _CHECKED))):
                        return module.bss + index * _WORD
                except (UnreadableMemoryError, struct.error):
                    continue
        return None

    def _fits(self, addresses: Iterable[int]) -> bool:
        """Tell whether these are goroutines by the layout: the first is the main one."""
        numbers: list[int] = []
        for address in addresses:
            g = self._g(address)
            fresh = not g.itself and g.status in {0, 6}
            if not fresh and (g.itself != address or not 0 <= g.high - g.low <= _LARGEST_STACK):
                return False
            if g.status >= _STATUSES or g.reason >= MOST_REASONS:
                return False
            if g.status in _STATES:
                numbers.append(g.number)
                start = self._functions.place(g.started, called=False)
                if start is None or start.entry != g.started:
                    return False
        return numbers[:1] == [1] and len(set(numbers)) == len(numbers)

    def look(self) -> list[Goroutine]:
        """Return what every goroutine is at, without Go's own.

        Raises ProcessLookupError when the process has ended.
        """
        try:
            first, length = self._memory.words(self._at, 2)
            addresses = self._memory.words(first, min(length, _MOST_GOROUTINES))
        except UnreadableMemoryError as error:
            raise ProcessLookupError(str(error)) from error
        self._told_of_threads = False
        found: list[Goroutine] = []
        last, self._last = self._last, {}
        for address in addresses:
            try:
                g = self._g(address)
                if g.status not in _STATES:
                    continue
                known = last.get(address)
                told = known[1] if known and known[0] == g else self._told(address, g)
            except UnreadableMemoryError:
                continue
            if told is not None:
                self._last[address] = (g, told)
                found.append(told)
        return found

    def threads(self, numbers: Collection[int]) -> dict[int, int]:
        """Return the system's ids of the threads that are in calls for these goroutines, as of the
        last look; where they were asked for since then, as of now.
        """
        if self._told_of_threads:
            self.look()
        self._told_of_threads = True
        found: dict[int, int] = {}
        for g, _ in self._last.values():
            if g.number in numbers and g.status == SYSCALL:
                if g.thread not in self._threads:
                    self._threads[g.thread] = self._thread(g.thread)
                found[g.number] = self._threads[g.thread]
        return {number: thread for number, thread in found.items() if thread}

    def _thread(self, address: int) -> int:
        """Return the system's id of a thread of Go's own (`m`); 0 where it is not found."""
        with suppress(UnreadableMemoryError, struct.error):
            known = {int(n) for n in os.listdir(f"/proc/{self._memory.pid}/task")}  # noqa: PTH208
            words = self._memory.words(address, _SYSTEMS_NUMBER.stop)
            return next((n for n in words[_SYSTEMS_NUMBER.start :] if n in known), 0)
        return 0

    def stacks(self) -> list[tuple[int, int]]:
        """Return where the stacks of goroutines lie, of those too that have ended."""
        found: list[tuple[int, int]] = []
        try:
            first, length = self._memory.words(self._at, 2)
            for address in self._memory.words(first, min(length, _MOST_GOROUTINES)):
                low, high = self._memory.words(address, 2)
                found.append((low, high))
        except (UnreadableMemoryError, struct.error):
            return found
        return found

    def frames_at(self, offset: int, *, called: bool) -> tuple[Frame, ...]:
        """Return all functions at an offset of the program's file, the runtime's own too."""
        for each in self._segments:
            if each.offset <= offset < each.offset + each.in_file:
                address = offset - each.offset + each.address
                return self._functions.every(address, called=called)
        return ()

    def _g(self, address: int) -> G:
        return record_of(self._memory.read(address, SIZE), self._layout)

    def _told(self, address: int, g: G) -> Goroutine | None:
        """Return what a goroutine is at; None for one of Go's own."""
        start = self._functions.place(g.started, called=False)
        name = start.function if start else ""
        if name.startswith("runtime.") and name != _MAIN:
            return None
        for _ in range(_TRIES):
            if g.status == _RUNNING:
                break
            frames = self._stack(g)
            now = self._g(address)
            if now == g:
                return self._goroutine(g, self._state(g), frames)
            g = now
            if g.status not in _STATES:
                return None
        # the function that starts it may be one of the compiler's, which is not shown
        frames = (start.frames or (Frame(printed(name)),)) if start else ()
        return self._goroutine(g, "running", frames)

    def _state(self, g: G) -> str:
        if g.status == _WAITING and 0 < g.reason < len(self._reasons):
            return self._reasons[g.reason]
        return _STATES[g.status]

    def _goroutine(self, g: G, state: str, frames: tuple[Frame, ...]) -> Goroutine:
        maker = self._functions.place(g.created) if g.created and g.number > 1 else None
        creator = maker.function if maker else ""
        return Goroutine(g.number, state, frames, creator, g.parent)

    def _stack(self, g: G) -> tuple[Frame, ...]:
        """Return the frames of a goroutine that stands still, leaf first."""
        if not g.low <= g.sp <= g.high:
            return ()
        begin = g.sp
        data = self._memory.read(begin, min(g.high - begin, _PART))
        frames: list[Frame] = []
        pc, sp = g.pc, g.sp
        for _ in range(_DEEPEST):
            place = self._functions.place(pc)
            if place is None or place.function == _ENDS or place.size < 0:
                break
            frames += place.frames
            sp += place.size
            if sp + _WORD > g.high:
                break
            if sp + _WORD > begin + len(data):
                begin = sp
                data = self._memory.read(begin, min(g.high - begin, _PART))
            pc = u64(data, sp - begin)
            sp += _WORD
        return tuple(frames)


def _unknown(pid: int, version: str) -> UnsupportedError:
    return UnsupportedError(
        f"pid {pid}: goroutines of {version} programs are not found in memory",
        hint="Serve net/http/pprof in it, which tells its goroutines",
    )
