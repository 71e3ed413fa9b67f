"""What goroutines are at, in the words that causes know, by the reason Go gives and the frames.

Go names the wait ("chan receive", "sync.Mutex.Lock", "IO wait"); the frames between the program's
own code and the leaf say what it is for. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from slowcoach.diagnosis.activity import UNSTARTED
from slowcoach.diagnosis.evidence.go_foreign import Abroad, told
from slowcoach.diagnosis.evidence.go_frames import frame_of, is_of_a_module, package_of
from slowcoach.diagnosis.evidence.go_roles import CALLS, CHANNEL, Role, roles_of
from slowcoach.diagnosis.evidence.go_waits import RECEIVES, SENDS
from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.evidence.waits import Wait
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.profiling.recorders.go_goroutines import Goroutine

_RUNS = frozenset({"running", "runnable", "copystack", "preempted"})
_DATABASE = re.compile(
    r"^(?:database/sql|github\.com/(?:lib/pq|jackc/(?:pgx|pgconn|puddle)|go-sql-driver/mysql"
    r"|mattn/go-sqlite3)|gorm\.io|xorm\.io|modernc\.org/sqlite)\b"
)
_POOL = re.compile(
    r"^(?:database/sql\.\(\*DB\)\.conn\b|github\.com/jackc/puddle"
    r"|(?!sync\.).*\(\*\w*[Pp]ool\w*\)\.(?:Get|Acquire|waitTurn))"
)
_LENDS = re.compile(r"^net/http\.\(\*Transport\)\.getConn\b")
_DIALS = re.compile(r"^net/http\.\(\*Transport\)\.dialConn")
_DISK = re.compile(
    r"^(?:os\.\(\*File\)\.|os\.(?:ReadFile|WriteFile|Open|Create|Rename|Remove)"
    r"|(?:internal/poll\.\(\*FD\)\.(?:Fsync|Pread|Pwrite))"
    r"|(?:syscall|golang\.org/x/sys/unix)"
    r"\.(?:F(?:data)?sync|Msync|Sync(?:fs|FileRange)?|P(?:read|write)v?2?|Fallocate|Ftruncate)\b)"
)
_CHILD = re.compile(r"^os/exec\.|^os\.\(\*Process\)\.")
_SERVES = re.compile(
    r"^net/http\.\(\*(?:conn|connReader|response|body)\)\.|^net/http\.\(\*http2server"
)
_ACCEPTS = re.compile(r"\.(?:Serve|ListenAndServe\w*|Accept\w*)$")
_COLLECTS = re.compile(
    r"^runtime\.(?:gc[A-Z]\w*|bgsweep|scanobject|markroot|GC$)|^runtime/debug\.[fF]reeOSMemory$"
)
_SYNC = (
    (re.compile(r"^sync\.\(\*(?:RW)?Mutex\)\."), "lock"),
    (re.compile(r"^sync\.\(\*WaitGroup\)\.|^golang\.org/x/sync/errgroup\."), "join"),
    (re.compile(r"^golang\.org/x/sync/semaphore\."), "semaphore"),
    (re.compile(r"^sync\.\(\*Cond\)\.Wait"), "condition"),
    (re.compile(r"^sync\.\(\*Once\)\."), "lock"),
    (re.compile(r"^golang\.org/x/time/rate\."), "sleep"),
)
_QUEUES = frozenset({RECEIVES, SENDS, "semaphore", "condition"})
_SYSTEM = ("syscall.", "internal/runtime/syscall", "internal/syscall", "golang.org/x/sys/")
_PRIMITIVE = re.compile(r"(?:runtime|sync|internal|syscall|time|context)[./]")
_RUNTIME = re.compile(r"(?:internal/)?runtime[./]")
_LOCKS = re.compile(r"(?:internal/)?(?:sync|poll)\.")
_POLLS = "internal/poll.runtime_pollWait"
_REASONS = {
    "sleep": "sleep",
    "sync.Mutex.Lock": "lock",
    "sync.RWMutex.Lock": "lock",
    "sync.RWMutex.RLock": "lock",
    "sync.Cond.Wait": "condition",
    "sync.WaitGroup.Wait": "join",
    "chan send (nil chan)": "lock",
    "chan receive (nil chan)": "lock",
    "select (no cases)": "other",
    "GC assist wait": "gc",
    "GC assist marking": "gc",
    "GC sweep wait": "gc",
    "GC mark termination": "gc",
    "stopping the world": "gc",
    "flushing proc caches": "gc",
    "wait for GC cycle": "gc",
}


def units_of(dump: Sequence[Goroutine], turn: int = 0, abroad: Abroad | None = None) -> list[Unit]:
    """Return one look at a program's goroutines; `turn` is the number of the look, `abroad` what
    those wait for that are in code of another language.
    """
    roles = roles_of(dump, turn)
    dials = sum(any(_DIALS.match(f.name) for f in each.frames) for each in dump)
    away = abroad or {}
    return [
        _unit(each, roles[each.number], dials, away.get(each.number))
        for each in dump
        if each.number in roles
    ]


def _unit(goroutine: Goroutine, role: Role, dials: int, away: Wait | None) -> Unit:
    frames = tuple(frame_of(frame) for frame in goroutine.frames)
    at = next((i for i, frame in enumerate(frames) if frame.own), len(frames))
    callee = frames[:at]
    state, target = state_of(goroutine.state, callee, dials=dials), ""
    if away is not None:
        state, target = told(state, away)
    if role.hands_over and state in {RECEIVES, SENDS, "condition"}:
        state = "join"
    elif role.serves and at == len(frames) and state in _QUEUES and _held_back(frames):
        state = UNSTARTED  # in a library's limit, before any of the program's own code
    elif not role.serves and state in {RECEIVES, SENDS, "condition"}:
        state = "idle"  # a worker without work, or one that nobody waits for any more
    return Unit(
        key=goroutine.number,
        state=state,
        carrier="thread" if role.serves else "worker",
        frames=frames,
        packages=tuple(dict.fromkeys(package_of(frame.name) for frame in callee)),
        waits_in=next((frame.name for frame in callee if not _PRIMITIVE.match(frame.name)), ""),
        server="net/http" if role.serves else _workers(goroutine),
        target=target,
        beside=role.beside,
    )


def _held_back(frames: Sequence[StackFrame]) -> bool:
    inner = next((frame for frame in frames if not _PRIMITIVE.match(frame.name)), None)
    return inner is not None and is_of_a_module(inner)


def _workers(goroutine: Goroutine) -> str:
    return f"the goroutines that {goroutine.creator} starts" if goroutine.creator else ""


def state_of(reason: str, callee: Sequence[StackFrame], *, dials: int = 0) -> str:
    """Return the state of a goroutine by Go's reason and the frames its own code called (leaf
    first). `dials`: how many goroutines open connections at the time.
    """
    names = [frame.name for frame in callee]
    if any(_ACCEPTS.search(name) for name in names):
        return "idle"
    if any(_COLLECTS.match(name) for name in names):
        return "gc"
    if reason in _RUNS and names[:1] != [_POLLS]:
        return "disk" if in_file_operation(names) else "cpu"
    reason = "IO wait" if reason in _RUNS else reason  # its data came just now
    if reason != "IO wait" and (_any(_POOL, names) or (_any(_LENDS, names) and not dials)):
        return "pool"
    if _any(_CHILD, names):
        return "child"
    if _any(_DATABASE, names):
        return "db"
    return _reasoned(reason, names)


def in_file_operation(names: Sequence[str]) -> bool:
    """Tell whether the kernel works on a file for these frames (leaf first)."""
    return any(name.startswith(_SYSTEM) for name in names) and _any(_DISK, names)


def _reasoned(reason: str, names: Sequence[str]) -> str:
    if reason in {"IO wait", "select", "chan receive", "semacquire"} and _any(CALLS, names):
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
    if reason in CHANNEL:  # what for is told by the others, if at all
        return SENDS if reason == "chan send" else RECEIVES
    if reason == "semacquire":  # below other code than sync's it is the runtime's: it collects
        leaf = next((name for name in names if not _RUNTIME.match(name)), "")
        return "lock" if _LOCKS.match(leaf) else "gc"
    return _REASONS.get(reason, "other")


def _system_call(names: Sequence[str]) -> str:
    return "disk" if _any(_DISK, names) else "other"


def _any(pattern: re.Pattern[str], names: Sequence[str]) -> bool:
    return any(pattern.match(name) for name in names)
