"""speedscope's own JSON, every version of it: evented and sampled profiles over shared frames.

The format: https://www.speedscope.app/file-format-schema.json. py-spy, rbspy, Slowcoach and
others write it. Frames are told apart by their index in the file, as speedscope does.
"""

from itertools import chain
from typing import Any, NoReturn

import numpy as np

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.calltree import NodeTree, tree_with_leaves
from slowcoach.profiling.happened import Noted, at_times, one_after_another
from slowcoach.profiling.jsontext import load, number, whole
from slowcoach.profiling.model import Floats, Frame, Ints, Moments, Profile, Reader, Tree
from slowcoach.profiling.text import opening

_SCHEMA = b"speedscope.app/file-format-schema"
_UNITS = ("none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes")
_LARGEST = 1e100  # so that sums of weights stay finite
_KEYS = (b'"shared"', b'"profiles"', b'"frames"')


def matches(data: bytes) -> bool:
    """Tell whether it is a JSON object with speedscope's schema, or its three main keys."""
    start = opening(data)
    if not start.lstrip().startswith(b"{"):
        return False
    text = data if start[:1] == data[:1] else start  # UTF-16: only the opening is decoded
    return _SCHEMA in text or all(key in text for key in _KEYS)


def read(data: bytes, name: str) -> list[Profile]:
    """Return every profile in the file; raises UnreadableError saying which part is wrong."""
    file = load(data, name, "speedscope JSON")
    frames = _frames(_part(file, "shared", dict, name), name)
    profiles = _part(file, "profiles", list, name)
    if not profiles:
        _refuse(f"{name}: profiles", "at least one profile", "none")
    return [
        _profile(item, frames, f"{name}: profiles[{index}]", name)
        for index, item in enumerate(profiles)
    ]


def _refuse(where: str, expected: str, got: object) -> NoReturn:
    shown = got if isinstance(got, str) else repr(got)
    raise UnreadableError(
        f"{where}: expected {expected}, got {shown[:80]}",
        hint="Save it again from the profiler, or open it in speedscope to see what it says",
    )


def _part(
    parent: object, key: str, kind: type[list[Any]] | type[dict[str, Any]], where: str
) -> Any:
    if not isinstance(parent, dict):
        _refuse(where, "an object", parent)
    value = parent.get(key)
    if not isinstance(value, kind):
        _refuse(f"{where}: {key}", "a list" if kind is list else "an object", value)
    return value


def _frames(shared: dict[str, Any], name: str) -> tuple[Frame, ...]:
    found: list[Frame] = []
    for index, frame in enumerate(_part(shared, "frames", list, f"{name}: shared")):
        if not isinstance(frame, dict) or not isinstance(frame.get("name"), str):
            _refuse(f"{name}: shared.frames[{index}]", "an object with a name", frame)
        file = frame.get("file")
        file = file if isinstance(file, str) and file else None
        found.append(
            Frame(_clean(frame["name"]), file and _clean(file), _line(frame.get("line"), file))
        )
    return tuple(found)


def _clean(text: str) -> str:
    """Replace lone surrogates, which JSON can hold and UTF-8 cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _line(value: object, file: str | None) -> int | None:
    """py-spy gives line 0 to frames that are no code (thread names)."""
    line = whole(value)
    return line if line or file else None


def _profile(item: object, frames: tuple[Frame, ...], where: str, name: str) -> Profile:
    if not isinstance(item, dict) or item.get("type") not in ("evented", "sampled"):
        got = item.get("type") if isinstance(item, dict) else item
        _refuse(f"{where}: type", "evented or sampled", got)
    own_name = item.get("name")
    own_name = _clean(own_name) if isinstance(own_name, str) and own_name else name
    extra = item.get("slowcoach")
    extra = extra if isinstance(extra, dict) else {}
    unit, value = item.get("unit"), extra.get("value")
    unit = "none" if unit not in _UNITS else "samples" if extra.get("counts") else str(unit)
    if item["type"] == "sampled":
        tree, samples, moments = _sampled(item, len(frames), unit, where)
    else:
        samples = None
        tree, moments = _evented(item, frames, unit, where)
    known, thread = extra.get("samples", samples), extra.get("thread")
    if not isinstance(thread, str):
        thread = own_name if own_name.startswith("Thread ") else None
    return Profile(
        name=own_name,
        unit=unit,
        frames=frames,
        tree=tree,
        samples=whole(known),
        thread=thread and _clean(thread),
        value=value if isinstance(value, str) else "",
        moments=moments,
    )


def _sampled(
    item: dict[str, Any], count: int, unit: str, where: str
) -> tuple[Tree, int, Moments | None]:
    samples = _part(item, "samples", list, where)
    weights = _weights(_part(item, "weights", list, where), where)
    if len(weights) != len(samples):
        _refuse(where, f"a weight for each of {len(samples)} samples", f"{len(weights)} weights")
    _check_indexes(samples, count, where)
    tree, leaf = tree_with_leaves(samples, weights)
    return tree, len(samples), _moments(item.get("slowcoach"), leaf, weights, unit)


def _moments(extra: object, leaf: Ints, weights: Floats, unit: str) -> Moments | None:
    """Return when the samples were: what we wrote with them, else one after another."""
    if not isinstance(extra, dict):
        return one_after_another(leaf, weights, unit)
    times = extra.get("times")
    if not isinstance(times, list) or not set(map(type, times)) <= {int, float}:
        return None
    return at_times(times, leaf, weights, gapless=extra.get("gapless") is True)


def _weights(weights: list[Any], where: str) -> Floats:
    for kind in set(map(type, weights)) - {int, float}:
        index = next(i for i, weight in enumerate(weights) if type(weight) is kind)
        _refuse(f"{where}: weights[{index}]", "a number", weights[index])
    try:
        values = np.array(weights, dtype=np.float64)
    except OverflowError:
        _refuse(f"{where}: weights", "numbers", "one beyond all bounds")
    bad = np.flatnonzero(~((values >= 0) & (values <= _LARGEST)))  # not a number is in no range
    if len(bad):
        _refuse(f"{where}: weights[{bad[0]}]", "a number of 0 or more", weights[bad[0]])
    return values


def _check_indexes(samples: list[Any], count: int, where: str) -> None:
    """Refuse a sample that is no list of indexes of frames, quickly in the good case."""
    if set(map(type, samples)) <= {list}:
        kinds = set(map(type, chain.from_iterable(samples)))
        if not kinds:
            return
        if kinds == {int}:
            low = min(map(min, filter(None, samples)))
            if low >= 0 and max(map(max, filter(None, samples))) < count:
                return
    for index, sample in enumerate(samples):
        good = isinstance(sample, list) and all(type(f) is int and 0 <= f < count for f in sample)
        if not good:
            _refuse(f"{where}: samples[{index}]", f"indexes of the {count} frames", sample)


def _evented(
    item: dict[str, Any], frames: tuple[Frame, ...], unit: str, where: str
) -> tuple[Tree, Moments | None]:
    tree, noted = NodeTree(), Noted()
    node, last = 0, number(item.get("startValue", 0), f"{where}: startValue")
    start = last
    for index, event in enumerate(_part(item, "events", list, where)):
        place = f"{where}: events[{index}]"
        kind, frame, at = _event(event, len(frames), place)
        if at < last:
            _refuse(place, f"a time not before {last:g}", f"{at:g}")
        tree.add(node, at - last)
        noted.add(last, node, at - last)
        last = at
        if kind == "O":
            node = tree.child(node, frame)
        elif node and tree.frame(node) == frame:
            node = tree.parent(node)
        else:
            top = frames[tree.frame(node)].name if node else "nothing"
            _refuse(place, f"the end of {top}", f"the end of {frames[frame].name}")
    if node:
        _refuse(
            f"{where}: events", "an end for every begin", f"{frames[tree.frame(node)].name} open"
        )
    made, places = tree.placed()
    return made, noted.moments(places, unit, start)


def _event(event: object, count: int, where: str) -> tuple[str, int, float]:
    if not isinstance(event, dict) or event.get("type") not in ("O", "C"):
        _refuse(where, "an event of type O or C", event)
    frame = event.get("frame")
    if type(frame) is not int or not 0 <= frame < count:
        _refuse(f"{where}: frame", f"an index of the {count} frames", frame)
    return event["type"], frame, number(event.get("at"), f"{where}: at")


READER = Reader("speedscope", matches, read)
