"""A capacity model that is written down; only the team knows whether it is kept up."""

from slowcoach.scoring.model import Evidence, signal

EVIDENCE = Evidence(
    item="capacity_model",
    signals=(
        signal(
            "a capacity model",
            r"(^|/)([^/]*capacity[-_ ]?(model|plan|planning|estimate|forecast)s?[^/]*|capacity)"
            r"\.(md|rst|adoc|ya?ml|json|csv|xlsx|ods|ipynb|toml)$",
            part="written",
        ),
        signal(
            "a document on capacity",
            r"(^|/)capacity[^/]*/.+\.(md|rst|adoc|ya?ml|csv|xlsx|ods|ipynb)$",
            part="written",
        ),
    ),
    parts=("written", "maintained"),
    tool="plan_capacity",
)
