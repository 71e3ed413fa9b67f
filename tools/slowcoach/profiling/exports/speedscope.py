"""speedscope's JSON (https://www.speedscope.app/file-format-schema.json), sampled profiles."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from slowcoach.profiling.exports import Export
from slowcoach.profiling.model import SECONDS_IN, Frame, Moments, Profile
from slowcoach.profiling.samples import stacks

_SCHEMA = "https://www.speedscope.app/file-format-schema.json"
_PLAIN_UNITS = {*SECONDS_IN, "bytes"}
_MOST_MOMENTS = 50_000  # more samples are put together, and their times are not kept
_MICROSECONDS = 6  # digits of a second


def to_speedscope(profiles: Sequence[Profile], name: str = "profile") -> bytes:
    """Return the profiles as one speedscope file, in order of time where that is known; else
    equal stacks are put together.

    What the format has no place for (the number of samples, which view and thread it is, when
    they were) is kept under a key of our own.
    """
    ids: dict[Frame, int] = {}
    file = {
        "$schema": _SCHEMA,
        "exporter": "slowcoach",
        "name": name,
        "activeProfileIndex": 0,
        "profiles": [_sampled(profile, ids) for profile in profiles],
        "shared": {"frames": [_frame(frame) for frame in ids]},
    }
    return json.dumps(file, ensure_ascii=True, separators=(",", ":")).encode()


def _sampled(profile: Profile, ids: dict[Frame, int]) -> dict[str, Any]:
    moments = _kept(profile)
    numbered = _numbered(profile, ids)
    rows = stacks(numbered) if moments is None else _in_time(numbered, moments)
    samples: list[list[int]] = []
    weights: list[float] = []
    for stack, weight in rows:
        samples.append(stack)
        weights.append(weight)
    own: dict[str, Any] = {
        "samples": profile.samples,
        "counts": profile.unit == "samples",
        "value": profile.value,
    }
    if profile.thread:
        own["thread"] = profile.thread
    if moments is not None:
        own["times"] = np.round(moments.at, _MICROSECONDS).tolist()
        own["gapless"] = moments.gapless
    return {
        "type": "sampled",
        "name": profile.name,
        "unit": profile.unit if profile.unit in _PLAIN_UNITS else "none",
        "startValue": 0,
        "endValue": sum(weights),
        "samples": samples,
        "weights": weights,
        "slowcoach": own,
    }


def _numbered(profile: Profile, ids: dict[Frame, int]) -> Profile:
    """Return the profile with the file's numbers of its frames instead of its own."""
    number = np.full(len(profile.frames) + 1, -1)  # index -1: the root's
    for frame in np.unique(profile.tree.frame[1:]).tolist():
        number[frame] = ids.setdefault(profile.frames[frame], len(ids))
    return replace(profile, tree=replace(profile.tree, frame=number[profile.tree.frame]))


def _kept(profile: Profile) -> Moments | None:
    """Return the moments when they are few enough, and are all of the profile's weight."""
    moments = profile.moments
    if moments is None or not 0 < len(moments.at) <= _MOST_MOMENTS:
        return None
    sums = np.bincount(moments.node, weights=moments.weight, minlength=len(profile.tree.weight))
    return moments if np.allclose(sums[1:], profile.tree.weight[1:]) else None


def _in_time(profile: Profile, moments: Moments) -> Iterator[tuple[list[int], float]]:
    parent, frame = profile.tree.parent.tolist(), profile.tree.frame.tolist()
    for node, weight in zip(moments.node.tolist(), moments.weight.tolist(), strict=True):
        path: list[int] = []
        while node > 0:
            path.append(frame[node])
            node = parent[node]
        yield path[::-1], weight


def _frame(frame: Frame) -> dict[str, Any]:
    known = {"name": frame.name, "file": frame.file, "line": frame.line}
    return {key: value for key, value in known.items() if value is not None}


EXPORT = Export("speedscope", "profile.speedscope.json", "application/json", to_speedscope)
