"""Profiles of the Firefox Profiler: what old DevTools exported, what Firefox itself dumps
("gecko": rows with a schema), and what profiler.firefox.com, samply and others save
("processed": columns). https://github.com/firefox-devtools/profiler/tree/main/docs-developer

A sample weighs the sampling interval; in a recording of DevTools, as in speedscope, the time to
the next one, and only the page's own JavaScript is shown there.
"""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.happened import in_milliseconds
from slowcoach.profiling.jsontext import (
    holds,
    items,
    load,
    look,
    number,
    numbers,
    refuse,
    table,
    whole,
    words,
)
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.v8 import check_no_cycle

_BRACKET = re.compile(r"\s\(")
_END = re.compile(r"\)(?:\[\d{1,9}\])?$")
_PLACE = re.compile(r"(.*?)(?::(\d{1,9}))?(?::(\d{1,9}))?", re.DOTALL)
_ADDRESS = re.compile(r"0x[0-9a-f]{1,16}")
_INTERNAL = ("resource:", "self-hosted:")
_MAIN = "GeckoMain"
_UNITS = {"bytes": "bytes", "tracing-ms": "milliseconds", "samples": "samples"}
_NESTING = 5
Library = Callable[[str], str | None]
Columns = dict[str, list[Any]]
Key = tuple[Frame, int | None]  # with the column, which tells functions of minified code apart
Named = Callable[[int], Key | None]


class _Thread(NamedTuple):
    """One thread's columns: `frame_of` names the frame of a stack, or None for one not shown."""

    title: str
    stacks: Columns
    samples: Columns
    frame_of: Named


def matches(data: bytes) -> bool:
    """Tell whether it is a JSON object with threads that have stack tables."""
    seen = look(data)
    if seen.kind != "{" or "traceEvents" in seen.keys:
        return False
    return holds(data, "threads", "stackTable", "frameTable", "samples")


def read(data: bytes, name: str) -> list[Profile]:
    """Return a profile of each thread with samples; raises UnreadableError saying what is wrong."""
    content = load(data, name, "a profile of Firefox")
    if not isinstance(content, dict):
        refuse(name, "an object", content)
    exported = content.get("profile")
    if isinstance(exported, dict) and "threads" in exported:
        return _exported(exported, name)
    interval = table(content, "meta", name).get("interval")
    interval = number(interval, f"{name}: meta.interval") if interval else 0
    found = []
    for thread in _threads(content, name):
        weights, unit = _weights(thread.samples, interval, name)
        profile = _profile(thread, weights, unit, name)
        if profile.samples:
            found.append(profile)
    if not found:
        refuse(name, "threads with samples", "none")
    return found


def _exported(profile: dict[str, Any], name: str) -> list[Profile]:
    """Return the profile of the page's main thread in a recording of DevTools."""
    threads = list(_threads(profile, name))
    main = [thread for thread in threads if thread.title.startswith(_MAIN)]
    found = []
    for thread in threads if len(threads) == 1 else main[:1] or threads:
        own = thread._replace(
            title=name if len(threads) == 1 or main else thread.title,
            frame_of=_only_own(thread.frame_of),
        )
        times = numbers(thread.samples.get("time", []), f"{name}: samples: time")
        lasted = [max(after - time, 0) for time, after in pairwise(times)]
        found.append(_profile(own, [*lasted, 0][: len(times)], "milliseconds", name))
    return found


def _only_own(frame_of: Named) -> Named:
    def own(index: int) -> Key | None:
        key = frame_of(index)
        file = key[0].file if key else None
        if file is None or file == "self-hosted" or file.startswith(_INTERNAL):
            return None
        return key

    return own


def _weights(samples: Columns, interval: float, name: str) -> tuple[list[float], str]:
    """Return what each sample weighs, and the unit."""
    count = len(samples.get("stack", []))
    given = samples.get("weight")
    if given:
        kind = samples.get("weightType", [])
        unit = _UNITS.get(str(kind[0]) if kind else "", "samples")
        weights = [0 if value is None else value for value in given]
        return [abs(value) for value in numbers(weights, f"{name}: samples: weight")], unit
    if interval > 0:
        return [interval] * count, "milliseconds"
    return [1] * count, "samples"


def _threads(content: dict[str, Any], name: str, depth: int = 0) -> Iterator[_Thread]:
    """Yield the threads of a file, and of the other processes in it."""
    shared = content.get("shared")
    shared = shared if isinstance(shared, dict) else {}
    library_of = _libraries(content.get("libs"))
    for index, thread in enumerate(items(content, "threads", name)):
        where = f"{name}: threads[{index}]"
        if isinstance(thread, str) and depth < _NESTING:  # another process, as Firefox once wrote
            other = load(thread.encode("utf-8", "replace"), where, "a profile of Firefox")
            yield from _threads(other, where, depth + 1)
            continue
        if not isinstance(thread, dict):
            refuse(where, "an object", thread)
        yield _thread({**shared, **thread}, library_of, where)
    processes = content.get("processes")
    for process in processes if isinstance(processes, list) else ():
        if isinstance(process, dict) and "threads" in process and depth < _NESTING:
            yield from _threads(process, name, depth + 1)


def _thread(thread: dict[str, Any], library_of: Library, where: str) -> _Thread:
    process = words(thread.get("processName")) or words(thread.get("processType")) or ""
    title = words(thread.get("name")) or "thread"
    number = f"{process} {thread.get('pid', '')}".strip()
    title = f"{title} ({number}, {thread.get('tid', '')})" if number else title
    frames = _columns(thread, "frameTable", where)
    texts = thread.get("stringTable")
    texts = texts if isinstance(texts, list) else items(thread, "stringArray", where)
    if "func" in frames:
        frame_of = _by_function(thread, frames, texts, where)
    else:
        frame_of = _by_location(frames, texts, library_of, where)
    stacks = _columns(thread, "stackTable", where)
    return _Thread(title, stacks, _columns(thread, "samples", where), frame_of)


def _columns(thread: dict[str, Any], key: str, where: str) -> Columns:
    """Return a table's columns; rows with a schema are turned."""
    found = table(thread, key, where)
    schema = found.get("schema")
    if not isinstance(schema, dict):
        columns = {name: column for name, column in found.items() if isinstance(column, list)}
        kind = found.get("weightType")
        return {**columns, "weightType": [kind]} if isinstance(kind, str) else columns
    rows = items(found, "data", f"{where}: {key}")
    for index, row in enumerate(rows):
        if not isinstance(row, list):
            refuse(f"{where}: {key}: data[{index}]", "a row", row)
    places = {name: at for name, at in schema.items() if isinstance(at, int) and at >= 0}
    return {
        name: [row[at] if at < len(row) else None for row in rows] for name, at in places.items()
    }


def _at(column: list[Any] | None, index: object) -> Any:
    """Return an item of a column, or None for an index that is none."""
    if column is None or not isinstance(index, int) or not 0 <= index < len(column):
        return None
    return column[index]


def _libraries(listed: object) -> Library:
    """Return what tells the library of an address; profiles that Firefox itself dumps hold the
    addresses of native code and no names.
    """
    ranges = sorted(
        (library["start"], library["end"], words(library.get("name")) or "")
        for library in (listed if isinstance(listed, list) else ())
        if isinstance(library, dict)
        and isinstance(library.get("start"), int)
        and isinstance(library.get("end"), int)
    )
    starts = [start for start, _, _ in ranges]

    def library_of(text: str) -> str | None:
        if not _ADDRESS.fullmatch(text):
            return None
        address = int(text, 16)
        _, end, name = (*ranges, (0, 0, ""))[bisect_right(starts, address) - 1]
        return name if address < end else None

    return library_of


def _by_location(frames: Columns, texts: list[Any], library_of: Library, where: str) -> Named:
    """Name frames by their location, a text such as `f (https://host/a.js:3:7)`."""
    locations = frames.get("location", [])

    def frame_of(index: int) -> Key:
        text = words(_at(texts, _at(locations, index)))
        if text is None:
            refuse(f"{where}: frameTable[{index}]", "the number of a text", _at(locations, index))
        opening, closing = _last_bracket(text), _END.search(text)
        if opening is None or closing is None or closing.start() < opening.end():
            return Frame(text, library_of(text)), None
        found = _PLACE.fullmatch(text, opening.end(), closing.start())
        file, line, column = found.groups() if found else ("", None, None)
        name = text[: opening.start()]
        return Frame(name, file, int(line) if line else None), int(column) if column else None

    return frame_of


def _last_bracket(text: str) -> re.Match[str] | None:
    """Return where the place begins after the name: the last bracket after a space."""
    found = deque(_BRACKET.finditer(text), maxlen=1)
    return found[0] if found else None


def _by_function(thread: dict[str, Any], frames: Columns, texts: list[Any], where: str) -> Named:
    """Name frames by their function, its source file or library, and their line."""
    functions = _columns(thread, "funcTable", where)
    resources = thread.get("resourceTable")
    resources = resources.get("name") if isinstance(resources, dict) else None
    sources = thread.get("sources")
    sources = sources.get("filename") if isinstance(sources, dict) else None

    def frame_of(index: int) -> Key:
        function = _at(frames.get("func"), index)
        name = words(_at(texts, _at(functions.get("name"), function)))
        if name is None:
            refuse(f"{where}: frameTable[{index}]", "the number of a function", function)
        file = _at(functions.get("fileName"), function)
        if file is None:
            file = _at(sources, _at(functions.get("source"), function))
        if file is None:
            file = _at(resources, _at(functions.get("resource"), function))
        line = _at(frames.get("line"), index)
        line = _at(functions.get("lineNumber"), function) if line is None else line
        column = whole(_at(functions.get("columnNumber"), function))
        return Frame(name, words(_at(texts, file)), whole(line)), column

    return frame_of


def _profile(thread: _Thread, weights: list[float], unit: str, name: str) -> Profile:
    """Return a thread's profile, its tree made of the stacks that samples have."""
    where = f"{name}: {thread.title}"
    parent, frame = _stacks(thread.stacks, where)
    tree, ids = NodeTree(), dict[Key, int]()
    places: dict[int, int] = {}
    shown: dict[int, int] = {}
    seen: list[tuple[int, float]] = []
    count = 0
    for stack, weight in zip(thread.samples.get("stack", []), weights, strict=False):
        if stack is None:
            tree.add(0, weight)
            seen.append((0, weight))
            continue
        if not isinstance(stack, int) or not 0 <= stack < len(parent):
            refuse(f"{where}: samples", f"one of {len(parent)} stacks", stack)
        count += 1
        opened = []
        while stack >= 0 and stack not in places:
            opened.append(stack)
            stack = parent[stack]
        place = places[stack] if stack >= 0 else 0
        for each in reversed(opened):
            if frame[each] not in shown:
                made = thread.frame_of(frame[each])
                shown[frame[each]] = -1 if made is None else ids.setdefault(made, len(ids))
            known = shown[frame[each]]
            place = places[each] = place if known < 0 else tree.child(place, known)
        tree.add(place, weight)
        seen.append((place, weight))
    frames = tuple(key[0] for key in ids)
    built, where_is = tree.placed()
    moments = in_milliseconds(
        thread.samples.get("time"), thread.samples.get("timeDeltas"), seen, where_is
    )
    return Profile(thread.title, unit, frames, built, count, None, thread.title, moments=moments)


def _stacks(stacks: Columns, where: str) -> tuple[list[int], list[int]]:
    """Return the parent (or -1) and the frame of each stack."""
    frame = stacks.get("frame", [])
    prefix = stacks.get("prefix")
    if prefix is None:
        offset = stacks.get("prefixOffset", [])
        prefix = [
            index - back if back and isinstance(back, int) else back or None
            for index, back in enumerate(offset)
        ]
    parent = [-1 if above is None else above for above in prefix]
    known = {type(value) for value in (*parent, *frame)} <= {int}
    if not known or len(parent) != len(frame) or max(parent, default=-1) >= len(parent):
        refuse(f"{where}: stackTable", "a prefix and a frame of each stack", "others")
    check_no_cycle(parent, f"{where}: stackTable")
    return parent, frame


READER = Reader("firefox", matches, read)
