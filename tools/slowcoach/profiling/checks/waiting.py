"""Most of the profile is threads that wait."""

from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.knowledge import Rule
from slowcoach.core.stats import wilson
from slowcoach.core.units import share as percent
from slowcoach.profiling.judged import Check, Judged


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Judge the share of leaves that wait, of the whole."""
    profile = recording.profile
    if profile.total <= 0:
        return []
    value = recording.waiting / profile.total
    low, high = (value, value)
    if profile.samples is not None:
        low, high = wilson(value * profile.samples, profile.samples)
    if low < rule.limit("share"):
        return []
    waits = [int(index) for index in profile.present if recording.kinds[int(index)].waiting][:3]
    evidence = Evidence(
        metric="share of waiting frames", value=value, unit="share", limit=rule.limit("share"),
        note=f"95 % interval {percent(low)} to {percent(high)}" if low < high else None,
    )  # fmt: skip
    places = [recording.place(caller) for wait in waits for caller, _ in _callers(recording, wait)]
    own = list(dict.fromkeys(places))[:3]
    return [rule.finding([evidence], where=own or [recording.place(wait) for wait in waits])]


def _callers(recording: Judged, function: int) -> list[tuple[int, float]]:
    return recording.waiters(function)[:1]


CHECK = Check("profile.waiting", look)
