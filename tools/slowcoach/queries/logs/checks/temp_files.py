"""Statements that wrote temporary files."""

from collections.abc import Iterator

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.queries.logs.judging import Check, shown
from slowcoach.queries.logs.workload import Workload

RULE = "db.temp_files"
_MOST = 3


def _run(workload: Workload) -> Iterator[Finding]:
    written = rule(RULE)
    wrote = [
        p for p in workload.patterns.by_key.values() if p.temp_bytes >= written.limit("size_bytes")
    ]
    for pattern in sorted(wrote, key=lambda p: -p.temp_bytes)[:_MOST]:
        yield written.finding(
            [
                Evidence(
                    metric="written to temporary files",
                    value=pattern.temp_bytes,
                    unit="bytes",
                    limit=written.limit("size_bytes"),
                    note=f"{pattern.temp_files} files" if pattern.temp_files else None,
                )
            ],
            where=[shown(pattern)],
        )


CHECK = Check(RULE, _run, frozenset({"spills"}))
