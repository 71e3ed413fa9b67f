"""What `advise_indexes` answers. Imports nothing heavy: the tools' definitions load it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.result import Result, Table
from slowcoach.core.units import duration, number, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slowcoach.core.finding import Finding
    from slowcoach.queries.advisor.advice import Advice
    from slowcoach.queries.advisor.measured import Measured
    from slowcoach.queries.advisor.standing import Standing

_MB = 1024 * 1024
_MOST_SERVED = 5
_MOST_QUERIES = 10
_MOST_DROPPED = 5


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class IndexRow(_Frozen):
    """One index to make: its estimated size, what it serves, cost without it and with it."""

    statement: str
    size_mb: float
    serves: tuple[str, ...]
    cost_before: float
    cost_after: float
    entries_written: int | None = None


class QueryRow(_Frozen):
    """One statement: the planner's cost, and times where a copy was at hand."""

    name: str
    weight: float
    cost_before: float
    cost_after: float
    before_ms: float | None = None
    after_ms: float | None = None


class DropRow(_Frozen):
    """An index that could go."""

    statement: str
    size_mb: float
    why: str


class IndexAdvice(Result):
    """The answer of `advise_indexes`."""

    indexes: tuple[IndexRow, ...] = Field(default=(), description="What saves most first.")
    cost_before: float | None = None
    cost_after: float | None = None
    before_ms: float | None = None
    after_ms: float | None = None
    method: str = Field(default="", description="Measured or only estimated.")
    queries: tuple[QueryRow, ...] = ()
    to_drop: tuple[DropRow, ...] = ()
    taken_out: tuple[str, ...] = ()

    def tables(self) -> tuple[Table, ...]:
        """Return the indexes, the statements that gain most, and what could go."""
        found: list[Table] = []
        if self.indexes:
            rows = tuple(
                (i.statement, f"{i.size_mb:g} MB", number(i.cost_before), number(i.cost_after),
                 ", ".join(i.serves))
                for i in self.indexes
            )  # fmt: skip
            columns = ("index", "size", "cost before", "after", "serves")
            found.append(Table("Indexes to make", columns, rows, columns[1:4]))
        if self.queries:
            found.append(self._query_table())
        if self.to_drop:
            drops = tuple((d.statement, f"{d.size_mb:g} MB", d.why) for d in self.to_drop)
            found.append(Table("Indexes that could go", ("statement", "size", "why"), drops))
        return tuple(found)

    def _query_table(self) -> Table:
        timed = any(query.before_ms is not None for query in self.queries)
        columns: tuple[str, ...] = ("statement", "cost before", "after")
        rows = [(q.name, number(q.cost_before), number(q.cost_after)) for q in self.queries]
        if not timed:
            return Table("Statements that gain most", columns, tuple(rows), columns[1:])
        columns = (*columns, "time before", "time after")
        timed_rows = tuple(
            (*row, _time(q.before_ms), _time(q.after_ms))
            for row, q in zip(rows, self.queries, strict=True)
        )
        return Table("Statements that gain most", columns, timed_rows, columns[1:])


def _time(value: float | None) -> str:
    return "" if value is None else duration(value / 1000)


def drops(there: Sequence[Standing], observed_s: float) -> tuple[DropRow, ...]:
    """Return the indexes that could go, the largest first."""
    from slowcoach.core.knowledge import rule
    from slowcoach.queries.advisor.standing import superfluous

    limits = rule("db.superfluous_index")
    found = superfluous(there, observed_s, limits.limit("observed_s"))
    rows = [
        DropRow(
            statement=f"DROP INDEX CONCURRENTLY {item.index.quoted}",
            size_mb=_mb(item.index.size_bytes),
            why=item.why,
        )
        for item in sorted(found, key=lambda item: -item.index.size_bytes)
        if item.index.size_bytes >= limits.limit("size_bytes")
    ]
    return tuple(rows[:_MOST_DROPPED])


def answer(
    advice: Advice,
    timed: Measured | None,
    to_drop: tuple[DropRow, ...],
    writes: Mapping[tuple[str, str], int],
    warnings: Sequence[str],
    there: Sequence[Standing],
) -> IndexAdvice:
    """Return the answer: with a timing, only what it kept is advised."""
    kept = None if timed is None else set(timed.kept)
    rows = tuple(
        IndexRow(
            statement=index.candidate.statement,
            size_mb=_mb(index.size_bytes),
            serves=_served(index.serves),
            cost_before=round(index.cost_before, 1),
            cost_after=round(index.cost_after, 1),
            entries_written=writes.get((index.candidate.schema, index.candidate.table)),
        )
        for index in advice.indexes
        if kept is None or index.candidate.statement in kept
    )
    return IndexAdvice(
        indexes=rows,
        cost_before=round(advice.cost_before, 1),
        cost_after=round(advice.cost_after, 1),
        before_ms=None if timed is None else round(timed.before_ms, 2),
        after_ms=None if timed is None else round(timed.after_ms, 2),
        method=_method(timed),
        queries=_queries(advice, timed),
        to_drop=to_drop,
        taken_out=() if timed is None else tuple(f"{s}: {why}" for s, why in timed.taken_out),
        summary=_summary(advice, timed, rows),
        findings=_findings(advice, rows, timed),
        warnings=(*warnings, *_crowded(rows, there), *_cut(timed)),
        next=_next(rows, timed),
    )


def _served(names: tuple[str, ...]) -> tuple[str, ...]:
    more = len(names) - _MOST_SERVED
    shown = tuple(name[:60] for name in names[:_MOST_SERVED])
    return (*shown, f"and {more} more") if more > 0 else shown


def _mb(size: int) -> float:
    return round(size / _MB, 2)


def _method(timed: Measured | None) -> str:
    if timed is None:
        return "estimated: the planner's cost in a clone of schema and statistics, not time"
    return "measured: built on the copy, every statement timed before and after, rolled back"


def _queries(advice: Advice, timed: Measured | None) -> tuple[QueryRow, ...]:
    times = {t.query.sql: t for t in timed.timings} if timed else {}
    ranked = sorted(advice.queries, key=lambda q: -q[0].weight * (q[1] - q[2]))
    rows: list[QueryRow] = []
    for query, before, after in ranked[:_MOST_QUERIES]:
        time = times.get(query.sql)
        rows.append(
            QueryRow(
                name=query.name[:60],
                weight=query.weight,
                cost_before=round(before, 1),
                cost_after=round(after, 1),
                before_ms=None if time is None else round(time.before_ms, 2),
                after_ms=None if time is None else round(time.after_ms, 2),
            )
        )
    return tuple(rows)


def _summary(advice: Advice, timed: Measured | None, rows: tuple[IndexRow, ...]) -> str:
    asked = f"{len(advice.queries)} statements"
    if not advice.indexes:
        return f"No index of {advice.candidates} tried would help {asked} by a share worth having."
    size = sum(row.size_mb for row in rows)
    ratio = advice.cost_after / advice.cost_before if advice.cost_before else 1.0
    said = (
        f"{len(rows)} indexes of {number(size)} MB together, chosen among {advice.candidates} "
        f"for {asked}: the planner's cost falls to {share(ratio)}."
    )
    if timed is None:
        return f"{said} That is an estimate of cost, not of time."
    faster = timed.after_ms / timed.before_ms if timed.before_ms else 1.0
    said += f" Measured on the copy: the workload takes {share(faster)} of its time."
    if timed.taken_out:
        said += f" {len(timed.taken_out)} were taken out because a statement got slower."
    return said


def _findings(
    advice: Advice, rows: tuple[IndexRow, ...], timed: Measured | None
) -> tuple[Finding, ...]:
    from slowcoach.core.finding import Evidence
    from slowcoach.core.knowledge import rule
    from slowcoach.queries.advisor.advice import RULE

    if not rows:
        return ()
    evidence = [
        Evidence(
            metric=f"cost of the workload with {len(rows)} indexes, of that without",
            value=round(advice.cost_after / max(advice.cost_before, 1e-9), 4),
            unit="share",
        )
    ]
    if timed is not None and timed.before_ms:
        ratio = round(timed.after_ms / timed.before_ms, 4)
        evidence.append(
            Evidence(metric="time on the copy, of that without", value=ratio, unit="share")
        )
    return (rule(RULE).finding(evidence, where=[rows[0].statement]),)


def _crowded(rows: tuple[IndexRow, ...], there: Sequence[Standing]) -> list[str]:
    """Say which tables have so many indexes that writes pay for them."""
    from slowcoach.core.knowledge import rule
    from slowcoach.queries.advisor.advice import RULE

    many = rule(RULE).limit("many")
    counts: dict[str, int] = {}
    for index in there:
        counts[index.table] = counts.get(index.table, 0) + 1
    return [
        f"{table} has {count} indexes already: each write pays for every one"
        for table, count in counts.items()
        if count >= many and any(f" ON {table} " in row.statement for row in rows)
    ]


def _cut(timed: Measured | None) -> list[str]:
    """Say which statements did not end within the time that they were given."""
    names = [timing.query.name[:60] for timing in timed.timings if timing.cut] if timed else []
    if not names:
        return []
    return [
        f"{len(names)} statements ran longer than they were let, before or after, and count as "
        f"that long: {', '.join(names[:_MOST_SERVED])}"
    ]


def _next(rows: tuple[IndexRow, ...], timed: Measured | None) -> tuple[str, ...]:
    if not rows:
        return ("explain_query each slow statement: a rewrite may help where no index does",)
    first = f"Create the first one, then explain_query a statement it serves: {rows[0].statement}"
    if timed is not None:
        return (first,)
    return ("Call it again with copy_url, a copy of the data: cost is not time", first)
