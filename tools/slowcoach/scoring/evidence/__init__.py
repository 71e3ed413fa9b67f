"""One module for each item of the checklist: what in a repository shows it."""

import sys
from functools import cache

from slowcoach.core.registry import discover
from slowcoach.scoring.model import Evidence


@cache
def all_evidence() -> dict[str, Evidence]:
    """Return how each item is looked for, by the item's id."""
    found = discover(sys.modules[__name__], "EVIDENCE", Evidence)
    return {evidence.item: evidence for evidence in found}
