"""Many leaves of one kind (JSON, regular expressions, logging ...) that together cost much."""

from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.frames import families
from slowcoach.profiling.judged import Check, Judged

_NAMED = 3


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Return one finding for each family whose share clears the limit."""
    return [
        of_family(rule, recording, index)
        for index, family in enumerate(families())
        if not family.waste and recording.family_share(index).clears(rule.limit("share"))
    ]


def of_family(rule: Rule, recording: Judged, index: int) -> Finding:
    """Return the finding of one family: who calls it, which leaves, and the runtime's fix."""
    family, share = families()[index], recording.family_share(index)
    leaves = [recording.place(leaf) for leaf, _ in recording.family_leaves(index)[:_NAMED]]
    callers = [recording.place(own) for own, _ in recording.family_callers(index)[:_NAMED]]
    evidence = Evidence(
        metric=f"share of {family.what}",
        value=share.value,
        unit="share",
        limit=rule.limit("share"),
        where=(callers or leaves)[0] if callers or leaves else None,
        note="; ".join(filter(None, (share.interval, f"leaves: {', '.join(leaves)}"))),
    )
    what = f"{family.what[:1].upper()}{family.what[1:]}"
    return rule.finding(
        [evidence],
        where=[*callers, *leaves[:1]],
        title=f"{what} takes {share.value:.0%} of the {recording.of_what}",
        severity=Severity.CRITICAL if share.clears(rule.limit("bottleneck")) else None,
        fix=[family.act_in(recording.runtime), *rule.fix],
        cause=family.cause,
    )


CHECK = Check("profile.family", look)
