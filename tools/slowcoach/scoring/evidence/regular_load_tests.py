"""Load tests: the scripts, and a schedule that runs them."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import CI, CRON

_SCRIPT, _SCHEDULE = "script", "schedule"

EVIDENCE = Evidence(
    item="regular_load_tests",
    signals=(
        signal("a k6 script", r"\.(js|mjs|ts)$", r"from\s+['\"]k6(/http)?['\"]", part=_SCRIPT),
        signal(
            "a Locust file",
            r"\.py$",
            r"^[ \t]*(from locust\b[^\n]{0,60} import|import locust\b)",
            part=_SCRIPT,
        ),
        signal("a JMeter plan", r"\.jmx$", r"<jmeterTestPlan", part=_SCRIPT),
        signal(
            "a Gatling simulation",
            r"\.(scala|java|kt|js|ts)$",
            r"import io\.gatling|@gatling\.io",
            part=_SCRIPT,
        ),
        signal(
            "an Artillery script",
            r"\.ya?ml$",
            r"^[ \t]*phases:",
            also=r"arrivalRate|rampTo",
            part=_SCRIPT,
        ),
        signal(
            "a scheduled job that runs a load test",
            CI,
            r"\b(k6|locust|jmeter|gatling|artillery|vegeta|wrk2?)\b",
            also=CRON,
            part=_SCHEDULE,
        ),
        signal(
            "a load test in the cluster",
            r"\.ya?ml$",
            r"kind:\s*(TestRun|CronJob)\b",
            also=r"k6|locust",
            part=_SCHEDULE,
        ),
    ),
    parts=(_SCRIPT, _SCHEDULE),
    tool="design_load_test",
)
