"""Chrome's trace event format, as chrome://tracing, Perfetto and many tools read and write it:
begin, end and whole events (B, E, X), or samples over stack frames; a list or an object, and
perhaps without its end. Each thread is a profile.
"""

from typing import Any, NamedTuple

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling import events
from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.jsontext import Look, elements, holds, items, look, refuse, table, words
from slowcoach.profiling.jsontext import load as load_json
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.text import utf8
from slowcoach.profiling.v8 import check_no_cycle

_CUT = ("the file ends within its list of events: what stands before was read",)


def is_trace(data: bytes, seen: Look) -> bool:
    """Tell whether it is a list of trace events, or an object with one."""
    if seen.kind == "[":
        return "ph" in seen.keys
    return seen.kind == "{" and (
        "traceEvents" in seen.keys or ("metadata" in seen.keys and holds(data, "traceEvents"))
    )


def matches(data: bytes) -> bool:
    """Tell whether it is a list of trace events without the CPU profiles of DevTools in it."""
    return is_trace(data, look(data)) and not has_cpu_profile(data)


def has_cpu_profile(data: bytes) -> bool:
    """Tell whether events of DevTools with a CPU profile are there."""
    return holds(data, "ProfileChunk") or holds(data, "CpuProfile")


def read(data: bytes, name: str) -> list[Profile]:
    """Return a profile of each thread; raises UnreadableError saying which event is wrong."""
    content, warnings = load(data, name)
    return profiles(content, name, warnings)


def load(data: bytes, name: str) -> tuple[Any, tuple[str, ...]]:
    """Return the parsed file and, when it is cut, a warning and the events before the cut."""
    text = utf8(data, name).strip()
    whole = text
    if text.startswith(b"[") and not text.endswith(b"]"):
        whole = text.removesuffix(b",") + b"]"  # the format allows to leave the bracket out
    try:
        return load_json(whole, name, "trace events"), ()
    except UnreadableError:
        found = _before_the_cut(text)
        if not found:
            raise
        return found, _CUT


def _before_the_cut(text: bytes) -> list[Any]:
    start = 1
    if not text.startswith(b"["):
        key = text.find(b'"traceEvents"')
        start = text.find(b"[", key) + 1 if key >= 0 else 0
    return list(elements(text[start:].decode("utf-8", "replace"), 0)) if start else []


def profiles(content: Any, name: str, warnings: tuple[str, ...] = ()) -> list[Profile]:
    """Return a profile of each thread of parsed trace events."""
    if isinstance(content, dict) and content.get("samples") and "stackFrames" in content:
        return _sampled(content, name)
    listed = content.get("traceEvents") if isinstance(content, dict) else content
    if not isinstance(listed, list):
        refuse(f"{name}: traceEvents", "a list of events", listed)
    listed, frames = events.located(listed)
    found = [
        events.calls_profile(thread, title, frames)
        for title, thread in events.threads(listed, name)
    ]
    if not found:
        refuse(name, "events that begin and end (B, E, X)", f"{len(listed)} others")
    return found


def _sampled(content: dict[str, Any], name: str) -> list[Profile]:
    """Return the profiles of samples over stack frames; a sample lasts until the next one."""
    stacks = _stacks(table(content, "stackFrames", name), name)
    by_thread: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for index, sample in enumerate(items(content, "samples", name)):
        if not isinstance(sample, dict):
            refuse(f"{name}: samples[{index}]", "an object", sample)
        by_thread.setdefault(events.thread_key(sample), []).append(sample)
    listed = content.get("traceEvents")
    named = events.names(listed if isinstance(listed, list) else ())
    return [
        _thread_profile(rows, stacks, named.of(rows[0]), name)
        for _, rows in sorted(by_thread.items())
    ]


class _Stacks(NamedTuple):
    """The stack frames in columns, by their id as text."""

    ids: dict[str, int]
    parent: list[int]
    key: list[int]
    frames: tuple[Frame, ...]


def _stacks(listed: dict[str, Any], name: str) -> _Stacks:
    index = {key: number for number, key in enumerate(listed)}
    ids: dict[tuple[str, str], int] = {}
    parent, keys = [], []
    for key, frame in listed.items():
        if not isinstance(frame, dict):
            refuse(f"{name}: stackFrames: {key}", "an object", frame)
        above = frame.get("parent")
        parent.append(index.get(str(above), -1) if above else -1)
        called = (words(frame.get("name")) or "(unnamed)", str(frame.get("category")))
        keys.append(ids.setdefault(called, len(ids)))
    check_no_cycle(parent, f"{name}: stackFrames")
    return _Stacks(index, parent, keys, tuple(Frame(called[0]) for called in ids))


def _thread_profile(rows: list[dict[str, Any]], stacks: _Stacks, title: str, name: str) -> Profile:
    times = [events.microseconds(row.get("ts"), f"{name}: samples: ts") for row in rows]
    tree, places = NodeTree(), dict[int, int]()
    back = 0
    for row, time, later in zip(rows, times, [*times[1:], times[-1]], strict=True):
        back += later < time
        if later <= time:
            continue
        frame = row.get("sf")
        if frame and str(frame) not in stacks.ids:
            refuse(f"{name}: samples: sf", "the id of a stack frame", frame)
        place = _place(stacks, stacks.ids[str(frame)], tree, places) if frame else 0
        tree.add(place, later - time)
    warnings = (f"the clock went back {back:,} times; these samples count nothing",) if back else ()
    return Profile(
        title, "microseconds", stacks.frames, tree.finish(), len(rows), None, title, warnings
    )


def _place(stacks: _Stacks, node: int, tree: NodeTree, places: dict[int, int]) -> int:
    opened = []
    while node >= 0 and node not in places:
        opened.append(node)
        node = stacks.parent[node]
    place = places[node] if node >= 0 else 0
    for each in reversed(opened):
        place = places[each] = tree.child(place, stacks.key[each])
    return place


READER = Reader("trace-event", matches, read)
