"""A runbook on slowness."""

from slowcoach.scoring.model import Evidence, signal

EVIDENCE = Evidence(
    item="incident_runbook",
    signals=(
        signal(
            "a runbook that speaks of slowness",
            r"(^|/)(runbooks?|playbooks?|oncall|on-call|incidents?)/.+\.(md|rst|adoc|txt)$"
            r"|(^|/)[^/]*(runbook|playbook)[^/]*\.(md|rst|adoc|txt)$",
            r"\bslow\b|slowness|latency|performance|degrad|saturat|high cpu|timeouts?\b",
        ),
    ),
    tool="read_guide",
)
