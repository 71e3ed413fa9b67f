"""Many leaves of one kind (JSON, regular expressions, logging ...) that together cost much."""

from slowcoach.core.finding import Evidence, Finding, NotChecked, Severity
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.frames import families
from slowcoach.profiling.judged import Check, Judged

_NAMED = 3


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Return one finding for each family whose share clears the limit."""
    found: list[Finding | NotChecked] = []
    for index, weight in enumerate(recording.by_family):
        share = recording.share(float(weight))
        if not share.clears(rule.limit("share")):
            continue
        family = families()[index]
        leaves = [recording.place(leaf) for leaf, _ in recording.family_leaves(index)[:_NAMED]]
        callers = [recording.place(own) for own, _ in recording.family_callers(index)[:_NAMED]]
        evidence = Evidence(
            metric=f"share of {family.what}",
            value=share.value,
            unit="share",
            limit=rule.limit("share"),
            where=callers[0] if callers else leaves[0],
            note="; ".join(filter(None, (share.interval, f"leaves: {', '.join(leaves)}"))),
        )
        sure = share.clears(rule.limit("bottleneck"))
        what = f"{family.what[:1].upper()}{family.what[1:]}"
        found.append(
            rule.finding(
                [evidence],
                where=[*callers, *leaves[:1]],
                title=f"{what} takes {share.value:.0%} of the {recording.of_what}",
                severity=Severity.CRITICAL if sure else None,
                fix=[family.act, *rule.fix],
            )
        )
    return found


CHECK = Check("profile.family", look)
