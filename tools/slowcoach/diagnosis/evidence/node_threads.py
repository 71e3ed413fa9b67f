"""Which threads of a Node.js program wait for what no disk gives: pipes, devices, locks on files.

libuv has few threads for file operations, name lookups and more. One that reads a named pipe or a
terminal stands until somebody writes, and what others ask for waits for a thread, not for a disk.

Cost: one small file of /proc per thread and look, ten looks a second (0.2 ms each), and another
each second. Needs the right to ptrace; without it nothing is known.
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
_CLOCKS: Final = 10  # looks from one at the threads' processor time to the next
_USER, _SYSTEM = 11, 12  # of /proc/<pid>/stat, after the name
_EVENTS: Final = "anon_inode:"  # what event loops stand at
_OPENING_PIPE: Final = frozenset({"wait_for_partner", "fifo_open"})
_LOCK: Final = "a lock on a file"
_PARTNER: Final = "a named pipe that the other side has not opened"


@dataclass(slots=True)
class ThreadLooks:
    """The looks at the threads beside the loops, added up: what they stood at (`held`), how many
    ran or were in a file operation (`at_work`), the latter alone (`at_files`), and the looks at
    which any was (`with_files`).
    """

    looks: int = 0
    at_work: int = 0
    at_files: int = 0
    with_files: int = 0
    held: Counter[str] = field(default_factory=Counter[str])
    spent: dict[int, list[tuple[int, int]]] = field(
        default_factory=dict[int, list[tuple[int, int]]]
    )

    def look(self, pids: Iterable[int]) -> None:
        """Look once at every thread."""
        seen, before = False, self.at_files
        for pid in pids:
            with suppress(OSError, ValueError, IndexError):
                reader = WaitReader(pid, None, 0, None)
                threads = [each for each in reader.threads()[:_MOST] if each != pid]
                for thread in threads:
                    self._add(pid, thread, reader)
                    if not self.looks % _CLOCKS:
                        self._clock(pid, thread)
                seen = True
        self.looks += seen
        self.with_files += self.at_files > before

    def _add(self, pid: int, thread: int, reader: WaitReader) -> None:
        with suppress(ProcessLookupError, FileNotFoundError):  # the thread has ended
            wait = reader.read(thread)
            if target := _stands_at(pid, thread, wait):
                self.held[target] += 1
            elif wait.kind in {"run", "disk"}:
                self.at_work += 1
                self.at_files += wait.kind == "disk"

    def _clock(self, pid: int, thread: int) -> None:
        with suppress(ProcessLookupError, FileNotFoundError):
            text = Path(f"/proc/{pid}/task/{thread}/stat").read_text().rpartition(")")[2].split()
            now = int(text[_USER]), int(text[_SYSTEM])
            known = self.spent.setdefault(thread, [now, now])
            known[1] = now

    @property
    def in_kernel(self) -> float:
        """Return the part (0..1) of their processor time that the kernel took, for files mostly."""
        user = sum(last[0] - first[0] for first, last in self.spent.values())
        system = sum(last[1] - first[1] for first, last in self.spent.values())
        return system / (user + system) if user + system else 0.0

    @property
    def mean_held(self) -> float:
        """Return how many threads at a time stood so."""
        return sum(self.held.values()) / self.looks if self.looks else 0.0

    @property
    def mean_at_work(self) -> float | None:
        """Return how many ran or were in a file operation at a time; None if nobody could look."""
        return self.at_work / self.looks if self.looks else None

    @property
    def mean_at_files(self) -> float:
        """Return how many were in a file operation at a time."""
        return self.at_files / self.looks if self.looks else 0.0

    @property
    def share_with_files(self) -> float:
        """Return the part of the time (0..1) in which any was in a file operation."""
        return self.with_files / self.looks if self.looks else 0.0

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
