"""The tool `investigate`: why is this endpoint slow?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.errors import InputError
from slowcoach.core.finding import NotChecked
from slowcoach.core.job import Job
from slowcoach.core.permission import host_of
from slowcoach.core.result import Result, Table
from slowcoach.core.tool import Tool
from slowcoach.core.units import duration

if TYPE_CHECKING:
    from slowcoach.diagnosis.decide import Verdict as Decided

_UNSURE, _HEALTHY = "unsure", "healthy"
_WHERE_KEPT = 8
_CONSIDERED_SHOWN = 6
_TEXT_KEPT = 300


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Verdict(_Frozen):
    """The root cause: a word (`healthy` and `unsure` are verdicts too), the place, how sure."""

    cause: str
    confidence: float
    where: tuple[str, ...] = ()
    summary: str = ""


class Latency(_Frozen):
    """Percentiles under the asked load."""

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
    explains: Explained | None = None


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

    def tables(self) -> tuple[Table, ...]:
        """Return the latency and what was considered."""
        shown = [c for c in self.considered if c.score] or list(self.considered[:1])
        return (
            Table(
                title="Latency under load",
                columns=("median", "95th percentile", "99th percentile", "alone"),
                rows=(
                    tuple(
                        "–" if ms is None else duration(ms / 1000)
                        for ms in (
                            self.latency.p50_ms,
                            self.latency.p95_ms,
                            self.latency.p99_ms,
                            self.alone_ms,
                        )
                    ),
                ),
                right=("median", "95th percentile", "99th percentile", "alone"),
            ),
            Table(
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
            ),
            *self._load_table(),
        )

    def _load_table(self) -> tuple[Table, ...]:
        if not self.load:
            return ()
        title = "How the service takes the load"
        return (Table(title=title, columns=("figure",), rows=tuple((t,) for t in self.load)),)


def investigate(
    url: Annotated[str, Field(description="The slow endpoint, e.g. http://127.0.0.1:8000/search.")],
    job: Job,
    method: Annotated[str, Field(description="HTTP method.")] = "GET",
    headers: Annotated[
        dict[str, str] | None, Field(description="Request headers, e.g. a test login.")
    ] = None,
    body: Annotated[str | None, Field(description="Request body.")] = None,
    pid: Annotated[
        int | None, Field(description="The service's process; found by the port if left out.", gt=0)
    ] = None,
    database_url: Annotated[
        str | None,
        Field(description="Its PostgreSQL, postgresql://...; a pg_monitor role is best."),
    ] = None,
    duration_s: Annotated[float, Field(description="Seconds of load.", ge=2, le=300)] = 20.0,
    concurrency: Annotated[int, Field(description="Requests at a time.", ge=1, le=256)] = 8,
    diagnostics: Annotated[
        dict[str, str] | None, Field(description="What the service exposes, e.g. {pprof: /path}.")
    ] = None,
) -> Investigation:
    """Name the root cause of a slow endpoint, with place, evidence and fix.

    Use it first for "why is this slow". It sends real requests (alone, then `concurrency` at a
    time), watches stacks, waits, memory and the database meanwhile, and answers one cause,
    `healthy`, or `unsure` with the next measurement. Use a request that may be repeated. Takes
    about 10 s longer than `duration_s`: poll get_run while it is running. Next: fix, investigate
    again, `compare` both runs.
    """
    from slowcoach.diagnosis.decide import decide
    from slowcoach.diagnosis.gather import Gatherer
    from slowcoach.diagnosis.keep import keep
    from slowcoach.diagnosis.target import Asked
    from slowcoach.load.driver import Request
    from slowcoach.load.guard import admitted_host

    addresses = admitted_host(url, job.permissions).addresses
    job.permissions.require_execute("investigate")
    request = Request(
        _method(method), url, dict(headers or {}), body.encode() if body is not None else None
    )
    asked = Asked(request, pid, database_url, duration_s, concurrency, diagnostics or {}, addresses)
    measured = Gatherer(asked, job).run()
    keep(job, measured)
    return _result(decide(measured.observed), measured, f"{request.method} {_path(url)}")


def _method(method: str) -> str:
    word = method.strip().upper()
    if not word.isalpha():
        raise InputError(f"method: expected GET, POST, ..., got {method!r}", hint="Give a method")
    return word


def _path(url: str) -> str:
    host_of(url)
    return "/" + url.split("://", 1)[-1].partition("/")[2]


def _result(decided: "Decided", measured: Any, asked: str) -> Investigation:
    from slowcoach.diagnosis import report
    from slowcoach.diagnosis.load_signs import load_figures
    from slowcoach.diagnosis.view import View

    observed = measured.observed
    summary = report.summary_of(decided, observed, asked)
    view = View(observed)
    named = decided.cause not in {_HEALTHY, _UNSURE}
    return Investigation(
        summary=summary,
        verdict=Verdict(
            cause=decided.cause,
            confidence=decided.confidence,
            where=tuple(w[:_TEXT_KEPT] for w in decided.best.where[:_WHERE_KEPT]) if named else (),
            summary=summary,
        ),
        brief=report.brief_of(decided, observed, {}),
        latency=Latency(**report.latency_of(observed)),
        alone_ms=round(view.alone_ms, 2) if view.alone_ms else None,
        considered=tuple(Considered(**c) for c in report.considered_of(decided)),
        load=tuple(map(str, load_figures(view))),
        findings=report.findings_of(decided),
        not_checked=_not_checked(observed.missing),
        warnings=(*measured.warnings, *report.warnings_of(observed)),
        next=_next(decided),
    )


def _not_checked(missing: Mapping[str, str]) -> tuple[NotChecked, ...]:
    rules = {
        "process": "cpu.hot_function",
        "stacks": "cpu.hot_function",
        "interpreter": "cpu.hot_function",
        "database": "db.slow_query",
        "statements": "db.n_plus_one",
    }
    return tuple(NotChecked(rule=rules.get(name, name), why=why) for name, why in missing.items())


def _next(decided: "Decided") -> tuple[str, ...]:
    if decided.cause == _UNSURE:
        return (decided.next_step,)
    if decided.cause == _HEALTHY:
        return ("check_budget with your own targets", "plan_capacity for more load")
    steps = ["mend it, investigate again, then compare the two runs"]
    if decided.cause.startswith("db."):
        steps.insert(0, "explain_query with the statement and database_url")
    return tuple(steps)


TOOL = Tool(
    investigate,
    title="Why is this endpoint slow",
    permission=("execute", "load"),
    long=True,
    idempotent=False,
    examples=(
        "slowcoach investigate http://127.0.0.1:8000/search",
        "slowcoach investigate http://127.0.0.1:8000/orders --database-url postgresql://app@localhost/shop",
    ),
)
