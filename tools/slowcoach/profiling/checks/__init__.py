"""One module for each rule about profiles; `look` asks them all."""

import sys
from collections.abc import Sequence
from functools import cache

from slowcoach.core.finding import Finding, NotChecked, ranked
from slowcoach.core.knowledge import rule
from slowcoach.core.registry import discover
from slowcoach.profiling.judged import Check, judged
from slowcoach.profiling.model import Profile


@cache
def checks() -> tuple[Check, ...]:
    """Return every check, by name of module."""
    return discover(sys.modules[__name__], "CHECK", Check)


def look(profiles: Sequence[Profile]) -> tuple[tuple[Finding, ...], tuple[NotChecked, ...]]:
    """Return what is wrong in a recording (the profiles of its threads, of one unit), the worst
    first, and which rules could not be judged.
    """
    recording = judged(profiles)
    found: list[Finding] = []
    not_checked: list[NotChecked] = []
    for check in checks():
        for item in check.look(rule(check.rule), recording):
            if isinstance(item, Finding):
                found.append(item)
            else:
                not_checked.append(item)
    return ranked(found), tuple(not_checked)
