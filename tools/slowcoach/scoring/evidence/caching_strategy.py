"""A document that says what is cached, for how long and how it is invalidated."""

from slowcoach.scoring.model import Evidence, signal
from slowcoach.scoring.paths import DOCUMENTS

_LIFETIME = r"\bttl\b|expir|invalidat|max-age|stale-while|evict"

EVIDENCE = Evidence(
    item="caching_strategy",
    signals=(
        signal(
            "a document on caching",
            r"(^|/)[^/]*\bcach(e|es|ing)\b[^/]*\.(md|rst|adoc|mdx)$",
            _LIFETIME,
        ),
        signal(
            "a section on caching",
            DOCUMENTS + r"|(^|/)(readme|architecture)[^/]*\.(md|rst|adoc)$",
            r"^(#+|=+)\s[^\n]{0,120}\bcach(e|es|ing)\b",
            also=_LIFETIME,
        ),
    ),
    tool="read_guide",
)
