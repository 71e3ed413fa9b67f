"""What the threads of a JVM are at, in the words that causes know, by their dumps.

The frames between the program's own code and the leaf say what a wait is for; a thread that the
JVM calls runnable may sit in a system call, which its native leaf tells. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from slowcoach.diagnosis.evidence.java_cache_libraries import is_of_the_jdk
from slowcoach.diagnosis.evidence.java_native import is_native, told
from slowcoach.diagnosis.evidence.units import Unit
from slowcoach.diagnosis.evidence.waits import RUN, Wait
from slowcoach.diagnosis.eyes import StackFrame
from slowcoach.profiling.frames import kind
from slowcoach.profiling.model import Frame
from slowcoach.profiling.recorders.java_threads import JavaThread

_REMEMBERED = 20_000
_OF_NO_SERVER = "thread "
_WAITS = frozenset({"WAITING", "TIMED_WAITING"})
_LAMBDA = re.compile(r"lambda\$(\w+)\$\d+$")
_HIDDEN = re.compile(
    r"\$\$Lambda|\$\$SpringCGLIB|\$HibernateProxy|\$\$EnhancerBy|\$\$FastClass|\$Proxy\d+|GeneratedMethodAccessor"
)
_POOL = re.compile(
    r"^(?:com\.zaxxer\.hikari\.|org\.apache\.tomcat\.jdbc\.pool\.|org\.apache\.commons\.(?:dbcp|pool)"
    r"|com\.mchange\.v2\.(?:resourcepool|c3p0)|io\.agroal\.pool|oracle\.ucp\.|com\.alibaba\.druid\."
    r"|redis\.clients\.\w+\.util\.Pool|org\.apache\.(?:http|hc\.core5)\.pool\."
    r"|com\.mongodb\.internal\.connection\.\w*Pool|reactor\.netty\.resources\.\w*Pool)"
)
_DATABASE = re.compile(
    r"^(?:java\.sql\.|javax\.sql\.|org\.(?:postgresql|mariadb|h2|sqlite|hsqldb|firebirdsql|hibernate"
    r"|jooq|apache\.derby)\.|com\.(?:mysql|microsoft\.sqlserver|ibm\.db2|clickhouse)\.|oracle\.jdbc\."
    r"|net\.sourceforge\.jtds\.|org\.springframework\.jdbc\.)"
)
_SOCKET = re.compile(
    r"^(?:sun\.nio\.ch\.(?:Net|SocketDispatcher|NioSocketImpl|SocketChannelImpl|UnixDomainSockets)"
    r"|java\.net\.(?:\w*Socket\w*))\.|^java\.net\.Inet\w+AddressImpl\."
)
_WRITES = re.compile(r"^sun\.nio\.ch\.(?:Unix)?FileDispatcherImpl\.")  # sockets use it too
_NEVER_WAITS = re.compile(r"^io\.netty\.channel\.|^jdk\.internal\.net\.http\.SocketTube")
_LOOKS_UP = re.compile(r"^java\.net\.Inet\w+AddressImpl\.")
_SELECTS = re.compile(
    r"^(?:sun\.nio\.ch\.(?:EPoll|EPollArrayWrapper|KQueue|PollSelectorImpl)"
    r"|io\.netty\.(?:channel\.epoll\.Native|incubator))\.|^java\.lang\.ref\."
)
_ACCEPTS = re.compile(r"^(?:sun\.nio\.ch\.(?:Net|ServerSocket\w+)|java\.net\.\w+)\.\w*[aA]ccept")
_DISK = re.compile(
    r"^(?:sun\.nio\.ch\.(?:Unix)?FileDispatcherImpl|sun\.nio\.fs\.UnixNativeDispatcher"
    r"|java\.io\.(?:File(?:Input|Output)Stream|RandomAccessFile|FileDescriptor|UnixFileSystem)"
    r"|java\.nio\.(?:MappedByteBuffer|MappedMemoryUtils))\."
)
_CHILD = re.compile(r"^java\.lang\.Process(?:Impl|Builder|HandleImpl)?(?:\$\w+)*\.")
_CALLS = re.compile(
    r"^(?:jdk\.internal\.net\.http\.|java\.net\.http\.|sun\.net\.www\.|okhttp3\.|retrofit2\.|io\.grpc\."
    r"|org\.apache\.(?:http|hc|kafka)\.|io\.lettuce\.|com\.mongodb\.|feign\.|kong\.unirest\."
    r"|org\.asynchttpclient\.|com\.rabbitmq\.|software\.amazon\.awssdk\.)"
)
_ASKS = re.compile(r"client", re.IGNORECASE)  # in the names of what asks peers, whose ever
_SERVERS = (
    (re.compile(r"^sun\.net\.httpserver\."), "com.sun.net.httpserver"),
    (re.compile(r"^org\.apache\.(?:tomcat|coyote|catalina)\."), "Tomcat"),
    (re.compile(r"^org\.eclipse\.jetty\."), "Jetty"),
    (re.compile(r"^io\.undertow\.|^org\.xnio\."), "Undertow"),
    (re.compile(r"^org\.glassfish\.grizzly\."), "Grizzly"),
    (re.compile(r"^io\.helidon\.webserver\."), "Helidon"),
    (re.compile(r"^(?:fi\.iki\.elonen|org\.nanohttpd)\."), "NanoHTTPD"),
    (re.compile(r"^io\.grpc\."), "gRPC"),
    (re.compile(r"^io\.netty\."), "Netty"),
)
_LOOPS = re.compile(
    r"^io\.netty\.(?:channel\.\w+\.\w*EventLoop|util\.concurrent\.SingleThreadEventExecutor)\b"
    r"|^io\.vertx\.core\.impl\.EventLoop|^org\.xnio\.nio\.WorkerThread\b"
)
_EXECUTORS = re.compile(
    r"^java\.util\.concurrent\.(?:ThreadPoolExecutor\$Worker|ForkJoinWorkerThread|ForkJoinPool)\b"
)
_WAITING = (  # the nearest to the program's own code counts
    (
        re.compile(
            r"^java\.util\.concurrent\.CompletableFuture\.|^reactor\.core\.publisher\.(?:Blocking|\w+\.block)"
            r"|^io\.reactivex\.\S*\.blocking|^io\.netty\.util\.concurrent\.DefaultPromise\."
            r"|^com\.google\.common\.util\.concurrent\.\w*Future|^kotlinx\.coroutines\.Block"
        ),
        "future",
    ),
    (
        re.compile(
            r"^java\.util\.concurrent\.(?:FutureTask|ForkJoinTask|ForkJoinPool|\w*ExecutorService"
            r"|\w*CompletionService|ThreadPoolExecutor|CountedCompleter|StructuredTaskScope)\b"
            r"|^java\.lang\.Thread\.join|^java\.util\.stream\."
        ),
        "join",
    ),
    (re.compile(r"^java\.util\.concurrent\.Semaphore\."), "semaphore"),
    (
        re.compile(
            r"^java\.util\.concurrent\.(?:\w*(?:Queue|Deque)|Exchanger)\b|^java\.util\.Timer"
        ),
        "queue",
    ),
    (
        re.compile(
            r"^java\.util\.concurrent\.locks\.(?:ReentrantLock|ReentrantReadWriteLock|StampedLock)\b"
        ),
        "lock",
    ),
    (re.compile(r"^java\.util\.concurrent\.(?:CountDownLatch|CyclicBarrier|Phaser)\b"), "event"),
    (re.compile(r"^java\.util\.concurrent\.locks\.\w+\$ConditionObject\."), "condition"),
    (
        re.compile(
            r"^java\.lang\.Thread\.sleep|^java\.util\.concurrent\.TimeUnit\.sleep"
            r"|^java\.util\.concurrent\.locks\.LockSupport\.park(?:Nanos|Until)"
            r"|^com\.google\.common\.util\.concurrent\.RateLimiter"
        ),
        "sleep",
    ),
    (re.compile(r"^java\.lang\.Object\.wait"), "condition"),
    (re.compile(r"^java\.util\.concurrent\.locks\."), "lock"),
)
_FOR = ((_POOL, "pool"), (_CHILD, "child"), (_DATABASE, "db"), (_CALLS, "net"))
_NUMBERS = re.compile(r"[-#\s]*(?:thread[-#\s]*)?\d+$", re.IGNORECASE)
WaitOf = Callable[[int, Sequence[StackFrame]], Wait]
InNative = Callable[[int], Wait]


def units_of(
    dump: Sequence[JavaThread],
    wait_of: WaitOf,
    database_port: int = 0,
    in_native: InNative = lambda _: RUN,
) -> list[Unit]:
    """Return one look at a JVM's threads. `wait_of` gives the kernel's wait of an OS thread with
    this stack, where it sits at a socket; `in_native`, where native code may do anything.
    """
    holders = {lock: thread for thread in dump for lock in thread.holds}
    units = [_unit(each, holders, wait_of, database_port, in_native) for each in dump]
    if not any(server_of(frame.name) for unit in units for frame in unit.frames):
        return units
    # where a server hands requests to its own threads, the program's others work for those
    return [
        replace(unit, carrier="worker")
        if unit.carrier == "thread" and unit.server.startswith(_OF_NO_SERVER)
        else unit
        for unit in units
    ]


@lru_cache(_REMEMBERED)
def server_of(function: str) -> str:
    """Return the name of the server that a function belongs to, if any."""
    return next((word for pattern, word in _SERVERS if pattern.match(function)), "")


def asks(functions: Iterable[str]) -> bool:
    """Tell whether one of the functions belongs to what asks peers."""
    return any(_CALLS.match(f) or _DATABASE.match(f) or _ASKS.search(f) for f in functions)


def _unit(
    thread: JavaThread,
    holders: Mapping[str, JavaThread],
    wait_of: WaitOf,
    database_port: int,
    in_native: InNative,
) -> Unit:
    stack = _stack_of(thread.frames)
    wait = partial(wait_of, thread.os_thread_id, stack.frames)
    state, target, port = _state(thread.state, stack.inner, wait, database_port)
    if state == "lock":
        target = _knot(thread, holders)
    if state == "cpu" and is_native(thread):
        database = _any(_DATABASE, stack.inner)
        state, target, port = told(in_native(thread.os_thread_id), database=database)
    carrier, server = _carrier(thread.name, stack.outer)
    if state == "future" and carrier == "loop":  # it stands there, and others' handlers with it
        state = "event"
    return Unit(
        key=thread.os_thread_id,
        state=state,
        carrier="task" if state == "future" else carrier,
        frames=stack.frames,
        packages=stack.packages,
        waits_in=stack.waits_in,
        server=server,
        target=target,
        port=port,
    )


@dataclass(frozen=True, slots=True)
class _Stack:
    """What a stack tells by itself; `inner` are the functions that its own code called, leaf first,
    `outer` that code and what called it.
    """

    frames: tuple[StackFrame, ...]
    inner: tuple[str, ...]
    outer: tuple[str, ...]
    packages: tuple[str, ...]
    waits_in: str


@lru_cache(_REMEMBERED)
def _stack_of(given: tuple[Frame, ...]) -> _Stack:
    """Return what a stack tells; most threads stand where they stood at the last look."""
    frames = tuple(map(frame_of, given))
    names = tuple(frame.name for frame in frames)
    at = next((i for i, frame in enumerate(frames) if frame.own), len(frames))
    packages = tuple(dict.fromkeys(map(_package, names[:at])))
    waits_in = next((name for name in names[:at] if not is_of_the_jdk(name)), "")
    return _Stack(frames, names[:at], names[at:], packages, waits_in)


@lru_cache(_REMEMBERED)
def frame_of(frame: Frame) -> StackFrame:
    """Return a frame as `Outer.Inner.method`; own code without its package, lambdas as the
    method that holds them.
    """
    of_class, _, method = frame.name.rpartition(":")
    own = not kind(frame).library and not _HIDDEN.search(of_class)
    if not own:
        return StackFrame(f"{of_class}.{method}", frame.file or "", frame.line or 0, own=False)
    if at := _LAMBDA.match(method):
        method = {"new": "<init>", "static": "<clinit>"}.get(at[1], at[1])
    name = of_class.rpartition(".")[2].replace("$", ".")
    return StackFrame(f"{name}.{method}", frame.file or "", frame.line or 0, own=True)


def _package(name: str) -> str:
    """Return the package of a function: `java.util.HashMap.get` -> `java.util`."""
    return ".".join(name.split(".")[:-2])


def loops_of(units: Iterable[Unit]) -> frozenset[int]:
    """Return the threads that sit in a selector which the program's own code asked."""
    return frozenset(
        unit.key
        for unit in units
        if unit.state == "idle" and unit.own_at and _SELECTS.match(unit.frames[0].name)
    )


def _knot(thread: JavaThread, holders: Mapping[str, JavaThread]) -> str:
    """Return whose lock it waits for, if that thread waits for a lock itself: what deadlocks do.

    A lock's address is no name for it: the collector moves it.
    """
    holder = holders.get(thread.blocked_on or "")
    return f"held by {holder.name}" if holder is not None and holder.blocked_on else ""


@lru_cache(_REMEMBERED)
def _carrier(name: str, names: tuple[str, ...]) -> tuple[str, str]:
    server = next(filter(None, map(server_of, names)), "")
    group = _NUMBERS.sub("", name)
    if any(_LOOPS.match(n) for n in names):
        return "loop", server
    if not any(_EXECUTORS.match(n) for n in names):
        return "thread", server or f"{_OF_NO_SERVER}{group}"
    whose = f"the executor {group}"
    return ("thread", f"{whose} ({server})") if server else ("worker", whose)


def _state(
    state: str, names: tuple[str, ...], wait: Callable[[], Wait], database_port: int
) -> tuple[str, str, int]:
    """Return the state, and the target and port of the peer where there is one."""
    pooled = _any(_POOL, names)
    if state == "BLOCKED":
        return ("pool" if pooled else "lock"), "", 0
    if state in _WAITS:
        return waiting_state(names), "", 0
    if not names:
        return "cpu", "", 0
    if _SELECTS.match(names[0]) or _ACCEPTS.match(names[0]):
        return ("net" if _any(_CALLS, names) else "idle"), "", 0
    if _SOCKET.match(names[0]) or (_WRITES.match(names[0]) and _any(_SOCKET, names)):
        if _any(_NEVER_WAITS, names):  # what is sent by a channel that does not block
            return "cpu", "", 0
        return _at_socket(names, wait, database_port)
    if _any(_CHILD, names):
        return "child", "", 0
    return ("disk" if _DISK.match(names[0]) else "cpu"), "", 0


def _at_socket(
    names: tuple[str, ...], wait: Callable[[], Wait], database_port: int
) -> tuple[str, str, int]:
    if _LOOKS_UP.match(names[0]):
        return "net", "DNS", 0
    at = wait()
    if at.client or any(_SERVERS[0][0].match(name) for name in names):
        return "client", "", 0
    if _any(_DATABASE, names) or (database_port and at.port == database_port):
        return "db", at.target, at.port
    return "net", at.target, at.port


@lru_cache(_REMEMBERED)
def waiting_state(names: tuple[str, ...]) -> str:
    """Return the state of a thread that waits, by the functions its own code called, leaf first."""
    for pattern, word in _FOR:
        if _any(pattern, names):
            return word
    if _any(_SOCKET, names):  # a virtual thread is parked until there is data
        return "client" if any(_SERVERS[0][0].match(name) for name in names) else "net"
    for name in reversed(names):
        for pattern, word in _WAITING:
            if pattern.match(name):
                return word
    return "other"


@lru_cache(_REMEMBERED)
def _any(pattern: re.Pattern[str], names: tuple[str, ...]) -> bool:
    return any(pattern.match(name) for name in names)
