"""A recurring review of the database's indexes."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import CI, CRON

EVIDENCE = Evidence(
    item="index_reviews",
    signals=(
        signal(
            "a scheduled report on indexes",
            CI + r"|(^|/)[^/]*cron[^/]*\.(ya?ml|tf|sh)$",
            r"pg_stat_user_indexes|pt-index-usage|sys\.schema_unused_indexes|unused.?index|index.?review"
            r"|advise[-_]indexes",
            also=CRON,
        ),
        signal(
            "notes of an index review",
            r"(^|/)[^/]*ind(ex|exes|ices)[-_ ]?(review|audit)[^/]*\.(md|rst|adoc|csv|txt)$",
            part="notes",
        ),
    ),
    parts=("notes", "quarterly"),
    tool="advise_indexes",
)
