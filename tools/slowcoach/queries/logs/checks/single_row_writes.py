"""Rows that are written one statement at a time."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.workload import Workload

RULE = "db.single_row_writes"
_MOST = 3


def _run(workload: Workload) -> Iterator[Finding]:
    written = rule(RULE)
    way = rule("db.n_plus_one").limit("round_trip_ms")
    ranked = sorted(workload.writes.values(), key=lambda r: -r.saving_ms(way))
    for repeats in ranked[:_MOST]:
        caller = repeats.callers.most_common(1)[0][0] if repeats.callers else ""
        trips = round((repeats.calls - repeats.runs) * way, 2)
        yield written.finding(
            [
                Evidence(
                    metric="like writes in a row",
                    value=round(repeats.calls / repeats.runs, 1),
                    unit="count",
                    limit=written.limit("calls"),
                    note=f"loops seen: {repeats.runs}, the longest {repeats.most}",
                ),
                Evidence(metric="ways there and back that one batch saves", value=trips, unit="ms"),
            ],
            where=[*([caller] if caller else []), shown(repeats.pattern)],
        )


CHECK = Check(RULE, _run)
