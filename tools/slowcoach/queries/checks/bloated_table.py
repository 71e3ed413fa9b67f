"""Far more blocks are read than the rows in them would fill: the table holds mostly nothing."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence
from slowcoach.core.knowledge import rule
from slowcoach.queries.conditions import table_sql
from slowcoach.queries.figures import Step
from slowcoach.queries.subject import Check, Problem, Recommendation, Subject, place, where

_RULE = "db.bloated_table"
_BLOCK_BYTES = 8192


def _run(subject: Subject) -> Iterator[Problem]:
    limits = rule(_RULE)
    for step in subject.of("Seq Scan"):
        if step.node.kind != "Seq Scan" or not step.executed or step.stops_early:
            continue
        blocks = sum(
            step.node.number(key) or 0.0 for key in ("shared_hit_blocks", "shared_read_blocks")
        )
        removed = (step.node.number("rows_removed_by_filter") or 0.0) * step.loops
        rows = (step.rows or 0.0) + removed
        each = blocks * _BLOCK_BYTES / max(rows, 1.0)
        dead = _dead_share(subject, step)
        if (
            blocks >= limits.limit("blocks") * max(1.0, step.loops / step.processes)
            and step.weight >= limits.limit("min_share")
            and (each >= limits.limit("bytes_per_row") or dead >= limits.limit("dead_share"))
        ):
            yield _problem(subject, step, each, dead)


def _dead_share(subject: Subject, step: Step) -> float:
    facts = subject.facts(step)
    if facts is None or not facts.dead:
        return 0.0
    return facts.dead / (facts.dead + (facts.live or 0.0))


def _problem(subject: Subject, step: Step, each: float, dead: float) -> Problem:
    limits = rule(_RULE)
    table = table_sql(step.node.relation or "", step.node.text("schema"))
    evidence = [
        Evidence(
            metric="read for each row",
            value=each,
            unit="bytes",
            limit=limits.limit("bytes_per_row"),
            where=place(step),
        ),
        Evidence(metric=subject.share_named, value=step.weight, unit="share"),
    ]
    if dead:
        evidence.append(
            Evidence(
                metric="share of dead rows",
                value=dead,
                unit="share",
                limit=limits.limit("dead_share"),
            )
        )
    vacuum = Recommendation(
        kind="statistics",
        statement=f"VACUUM (FULL, ANALYZE) {table}",
        why="writes the table anew without the empty space; it locks the table meanwhile, "
        "which pg_repack does not",
        step=step.index,
    )
    return Problem(limits.finding(evidence, where=where(step)), (vacuum,))


CHECK = Check(rule=_RULE, run=_run, needs=frozenset({"analyze", "buffers"}))
