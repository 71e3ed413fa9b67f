"""Calls from begin and end events, as the trace event format has them: perhaps out of order,
unbalanced, or with ends that name another call than the one that is open.

The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
What to do with what does not match is speedscope's: begins in order of time, and of the ends of
one moment first that which fits the open call by name and arguments, then by name alone; an end
that does not even fit by name is left out; what is open at the last is ended there.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.happened import Noted
from slowcoach.profiling.jsontext import number, refuse, whole, words
from slowcoach.profiling.model import Frame, Profile

_CALLS = ("B", "E", "X")
_AHEAD = 100  # ends of one moment that are looked through for one that fits
_WARNED = 2
_HERMES = (
    "line",
    "column",
    "name",
    "category",
    "url",
    "params",
    "allocatedCategory",
    "allocatedName",
)
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_PYSPY = {"filename", "line"}


class Call(NamedTuple):
    """A begin or an end: when, whose name, and what tells it from others of that name."""

    at: float
    name: str | None
    key: str


@dataclass(frozen=True)
class Thread:
    """The calls of one thread, in the order of the file; `first` is its first event."""

    first: dict[str, Any]
    begins: list[Call]
    ends: list[Call]
    spans: list[tuple[float, float, Call]]

    def take(self, event: dict[str, Any], where: str) -> None:
        """Note a call's begin, end, or both."""
        at = microseconds(event.get("ts"), f"{where}: ts")
        call = Call(at, words(event.get("name")), event_key(event))
        if event["ph"] == "B":
            self.begins.append(call)
        elif event["ph"] == "E":
            self.ends.append(call)
        else:
            length = event.get("dur")
            length = event.get("tdur") if length is None else length
            length = 0 if length is None else microseconds(length, f"{where}: dur")
            self.spans.append((at, -length, call))

    @property
    def start(self) -> float:
        """Return the time of the earliest event."""
        return min(call.at for call in (*self.begins, *self.ends, *(row[2] for row in self.spans)))


def threads(events: list[Any], where: str) -> list[tuple[str, Thread]]:
    """Return the threads that have calls, with their names, by process and thread number.

    The list is emptied: there may be millions of events, and each is let go once it is noted.
    """
    found: dict[tuple[str, str], Thread] = {}
    named = Names()
    for index, event in enumerate(events):
        events[index] = None
        kind = event.get("ph") if isinstance(event, dict) else None
        if kind == "M":
            named.take(event)
        elif kind in _CALLS:
            key = thread_key(event)
            thread = found.get(key)
            if thread is None:
                thread = found[key] = Thread(event, [], [], [])
            thread.take(event, f"{where}: events[{index}]")
    return [(named.of(thread.first), thread) for _, thread in sorted(found.items(), key=_key)]


def _key(row: tuple[tuple[str, str], Thread]) -> tuple[str, str]:
    return row[0]


def microseconds(value: object, where: str) -> float:
    """Return a time; some tools write it as text."""
    if isinstance(value, str):
        try:
            value = float(value) if "." in value or "e" in value else int(value)
        except ValueError:
            refuse(where, "a time in microseconds", value)
    return number(value, where)


def thread_key(event: dict[str, Any]) -> tuple[str, str]:
    """Return process and thread number as texts that sort as the numbers do."""
    return f"{event.get('pid')!s:0>10}", f"{event.get('tid')!s:0>10}"


class Names:
    """The names that metadata events give to processes and threads."""

    def __init__(self) -> None:
        self._processes: dict[str, str] = {}
        self._threads: dict[tuple[str, str], str] = {}

    def take(self, event: dict[str, Any]) -> None:
        """Note the name in a metadata event."""
        arguments = event.get("args")
        name = words(arguments.get("name")) if isinstance(arguments, dict) else None
        if name and event.get("name") == "process_name":
            self._processes[thread_key(event)[0]] = name
        elif name and event.get("name") == "thread_name":
            self._threads[thread_key(event)] = name

    def of(self, event: dict[str, Any]) -> str:
        """Return what to call the thread of an event."""
        key = thread_key(event)
        process, thread = self._processes.get(key[0]), self._threads.get(key)
        pid, tid = event.get("pid"), event.get("tid")
        if process and thread:
            return f"{process} (pid {pid}), {thread} (tid {tid})"
        known = process or thread
        return f"{known} (pid {pid}, tid {tid})" if known else f"pid {pid}, tid {tid}"


def names(events: Iterable[Any]) -> Names:
    """Return the names that metadata events give."""
    found = Names()
    for event in events:
        if isinstance(event, dict) and event.get("ph") == "M":
            found.take(event)
    return found


def event_key(event: dict[str, Any]) -> str:
    """Return the name with the arguments, which tell calls of one name apart."""
    name = words(event.get("name")) or "(unnamed)"
    arguments = event.get("args")
    if arguments is None or arguments is False or arguments in ("", 0):
        return name
    return f"{name} {_as_javascript(arguments)}"


def _as_javascript(value: object) -> str:
    try:
        text = _encode(value)
        if ".0" in text or "e+" in text:
            text = _encode(_plain(value))
    except RecursionError:
        return "{…}"
    return words(text) or ""


def _plain(value: Any) -> Any:
    """Return the value with whole floats as integers, as JavaScript prints them."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:  # noqa: PLR2004
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def calls_profile(thread: Thread, name: str, frames: dict[str, Frame] | None = None) -> Profile:
    """Return the profile of one thread's calls, in microseconds. `frames` has what is known of a
    call by its key; without, a call's key is its name.
    """
    begins, ends = _queues(thread)
    stacks = _Open(thread.start)
    first, last = 0, 0
    while first < len(begins) or last < len(ends):
        if _begins_next(begins, first, ends, last):
            stacks.enter(begins[first])
            first += 1
        else:
            _bring_forward(ends, last, stacks.top)
            stacks.leave(ends[last])
            last += 1
    return stacks.profile(name, frames or {})


def _queues(thread: Thread) -> tuple[list[Call], list[Call]]:
    """Return begins and ends by time; of spans that begin together the longest comes first."""
    spans = sorted(thread.spans, key=lambda span: span[:2])
    begins = thread.begins + [call for _, _, call in spans]
    ends = thread.ends + [call._replace(at=call.at - length) for _, length, call in spans]
    return sorted(begins, key=lambda call: call.at), sorted(ends, key=lambda call: call.at)


def _begins_next(begins: list[Call], first: int, ends: list[Call], last: int) -> bool:
    if first >= len(begins) or last >= len(ends):
        return last >= len(ends)
    begin, end = begins[first], ends[last]
    return begin.at < end.at or (begin.at == end.at and begin.key == end.key)


def _bring_forward(ends: list[Call], last: int, top: Call | None) -> None:
    """Put the end that fits the open call best in front of the others of its moment."""
    if top is None:
        return
    by_name = -1
    for index in range(last + 1, min(len(ends), last + _AHEAD)):
        if ends[index].at > ends[last].at:
            break
        if ends[index].key == top.key:
            ends[last], ends[index] = ends[index], ends[last]
            return
        if by_name < 0 and ends[index].name == top.name:
            by_name = index
    if by_name >= 0:
        ends[last], ends[by_name] = ends[by_name], ends[last]


class _Open:
    """The calls that are open, and the tree of where time went."""

    def __init__(self, start: float) -> None:
        self._tree, self._noted = NodeTree(), Noted()
        self._start = start
        self._ids: dict[str, int] = {}
        self._stack: list[Call] = []
        self._node = 0
        self._now = start
        self._odd: list[str] = []
        self._left_out = 0

    @property
    def top(self) -> Call | None:
        """Return the innermost open call."""
        return self._stack[-1] if self._stack else None

    def enter(self, call: Call) -> None:
        """Open a call inside what is open."""
        self._spend(call.at)
        self._stack.append(call)
        self._node = self._tree.child(self._node, self._ids.setdefault(call.key, len(self._ids)))

    def leave(self, call: Call) -> None:
        """End the innermost call, unless the end is another's."""
        top = self.top
        if top is None or top.name != call.name:
            self._left_out += 1
            if len(self._odd) < _WARNED:
                open_call = f"{top.key[:60]} was" if top else "nothing was"
                at = f"{call.at - self._start:g} µs"
                self._odd.append(f"{call.key[:60]} ended at {at} when {open_call} open")
            return
        self._spend(call.at)
        self._stack.pop()
        self._node = self._tree.parent(self._node)

    def _spend(self, now: float) -> None:
        self._tree.add(self._node, max(now - self._now, 0))
        self._noted.add(self._now, self._node, now - self._now)
        self._now = max(now, self._now)

    def profile(self, name: str, frames: dict[str, Frame]) -> Profile:
        """Return the profile; what is still open ends now."""
        warnings = list(self._odd)
        if self._left_out > len(warnings):
            warnings.append(f"{self._left_out - len(warnings):,} more ends fitted no open call")
        if self._stack:
            warnings.append(f"{len(self._stack):,} calls had no end; they end with the last event")
        tree, place = self._tree.placed()
        return Profile(
            name=name,
            unit="microseconds",
            frames=tuple(frames.get(key) or Frame(key) for key in self._ids),
            tree=tree,
            samples=None,
            thread=name,
            warnings=tuple(warnings),
            moments=self._noted.moments(place, "microseconds", self._start),
        )


def located(events: list[Any]) -> tuple[list[Any], dict[str, Frame]]:
    """Return the events and the frames by key, where all calls say where their function stands:
    those of Hermes (React Native) and of py-spy. Without that the frames are empty.
    """
    calls = [event for event in events if isinstance(event, dict) and event.get("ph") in _CALLS]
    first = _arguments(events[0]) if events else {}
    if all(key in first for key in _HERMES):
        keys: tuple[str, ...] = ("url", "line", "column")
        events = [_with_place(event, keys) for event in events]
    elif calls and all(_arguments(call).keys() == _PYSPY for call in calls):
        keys = ("filename", "line")
    else:
        return events, {}
    frames: dict[str, Frame] = {}
    for event in events:
        if isinstance(event, dict) and event.get("ph") in _CALLS:
            file, line = (_arguments(event).get(key) for key in keys[:2])
            name = words(event.get("name")) or "(unnamed)"
            frames[event_key(event)] = Frame(name, words(file), whole(line))
    return events, frames


def _arguments(event: object) -> dict[str, Any]:
    arguments = event.get("args") if isinstance(event, dict) else None
    return arguments if isinstance(arguments, dict) else {}


def _with_place(event: object, keys: tuple[str, ...]) -> object:
    """Return the event with no other arguments than those of the place."""
    if not isinstance(event, dict) or event.get("ph") not in _CALLS:
        return event
    arguments = _arguments(event)
    return {**event, "args": {key: arguments.get(key) for key in keys}}
