"""Which threads of a Node.js program wait for what no disk gives: pipes, devices, locks on files.

libuv has few threads for file operations, name lookups and more. One that reads a named pipe or a
terminal stands until somebody writes, and what others ask for waits for a thread, not for a disk.

Cost: one small file of /proc per thread and look, ten looks a second (0.2 ms each). Needs the
right to ptrace; without it nothing is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from slowcoach.diagnosis.evidence.waits import Wait, WaitReader

_MOST: Final = 64  # threads of one process that are looked at
_EVENTS: Final = "anon_inode:"  # what event loops stand at
_OPENING_PIPE: Final = frozenset({"wait_for_partner", "fifo_open"})
_LOCK: Final = "a lock on a file"
_PARTNER: Final = "a named pipe that the other side has not opened"


@dataclass(slots=True)
class ThreadLooks:
    """The looks at the threads beside the loops, added up: what they stood at (`held`), and how
    many ran or were in a file operation (`at_work`).
    """

    looks: int = 0
    at_work: int = 0
    held: Counter[str] = field(default_factory=Counter[str])

    def look(self, pids: Iterable[int]) -> None:
        """Look once at every thread."""
        seen = False
        for pid in pids:
            with suppress(OSError, ValueError, IndexError):
                reader = WaitReader(pid, None, 0, None)
                for thread in reader.threads()[:_MOST]:
                    if thread != pid:
                        self._add(pid, thread, reader)
                seen = True
        self.looks += seen

    def _add(self, pid: int, thread: int, reader: WaitReader) -> None:
        with suppress(ProcessLookupError, FileNotFoundError):  # the thread has ended
            wait = reader.read(thread)
            if target := _stands_at(pid, thread, wait):
                self.held[target] += 1
            elif wait.kind in {"run", "disk"}:
                self.at_work += 1

    @property
    def mean_held(self) -> float:
        """Return how many threads at a time stood so."""
        return sum(self.held.values()) / self.looks if self.looks else 0.0

    @property
    def mean_at_work(self) -> float | None:
        """Return how many ran or were in a file operation at a time; None if nobody could look."""
        return self.at_work / self.looks if self.looks else None

    @property
    def where(self) -> str:
        """Return what most of them stood at ("": none did)."""
        return max(self.held, key=lambda target: self.held[target], default="")


def _stands_at(pid: int, thread: int, wait: Wait) -> str:
    if wait.kind == "file lock":
        return _LOCK
    if wait.kind == "pipe" and not wait.target.startswith(_EVENTS):
        return wait.target
    if wait.kind == "disk" and not wait.target:
        with suppress(OSError):
            if Path(f"/proc/{pid}/task/{thread}/wchan").read_text() in _OPENING_PIPE:
                return _PARTNER
    return ""
