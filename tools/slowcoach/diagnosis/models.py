"""The evidence that causes are judged by, and the judgement: what is kept with a run as JSON."""

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.finding import Evidence as Figure
from slowcoach.diagnosis.load_shape import Control, Steady, Sweep


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Activity(_Frozen):
    """What threads or tasks were doing, the like ones together.

    `mean`: how many did it at a time, on average over the looks. By Little's law this is the
    throughput times the time that a request spends so. `path`: the user's functions, outermost
    first. `callee`: what the user's function called, nearest first. `line` is the commonest.
    `lines`: how the mean is spread over lines of the function. `leaves`: over the functions that
    computed for it, innermost, where the stacks tell.
    """

    carrier: str = Field(description="loop, thread, worker (of an executor) or task")
    state: str
    function: str = ""
    file: str = ""
    line: int = 0
    lines: dict[int, float] = {}
    leaves: dict[str, float] = {}
    path: tuple[str, ...] = ()
    files: tuple[str, ...] = Field(default=(), description="of the path's functions, where known")
    callee: tuple[str, ...] = ()
    called_by: str = Field(default="", description="the library's function that called it")
    waits_in: str = Field(default="", description="the library's function that waits, innermost")
    packages: tuple[str, ...] = ()
    server: str = Field(default="", description="whose thread it is: the server's or executor's")
    target: str = ""
    port: int = 0
    mean: float = 0.0
    evenness: float = Field(default=1.0, description="of its operations' times; 1: all alike")
    beside: float = Field(default=1.0, description="how many of the kind a request has at a time")

    @property
    def place(self) -> str:
        """Return `function (file:line)`."""
        name = self.file.rsplit("/", 1)[-1]
        return f"{self.function} ({name}:{self.line})" if self.function else ""


class Stuck(_Frozen):
    """A thread or task that did not move for long: where, for how long, at which lock."""

    carrier: str
    place: str
    seconds: float
    state: str
    target: str = ""
    path: tuple[str, ...] = ()
    before: bool = Field(default=False, description="it stood there before the first request too")


class Phase(_Frozen):
    """One way of sending requests, and what was seen meanwhile. Times of requests in ms."""

    concurrency: int
    seconds: float
    completed: int
    latencies_ms: tuple[float, ...] = ()
    body_bytes: float = Field(default=0.0, description="of an answer, on average")
    errors: dict[str, int] = {}
    activities: tuple[Activity, ...] = ()
    standing: tuple[Activity, ...] = Field(
        default=(), description="what threads compute with or without requests, which wait for it"
    )
    looks: int = 0
    loop_busy: float | None = Field(default=None, description="share of time, of the busiest loop")
    cpu_user_s: float = 0.0
    cpu_system_s: float = 0.0
    run_queue_s: float = 0.0
    involuntary: int = 0
    read_chars: int = 0
    written_chars: int = 0
    written_bytes: int = 0
    machine_busy_s: float = 0.0
    database_cpu_s: float = 0.0
    own_cpu_s: float = 0.0
    others_cpu_s: float = 0.0
    exchanges: dict[int, int] = {}
    collections: tuple[int, int, int] | None = None


class MemoryPoint(_Frozen):
    """Resident memory after some answers, and the processor time until then."""

    at_s: float
    completed: int
    rss: int
    cpu_s: float = 0.0


LIVE_OBJECTS = "live objects"  # the kind of a class's, as a runtime's histogram counts them
REACTIONS = "reactions of a promise"  # the kind of what goes on from one that does not settle


class Growth(_Frozen):
    """A container of the program and its number of entries over the load."""

    name: str
    kind: str
    before: int
    after: int
    turnover: float = Field(default=0.0, description="mean share of entries lost between looks")
    bounded: bool = Field(default=False, description="its largest size did not grow any more")
    added: int = Field(default=0, description="entries added over the load; 0: not known")
    doubt: str = Field(
        default="",
        description="why it may be no cache. replaced: keys stay and get new elements, cleared: "
        "it is emptied at once, emptied: nothing is left without requests, shared: requests make "
        "such maps for themselves as well",
    )
    returned: int | None = Field(
        default=None, description="entries that came back after they were gone; none: not known"
    )
    remade: bool = Field(
        default=False, description="seen to be made again for look-ups that missed, a cache surely"
    )
    filling: bool = Field(default=False, description="it became full while it was looked at")
    loading: float = Field(
        default=0.0, description="share of the program's own time in loads by a library's cache"
    )
    functions: tuple[str, ...] = ()
    file: str = ""
    library: str = Field(default="", description="the package of the library's object that has it")
    listed_as: str = Field(
        default="", description="its name in the runtime's own lists, where that is another"
    )


class CacheUse(_Frozen):
    """A memoizing cache: its limit, and hits and misses during the load."""

    name: str
    limit: int
    entries: int
    hits: int
    misses: int
    file: str = ""


class Statement(_Frozen):
    """One normalized statement during the load."""

    query: str
    calls: int
    total_ms: float
    rows: int
    blocks: int = 0
    temp_blocks: int = 0
    read_ms: float = 0.0

    @property
    def mean_ms(self) -> float:
        """Return the time of one call."""
        return self.total_ms / self.calls if self.calls else 0.0


class TableScans(_Frozen):
    """How much of a table was read by sequential scans, and fetched by indexes, during the load."""

    table: str
    rows: int
    scans: int
    rows_read: int
    index_scans: int = 0
    rows_fetched: int = 0


class Blocking(_Frozen):
    """A statement that waited for another transaction, seen `samples` times."""

    query: str
    blocker_query: str
    blocker_state: str
    lock: str
    samples: int
    other: str = Field(default="", description="whose the blocker is, if not the service's own")


class PlanNote(_Frozen):
    """What the plan of a costly statement says. `kind`: filter, sort, join, whole, spill, none, or
    reference: the rows that refer to those which it changes.
    """

    query: str
    kind: str
    table: str = ""
    columns: tuple[str, ...] = ()
    condition: str = ""
    table_rows: int = 0
    kept_rows: int = 0
    cost_share: float = 0.0
    has_index: bool = False
    text: str = ""
    index: str = Field(default="", description="The statement that makes the index it lacks.")


class Database(_Frozen):
    """What the database saw during the load. Means are of sessions at a time."""

    version: str = ""
    port: int = 0
    samples: int = 0
    active: float = 0.0
    lock_waiting: float = 0.0
    idle_in_transaction: float = 0.0
    sessions: float = 0.0
    max_sessions: int = 0
    most_allowed: int = Field(default=0, description="sessions that the server lets in; 0: unknown")
    hidden: float = Field(default=0.0, description="sessions that the role may not look into")
    statements: tuple[Statement, ...] = ()
    statements_seen: bool = False
    activity: dict[str, float] = {}
    scans: tuple[TableScans, ...] = ()
    blocking: tuple[Blocking, ...] = ()
    plans: tuple[PlanNote, ...] = ()


class Budget(_Frozen):
    """The latencies that are wanted, in ms, where the caller's brief says so."""

    p50_ms: float | None = None
    p95_ms: float | None = None


class Observed(_Frozen):
    """Everything one investigation measured.

    `in_flight`: the requests that were with the process, alone and under load, on average, where
    it is behind the one that the URL names; None for that one itself.
    """

    url: str
    port: int
    pid: int = 0
    runtime: str = "unknown"
    version: str = ""
    command: str = ""
    workers: int = 1
    threads: int = 0
    cores: int = 1
    one_core_each: bool = Field(default=True, description="a process computes on one core only")
    alone: Phase
    loaded: Phase
    first_ms: float | None = None
    memory: tuple[MemoryPoint, ...] = ()
    course: tuple[MemoryPoint, ...] = Field(default=(), description="as the system counts")
    growth: tuple[Growth, ...] = ()
    caches: tuple[CacheUse, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    database: Database | None = None
    stacks_seen: bool = False
    tasks_seen: bool = False
    hidden_tasks: bool = Field(default=False, description="it runs tasks that cannot be seen")
    contended: int | None = Field(
        default=None, description="waits for locks under load, as the runtime itself counts them"
    )
    native: dict[str, float] = Field(default={}, description="share of CPU by C function")
    peers: dict[int, str] = {}
    addresses: dict[int, str] = Field(default={}, description="of peers, by port")
    in_flight: tuple[float, float] | None = None
    budget: Budget | None = None
    control: Control | None = None
    sweep: Sweep | None = None
    steady: Steady | None = None
    missing: dict[str, str] = Field(default={}, description="signal not had, and why")


class Explains(_Frozen):
    """The share of the latency that a cause explains, what others claim before it left out."""

    alone: float = Field(ge=0, le=1)
    loaded: float = Field(ge=0, le=1)


class Judgement(_Frozen):
    """What one cause is worth (`score` 0..1), why, where, the figures, and what speaks against."""

    cause: str
    score: float = Field(ge=0, le=1)
    why: str
    where: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    against: str = ""
    doubt: str = Field(default="", description="What else it may be: it does not decide then.")
    failed: bool = Field(default=False, description="it could not be judged, for a fault of ours")
    fix: tuple[str, ...] = Field(default=(), description="For this place, before the rule's own.")
    explains: Explains | None = None
