"""What many traces of one endpoint say together: shares of its latency, with intervals."""

from dataclasses import dataclass

from slowcoach.diagnosis.tracing.paths import Kind
from slowcoach.queries.logs.event import Process
from slowcoach.queries.logs.fingerprint import readable


@dataclass(frozen=True, slots=True)
class Share:
    """The median share of the latency over traces, and its 95 % interval."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Like parts of the critical path over all traces: what those spans themselves took.

    `calls` of a trace is the median, `each_ms` the mean. `together`: the calls of one trace
    overlap. Of statements `loop` is the share with what the program did between like ones, and
    `in_a_row` how many one request of a service issued.
    """

    service: str
    kind: Kind
    label: str
    share: Share
    calls: float
    each_ms: float
    together: bool = False
    where: str = ""
    statement: str = ""
    table: str = ""
    system: str = ""
    peer: str = ""
    port: int = 0
    loop: Share | None = None
    in_a_row: float = 0.0

    @property
    def name(self) -> str:
        """Return a statement as people read it, or the span's name."""
        return readable(self.label) if self.statement else self.label


@dataclass(frozen=True, slots=True)
class Chain:
    """Calls of one span to other services that ran one after another. `top` is the share of that
    time in the commonest call, `top_calls` how often a request makes that; `names` the calls.
    """

    service: str
    parent: str
    names: tuple[str, ...]
    share: Share
    calls: float
    each_ms: float
    top: float
    top_calls: float
    together: bool
    where: str = ""
    callees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceSeen:
    """One service on the path: the share of its own work, with what its callers waited before it
    took the request up, and that wait alone; `calls` of it per request; where its processes ran
    and its servers were asked.
    """

    name: str
    work: Share
    ahead: Share
    calls: float
    processes: tuple[Process, ...]
    ports: tuple[int, ...]
    addresses: tuple[str, ...]
    begun: float


@dataclass(frozen=True, slots=True)
class Traced:
    """All of it. Times in ms. `cut`: traces without the endpoint's whole span were left out."""

    endpoint: str
    entry: str
    traces: int
    p50_ms: float
    p95_ms: float
    stretches: tuple[Stretch, ...]
    sequences: tuple[Chain, ...]
    services: tuple[ServiceSeen, ...]
    notes: tuple[str, ...] = ()
