"""Thread dumps of the JVM (`jcmd PID Thread.print`, jstack, kill -3) as stacks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.frames import kind
from slowcoach.profiling.happened import Noted
from slowcoach.profiling.jfr.methods import source_file
from slowcoach.profiling.model import Frame, Profile

_HEAD = re.compile(r'^"(?P<name>.*)" .*?\bnid=(?P<nid>0x[0-9a-f]+|\d+)')
_STATE = re.compile(r"^\s+java\.lang\.Thread\.State: (?P<state>[A-Z_]+)")
_FRAME = re.compile(r"^\s+at (?:[\w.]+@[\w.+-]+/|app//)?(?P<method>[^\s(]+)\((?P<place>[^)]*)\)")
_LOCK = re.compile(
    r"^\s+- (?P<how>waiting to lock|waiting on|parking to wait for)\s+<(?P<lock>\w+)>"
)
_LOCKED = re.compile(r"^\s+- locked <(?P<lock>\w+)>")
_NATIVE = "Native Method"
_BLOCKED = "waiting to lock "
_OF_THE_JVM = re.compile(
    r"(Reference Handler|Finalizer|Common-Cleaner|Signal Dispatcher|Attach Listener|"
    r"Service Thread|Notification Thread|JFR .*)$"
)
_LINE = re.compile(r"(?:.*/)?(?P<file>[^/]+):(?P<line>\d+)$")
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class JavaThread:
    """What one thread did at one moment; `frames` are leaf first, `waits` what it waits for.

    `holds` has the frame that took each monitor it holds. `native`: its leaf is a native method.
    """

    name: str
    os_thread_id: int
    state: str
    frames: tuple[Frame, ...]
    waits: str | None
    holds: Mapping[str, Frame] = field(default_factory=dict[str, Frame])
    native: bool = False

    @property
    def blocked_on(self) -> str | None:
        """Return the monitor that it waits to enter."""
        waits = self.waits or ""
        return waits.removeprefix(_BLOCKED) if waits.startswith(_BLOCKED) else None


@dataclass(frozen=True, slots=True)
class Held:
    """A place that waited for a monitor, and where its holder was: seconds of one thread."""

    waiter: Frame
    holder: Frame
    took_it: Frame
    thread: str
    seconds: float


def threads_of(text: str) -> list[JavaThread]:
    """Return the threads of a dump that run Java code; the JVM's own have no stack."""
    found: list[_Found] = []
    for line in text.splitlines():
        if head := _HEAD.match(line):
            found.append(_Found(head["name"], int(head["nid"], 0)))
        elif found:
            found[-1].add(line)
    return [each.thread() for each in found if each.frames]


@dataclass(slots=True)
class _Found:
    """A thread whose lines are being read."""

    name: str
    number: int
    state: str = ""
    waits: str | None = None
    frames: list[Frame] = field(default_factory=list[Frame])
    holds: dict[str, Frame] = field(default_factory=dict[str, Frame])
    native: bool = False

    def add(self, line: str) -> None:
        if known := _called(line):
            frame, native = known
            self.native = self.native or (not self.frames and native)
            self.frames.append(frame)
        elif at := _STATE.match(line):
            self.state = at["state"]
        elif at := _LOCK.match(line):
            self.waits = self.waits or f"{at['how']} {at['lock']}"
        elif (at := _LOCKED.match(line)) and self.frames:
            self.holds.setdefault(at["lock"], self.frames[-1])

    def thread(self) -> JavaThread:
        """Object.wait gives its monitor up, though the dump still says that it is locked."""
        given_up = (self.waits or "").rpartition(" ")[2]
        holds = {lock: frame for lock, frame in self.holds.items() if lock != given_up}
        frames = tuple(self.frames)
        return JavaThread(
            self.name, self.number, self.state, frames, self.waits, holds, self.native
        )


def held(dumps: Sequence[Sequence[JavaThread]], seconds: float) -> list[Held]:
    """Return who held the monitors that threads waited for, the longest waits first."""
    step = seconds / max(len(dumps), 1)
    sums: dict[tuple[Frame, Frame, Frame], float] = {}
    names: dict[tuple[Frame, Frame, Frame], str] = {}
    for dump in dumps:
        holders = {lock: thread for thread in dump for lock in thread.holds}
        for thread in dump:
            holder = holders.get(thread.blocked_on or "")
            if holder is None or holder is thread or _OF_THE_JVM.match(thread.name):
                continue
            took = holder.holds[thread.blocked_on or ""]
            key = (_own(thread), _own(holder), took)
            sums[key] = sums.get(key, 0.0) + step
            names.setdefault(key, holder.name)
    found = [Held(*key, names[key], weight) for key, weight in sums.items()]
    return sorted(found, key=lambda each: -each.seconds)


def _own(thread: JavaThread) -> Frame:
    """Return the topmost frame of the program's own code, or the leaf."""
    return next((frame for frame in thread.frames if not kind(frame).library), thread.frames[0])


@lru_cache(_REMEMBERED)
def _called(line: str) -> tuple[Frame, bool] | None:
    """Return the frame of a line and whether it is native; the same ones stand in every dump."""
    at = _FRAME.match(line)
    return at and (_frame(at["method"], at["place"]), at["place"].endswith(_NATIVE))


def _frame(method: str, place: str) -> Frame:
    of_class, _, name = method.rpartition(".")
    known = _LINE.match(place)
    file = source_file(of_class) if of_class else None
    if known and of_class:  # the folder is the package's, the name the compiler's own
        file = "/".join([*source_file(of_class).split("/")[:-1], known["file"]])
    return Frame(f"{of_class}:{name}", file, int(known["line"]) if known else None)


def wall_clock(dumps: Sequence[Sequence[JavaThread]], seconds: float) -> Profile:
    """Return dumps as a profile in seconds of one thread; the root of a stack is its thread.

    The JVM's own threads are left out: they wait, and mean nothing by it.
    """
    tree, ids, noted = NodeTree(), dict[Frame, int](), Noted()
    step = seconds / max(len(dumps), 1)
    for look, dump in enumerate(dumps):
        for thread in dump:
            if _OF_THE_JVM.match(thread.name):
                continue
            node = tree.child(0, ids.setdefault(Frame(f"thread {thread.name}"), len(ids)))
            for frame in reversed(thread.frames):
                node = tree.child(node, ids.setdefault(frame, len(ids)))
            tree.add(node, step)
            noted.add(look * step, node, step)
    made, place = tree.placed()
    return Profile(
        name="wall clock",
        unit="seconds",
        frames=tuple(ids),
        tree=made,
        moments=noted.moments(place, "seconds"),
        samples=len(dumps),
        value="wall",
    )
