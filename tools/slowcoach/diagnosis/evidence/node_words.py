"""What a Node.js program waits for in itself, by the libraries and the names of functions. Pure."""

import re

from slowcoach.diagnosis.evidence.node_notes import POOLS, TAKES, WITHIN, Note
from slowcoach.diagnosis.evidence.states import names_a_pool

DRIVERS = frozenset(
    {"pg", "pg-native", "postgres", "mysql", "mysql2", "mariadb", "mongodb", "tedious", "oracledb"}
    | {"cassandra-driver", "@prisma/client", "sqlite3"}
)
KEEPS_TIME = DRIVERS | POOLS  # their timers end what takes too long, or lies idle
_SEMAPHORES = frozenset({"async-sema", "await-semaphore", "semaphore-async-await"})
_LOCKS = frozenset(
    {"async-mutex", "async-lock", "await-lock", "mutexify", "rwlock", "async-rwlock", "live-mutex"}
)
_QUEUES = frozenset(
    {"p-queue", "p-limit", "p-throttle", "bottleneck", "fastq", "throat", "promise-limit", "queue"}
    | {"better-queue", "limiter", "tiny-async-pool", "promise-pool", "@supercharge/promise-pool"}
)
_WORKERS = frozenset({"piscina", "tinypool", "workerpool", "poolifier", "threads", "jest-worker"})
HTTP_CLIENTS = frozenset({"undici", "axios", "got", "node-fetch", "superagent", "needle", "ky"})
# many requests at a time over one connection: its own waiting list is no pool
SHARED = frozenset({"ioredis", "redis", "@redis/client", "@grpc/grpc-js", "kafkajs", "amqplib"})
_LOCK = re.compile(r"acquire|mutex|semaphore|exclusive|(?:^|[._ ])(?:un)?lock", re.IGNORECASE)
_QUEUE = re.compile(
    r"queue|limiter|throttl|(?:take|get|claim|wait|next|free)\w*(?:slot|permit|turn)", re.IGNORECASE
)
_ONE = re.compile(r"mutex|exclusive|lock", re.IGNORECASE)
_SEVERAL = re.compile(r"semaphore|sema(?![a-z])", re.IGNORECASE)
_KINDS = ((_WORKERS, "executor"), (POOLS, "pool"), (_QUEUES, "queue"))


def word_of(note: Note) -> str:
    """Return the state that the names of the innermost functions speak of, if any."""
    if note.word:
        return note.word
    names = " ".join(f"{name} {file.rsplit('/', 1)[-1]}" for name, file in note.path[-2:])
    last = note.path[-1][0] if note.path else ""
    known = set(note.packages)
    if word := next((word for kinds, word in _KINDS if known & kinds), ""):
        return word
    if known & _SEMAPHORES:
        return "semaphore"
    if known & _LOCKS:
        return "semaphore" if _SEVERAL.search("".join(note.callee[:1])) else "lock"
    if note.leaf == WITHIN:
        return "pool" if any(map(TAKES.search, note.callee)) else ""
    lent = bool(known & DRIVERS) and names_a_pool(" ".join(note.callee))
    if lent or names_a_pool(last):
        return "pool"
    if _LOCK.search(last):
        return "pool" if names_a_pool(names) else _of_name(last)
    return "queue" if _QUEUE.search(last) else ""


def _of_name(name: str) -> str:
    """Return lock where one at a time goes on; of a semaphore several may, as of a pool."""
    return "lock" if _ONE.search(name) and not _SEVERAL.search(name) else "semaphore"
