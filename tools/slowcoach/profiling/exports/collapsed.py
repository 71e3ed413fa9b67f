"""Collapsed stacks, one a line: `main (a.py:1);work (a.py:7) 42`, for flamegraph.pl, Inferno and
many others.
"""

from collections.abc import Iterator, Sequence

from slowcoach.profiling.exports import Export
from slowcoach.profiling.model import SECONDS_IN, Profile
from slowcoach.profiling.samples import stacks
from slowcoach.profiling.values import one_view

_IN_A_SECOND = 1e6  # times are in microseconds


def to_collapsed(profile: Profile) -> bytes:
    """Return collapsed stacks with py-spy's `name (file:line)`; weights that are no counts are
    rounded to whole microseconds (times) or to whole numbers.
    """
    return "".join(_lines(profile, "")).encode("utf-8", "replace")


def write(profiles: Sequence[Profile], _name: str = "") -> bytes:
    """Return the first view of these profiles; several threads are the roots of their stacks."""
    view = one_view(profiles)
    roots = [_one_line(profile.thread or profile.name) + ";" for profile in view]
    text = (
        line
        for profile, root in zip(view, roots, strict=True)
        for line in _lines(profile, root if len(view) > 1 else "")
    )
    return "".join(text).encode("utf-8", "replace")


def _lines(profile: Profile, root: str) -> Iterator[str]:
    scale = _IN_A_SECOND * SECONDS_IN[profile.unit] if profile.unit in SECONDS_IN else 1.0
    names = [_one_line(frame.place) for frame in profile.frames]
    for stack, weight in stacks(profile):
        count = round(weight * scale)
        if count:
            yield f"{root}{';'.join(names[frame] for frame in stack)} {count}\n"


def _one_line(text: str) -> str:
    return " ".join(text.replace(";", ":").replace("\0", "\ufffd").split())


EXPORT = Export(
    "collapsed",
    "profile.folded",
    "text/plain",
    write,
    lacks="the unit (times are in microseconds), and all views but the first",
)
