"""Alerts on memory or restarts, or tests that find leaks."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import ALERTS, CI, SOURCE

EVIDENCE = Evidence(
    item="leak_monitoring",
    signals=(
        signal(
            "an alert on memory",
            ALERTS,
            r"container_memory_(working_set|usage|rss)_?(bytes)?|process_resident_memory_bytes"
            r"|jvm_memory_used_bytes|nodejs_heap_\w+|go_memstats_heap\w*"
            r"|kube_pod_container_status_(restarts_total|last_terminated_reason)|MemoryUtilization",
            also=r"^[ \t]*-?[ \t]*alert:|\"alert\"\s*:|alert:\s*['\"]|PrometheusRule"
            r"|metric_alarm|::Alarm|datadog_monitor",
        ),
        signal(
            "tests that find leaks",
            f"{SOURCE}|{CI}",
            r"\blimit_leaks\b|\bmemlab\b|\bleakcanary\b|detect_leaks=1|--detectLeaks|goleak\.|\bfuite\b",
            words="leak memlab fuite",
        ),
    ),
    tool="check_memory",
)
