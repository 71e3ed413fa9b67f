"""What `explain_query` answers: the plan, what is wrong with it, what to do."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.result import Result, Table
from slowcoach.core.units import duration, number, share
from slowcoach.queries.checking import Judgement
from slowcoach.queries.figures import Figures, Step
from slowcoach.queries.model import POSTGRESQL
from slowcoach.queries.subject import Kind, Recommendation
from slowcoach.queries.tree import DEEPEST, MOST_STEPS, costly, tree
from slowcoach.queries.wording import next_run

Detail = Literal["brief", "full"]
_SMALL = 8  # steps of a plan that is shown whole
_COSTLY = 6
_ROWS = 8
_MOST_FINDINGS = 4
_MOST_ADVICE = 4
_MOST_NOT_CHECKED = 3
_FITS = 5800  # characters of the answer as JSON
_LABEL = 70
_UNSURE_SHARE = 0.02
HOW_TO_VERIFY = (
    "Not tried. On a copy of the data: BEGIN; create it (without CONCURRENTLY); "
    "EXPLAIN (ANALYZE, BUFFERS) the query; ROLLBACK"
)
_OF_NO_USE = "The planner would not use it: leave it, and look at the other findings"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Verified(_Frozen):
    """What a recommendation was measured or calculated to change."""

    before_ms: float | None = None
    after_ms: float | None = None
    before_cost: float | None = None
    after_cost: float | None = None
    method: str


class Advice(_Frozen):
    """One statement to run or change to make. `verified` is null unless it was tried."""

    kind: Kind
    statement: str
    why: str = ""
    verified: Verified | None = None
    also: tuple[Verified, ...] = ()  # weaker means that were tried as well
    note: str = ""


class StepRow(_Frozen):
    """One step: its number in the plan (parents first), own time, rows over all loops."""

    step: int
    name: str
    self_ms: float | None = None
    share: float | None = Field(default=None, description="Of the time, or of the cost.")
    rows: float | None = None
    rows_expected: float | None = None
    loops: float | None = None


class QueryAnswer(Result):
    """The answer of `explain_query`."""

    dialect: str = ""
    analyzed: bool = False
    total_ms: float | None = None
    n_steps: int = 0
    steps: tuple[StepRow, ...] = Field(default=(), description="By own time, largest first.")
    plan: dict[str, Any] = Field(default_factory=dict)
    recommendations: tuple[Advice, ...] = ()
    plan_uri: str | None = None

    def tables(self) -> tuple[Table, ...]:
        """Return the steps by own time, and what to do."""
        rows = tuple(
            (
                str(row.step),
                row.name,
                "" if row.self_ms is None else duration(row.self_ms / 1000),
                "" if row.share is None else share(row.share),
                "" if row.rows is None else number(row.rows),
                "" if row.rows_expected is None else number(row.rows_expected),
                "" if row.loops is None else number(row.loops),
            )
            for row in self.steps
        )
        rest = self.n_steps - len(rows)
        note = f"{rest} more of {self.n_steps} steps are not shown" if rest > 0 else ""
        columns = ("#", "step", "own time", "share", "rows", "expected", "loops")
        found = [Table("Steps by own time", columns, rows, (*columns[:1], *columns[2:]), note)]
        if self.recommendations:
            found.append(self._advice_table())
        return tuple(found)

    def _advice_table(self) -> Table:
        rows = tuple(
            (item.kind, item.statement, _verified_text(item)) for item in self.recommendations
        )
        return Table("What to do", ("kind", "statement", "verified"), rows)


def _verified_text(item: Advice) -> str:
    found = item.verified
    if found is None:
        return "not tried yet"
    if found.before_ms is not None and found.after_ms is not None:
        return f"{duration(found.before_ms / 1000)} → {duration(found.after_ms / 1000)}"
    if found.before_cost is None or found.after_cost is None:
        return found.method
    return f"cost {number(found.before_cost)} → {number(found.after_cost)} ({found.method})"


def answer(
    figures: Figures,
    judgement: Judgement,
    *,
    dialect: str,
    detail: Detail = "brief",
    verified: Mapping[str, Sequence[Verified]] | None = None,
    warnings: Sequence[str] = (),
) -> QueryAnswer:
    """Return the answer on a plan. Brief answers stay short however large the plan is.

    `verified` has by statement what was tried, the strongest means first.
    """
    full = detail == "full"
    advice = [_advice(item, verified or {}) for item in judgement.recommendations]
    doubts = [*warnings, *figures.plan.warnings, *_doubts(figures)]
    result = QueryAnswer(
        dialect=dialect,
        analyzed=figures.plan.analyzed,
        total_ms=_rounded(figures.total_ms),
        n_steps=len(figures.steps),
        steps=_step_rows(figures, None if full else _ROWS),
        plan=_whole(figures, doubts) if full else _brief(figures, _COSTLY),
        recommendations=tuple(advice if full else advice[:_MOST_ADVICE]),
        findings=judgement.findings if full else judgement.findings[:_MOST_FINDINGS],
        not_checked=judgement.not_checked if full else judgement.not_checked[:_MOST_NOT_CHECKED],
        summary=_summary(figures, judgement, advice),
        next=_next(figures, advice),
    )
    if not full:
        doubts += _left_out(judgement, advice)
    result = result.model_copy(update={"warnings": tuple(doubts)})
    return result if full else _fitted(result, figures)


def _fitted(result: QueryAnswer, figures: Figures) -> QueryAnswer:
    """Shorten the tree, the rows and the findings until the answer is short enough."""
    for steps, rows, findings in ((4, 6, 3), (3, 4, 2), (1, 3, 2), (0, 2, 1)):
        if len(result.model_dump_json()) <= _FITS:
            break
        result = result.model_copy(
            update={
                "plan": _brief(figures, steps, small=0),
                "steps": result.steps[:rows],
                "findings": result.findings[:findings],
                "recommendations": result.recommendations[: max(findings, 1)],
            }
        )
    return result


def _whole(figures: Figures, doubts: list[str]) -> dict[str, Any]:
    steps, cut = costly(figures)
    if cut:
        doubts.append(f"{len(steps)} costliest of {len(figures.steps)} steps are shown")
    if any(step.depth > DEEPEST for step in steps):
        doubts.append(f"steps deeper than {DEEPEST} levels are counted only")
    return tree(figures, {step.index for step in steps}, brief=False)


def _brief(figures: Figures, most: int, small: int = _SMALL) -> dict[str, Any]:
    if len(figures.steps) <= small:
        return tree(figures, set(range(len(figures.steps))), brief=True)
    steps, _ = costly(figures, most)
    return tree(figures, {step.index for step in steps}, brief=True)


def _left_out(judgement: Judgement, advice: Sequence[Advice]) -> list[str]:
    counts = (
        (len(judgement.findings) - _MOST_FINDINGS, "findings"),
        (len(advice) - _MOST_ADVICE, "recommendations"),
        (len(judgement.not_checked) - _MOST_NOT_CHECKED, "rules not checked"),
    )
    more = [f"{count} {what}" for count, what in counts if count > 0]
    return [f"not shown: {', '.join(more)} (detail: full)"] if more else []


def _step_rows(figures: Figures, most: int | None) -> tuple[StepRow, ...]:
    steps, _ = costly(figures, most or MOST_STEPS)
    return tuple(
        StepRow(
            step=step.index + 1,
            name=step.node.label[:_LABEL],
            self_ms=_rounded(step.self_ms),
            share=_rounded(step.weight),
            rows=_rounded(step.rows),
            rows_expected=_rounded(step.rows_expected),
            loops=step.loops if step.executed else None,
        )
        for step in steps
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _advice(item: Recommendation, verified: Mapping[str, Sequence[Verified]]) -> Advice:
    trials = verified.get(item.statement, ())
    found = trials[0] if trials else None
    note = HOW_TO_VERIFY if " CONCURRENTLY " in item.statement and found is None else ""
    if found is not None and not _gains(found):
        note = _OF_NO_USE
    return Advice(
        kind=item.kind,
        statement=item.statement,
        why=item.why,
        verified=found,
        also=tuple(trials[1:]),
        note=note,
    )


def _gains(found: Verified) -> bool:
    """Tell whether what was tried made the query cheaper at all: by time, if that is known."""
    if found.before_ms is not None and found.after_ms is not None:
        return found.after_ms < found.before_ms
    before, after = found.before_cost, found.after_cost
    return before is None or after is None or after < before


def _doubts(figures: Figures) -> list[str]:
    rounded = [
        step
        for step in figures.steps
        if step.self_ms and step.error_ms >= step.self_ms / 2 and step.weight > _UNSURE_SHARE
    ]
    if not rounded:
        return []
    worst = max(rounded, key=lambda step: step.error_ms)
    return [
        f"the time of {worst.node.label[:_LABEL]} is unsure by {duration(worst.error_ms / 1000)}: "
        f"it is printed rounded, per loop, for {number(worst.loops)} loops"
    ]


def _summary(figures: Figures, judgement: Judgement, advice: Sequence[Advice]) -> str:
    costly = max(figures.steps, key=lambda step: step.weight)
    parts = [_time_said(figures, costly)]
    if judgement.findings:
        parts.append(f"{judgement.findings[0].title}: {judgement.findings[0].evidence[0]}.")
    else:
        parts.append("No rule of the methodology finds fault with the plan.")
    indexes = [item for item in advice if item.kind == "index" and item.note != _OF_NO_USE]
    if indexes:
        first = indexes[0]
        parts.append(f"{first.statement} would serve it: {_verified_text(first)}.")
    return " ".join(parts)


def _time_said(figures: Figures, costly: Step) -> str:
    label = costly.node.label[:_LABEL]
    if figures.total_ms is not None and costly.share is None:
        took = duration(figures.total_ms / 1000)
        return f"The query took {took} in one run; this database does not tell its steps' times."
    if figures.total_ms is None or costly.share is None:
        cost = figures.root.node.number("total_cost")
        said = "Planned, not run: these are the planner's estimates"
        if cost is None or costly.cost_share is None:
            return f"{said}."
        return f"{said}. Cost {number(cost)}, {share(costly.cost_share)} of it in {label}."
    return (
        f"The query took {duration(figures.total_ms / 1000)} in one run; {label} took "
        f"{share(min(1.0, costly.share))} of it."
    )


def _next(figures: Figures, advice: Sequence[Advice]) -> tuple[str, ...]:
    found: list[str] = []
    if figures.plan.engine != POSTGRESQL:
        ask = None if figures.plan.analyzed else next_run(figures.plan.engine)
        found += [ask] if ask else []
    elif not figures.plan.analyzed:
        found.append(
            "Run EXPLAIN (ANALYZE, BUFFERS) and give its output to explain_query, or call it with "
            "sql, database_url and analyze: true"
        )
    if advice:
        found.append("Make one change, ask explain_query again, and compare the two runs")
    elif figures.plan.analyzed:
        found.append("Look at how often the query runs: analyze_queries counts calls")
    return tuple(found)
