"""Few functions hold nearly everything: focused optimization will work."""

from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.judged import Check, Judged


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Judge the share of the largest functions together."""
    first = recording.ranked[: int(rule.limit("functions"))]
    share = recording.share(sum(float(recording.own_weights[index]) for index in first))
    if not first or not share.clears(rule.limit("share")):
        return []
    places = [recording.place(index) for index in first]
    evidence = Evidence(
        metric=f"share of the {len(first)} largest functions together", value=share.value,
        unit="share", limit=rule.limit("share"), note=share.interval,
    )  # fmt: skip
    return [rule.finding([evidence], where=places)]


CHECK = Check("profile.focused", look)
