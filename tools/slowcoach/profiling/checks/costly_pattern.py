"""Work that need not be done at all: compiling again, boxing, stack traces, searching lists."""

from slowcoach.core.finding import Finding, NotChecked, Severity
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.checks.family import of_family
from slowcoach.profiling.frames import families
from slowcoach.profiling.judged import Check, Judged


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Return one finding for each such family, its severity by its share."""
    found: list[Finding | NotChecked] = []
    for index, family in enumerate(families()):
        share = recording.family_share(index)
        if family.waste and share.clears(rule.limit("share")):
            finding = of_family(rule, recording, index)
            if not share.clears(rule.limit("warning")):
                finding = finding.model_copy(update={"severity": Severity.INFO})
            found.append(finding)
    return found


CHECK = Check("profile.costly_pattern", look)
