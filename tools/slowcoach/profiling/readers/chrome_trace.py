"""Recordings of Chrome's DevTools (Performance panel), of Puppeteer and of `--trace-startup`:
trace events among which CPU profiles of V8 stand, whole (CpuProfile) or in pieces (Profile and
ProfileChunk). Each thread with samples is a profile.
"""

from dataclasses import replace
from typing import Any

from slowcoach.profiling import source_maps, v8
from slowcoach.profiling.events import microseconds
from slowcoach.profiling.jsontext import look, refuse, words
from slowcoach.profiling.model import Profile, Reader
from slowcoach.profiling.readers import trace_event

_PIECES = ("nodes", "samples")
_TIMES = ("timeDeltas", "lines")
Content = dict[str, Any]


def matches(data: bytes) -> bool:
    """Tell whether it is a list of trace events with CPU profiles of V8 in it."""
    return trace_event.is_trace(data, look(data)) and trace_event.has_cpu_profile(data)


def read(data: bytes, name: str) -> list[Profile]:
    """Return the CPU profiles, or the threads' calls when there is no sample in them."""
    content, warnings = trace_event.load(data, name)
    listed = content.get("traceEvents") if isinstance(content, dict) else content
    if not isinstance(listed, list):
        refuse(f"{name}: traceEvents", "a list of events", listed)
    found = _Recording(source_maps.Maps(_given(content)))
    for event in sorted(_dated(listed, name), key=lambda pair: pair[0]):
        found.take(event[1])
    profiles = found.profiles(name, warnings)
    if any(profile.samples for profile in profiles):
        return profiles
    return trace_event.profiles(content, name, warnings)


def _given(content: object) -> dict[str, Any]:
    """Return the source maps by script that DevTools saves with a trace."""
    metadata = content.get("metadata") if isinstance(content, dict) else None
    listed = metadata.get("sourceMaps") if isinstance(metadata, dict) else None
    return {
        each["url"]: each.get("sourceMap")
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and isinstance(each.get("url"), str)
    }


def _dated(listed: list[Any], name: str) -> list[tuple[float, Content]]:
    """Return the events that matter here, with their times: they need not be in order."""
    dated: list[tuple[float, Content]] = []
    for index, event in enumerate(listed):
        if isinstance(event, dict) and event.get("name") in _Recording.TAKES:
            at = event.get("ts")
            dated.append(
                (microseconds(at, f"{name}: [{index}]: ts") if at is not None else 0, event)
            )
    return dated


class _Recording:
    """The CPU profiles by id, as their pieces come."""

    TAKES = ("CpuProfile", "Profile", "ProfileChunk", "thread_name")

    def __init__(self, maps: source_maps.Maps) -> None:
        self._maps = maps
        self._contents: dict[str, Content] = {}
        self._thread_of: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def take(self, event: Content) -> None:
        """Take one event."""
        arguments = event.get("args")
        arguments = arguments if isinstance(arguments, dict) else {}
        thread = f"{event.get('pid')}:{event.get('tid')}"
        data = arguments.get("data")
        data = data if isinstance(data, dict) else {}
        # ids are counted anew in each process
        key = f"{event.get('pid')}:{event['id']}" if event.get("id") else thread
        kind = event["name"]
        if kind == "thread_name":
            self._names[thread] = words(arguments.get("name")) or ""
        elif kind == "ProfileChunk":
            self._extend(key, data)
        elif kind == "Profile":
            self._begin(key, data)
            self._thread_of[key] = thread if event.get("id") else ""
        elif isinstance(data.get("cpuProfile"), dict):
            self._contents[key] = data["cpuProfile"]
            self._thread_of[key] = thread

    def _begin(self, key: str, data: Content) -> None:
        lists = {part: _list(data.get(part)) for part in (*_PIECES, *_TIMES)}
        self._contents[key] = lists

    def _extend(self, key: str, chunk: Content) -> None:
        content = self._contents.get(key)
        if content is None:
            return
        piece = chunk.get("cpuProfile")
        if isinstance(piece, dict):
            for part in _PIECES:
                content.setdefault(part, []).extend(_list(piece.get(part)))
        for part in _TIMES:
            content.setdefault(part, []).extend(_list(chunk.get(part)))

    def profiles(self, name: str, warnings: tuple[str, ...]) -> list[Profile]:
        """Return the profiles, named after their threads when there are several."""
        found: list[Profile] = []
        for key, content in self._contents.items():
            thread = self._names.get(self._thread_of.get(key, ""))
            title = f"{name} - {thread}" if thread and len(self._contents) > 1 else name
            source_maps.apply(content, self._maps)
            profile = v8.cpu_profile(content, f"{name}: profile {key}", title)
            found.append(
                replace(
                    profile,
                    thread=thread,
                    warnings=(*profile.warnings, *warnings, *self._maps.warnings),
                )
            )
        return found


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list) else []


READER = Reader("chrome-trace", matches, read)
