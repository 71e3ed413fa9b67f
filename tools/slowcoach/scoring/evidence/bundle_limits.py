"""Limits of what the browser loads, enforced by the build."""

from slowcoach.scoring.model import Evidence, signal

EVIDENCE = Evidence(
    item="bundle_limits",
    signals=(
        signal(
            "limits in package.json",
            r"(^|/)package\.json$",
            r"\"(size-limit|bundlesize|bundlewatch)\"\s*:\s*[\[{]",
        ),
        signal(
            "a file of limits",
            r"(^|/)(\.size-limit\.(json|c?js|mjs|ts)|\.?bundlewatch[^/]*\.(json|js)|\.?bundlesize[^/]*\.json)$",
            r"(limit|maxSize)['\"]?\s*:",
        ),
        signal(
            "webpack's limits as errors",
            r"(^|/)webpack[^/]*\.(c?js|mjs|ts)$",
            r"max(Asset|Entrypoint)Size\s*:",
            also=r"hints\s*:\s*['\"]error",
        ),
        signal("Angular's budgets", r"(^|/)(angular|project)\.json$", r"\"maximumError\"\s*:"),
        signal(
            "Lighthouse's limit of resources",
            r"(^|/)\.?lighthouserc[^/]*$|(^|/)budgets?\.json$",
            r"resource-summary|resourceSizes|total-byte-weight",
        ),
    ),
    tool="analyze_bundle",
)
