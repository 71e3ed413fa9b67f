"""What goroutines are at, in the words that causes know, by the reason Go gives and the frames.

Go names the wait ("chan receive", "sync.Mutex.Lock", "IO wait"); the frames between the program's
own code and the leaf say what it is for. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.go_goroutines import Goroutine

_RUNS = frozenset({"running", "runnable", "copystack", "preempted"})
_DATABASE = re.compile(
    r"^(?:database/sql|github\.com/(?:lib/pq|jackc/(?:pgx|pgconn|puddle)|go-sql-driver/mysql"
    r"|mattn/go-sqlite3)|gorm\.io|xorm\.io|modernc\.org/sqlite)\b"
)
_POOL = re.compile(
    r"^(?:database/sql\.\(\*DB\)\.conn\b|github\.com/jackc/puddle|.*\(\*\w*[Pp]ool\w*\)\.(?:Get|Acquire))"
)
_DISK = re.compile(
    r"^(?:os\.\(\*File\)\.|os\.(?:ReadFile|WriteFile|Open|Create|Rename|Remove)"
    r"|(?:internal/poll\.\(\*FD\)\.(?:Fsync|Pread|Pwrite))|syscall\.(?:Fsync|Pread|Pwrite))"
)
_CHILD = re.compile(r"^os/exec\.|^os\.\(\*Process\)\.")
_SERVES = re.compile(
    r"^net/http\.\(\*(?:conn|connReader|response|body)\)\.|^net/http\.\(\*http2server"
)
_CALLS = re.compile(
    r"^net/http\.\(\*(?:Client|Transport|persistConn)\)\.|^net\.\(\*(?:Dialer|Resolver)\)\."
    r"|^net\.Dial|^google\.golang\.org/grpc\."
)
_COLLECTS = re.compile(r"^runtime\.(?:gc[A-Z]\w*|bgsweep|scanobject|markroot)")
_SYNC = (
    (re.compile(r"^sync\.\(\*(?:RW)?Mutex\)\."), "lock"),
    (re.compile(r"^sync\.\(\*WaitGroup\)\.|^golang\.org/x/sync/errgroup\."), "join"),
    (re.compile(r"^golang\.org/x/sync/semaphore\."), "semaphore"),
    (re.compile(r"^sync\.\(\*Cond\)\.Wait"), "condition"),
    (re.compile(r"^sync\.\(\*Once\)\."), "lock"),
    (re.compile(r"^golang\.org/x/time/rate\."), "sleep"),
)
_SYNC_PACKAGES = re.compile(r"^(?:internal/)?(?:sync|runtime)\b")
_REASONS = {
    "sleep": "sleep",
    "sync.Mutex.Lock": "lock",
    "sync.RWMutex.Lock": "lock",
    "sync.RWMutex.RLock": "lock",
    "sync.Cond.Wait": "condition",
    "sync.WaitGroup.Wait": "join",
    "chan send": "semaphore",
    "chan send (nil chan)": "lock",
    "chan receive (nil chan)": "lock",
    "select (no cases)": "other",
    "GC assist wait": "gc",
    "GC assist marking": "gc",
    "GC sweep wait": "gc",
}


def units_of(dump: Sequence[Goroutine]) -> list[Unit]:
    """Return one look at a program's goroutines."""
    return [_unit(each) for each in dump]


def _unit(goroutine: Goroutine) -> Unit:
    frames = tuple(_frame(frame) for frame in goroutine.frames)
    at = next((i for i, frame in enumerate(frames) if frame.own), len(frames))
    callee = frames[:at]
    packages = tuple(dict.fromkeys(_package(frame.name) for frame in callee))
    return Unit(
        key=goroutine.number,
        state=state_of(goroutine.state, callee),
        carrier="thread",
        frames=frames,
        packages=packages,
        server="net/http" if any(_SERVES.match(frame.name) for frame in frames[at:]) else "",
    )


def _frame(frame: Frame) -> StackFrame:
    own = not kind(frame).library
    return StackFrame(frame.name, frame.file or "", frame.line or 0, own)


def _package(name: str) -> str:
    """Return the import path of a function: `net/http.(*conn).serve` -> `net/http`."""
    folder, slash, rest = name.rpartition("/")
    return f"{folder}{slash}{rest.split('.', 1)[0]}"


def state_of(reason: str, callee: Sequence[StackFrame]) -> str:
    """Return the state of a goroutine by Go's reason and the frames its own code called (leaf
    first).
    """
    names = [frame.name for frame in callee]
    if any(_COLLECTS.match(name) for name in names):
        return "gc"
    if reason in _RUNS:
        return "cpu"
    if any(_POOL.match(name) for name in names):
        return "pool"
    if _any(_DATABASE, names):
        return "db"
    return _reasoned(reason, names)


def _reasoned(reason: str, names: Sequence[str]) -> str:
    if reason in {"IO wait", "select", "chan receive", "semacquire"} and _any(_CALLS, names):
        return "net"
    if reason == "IO wait":
        return "client" if _any(_SERVES, names) else "net"
    if reason == "syscall":
        return _system_call(names)
    outermost = next(
        (name for name in reversed(names) if not name.startswith(("runtime.", "internal/"))), ""
    )
    for pattern, word in _SYNC:
        if pattern.match(outermost):
            return word
    if reason in {"chan receive", "select"}:
        return "future"  # whom it waits for is told by the others, if at all
    return _REASONS.get(reason, "lock" if reason == "semacquire" else "other")


def _system_call(names: Sequence[str]) -> str:
    if _any(_CHILD, names):
        return "child"
    return "disk" if _any(_DISK, names) else "other"


def _any(pattern: re.Pattern[str], names: Sequence[str]) -> bool:
    return any(pattern.match(name) for name in names)
