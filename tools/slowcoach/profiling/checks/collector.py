"""Garbage collection takes a share of the time: memory pressure."""

from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.judged import Check, Judged


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Judge the share of frames of the collector and allocator, with what they call."""
    share = recording.share(recording.collector)
    if not share.clears(rule.limit("share")):
        return []
    evidence = Evidence(
        metric="share of garbage collection", value=share.value, unit="share",
        limit=rule.limit("share"), note=share.interval,
    )  # fmt: skip
    places = [
        recording.place(index) for index in recording.ranked if recording.kinds[index].collector
    ]
    return [rule.finding([evidence], where=places[:3])]


CHECK = Check("profile.gc_pressure", look)
