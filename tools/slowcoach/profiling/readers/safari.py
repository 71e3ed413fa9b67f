"""Recordings of Safari's Web Inspector (Timelines, Export): samples of the JavaScript stack with
their durations, in seconds.
"""

from typing import Any

import numpy as np

from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.jsontext import (
    holds,
    items,
    load,
    look,
    number,
    refuse,
    table,
    whole,
    words,
)
from slowcoach.profiling.model import Frame, Profile, Reader

Key = tuple[Frame, str, int | None]


def matches(data: bytes) -> bool:
    """Tell whether it is a JSON object with a recording that has sampled stacks."""
    seen = look(data)
    return seen.kind == "{" and holds(data, "recording", "sampleStackTraces")


def read(data: bytes, name: str) -> list[Profile]:
    """Return the one profile; raises UnreadableError saying which part is wrong."""
    recording = table(load(data, name, "a recording of Safari"), "recording", name)
    samples = items(recording, "sampleStackTraces", name)
    durations = items(recording, "sampleDurations", name)
    ids: dict[Key, int] = {}
    stacks, weights = [], []
    for index, (sample, duration) in enumerate(zip(samples, durations, strict=False)):
        where = f"{name}: sampleStackTraces[{index}]"
        weight = number(duration, f"{name}: sampleDurations[{index}]")
        if weight < 0:
            refuse(f"{name}: sampleDurations[{index}]", "0 or more", weight)
        if weight:
            stacks.append(_stack(items(sample, "stackFrames", where), ids, where))
            weights.append(weight)
    if not stacks:
        refuse(name, "samples with durations", f"{len(samples)} samples")
    warnings: tuple[str, ...] = ()
    if len(samples) != len(durations):
        warnings = (f"{len(samples):,} samples have {len(durations):,} durations",)
    return [
        Profile(
            name=words(recording.get("displayName")) or name,
            unit="seconds",
            frames=tuple(key[0] for key in ids),
            tree=tree_of_stacks(stacks, np.array(weights, dtype=np.float64)),
            samples=len(stacks),
            warnings=warnings,
        )
    ]


def _stack(frames: list[Any], ids: dict[Key, int], where: str) -> list[int]:
    """Return the indexes of a stack's frames, outermost first; the file has the leaf first."""
    found = []
    for frame in frames:
        if not isinstance(frame, dict):
            refuse(where, "frames", frame)
        name, file = words(frame.get("name")) or "", words(frame.get("url"))
        line = whole(frame.get("line"))
        shown = name or (f"(anonymous {file.rsplit('/', 1)[-1]}:{line})" if file else "(anonymous)")
        key = (Frame(shown, file, line), name, whole(frame.get("column")))
        found.append(ids.setdefault(key, len(ids)))
    return found[::-1]


READER = Reader("safari", matches, read)
