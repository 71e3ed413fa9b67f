"""Budgets: service level objectives, Lighthouse assertions, documents with figures."""

from slowcoach.scoring.model import Evidence, signal

_FIGURE = r"\b\d+(\.\d+)?\s*(ms|s|sec|seconds|kB|KB|MB|%)(\b|\s|$)"
_NAMED = r"(^|/)[^/]*(perf(ormance)?[-_ ]?budgets?|\bslos?\b|service[-_ ]levels?)[^/]*\."

EVIDENCE = Evidence(
    item="budgets_defined",
    signals=(
        signal(
            "a document of budgets with figures", _NAMED + r"(md|rst|adoc|txt|json|ya?ml)$", _FIGURE
        ),
        signal(
            "a service level objective on latency",
            r"\.ya?ml$",
            r"kind:\s{0,9}(SLO|ServiceLevelObjective|PrometheusServiceLevel)\b|^slos:",
            also=r"latency|duration|p9\d|histogram",
        ),
        signal(
            "Lighthouse assertions",
            r"(^|/)(\.?lighthouserc[^/]*|(lighthouse|lhci)[^/]*\.(json|js|ya?ml)|budgets?\.json)$",
            r"maxNumericValue|minScore|\"budget\"\s*:|timings",
            part="front end",
        ),
        signal(
            "limits of a load test",
            r"\.(js|ts|ya?ml)$",
            r"http_req_duration['\"]?\s{0,9}:\s{0,9}\[?[^\n]{0,80}p\(9\d",
            part="back end",
        ),
    ),
    parts=("front end", "back end"),
    tool="check_budget",
)
