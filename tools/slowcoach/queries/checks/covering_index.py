"""An index scan spends its time fetching rows that a covering index would hold itself."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import columns_of, table_sql, terms
from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.covering_index"


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Index Scan"):
        rows = step.rows or 0.0
        if (
            step.node.kind != "Index Scan"
            or rows < limits.limit("min_rows")
            or step.weight < limits.limit("min_share")
        ):
            continue
        blocks = sum(
            step.node.number(key) or 0.0 for key in ("shared_hit_blocks", "shared_read_blocks")
        )
        if blocks / rows < limits.limit("blocks_per_row"):
            continue
        evidence = [
            Evidence(
                metric="blocks visited per row",
                value=blocks / rows,
                unit="count",
                limit=limits.limit("blocks_per_row"),
                where=place(step),
                note=f"{rows:,.0f} rows fetched from the table",
            ),
            Evidence(metric="share of the query's time", value=step.weight, unit="share"),
        ]
        condition = step.node.conditions("index_cond")
        yield Problem(limits.finding(evidence, where=where(step, condition)), _advice(step))


def _advice(step: Step) -> tuple[Recommendation, ...]:
    """The columns asked for are in the plan with VERBOSE only."""
    alias = step.node.text("alias") or step.node.relation or ""
    condition = step.node.conditions("index_cond")
    keys = list(dict.fromkeys(term.target for term in terms(condition, alias)))
    wanted = columns_of(step.node.conditions("output"), alias)
    others = [column for column in wanted if column not in keys]
    if not keys or not others or len(others) > rule(_RULE).limit("most_columns"):
        return ()
    table = table_sql(step.node.relation or "", step.node.text("schema"))
    return (
        Recommendation(
            kind="index",
            statement=f"CREATE INDEX CONCURRENTLY ON {table} ({', '.join(keys)}) "
            f"INCLUDE ({', '.join(others)})",
            why=f"answers {step.node.label} from the index alone",
            step=step.index,
        ),
    )


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "buffers"}))
