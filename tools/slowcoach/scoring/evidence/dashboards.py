"""Dashboards kept as files."""

from slowcoach.scoring.model import Evidence, signal

EVIDENCE = Evidence(
    item="dashboards",
    signals=(
        signal(
            "a Grafana dashboard", r"\.json$", r"\"panels\"\s*:\s*\[", also=r"\"schemaVersion\""
        ),
        signal(
            "a dashboard in code",
            r"\.(tf|ts|py|ya?ml|json)$",
            r"\b(grafana_dashboard|datadog_dashboard(_json)?|aws_cloudwatch_dashboard"
            r"|newrelic_one_dashboard|google_monitoring_dashboard)\b"
            r"|kind:\s*GrafanaDashboard|AWS::CloudWatch::Dashboard",
            words="dashboard",
        ),
        signal(
            "a dashboard in jsonnet",
            r"\.(jsonnet|libsonnet)$",
            r"grafonnet|dashboard\.new|grafanaDashboards",
        ),
    ),
    tool="set_up_monitoring",
)
