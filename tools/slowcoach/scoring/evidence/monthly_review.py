"""A recurring review of performance."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import CI, CRON

EVIDENCE = Evidence(
    item="monthly_review",
    signals=(
        signal(
            "a scheduled job that opens the review",
            CI,
            r"\bperf(ormance)?[-_ ]?review",
            also=CRON,
        ),
        signal(
            "notes of reviews",
            r"(^|/)[^/]*perf(ormance)?[-_ ]?reviews?(/.+|[^/]*)\.(md|rst|adoc)$",
            part="notes",
        ),
    ),
    parts=("notes", "monthly"),
    tool="list_runs",
)
