"""The tool `check_budget`: are the measured figures within the budget?"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import page, rule
from slowcoach.core.result import Result, Table
from slowcoach.core.tool import Tool
from slowcoach.core.units import quantity
from slowcoach.scoring.budget import PAGE, Judgement, judge, kinds

_RULE = "budget.exceeded"


class Row(BaseModel):
    """One metric of the budget; `value` null: not measured; `ok` null: not judged (see `note`)."""

    model_config = ConfigDict(frozen=True)

    metric: str
    op: str
    limit: float | None
    value: float | None
    unit: str
    ok: bool | None
    note: str = ""


class BudgetCheck(Result):
    """The answer of `check_budget`."""

    kind: str
    rows: tuple[Row, ...]
    passed: bool | None = Field(description="null: nothing could be judged.")

    def tables(self) -> tuple[Table, ...]:
        """Return one row a metric."""
        return (
            Table(
                title=f"Budget ({kinds()[self.kind]})",
                columns=("metric", "limit", "measured", "ok", "note"),
                rows=tuple(_cells(row) for row in self.rows),
                right=("limit", "measured"),
            ),
        )


def _cells(row: Row) -> tuple[str, ...]:
    limit = "–" if row.limit is None else f"{row.op} {quantity(row.limit, row.unit)}"
    value = "–" if row.value is None else quantity(row.value, row.unit)
    return row.metric, limit, value, {None: "–", True: "yes", False: "NO"}[row.ok], row.note


def check_budget(
    kind: Annotated[
        Literal["web_app", "api", "mobile", "batch_job"],
        Field(description="Kind of application, which sets the budget."),
    ],
    measurements: Annotated[
        dict[str, float],
        Field(
            description="Figures by metric: p50_ms, p95_ms, p99_ms, error_rate_pct, "
            "throughput_rps, memory_per_request_mb, cpu_per_request_ms, time_to_interactive_ms."
        ),
    ],
    limits: Annotated[
        dict[str, float] | None, Field(description="Own limits that replace the budget's.")
    ] = None,
) -> BudgetCheck:
    """Judge measured figures by the performance budget of a kind of application.

    Use it after a measurement (run_load_test, investigate, check_memory, audit_frontend), or with
    no measurements to see the budget. What was not measured is shown as such, never as passed.
    When a figure is over, call investigate on the endpoint.
    """
    judged = judge(kind, measurements, limits)
    rows = tuple(_row(item) for item in judged)
    over = tuple(item for item in judged if item.ok is False)
    measured = [item for item in judged if item.ok is not None]
    return BudgetCheck(
        summary=_summary(kinds()[kind], judged),
        kind=kind,
        rows=rows,
        passed=not over if measured else None,
        findings=(_finding(over),) if over else (),
        next=_next(judged),
    )


def _row(item: Judgement) -> Row:
    budget = item.budget
    unmeasured = item.value is None and budget.limit is not None
    note = "; ".join(part for part in (budget.note, "not measured" if unmeasured else "") if part)
    return Row(
        metric=budget.metric,
        op=budget.op,
        limit=budget.limit,
        value=item.value,
        unit=budget.unit,
        ok=item.ok,
        note=note,
    )


def _finding(over: tuple[Judgement, ...]) -> Finding:
    return rule(_RULE).finding(
        Evidence(
            metric=item.budget.metric,
            value=item.value or 0.0,
            unit=item.budget.unit,
            limit=item.budget.limit,
        )
        for item in over
    )


def _summary(title: str, judged: tuple[Judgement, ...]) -> str:
    measured = [item for item in judged if item.ok is not None]
    if not measured:
        return f"Nothing to judge: no measured figure has a limit in the budget ({title})."
    over = [item for item in measured if not item.ok]
    text = f"Within the budget ({title}): {len(measured) - len(over)} of {len(measured)} measured."
    if over:
        text += f" Outside: {', '.join(_against(item) for item in over)}."
    missing = _unmeasured(judged)
    if missing:
        text += f" Not measured: {', '.join(item.budget.metric for item in missing)}."
    return text


def _against(item: Judgement) -> str:
    budget = item.budget
    value, limit = (quantity(figure or 0.0, budget.unit) for figure in (item.value, budget.limit))
    return f"{budget.metric} {value} (must be {budget.op} {limit})"


def _unmeasured(judged: tuple[Judgement, ...]) -> list[Judgement]:
    return [item for item in judged if item.value is None and item.budget.limit is not None]


def _next(judged: tuple[Judgement, ...]) -> tuple[str, ...]:
    steps: list[str] = []
    if any(item.ok is False for item in judged):
        steps.append("investigate the endpoint: it names the cause")
    by: dict[str, list[str]] = {}
    for item in _unmeasured(judged):
        by.setdefault(item.budget.measured_by, []).append(item.budget.metric)
    steps += [f"{tool} measures {', '.join(metrics)}" for tool, metrics in by.items()]
    return (*steps, f"read_guide {PAGE}: {page(PAGE).description}")


TOOL = Tool(
    check_budget,
    title="Check a performance budget",
    keeps_run=False,
    positional=("kind",),
    examples=(
        """slowcoach check-budget api --measurements '{"p95_ms": 180}'""",
        """slowcoach check-budget web_app --measurements '{}'""",
    ),
)
