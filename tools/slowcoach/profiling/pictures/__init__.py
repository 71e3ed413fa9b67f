"""Pictures of profiles as SVG text: pure functions, no script, nothing from elsewhere."""

from collections.abc import Sequence

from slowcoach.profiling.model import Profile
from slowcoach.profiling.pictures.flame import flame
from slowcoach.profiling.pictures.threads import lanes
from slowcoach.profiling.pictures.timeline import NONE, timeline, times

KINDS = ("flame", "icicle", "threads", "timeline")


class NotDrawnError(ValueError):
    """The profile does not hold what the picture shows; the message says what."""


def draw(kind: str, profiles: Sequence[Profile], name: str) -> str:
    """Return a picture of the threads of one view.

    Raises NotDrawnError when they lack what it shows.
    """
    if kind == "threads":
        return lanes(profiles, name)
    if kind == "timeline":
        if not times(profiles):
            raise NotDrawnError(NONE)
        return timeline(profiles, name)
    return flame(profiles, name, icicle=kind == "icicle")
