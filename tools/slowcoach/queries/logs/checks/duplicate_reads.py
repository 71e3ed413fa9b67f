"""The same question with the same values, again and again in one request."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.workload import Workload

RULE = "db.duplicate_reads"
_MOST = 3


def _run(workload: Workload) -> Iterator[Finding]:
    written = rule(RULE)
    way = rule("db.n_plus_one").limit("round_trip_ms")
    ranked = sorted(workload.duplicates.values(), key=lambda r: -r.saving_ms(way))
    for repeats in ranked[:_MOST]:
        caller = repeats.callers.most_common(1)[0][0] if repeats.callers else ""
        saving = round(repeats.saving_ms(way), 2)
        yield written.finding(
            [
                Evidence(metric="saved by asking once", value=saving, unit="ms"),
                Evidence(
                    metric="same statement with the same values in a row",
                    value=round(repeats.calls / repeats.runs, 1),
                    unit="count",
                    limit=rule("db.n_plus_one").limit("least_in_a_row"),
                    note=f"loops seen: {repeats.runs}",
                ),
            ],
            where=[*([caller] if caller else []), shown(repeats.pattern)],
        )


CHECK = Check(RULE, _run)
