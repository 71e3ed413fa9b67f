"""What one stack is doing: the kernel's wait and the frames above the user's code, in one word.

cpu, gil (waits for the interpreter), lock, semaphore, pool, queue, event, sleep, db, net,
client, disk, child, join (waits for a task or thread that is counted itself), executor (waits
for a thread of a pool), unstarted (waits in the queue of a pool of threads), idle, other. Pure.
"""

import re
from collections.abc import Sequence

from slowcoach.diagnosis.evidence.frames import function_of, origin_of, package_of
from slowcoach.diagnosis.evidence.waits import Wait
from slowcoach.diagnosis.interpreter.stacks import PyFrame

SQL_PACKAGES = frozenset(
    [
        "psycopg",
        "psycopg2",
        "psycopg_pool",
        "psycopg_c",
        "psycopg_binary",
        "asyncpg",
        "aiopg",
        "pg8000",
        "sqlalchemy",
        "tortoise",
        "peewee",
        "pony",
        "databases",
        "pymysql",
        "aiomysql",
        "asyncmy",
        "MySQLdb",
        "mysql",
        "oracledb",
        "pyodbc",
        "pymssql",
        # of Node.js
        *("pg", "pg-pool", "pg-protocol", "pg-cursor", "pg-promise", "postgres", "slonik"),
        *("mysql2", "mariadb", "tedious", "mssql", "knex", "sequelize", "typeorm", "objection"),
        *("bookshelf", "kysely", "drizzle-orm", "massive", "@mikro-orm/core", "@prisma/client"),
    ]
)
_POOL = re.compile(r"pool|available_connection", re.IGNORECASE)
_WAITING_AIDS = re.compile(
    r"synchroni[sz]ation|anyio/|/_?(?:queues?|locks?|events?|compat)\.py|/util/|sniffio"
    r"|^(?:gevent|eventlet|trio)/"
)
_NOT_A_RESOURCE = re.compile(
    r"thread_?pool|concurrent/|multiprocessing/|process_?pool", re.IGNORECASE
)
_POOL_WORD = re.compile(r"pool|conn(ection)?s?\b|checkout|check_out|lease|borrow", re.IGNORECASE)
_STDLIB_WAITS = (
    ("concurrent/futures/_base.py", "", "join"),
    ("threading.py", "Thread.join", "join"),
    ("threading.py", "Thread._wait_for_tstate_lock", "join"),
    ("threading.py", "Semaphore.acquire", "semaphore"),
    ("queue.py", "Queue.get", "queue"),
    ("queue.py", "Queue.put", "queue"),
    ("threading.py", "Barrier.", "event"),
    ("threading.py", "Event.wait", "event"),
    ("threading.py", "Condition.wait", "condition"),
    ("asyncio/locks.py", "Lock.acquire", "lock"),
    ("asyncio/locks.py", "Semaphore.acquire", "semaphore"),
    ("asyncio/locks.py", "Event.wait", "event"),
    ("asyncio/locks.py", "Condition.wait", "condition"),
    ("asyncio/queues.py", "Queue.get", "queue"),
    ("asyncio/queues.py", "Queue.put", "queue"),
    ("asyncio/tasks.py", "sleep", "sleep"),
    ("asyncio/tasks.py", "_wait", "join"),
    ("asyncio/taskgroups.py", "", "join"),
    ("asyncio/threads.py", "to_thread", "executor"),
    ("asyncio/streams.py", "", "net"),
    ("asyncio/sslproto.py", "", "net"),
    ("asyncio/selector_events.py", "", "net"),
    ("asyncio/subprocess.py", "", "child"),
    ("multiprocessing/", "", "child"),
    ("subprocess.py", "", "child"),
    ("logging/__init__.py", "Handler.acquire", "lock"),
    ("logging/__init__.py", "Handler.handle", "lock"),  # since 3.13 it takes the lock itself
)
# libraries that have waits of their own for tasks
_LIBRARY_WAITS = (
    ("trio/_core/_run.py", "Nursery", "join"),
    ("trio/_sync.py", "Event.wait", "event"),
    ("trio/_sync.py", "Condition", "condition"),
    ("trio/_sync.py", "Lock", "lock"),
    ("trio/_sync.py", "", "semaphore"),
    ("trio/_channel.py", "", "queue"),
    ("trio/_timeouts.py", "sleep", "sleep"),
    ("trio/_subprocess.py", "", "child"),
    ("trio/_socket.py", "", "net"),
    ("trio/_highlevel_", "", "net"),
    ("trio/_ssl.py", "", "net"),
    ("gevent/hub.py", "sleep", "sleep"),
    ("gevent/thread.py", "acquire", "lock"),
    ("gevent/lock.py", "acquire", "lock"),
    ("gevent/threadpool.py", "", "executor"),
    ("gevent/subprocess.py", "", "child"),
    ("gevent/_socket", "", "net"),
    ("gevent/ssl.py", "", "net"),
    ("eventlet/greenthread.py", "sleep", "sleep"),
    ("eventlet/semaphore.py", "", "semaphore"),
    ("eventlet/queue.py", "", "queue"),
    ("eventlet/event.py", "", "event"),
    ("eventlet/greenio/", "", "net"),
    ("anyio/streams/memory.py", "", "queue"),
    ("anyio/_backends/_asyncio.py", "TaskGroup", "join"),
    ("anyio/_core/_synchronization.py", "Event.wait", "event"),
    ("anyio/_core/_synchronization.py", "Condition.wait", "condition"),
    ("anyio/_core/_synchronization.py", "Lock.acquire", "lock"),
    ("anyio/_core/_synchronization.py", "acquire", "semaphore"),
    ("anyio/_backends/_asyncio.py", "Event.wait", "event"),
    ("anyio/_backends/_asyncio.py", "Lock.acquire", "lock"),
    ("anyio/_backends/_asyncio.py", "Semaphore.acquire", "semaphore"),
    ("anyio/_backends/_asyncio.py", "CapacityLimiter.acquire", "semaphore"),
)
_PRIMITIVES = {
    "Semaphore": "semaphore",
    "BoundedSemaphore": "semaphore",
    "LockType": "lock",
    "Event": "event",
    "Queue": "queue",
    "SimpleQueue": "queue",
    "JoinableQueue": "queue",
    "LifoQueue": "queue",
    "PriorityQueue": "queue",
    "Channel": "queue",
    "Greenlet": "join",
}
_OF_TASKS = frozenset({"gevent", "eventlet", "trio", "anyio"})
_TABLES = {"stdlib": _STDLIB_WAITS, "library": _LIBRARY_WAITS}


def known_wait(callee: Sequence[PyFrame]) -> str:
    """Return the word for the known waits among frames leaf first ('' for none).

    The outermost known one counts: a queue's get is a queue, though its leaf is a condition.
    """
    for frame in reversed(callee):
        origin, inside = origin_of(frame.file)
        for file, function, word in _TABLES.get(origin, ()):
            if inside.startswith(file) and function in function_of(frame):
                return word
    return ""


def takes_over(frames: Sequence[PyFrame]) -> bool:
    """Tell whether the standard library's code that takes a lock is all that runs: a thread seen
    there has just got the lock, or stands where it got the interpreter back after it.
    """
    innermost = frames[:1]
    stdlib = [f for f in innermost if origin_of(f.file)[0] == "stdlib"]
    return known_wait(stdlib) == "lock"


def waiting_library(callee: Sequence[PyFrame]) -> PyFrame | None:
    """Return the libraries' function nearest to the leaf that is no mere aid to wait."""
    for frame in callee:
        origin, inside = origin_of(frame.file)
        if origin == "library" and not _WAITING_AIDS.search(inside):
            return frame
    return None


def _pool_code(callee: Sequence[PyFrame]) -> bool:
    """Tell whether the wait is a pool's own: the nearest library code to the leaf is a pool."""
    frame = waiting_library(callee)
    text = f"{origin_of(frame.file)[1]} {frame.name}" if frame else ""
    return bool(_POOL.search(text)) and not _NOT_A_RESOURCE.search(text)


def _sql(callee: Sequence[PyFrame]) -> bool:
    return any(
        origin_of(f.file)[0] == "library"
        and (package_of(f) in SQL_PACKAGES or "/db/" in origin_of(f.file)[1])
        for f in callee
    )


def names_a_pool(text: str) -> bool:
    """Tell whether the user's own name for a function speaks of connections or a pool."""
    return bool(_POOL_WORD.search(text))


def thread_state(wait: Wait, callee: Sequence[PyFrame], database_port: int) -> str:
    """Return the state of a thread. `callee`: the frames above the user's code, leaf first."""
    if wait.kind == "run":
        return "cpu"
    if wait.kind == "lock":
        return _blocked_state(callee)
    if wait.kind == "socket":
        if wait.client:
            return "client"
        sql = wait.port == database_port if database_port else _sql(callee)
        return "db" if sql else "net"
    if wait.kind == "pipe":
        return "child" if known_wait(callee) == "child" else "other"
    if wait.kind == "file lock":
        return "lock"
    if wait.kind == "select":
        return "db" if _sql(callee) else "select"
    return wait.kind


def _blocked_state(callee: Sequence[PyFrame]) -> str:
    word = known_wait(callee)
    if word == "join":
        return "join"
    if _pool_code(callee):
        return "pool"
    return word or "lock"


def _primitive(awaits: str) -> str:
    """Return the word for a compiled primitive that a task waits on ('' for none)."""
    return _PRIMITIVES.get(awaits.rsplit(".", 1)[-1], "") if awaits.startswith("gevent.") else ""


def task_state(awaits: str, callee: Sequence[PyFrame]) -> str:
    """Return the state of a suspended task."""
    word = known_wait(callee) or _primitive(awaits)
    if word in {"executor", "sleep", "child"} and not _pool_code(callee):
        return word
    if _pool_code(callee) and word in {"", "lock", "semaphore", "event", "condition", "queue"}:
        return "pool"
    if _in_worker_thread(callee):
        return "executor"
    if awaits.endswith("Task") or "Gathering" in awaits:
        return "join"
    if _sql(callee):
        return "db"
    library = any(
        origin_of(f.file)[0] == "library" and package_of(f) not in _OF_TASKS for f in callee
    )
    if library and _hands_over(callee):
        return "join"
    if library and word in {"", "event", "condition", "queue"}:
        return "net"  # a library that is no pool waits for data
    return word or "future"


def _hands_over(callee: Sequence[PyFrame]) -> bool:
    """Tell whether a library waits for what a task of its own sends: that one is seen itself."""
    return any(origin_of(f.file)[1] == "anyio/streams/memory.py" for f in callee)


def _in_worker_thread(callee: Sequence[PyFrame]) -> bool:
    """Code that runs a function in a thread for a coroutine says so in its name."""
    return any(
        origin_of(f.file)[0] == "library"
        and re.search(r"to_thread|threadpool|run_sync", f.name + f.file)
        for f in callee
    )
