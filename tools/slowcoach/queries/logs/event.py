"""What a log tells of: statements that ran, and what befell them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from slowcoach.queries.logs.stream import Stream

Kind = Literal["statement", "error", "lock_wait", "temp_file", "end"]
Tells = Literal[
    "times",
    "clock",
    "sessions",
    "transactions",
    "rows_examined",
    "locks",
    "spills",
    "failures",
    "traces",
]


class Event(NamedTuple):
    """One statement, or what happened to one.

    `ms` is its time in the server and `at` its beginning in s of any epoch; None where the log
    does not tell. `session` is whatever runs one after the other: a connection, a trace.
    `parameters` are those logged beside the statement. `amount` is ms of a lock_wait, bytes of a
    temp_file. `calls` is more than one where the source has counted already; `ms` is then of all
    together. `end` closes a session: nothing of it follows.
    `coarse`: the clock tells whole seconds.
    """

    sql: str
    ms: float | None = None
    at: float | None = None
    session: str = ""
    parameters: str = ""
    caller: str = ""
    kind: Kind = "statement"
    rows: float | None = None
    examined: float | None = None
    lock_ms: float | None = None
    amount: float = 0.0
    calls: int = 1
    mysql: bool = False
    plan: str = ""
    batched: bool = False
    temp_bytes: float = 0.0
    coarse: bool = False


class Http(NamedTuple):
    """The request that a span tells of; "" and None for what it does not."""

    method: str
    route: str
    path: str
    query: str
    origin: str
    status: int | None


class Process(NamedTuple):
    """The process that a span ran in, as far as its resource tells: 0 and "" for what it does not.

    `pid` is that of its own container; `pod` is where an orchestrator runs it.
    """

    pid: int = 0
    host: str = ""
    container: str = ""
    pod: str = ""


class Span(NamedTuple):
    """One span of a trace: times in s, `sql` if it is a statement to a database. `server` tells
    that a service answered a request in it, `peer` whom a client's span called.

    `address` and `port` are where a client's span called, or where a server was asked; `system`
    is the kind of database, `table` what a statement is about.
    """

    trace: str
    id: str
    parent: str
    service: str
    name: str
    start: float
    end: float
    client: bool = False
    sql: str = ""
    mysql: bool = False
    caller: str = ""
    failed: bool = False
    server: bool = False
    http: Http | None = None
    peer: str = ""
    process: Process = Process()
    address: str = ""
    port: int = 0
    system: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of log.

    `matches` judges the first lines of a file; `read` yields what it tells, spans for traces.
    `tells` is what the kind can tell at best. `more` says how to have more logged.
    """

    name: str
    title: str
    matches: Callable[[str], bool]
    read: Callable[[Stream], Iterator[Event | Span]]
    tells: frozenset[Tells]
    more: str
    orm: str = ""
    certain: bool = False  # no other kind begins like this: asked first
