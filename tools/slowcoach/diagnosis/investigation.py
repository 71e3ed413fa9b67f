"""What `investigate` answers with."""

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.result import Result, Table
from slowcoach.core.units import duration, number, quantity, share
from slowcoach.diagnosis.comparing import Since

_CONSIDERED_SHOWN = 6


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Verdict(_Frozen):
    """The root cause: a word (`healthy` and `unsure` are verdicts too), the place, how sure."""

    cause: str
    confidence: float
    where: tuple[str, ...] = ()
    summary: str = ""


class Latency(_Frozen):
    """Percentiles under the asked load; of the traces where none was sent."""

    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


class Explained(_Frozen):
    """Shares of the latency, 0 to 1."""

    alone: float
    loaded: float


class Considered(_Frozen):
    """One cause that was judged: the share it explains times its certainty, and why.

    `explains`: the share of the latency, alone and under load; what two claim is counted once.
    """

    cause: str
    score: float
    why: str
    explains: Explained | None = Field(default=None, exclude_if=lambda value: value is None)


class Span(_Frozen):
    """Like spans of the traces: the median share of the latency that they took themselves.

    `kind`: work (a service's own), statement, call (of a peer without spans), between (network
    and queue between two services).
    """

    service: str
    kind: str
    name: str
    calls: float
    each_ms: float
    share: float
    low: float
    high: float


class TracesSeen(_Frozen):
    """What the traces say: the critical path by spans, most first, and where to look on."""

    endpoint: str
    traces: int
    p50_ms: float
    p95_ms: float
    spans: tuple[Span, ...]
    shown_share: float = Field(description="Of the latency, that the spans listed have.")
    looked_into: str


class Investigation(Result):
    """The answer of `investigate`."""

    verdict: Verdict
    brief: dict[str, dict[str, str]]
    latency: Latency
    alone_ms: float | None = None
    considered: tuple[Considered, ...] = ()
    load: tuple[str, ...] = Field(
        default=(), description="A quiet path beside it, throughput by concurrency, a steady rate."
    )
    production: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    traces: TracesSeen | None = None
    since: Since | None = Field(default=None, description="Against the earlier brief.")

    def tables(self) -> tuple[Table, ...]:
        """Return the latency, what was considered, the traces' path and what changed."""
        return (
            self._latency_table(),
            self._considered_table(),
            *self._load_table(),
            *self._production_table(),
            *self._trace_table(),
            *self._since_table(),
        )

    def _latency_table(self) -> Table:
        found = (self.latency.p50_ms, self.latency.p95_ms, self.latency.p99_ms, self.alone_ms)
        columns = ("median", "95th percentile", "99th percentile", "alone")
        row = tuple("–" if ms is None else duration(ms / 1000) for ms in found)
        sent = self.traces is None or self.alone_ms is not None
        title = "Latency under load" if sent else "Latency in the traces"
        return Table(title=title, columns=columns, rows=(row,), right=columns)

    def _considered_table(self) -> Table:
        shown = [c for c in self.considered if c.score] or list(self.considered[:1])
        return Table(
            title="Considered",
            columns=("cause", "score", "explains", "why"),
            rows=tuple(
                (
                    c.cause,
                    f"{c.score:.2f}",
                    f"{c.explains.loaded:.0%}" if c.explains else "–",
                    c.why,
                )
                for c in shown[:_CONSIDERED_SHOWN]
            ),
            right=("score", "explains"),
            note="score: share of the latency that it explains, times how certain its sign is; "
            "explains: the share under load, what two claim counted once",
        )

    def _load_table(self) -> tuple[Table, ...]:
        if not self.load:
            return ()
        title = "How the service takes the load"
        return (Table(title=title, columns=("figure",), rows=tuple((t,) for t in self.load)),)

    def _production_table(self) -> tuple[Table, ...]:
        if not self.production:
            return ()
        rows = tuple((text,) for text in self.production)
        return (Table(title="In production", columns=("figure",), rows=rows),)

    def _trace_table(self) -> tuple[Table, ...]:
        seen = self.traces
        if seen is None:
            return ()
        return (
            Table(
                title=f"Critical path of {seen.traces} traces of {seen.endpoint}",
                columns=("service", "kind", "span", "calls", "each", "share", "95 % interval"),
                rows=tuple(
                    (
                        s.service,
                        s.kind,
                        s.name,
                        number(s.calls),
                        duration(s.each_ms / 1000),
                        share(s.share),
                        f"{share(s.low)} to {share(s.high)}",
                    )
                    for s in seen.spans
                ),
                right=("calls", "each", "share", "95 % interval"),
                note=f"the spans listed have {share(seen.shown_share)} of the latency; between: "
                "network and queue between two services",
            ),
        )

    def _since_table(self) -> tuple[Table, ...]:
        if self.since is None or not self.since.metrics:
            return ()
        return (
            Table(
                title="Since the earlier brief",
                columns=("metric", "before", "now", "change", "verdict"),
                rows=tuple(
                    (
                        m.name,
                        quantity(m.before, m.unit),
                        quantity(m.after, m.unit),
                        "" if m.change_pct is None else f"{number(m.change_pct)} %",
                        m.verdict,
                    )
                    for m in self.since.metrics
                ),
                right=("before", "now", "change"),
            ),
        )
