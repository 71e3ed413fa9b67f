"""The time is evenly distributed: no function, kind of cost or caller stands out."""

import numpy as np

from slowcoach.core.finding import Evidence, Finding, NotChecked
from slowcoach.core.knowledge import Rule
from slowcoach.profiling.judged import Check, Judged


def look(rule: Rule, recording: Judged) -> list[Finding | NotChecked]:
    """Return a finding when even the largest share is surely small."""
    if recording.samples is not None and recording.samples < rule.limit("samples"):
        return [rule.not_checked(f"needs {rule.limits['samples']} samples of running code")]
    if not recording.ranked:
        return []
    largest = recording.ranked[0]
    own = recording.share(float(recording.own_weights[largest]))
    family = recording.share(float(recording.by_family.max(initial=0.0)))
    caller = recording.share(float(recording.with_libraries.max(initial=0.0)))
    limit = rule.limit("largest")
    if not (own.below(limit) and family.below(limit) and caller.below(rule.limit("caller"))):
        return []
    shares = recording.own_weights / recording.busy
    evidence = [
        Evidence(
            metric="largest share of a function", value=own.value, unit="share", limit=limit,
            where=recording.place(largest), note=own.interval,
        ),
        Evidence(
            metric="functions that would hold as much evenly (inverse Simpson index)",
            value=float(1 / np.square(shares).sum()), unit="count",
        ),
    ]  # fmt: skip
    places = [recording.place(index) for index in recording.ranked[:3]]
    return [rule.finding(evidence, where=places)]


CHECK = Check("profile.spread", look)
