"""What is known of a Node.js program in one phase, and how a note of a wait becomes an activity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from slowcoach.diagnosis.evidence.node_notes import CONNECTS, HTTP, NAMES, SOCKET, Note
from slowcoach.diagnosis.models import Activity

_PATH_KEPT = 8


@dataclass(frozen=True, slots=True)
class Facts:
    """What else is known of a phase: how busy the loop is (0..1), connections at a time by peer
    port, threads of libuv's pool, the database's port (0: none), worker threads at work at a time,
    requests that the program is answering at a time (0: not known). Of libuv's threads, how many
    at a time stand at pipes and the like (`held`, at what), those for the idle service as well
    (`taken`), how many are at work (None: not known) and how many of these in file operations
    (`at_files`), the part of the time (0..1) in which any of them is (`files_open`), and the part
    of their processor time in the kernel (`in_kernel`). `drivers_alone`: the part (0..1) of a
    request alone that waits for drivers beyond exchanges (None: this is that phase).
    """

    busy: float = 0.0
    connections: Mapping[int, float] = field(default_factory=dict[int, float])
    pool_size: int = 4
    database_port: int = 0
    workers: float = 0.0
    requests: float = 0.0
    held: float = 0.0
    taken: float = 0.0
    held_at: str = ""
    at_work: float | None = None
    at_files: float = 0.0
    files_open: float = 0.0
    in_kernel: float = 0.0
    drivers_alone: float | None = None

    @property
    def threads(self) -> float:
        """Return how many threads of libuv's pool there are for what requests ask for."""
        return max(0.0, self.pool_size - self.taken)


def scaled(note: Note, factor: float) -> Note:
    lines = {line: mean * factor for line, mean in note.lines.items()}
    return Note(
        note.path,
        note.leaf,
        note.mean * factor,
        note.count,
        note.seconds,
        lines,
        note.callee,
        note.packages,
        note.squares * factor**2,
        note.word,
        parts=note.parts,
    )


def is_peer(note: Note) -> bool:
    return note.leaf.startswith((HTTP, SOCKET, CONNECTS, NAMES))


def activity(
    note: Note, state: str, port: int = 0, carrier: str = "task", server: str = ""
) -> Activity:
    function, file = (
        note.path[-1]
        if note.path
        else (
            note.callee[-1] if note.callee else "code of a library",
            "",
        )
    )
    ways: dict[str, str] = {}
    for name, source in note.path:
        ways.setdefault(name, source.rsplit("/", 1)[-1])
    lines = {line: round(mean, 4) for line, mean in note.lines.items()}
    return Activity(
        carrier=carrier,
        state=state,
        function=function,
        file=file,
        path=tuple(ways)[-_PATH_KEPT:],
        files=tuple(ways.values())[-_PATH_KEPT:],
        callee=note.callee,
        packages=note.packages,
        server=server,
        port=port,
        line=max(lines, key=lambda line: lines[line]) if lines else 0,
        lines=lines,
        evenness=round(note.evenness, 3),
        mean=round(note.mean, 4),
    )
