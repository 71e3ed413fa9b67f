"""One module for each rule about profiles; `look` asks them all."""

import sys
from functools import cache

from slowcoach.core.finding import Finding, NotChecked, ranked
from slowcoach.core.knowledge import rule
from slowcoach.core.registry import discover
from slowcoach.profiling.judged import Check, Judged


@cache
def checks() -> tuple[Check, ...]:
    """Return every check, by name of module."""
    return discover(sys.modules[__name__], "CHECK", Check)


def look(recording: Judged) -> tuple[tuple[Finding, ...], tuple[NotChecked, ...]]:
    """Return what is wrong in a recording, the worst first, and which rules could not be judged."""
    found: list[Finding] = []
    not_checked: list[NotChecked] = []
    for check in checks():
        for item in check.look(rule(check.rule), recording):
            if isinstance(item, Finding):
                found.append(item)
            else:
                not_checked.append(item)
    return ranked(found), tuple(not_checked)
