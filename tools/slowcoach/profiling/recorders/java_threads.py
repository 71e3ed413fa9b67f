"""Thread dumps of the JVM (`jcmd PID Thread.print`, jstack, kill -3) as stacks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.jfr.methods import source_file
from slowcoach.profiling.model import Frame, Profile

_HEAD = re.compile(r'^"(?P<name>.*)" .*?\bnid=(?P<nid>0x[0-9a-f]+|\d+)')
_STATE = re.compile(r"^\s+java\.lang\.Thread\.State: (?P<state>[A-Z_]+)")
_FRAME = re.compile(r"^\s+at (?:[\w.]+@[\w.+-]+/|app//)?(?P<method>[^\s(]+)\((?P<place>[^)]*)\)")
_LOCK = re.compile(
    r"^\s+- (?P<how>waiting to lock|waiting on|parking to wait for)\s+<(?P<lock>\w+)>"
)
_LINE = re.compile(r"(?:.*/)?(?P<file>[^/]+):(?P<line>\d+)$")


@dataclass(frozen=True, slots=True)
class JavaThread:
    """What one thread did at one moment; `frames` are leaf first, `waits` what it waits for."""

    name: str
    os_thread_id: int
    state: str
    frames: tuple[Frame, ...]
    waits: str | None


def threads_of(text: str) -> list[JavaThread]:
    """Return the threads of a dump that run Java code; the JVM's own have no stack."""
    found: list[JavaThread] = []
    name, number, state, waits = "", 0, "", None
    frames: list[Frame] = []

    def close() -> None:
        if frames:
            found.append(JavaThread(name, number, state, tuple(frames), waits))

    for line in text.splitlines():
        if head := _HEAD.match(line):
            close()
            name, number, state, waits = head["name"], int(head["nid"], 0), "", None
            frames = []
        elif at := _STATE.match(line):
            state = at["state"]
        elif at := _FRAME.match(line):
            frames.append(_frame(at["method"], at["place"]))
        elif at := _LOCK.match(line):
            waits = waits or f"{at['how']} {at['lock']}"
    close()
    return found


def _frame(method: str, place: str) -> Frame:
    of_class, _, name = method.rpartition(".")
    known = _LINE.match(place)
    file = source_file(of_class) if of_class else None
    if known and of_class:  # the folder is the package's, the name the compiler's own
        file = "/".join([*source_file(of_class).split("/")[:-1], known["file"]])
    return Frame(f"{of_class}:{name}", file, int(known["line"]) if known else None)


def wall_clock(dumps: Sequence[Sequence[JavaThread]], seconds: float) -> Profile:
    """Return dumps as a profile in seconds of one thread; the root of a stack is its thread."""
    tree, ids = NodeTree(), dict[Frame, int]()
    step = seconds / max(len(dumps), 1)
    for dump in dumps:
        for thread in dump:
            node = tree.child(0, ids.setdefault(Frame(f"thread {thread.name}"), len(ids)))
            for frame in reversed(thread.frames):
                node = tree.child(node, ids.setdefault(frame, len(ids)))
            tree.add(node, step)
    return Profile(
        name="wall clock",
        unit="seconds",
        frames=tuple(ids),
        tree=tree.finish(),
        samples=len(dumps),
        value="wall",
    )
