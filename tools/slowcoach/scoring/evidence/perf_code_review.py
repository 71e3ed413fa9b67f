"""A review template or guide that asks for performance."""

from slowcoach.scoring.model import Evidence, signal

EVIDENCE = Evidence(
    item="perf_code_review",
    signals=(
        signal(
            "a template or guide of reviews that asks for performance",
            r"(^|/)pull_request_template(/[^/]+)?(\.md)?$|merge_request_templates/[^/]+\.md$"
            r"|(^|/)contributing[^/]*$"
            r"|(^|/)[^/]*(code[-_ ]?review|review[-_ ]?checklist)[^/]*\.(md|rst|adoc)$",
            r"\bperformance\b|\blatency\b|n\+1|slow quer",
        ),
    ),
    tool="read_guide",
)
