"""Profiles of a run as data for the flame graph, and as a table of the costly functions."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

from slowcoach.core.errors import SlowcoachError
from slowcoach.core.units import duration, number, share, size
from slowcoach_server.present import cleaned

if TYPE_CHECKING:
    from slowcoach.profiling.model import Profile

PROFILE = "profile.speedscope.json"
_PROFILES = 6
_THREADS = 12
_NODES = 4_000  # a browser draws so many without delay
_LEAST_SHARE = 0.001
_ROWS = 12
_OWN, _LIBRARY, _RUNTIME = 0, 1, 2
_LIBRARIES = re.compile(
    r"site-packages|dist-packages|node_modules|/lib(64)?/python\d|/usr/(lib|include|share)/"
    r"|/go/(pkg|src)/|\.cargo/registry|/rustc/|\.m2/|node:|\\lib\\|/vendor/"
)
_NATIVE = re.compile(r"^[<(\[]|\.(so|dylib|dll)\b")


@dataclass(frozen=True, slots=True)
class Timeline:
    """A picture as the source of an image element, and the same in words."""

    source: str
    words: str


@dataclass(frozen=True, slots=True)
class Flame:
    """One profile: a title, its total in words, the data of its graph, and its costliest frames.

    `differs`: it is the difference of two, its data has `before` and `after`, and so has `top`.
    `threads` are those that can be chosen, their data stands in that order under `threads`.
    `timeline` is an SVG of what happened when, None where the profile has no times.
    """

    title: str
    total: str
    note: str
    data: dict[str, Any]
    top: tuple[tuple[str, str, str, str], ...]
    differs: bool = False
    threads: tuple[str, ...] = ()
    timeline: Timeline | None = None


@dataclass(frozen=True, slots=True)
class Flames:
    """The profiles of a run that are shown, and a word on those that are not."""

    profiles: tuple[Flame, ...]
    note: str


def flames(artefacts: Mapping[str, tuple[bytes, str]]) -> Flames | None:
    """Return the profiles that a run left, the largest first; None when there are none."""
    if PROFILE not in artefacts:
        return None
    from slowcoach.profiling import readers

    try:
        profiles = readers.read(artefacts[PROFILE][0], PROFILE)
    except SlowcoachError as error:
        return Flames((), cleaned(str(error)))
    found = _views([profile for profile in profiles if profile.total > 0])
    if not found:
        return None
    hidden = len(found) - _PROFILES
    note = f"{hidden} smaller profiles are in {PROFILE} only." if hidden > 0 else ""
    return Flames(tuple(map(_flame, found[:_PROFILES])), note)


def _views(profiles: list["Profile"]) -> list[list["Profile"]]:
    """Return the profiles by what they measure (the threads of one view together), the largest
    first.
    """
    from slowcoach.profiling.values import ON_CPU, WALL

    found: dict[tuple[str, str, str], list[Profile]] = {}
    for profile in profiles:
        view = profile.name if profile.name in {ON_CPU, WALL} else ""
        found.setdefault((profile.unit, profile.value, view), []).append(profile)
    return sorted(found.values(), key=lambda view: -sum(profile.total for profile in view))


def _flame(view: list["Profile"]) -> Flame:
    from slowcoach.profiling.calltree import merged
    from slowcoach.profiling.pictures.threads import threads

    profile = view[0] if len(view) == 1 else merged(view, f"{len(view)} threads")
    data, least = _drawn(profile, _NODES)
    counted = profile.unit in {"none", "samples"} and profile.samples == profile.total
    unit = "samples" if counted else profile.unit
    looks = f", {profile.samples:,} samples" if profile.samples and not counted else ""
    note = f"Frames below {share(least)} of the whole are not drawn."
    several = threads(view)
    shown = several[:_THREADS] if len(several) > 1 else []
    if len(several) > len(shown) > 0:
        note += f" Of {len(several)} threads the {len(shown)} heaviest can be chosen."
    return Flame(
        title=cleaned(profile.name) or "profile",
        total=f"{_amount(profile.total, unit)}{looks}",
        note=note,
        data={
            **data,
            "unit": unit,
            "title": cleaned(profile.name),
            "threads": [_drawn(thread.profile, _NODES // len(shown))[0] for thread in shown],
        },
        top=_top(profile),
        threads=tuple(
            f"{cleaned(thread.name)}, {share(thread.profile.total / profile.total)}"
            for thread in shown
        ),
        timeline=_timeline(view, profile.name),
    )


def _drawn(profile: "Profile", most: int) -> tuple[dict[str, list[Any]], float]:
    """Return the data of at most so many frames, and the least share that they have."""
    from slowcoach.profiling.export import flame_tree

    least = _LEAST_SHARE
    data = _columns(flame_tree(profile, least))
    while len(data["value"]) > most:
        least *= 2
        data = _columns(flame_tree(profile, least))
    return data, least


def _timeline(view: list["Profile"], name: str) -> Timeline | None:
    """Return what happened when; as an image nothing in it can become a part of the page."""
    from slowcoach.profiling.pictures.timeline import timeline, times

    if not times(view):
        return None
    drawn = timeline(view, name)
    words = unescape(drawn.partition('<desc id="about">')[2].partition("</desc>")[0])
    return Timeline(f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}", words)


def _columns(tree: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the tree as columns (parent before child): a nested form overflows deep stacks."""
    columns: dict[str, list[Any]] = {k: [] for k in ("parent", "name", "place", "kind", "value")}
    stack: list[tuple[dict[str, Any], int]] = [(tree, -1)]
    while stack:
        node, parent = stack.pop()
        here = len(columns["value"])
        for key, value in zip(
            columns,
            (parent, cleaned(node["name"]), _place(node), _kind(node["file"]), node["value"]),
            strict=True,
        ):
            columns[key].append(value)
        stack += [(child, here) for child in reversed(node["children"])]
    return columns


def _place(node: dict[str, Any]) -> str:
    if not node["file"]:
        return ""
    line = f":{node['line']}" if node["line"] is not None else ""
    return str(cleaned(f"{node['file']}{line}"))


def _kind(file: str | None) -> int:
    if not file or _NATIVE.search(file):
        return _RUNTIME
    return _LIBRARY if _LIBRARIES.search(file) else _OWN


def _amount(value: float, unit: str) -> str:
    from slowcoach.profiling.model import SECONDS_IN

    if unit in SECONDS_IN:
        return duration(value * SECONDS_IN[unit])
    return size(value) if unit == "bytes" else f"{number(value)} {unit if unit != 'none' else ''}"


def _top(profile: "Profile") -> tuple[tuple[str, str, str, str], ...]:
    """Return name, place, share of its own and in total of the costliest functions."""
    functions = profile.functions
    order = sorted(range(len(functions.frames)), key=lambda i: -functions.own[i])[:_ROWS]
    rows: list[tuple[str, str, str, str]] = []
    for index in order:
        if functions.own[index] <= 0:
            break
        frame = profile.hottest_line(index)
        place = _place({"file": frame.file, "line": frame.line})
        own, total = (
            share(float(side[index]) / profile.total) for side in (functions.own, functions.total)
        )
        rows.append((str(cleaned(frame.name)), place, own, total))
    return tuple(rows)
