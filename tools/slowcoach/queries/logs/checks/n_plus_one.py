"""Like statements in a row that each look up one row, or the rows of one parent."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding, Severity
from slowcoach.core.knowledge import Rule, rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.orm import fixes, orm_of
from slowcoach.queries.logs.patterns import Pattern
from slowcoach.queries.logs.workload import Repeats, Workload

RULE = "db.n_plus_one"
_MOST = 5
_UNSURE = 0.1  # taken off the confidence where something is not told
_BY_COUNT = 0.5  # confidence of what only counters show


def _run(workload: Workload) -> Iterator[Finding]:
    written = rule(RULE)
    if workload.counted:
        yield from _by_counters(workload, written)
        return
    way = written.limit("round_trip_ms")
    found = [r for r in workload.lookups.values() if _stands(r, workload, written)]
    for repeats in sorted(found, key=lambda r: -r.saving_ms(way))[:_MOST]:
        yield _finding(repeats, workload, written)


def _stands(repeats: Repeats, workload: Workload, written: Rule) -> bool:
    """Without transactions a pooled connection serves request after request: the source must
    lead to the repetition often, and most calls must be in it, or it is a chance.
    """
    if repeats.bounded * 2 >= repeats.runs:
        return True
    source, times = _source(repeats, workload)
    if source is None or not source.calls:
        return False
    least, in_loops = written.limit("consistent"), repeats.calls / repeats.pattern.calls
    alone = repeats.calls / repeats.length  # of the statements between first and last
    if min(in_loops, alone) >= written.limit("in_loops"):
        return True
    return times >= least * source.calls and in_loops >= least


def _source(repeats: Repeats, workload: Workload) -> tuple[Pattern | None, int]:
    if not repeats.sources:
        return None, 0
    key, times = repeats.sources.most_common(1)[0]
    return workload.patterns.by_key.get(key), times


def _finding(repeats: Repeats, workload: Workload, written: Rule) -> Finding:
    pattern = repeats.pattern
    way = written.limit("round_trip_ms")
    saving = repeats.saving_ms(way)
    each = repeats.calls / repeats.runs
    source, times = _source(repeats, workload)
    caller = repeats.callers.most_common(1)[0][0] if repeats.callers else pattern.where
    evidence = [
        Evidence(
            metric="saved by asking once",
            value=round(saving, 2),
            unit="ms",
            note=f"{repeats.calls - repeats.runs} calls fewer, {way:g} ms for each way"
            + ("" if pattern.timed else " (the log has no times: only the way is counted)"),
        ),
        Evidence(
            metric="like statements in a row",
            value=round(each, 1),
            unit="count",
            limit=written.limit("least_in_a_row"),
            note=f"loops seen: {repeats.runs}, the longest {repeats.most}",
        ),
    ]
    where = [shown(pattern)]
    if source is not None:
        where.append(f"after {shown(source)}")
        evidence.append(Evidence(metric="times right after its source", value=times, unit="count"))
    if caller:
        where.insert(0, caller)
    worth = saving / repeats.runs >= written.limit("worth_ms")
    return written.finding(
        evidence,
        where=where,
        severity=Severity.CRITICAL if worth else Severity.WARNING,
        confidence=_confidence(repeats, written, told=source is not None),
        fix=fixes(written.fix, orm_of(pattern.key, workload.source.orm, caller)),
    )


def _confidence(repeats: Repeats, written: Rule, *, told: bool) -> float:
    found = written.confidence
    if not told:
        found -= _UNSURE
    if repeats.bounded * 2 < repeats.runs:
        found -= _UNSURE
    if repeats.unknown * 2 > repeats.calls:  # values are not logged: that they differ is a guess
        found -= _UNSURE
    return round(found, 2)


def _by_counters(workload: Workload, written: Rule) -> Iterator[Finding]:
    """Counters have no order: a statement as often as the rows of another is suspicious."""
    near, least = written.limit("near"), written.limit("least_in_a_row")
    ran = workload.patterns.by_cost()
    sources = [p for p in ran if p.verb == "read" and p.told_rows and not p.own_key]
    found: list[tuple[Pattern, Pattern]] = []
    for child in ran:
        if not child.lookup or not child.calls:
            continue
        for source in sources:
            rows = source.rows
            if (
                source is not child
                and rows >= least * source.calls
                and child.calls >= least * source.calls
                and abs(rows - child.calls) <= near * child.calls
            ):
                found.append((child, source))
                break
    way = written.limit("round_trip_ms")
    for child, source in found[:_MOST]:
        fewer = child.calls - source.calls
        saving = fewer * ((child.mean_ms or 0.0) + way)
        yield written.finding(
            [
                Evidence(metric="saved by asking once", value=round(saving, 2), unit="ms"),
                Evidence(
                    metric="calls",
                    value=child.calls,
                    unit="count",
                    note=f"about the {source.rows:,.0f} rows of another statement; counters have "
                    "no order, so a log would tell for sure",
                ),
            ],
            where=[shown(child), f"after {shown(source)}"],
            severity=Severity.WARNING,
            confidence=_BY_COUNT,
            fix=fixes(written.fix, orm_of(child.key)),
        )


CHECK = Check(RULE, _run)
