"""What `analyze_queries` answers: statements by cost, faults, where a request's time went."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.finding import Finding
from slowcoach.core.result import Result, Table
from slowcoach.core.units import duration, share
from slowcoach.queries.logs.judging import judge
from slowcoach.queries.logs.patterns import Pattern
from slowcoach.queries.logs.traces import Endpoint
from slowcoach.queries.logs.workload import Workload

_TEXT = 220
_FITS = 5800  # characters of the answer as JSON
_MOST_FINDINGS = 6
_MOST_NOT_CHECKED = 3
_MOST_PATH = 6
_MOST_ENDPOINTS = 3
_WHERE = 240
_NAME = 100


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class PatternRow(_Frozen):
    """All statements of one fingerprint; no value of them is shown. Times in ms."""

    fingerprint: str
    calls: int
    total_ms: float | None = Field(default=None, description="null: the log has no times.")
    mean_ms: float | None = None
    max_ms: float | None = None
    share: float | None = Field(default=None, description="Of the time, or of the calls.")
    where: str = ""


class PathRow(_Frozen):
    """What one span took by itself of the slowest trace's time."""

    span: str
    ms: float
    share: float
    calls: int = 1


class EndpointRow(_Frozen):
    """All traces of one root span: mean time, statements and their time in each, in ms."""

    name: str
    traces: int
    mean_ms: float
    statements: float
    statement_ms: float


class QueryLogAnswer(Result):
    """The answer of `analyze_queries`."""

    source: str = ""
    n_statements: int = 0
    n_patterns: int = 0
    span_s: float | None = Field(default=None, description="From the first to the last.")
    total_ms: float | None = None
    patterns: tuple[PatternRow, ...] = Field(default=(), description="By total time.")
    n_traces: int | None = None
    critical_path: tuple[PathRow, ...] = Field(default=(), description="Of the slowest trace.")
    slowest_trace: str | None = None
    endpoints: tuple[EndpointRow, ...] = Field(default=(), description="Means of a trace.")

    def tables(self) -> tuple[Table, ...]:
        """Return the statements, and where the slowest trace's time went."""
        rows = tuple(
            (
                row.fingerprint,
                f"{row.calls:,}",
                _time(row.total_ms),
                _time(row.mean_ms),
                _time(row.max_ms),
                "" if row.share is None else share(row.share),
            )
            for row in self.patterns
        )
        rest = self.n_patterns - len(rows)
        covered = sum(row.share or 0.0 for row in self.patterns)
        note = f"{rest} more are not shown; these are {share(min(1.0, covered))}" if rest else ""
        columns = ("statement", "calls", "total", "mean", "max", "share")
        found = [Table("Statements", columns, rows, columns[1:], note)]
        if self.critical_path:
            path = tuple(
                (row.span, duration(row.ms / 1000), share(row.share), str(row.calls))
                for row in self.critical_path
            )
            title = "Critical path of the slowest trace"
            found.append(Table(title, ("span", "own", "share", "calls"), path, ("own", "share")))
        if self.endpoints:
            found.append(self._endpoint_table())
        return tuple(found)

    def _endpoint_table(self) -> Table:
        columns = ("request", "traces", "time", "statements", "their time")
        rows = tuple(
            (e.name, str(e.traces), _time(e.mean_ms), f"{e.statements:g}", _time(e.statement_ms))
            for e in self.endpoints
        )
        return Table("Requests, means of a trace", columns, rows, columns[1:])


def _time(ms: float | None) -> str:
    return "" if ms is None else duration(ms / 1000)


def answer(
    workload: Workload,
    *,
    top: int,
    warnings: Sequence[str] = (),
    findings: Sequence[Finding] = (),
) -> QueryLogAnswer:
    """Return the answer on a workload; `findings` are those made elsewhere (plans, sessions).

    Short however large the log is; `top` asks for more statements.
    """
    own, not_checked = judge(workload)
    everything = (*own, *findings)
    ran = workload.patterns.by_cost()
    doubts = [*warnings, *_doubts(workload)]
    total = sum(p.total_ms for p in ran)
    result = QueryLogAnswer(
        source=workload.source.name,
        n_statements=workload.events,
        n_patterns=len(ran),
        span_s=_span(workload),
        total_ms=round(total, 3) if workload.timed else None,
        patterns=_rows(ran, top, total, workload),
        findings=tuple(_cut(f) for f in everything[:_MOST_FINDINGS]),
        not_checked=not_checked[:_MOST_NOT_CHECKED],
        summary=_summary(workload, ran, everything, total),
        next=_next(workload, everything),
    )
    result = _with_traces(result, workload)
    hidden = len(everything) - _MOST_FINDINGS
    if hidden > 0:
        doubts.append(f"{hidden} more findings are not shown: mend the first, then ask again")
    if len(not_checked) > _MOST_NOT_CHECKED:
        more = ", ".join(item.rule for item in not_checked[_MOST_NOT_CHECKED:])
        doubts.append(f"not checked either: {more}")
    return _fitted(result.model_copy(update={"warnings": tuple(doubts)}), top)


def _rows(
    ran: Sequence[Pattern], top: int, total: float, workload: Workload
) -> tuple[PatternRow, ...]:
    calls = max(1, workload.events)
    return tuple(
        PatternRow(
            fingerprint=_short(pattern.text, _TEXT),
            calls=pattern.calls,
            total_ms=round(pattern.total_ms, 3) if pattern.timed else None,
            mean_ms=_rounded(pattern.mean_ms),
            max_ms=_rounded(pattern.max_ms) if pattern.timed and not workload.counted else None,
            share=round(pattern.total_ms / total if total else pattern.calls / calls, 4),
            where=_short(pattern.where, _NAME),
        )
        for pattern in ran[:top]
    )


def _with_traces(result: QueryLogAnswer, workload: Workload) -> QueryLogAnswer:
    traces = workload.traces
    if traces is None:
        return result
    endpoints = sorted(traces.endpoints.values(), key=lambda e: -e.total_ms)
    slowest = max(endpoints, key=lambda e: e.slowest_ms, default=None)
    if slowest is None or not slowest.slowest_ms:
        return result.model_copy(update={"n_traces": traces.count})
    from slowcoach.queries.logs.fingerprint import readable

    path = tuple(
        PathRow(
            span=_short(f"{part.service}: {readable(part.name)}".removeprefix(": "), _NAME),
            ms=round(part.ms, 3),
            share=round(part.ms / slowest.slowest_ms, 4),
            calls=part.calls,
        )
        for part in slowest.path[:_MOST_PATH]
    )
    return result.model_copy(
        update={
            "n_traces": traces.count,
            "critical_path": path,
            "slowest_trace": _short(slowest.slowest, _NAME),
            "endpoints": tuple(map(_endpoint, endpoints[:_MOST_ENDPOINTS])),
        }
    )


def _endpoint(item: Endpoint) -> EndpointRow:
    return EndpointRow(
        name=_short(f"{item.service}: {item.name}".removeprefix(": "), _NAME),
        traces=item.count,
        mean_ms=round(item.total_ms / item.count, 3),
        statements=round(item.statements / item.count, 1),
        statement_ms=round(item.statement_ms / item.count, 3),
    )


def _cut(finding: Finding) -> Finding:
    return finding.model_copy(update={"where": tuple(_short(w, _WHERE) for w in finding.where)})


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _span(workload: Workload) -> float | None:
    if workload.first is None or workload.last is None:
        return None
    return round(workload.last - workload.first, 3)


def _fitted(result: QueryLogAnswer, top: int) -> QueryLogAnswer:
    """Shorten rows and findings until the default answer is short enough."""
    if top > DEFAULT_TOP:
        return result
    for rows, findings in ((6, 5), (5, 4), (4, 3), (3, 2), (2, 1)):
        if len(result.model_dump_json()) <= _FITS:
            break
        result = result.model_copy(
            update={
                "patterns": result.patterns[:rows],
                "findings": tuple(
                    f.model_copy(update={"fix": f.fix[:2]}) for f in result.findings[:findings]
                ),
                "critical_path": result.critical_path[:rows],
            }
        )
    return result


DEFAULT_TOP = 8


def _doubts(workload: Workload) -> list[str]:
    found: list[str] = []
    tells = workload.tells
    if not workload.counted and "sessions" not in tells:
        found.append(
            "the log does not tell sessions apart: what is said of loops takes it for one session"
        )
    if "times" not in tells:
        found.append(f"the log has no times of execution; turn on {workload.source.more}")
    traces = workload.traces
    if traces is not None and traces.cyclic:
        found.append(f"{traces.cyclic} traces have spans that are their own ancestors")
    return found


def _summary(
    workload: Workload, ran: Sequence[Pattern], findings: Sequence[Finding], total: float
) -> str:
    said = f"{_counted(workload.events, 'statement')} of {_counted(len(ran), 'kind')} in "
    said += workload.source.title
    if workload.timed:
        said += f", {duration(total / 1000)} in all"
    said += "."
    if ran and total:
        first = ran[0]
        said += (
            f" {share(first.total_ms / total)} of it in {_counted(first.calls, 'call')} of "
            f"{_short(first.text, _NAME)} ({duration((first.mean_ms or 0.0) / 1000)} each)."
        )
    elif ran:
        said += f" Most frequent, {ran[0].calls:,} times: {_short(ran[0].text, _NAME)}."
    if findings:
        return f"{said} {findings[0].title}: {findings[0].evidence[0]}."
    return f"{said} Nothing in it looks wrong by the rules that could be judged."


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _next(workload: Workload, findings: Sequence[Finding]) -> tuple[str, ...]:
    rules = {finding.rule for finding in findings}
    found: list[str] = []
    if rules & {"db.slow_query", "db.rows_examined", "db.temp_files"}:
        found.append("explain_query the slow statement with sql and database_url")
    if rules & {"db.n_plus_one", "db.single_row_writes", "db.duplicate_reads", "io.sequential"}:
        found.append("Change the code at the place named, log again, and compare the two runs")
    if not found and workload.timed:
        found.append("advise_indexes for the whole workload, or explain_query its first statement")
    return tuple(found) or (f"Log more: {workload.source.more}",)
