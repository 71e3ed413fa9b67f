"""Database statements for one own function hold much of the time: perhaps a loop of them."""

from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.frames import families
from slowcoach.profiling.judged import Check, Judged


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Judge the share of statements, their waits included, and that of their main caller in it."""
    known = [index for index, family in enumerate(families()) if family.statements]
    weight = sum(float(recording.by_family[index]) for index in known)
    share = recording.share(weight, waits=True)
    if not share.clears(rule.limit("share")):
        return []
    callers: dict[int, float] = {}
    for index in known:
        for own, held in recording.family_callers(index):
            callers[own] = callers.get(own, 0.0) + held
    first = max(callers, key=callers.__getitem__, default=None)
    if first is None or callers[first] < rule.limit("one_caller") * weight:
        return []
    place = recording.place(first)
    evidence = Evidence(
        metric="share of database statements in what own code does",
        value=share.value,
        unit="share",
        limit=rule.limit("share"),
        where=place,
        note=f"{share.interval or 'traced'}; {callers[first] / weight:.0%} of it for this function",
    )
    return [rule.finding([evidence], where=[place])]


CHECK = Check("profile.n_plus_one", look)
