"""A detector of N+1 queries; whether one is known only the team can say."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import CODE

EVIDENCE = Evidence(
    item="no_n_plus_one",
    signals=(
        signal(
            "an N+1 detector",
            r"(^|/)(requirements[^/]*\.txt|pyproject\.toml|setup\.cfg|pipfile|gemfile|package\.json)$",
            r"\b(nplusone|django-zeal|zeal|bullet|prosopite|n_plus_one_control)\b",
            part="detector",
        ),
        signal(
            "lazy loading that raises",
            CODE,
            r"\braiseload\(|lazy\s*=\s*['\"]raise|strict_loading_by_default\s*=\s*true|preventLazyLoading",
            part="detector",
            words="raiseload lazy strict_loading",
        ),
    ),
    parts=("detector", "clean"),
    tool="analyze_queries",
)
