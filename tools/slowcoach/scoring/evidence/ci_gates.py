"""A CI job that fails on a benchmark, a load test or a budget."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import CI

EVIDENCE = Evidence(
    item="ci_gates",
    signals=(
        signal(
            "a CI job that measures",
            CI,
            r"\blhci\b|lighthouse-ci|unlighthouse-ci|\bsize-limit\b|\bbundlewatch\b|\bbundlesize\b"
            r"|github-action-benchmark|codspeed|bencher(dev)?/bencher|\bbencher run\b|\bbenchstat\b"
            r"|--benchmark-compare-fail|\bk6 (cloud )?run\b|grafana/run-k6|\basv continuous\b"
            r"|criterion-compare|slowcoach[^\n]{0,80}\bcompare\b|compare-benchmarks|\bcriterion\b"
            r"|locust[^\n]{0,200}--headless|gatling:test|artillery run",
        ),
    ),
    tool="compare",
)
