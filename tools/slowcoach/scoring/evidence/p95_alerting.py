"""Alerts on a latency percentile or on the burn rate of a latency objective."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import ALERTS

_ALERT = r"^[ \t]*-?[ \t]*alert:|\"alert\"\s*:|alert:\s*['\"]|PrometheusRule|alerting"

EVIDENCE = Evidence(
    item="p95_alerting",
    signals=(
        signal(
            "a Prometheus alert on a percentile",
            ALERTS,
            r"histogram_quantile\(\s*0?\.9\d*|quantile=\\?['\"]0?\.9\d*",
            also=_ALERT,
        ),
        signal(
            "an alert on recorded percentiles or burn rate",
            ALERTS,
            r"(expr|query)['\"]?\s*[:=][^\n]{0,200}(p9[059]\b|:p9[059]|latency[^\n]{0,60}burn)",
            also=_ALERT,
        ),
        signal(
            "a cloud alarm on a percentile",
            ALERTS,
            r"extended_?statistic['\"]?\s*[:=]\s*['\"]?p9\d|p9[059]:[\w.]+\{|percentile\([^)]{0,80},\s*9\d",
            also=r"alarm|monitor|alert",
        ),
    ),
    tool="set_up_monitoring",
)
