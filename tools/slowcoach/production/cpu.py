"""Where a service's CPU goes in production, as a sentence. Pure."""

from collections.abc import Sequence

from slowcoach.core.units import share
from slowcoach.profiling.model import Profile

_SHOWN = 3
_LEAST_SHARE = 0.03
_LONGEST = 80


def cpu_figures(profiles: Sequence[Profile], service: str) -> tuple[str, ...]:
    """Return the functions that take most of the CPU themselves, "" for an empty profile."""
    profile = max(profiles, key=lambda one: one.total, default=None)
    if profile is None or profile.total <= 0:
        return ()
    tops = [(profile.frames[i], float(profile.self_weights[i])) for i in profile.present[:_SHOWN]]
    named = [
        f"{frame.name[:_LONGEST]} {share(weight / profile.total)}"
        for frame, weight in tops
        if weight >= _LEAST_SHARE * profile.total
    ]
    if not named:
        return ()
    return (f"of {service}'s CPU, all its endpoints together: {', '.join(named)}",)
