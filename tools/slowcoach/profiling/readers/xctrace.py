"""What `xctrace export --xpath '…/table[@schema="time-profile"]'` prints of Instruments: rows of
samples; an element is written once, with an id, and referred to afterwards. Each thread is a
profile, in nanoseconds.
"""

import re
from xml.parsers import expat

import numpy as np

from slowcoach.profiling.calltree import tree_of_stacks
from slowcoach.profiling.jsontext import refuse, words
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.text import opening, utf8

_ROOT = b"<trace-query-result"
_STACKS = (b"backtrace", b"<row")
_COUNT = re.compile(r"[0-9]{1,18}")
_NOT_RUNNING = "no thread"
Value = str | int | list[int] | None


def matches(data: bytes) -> bool:
    """Tell whether it is an exported table with backtraces."""
    start = opening(data).lstrip()
    return start.startswith(b"<") and _ROOT in start and all(word in start for word in _STACKS)


class _Table:
    """The rows as they are parsed: what is known by id, and what the open elements hold."""

    def __init__(self, name: str) -> None:
        self.ids: dict[Frame, int] = {}
        self.threads: dict[str, tuple[list[list[int]], list[float]]] = {}
        self._name = name
        self._known: dict[str, Value] = {}
        self._open: list[tuple[str, dict[str, str]]] = []
        self._text: list[str] = []
        self._row: dict[str, Value] = {}
        self._frames: list[int] = []
        self._frame: dict[str, Value] = {}

    def doctype(self, *_: object) -> None:
        """Refuse a document type: the format has none, and entities can be a bomb."""
        refuse(self._name, "rows of xctrace", "a document type declaration")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the begin of an element."""
        self._open.append((tag, attributes))
        self._text.clear()
        if tag == "row":
            self._row = {}
        elif tag == "backtrace":
            self._frames = []
        elif tag == "frame":
            self._frame = {}

    def text(self, text: str) -> None:
        """Take a piece of text."""
        self._text.append(text)

    def end(self, tag: str) -> None:
        """Take the end of an element: what it says goes to the one around it."""
        _, attributes = self._open.pop()
        if tag == "row":
            self._finish_row()
            return
        reference = attributes.get("ref")
        if reference is None:
            value = self._value(tag, attributes)
            if "id" in attributes:
                self._known[attributes["id"]] = value
        else:
            value = self._known.get(reference)
        self._text.clear()
        self._give(tag, value)

    def _value(self, tag: str, attributes: dict[str, str]) -> Value:
        if tag == "backtrace":
            return self._frames
        if tag == "tagged-backtrace":
            return self._row.get("backtrace")
        if tag == "frame":
            return self._index(attributes)
        if tag == "source":
            self._frame["line"] = attributes.get("line", "")
            return None
        if tag in ("thread", "binary"):
            return attributes.get("fmt") or attributes.get("name") or ""
        return "".join(self._text).strip()

    def _index(self, attributes: dict[str, str]) -> int:
        path, line, binary = (self._frame.get(key) for key in ("path", "line", "binary"))
        file = path if isinstance(path, str) and path else binary
        name = words(attributes.get("name") or attributes.get("addr")) or "(unknown)"
        frame = Frame(
            name,
            file if isinstance(file, str) and file else None,
            int(line) if isinstance(line, str) and _COUNT.fullmatch(line) else None,
        )
        return self.ids.setdefault(frame, len(self.ids))

    def _give(self, tag: str, value: Value) -> None:
        if tag == "frame":
            if isinstance(value, int):
                self._frames.append(value)
        elif tag in ("path", "binary"):
            self._frame[tag] = value
        elif tag in ("backtrace", "tagged-backtrace"):
            self._row["backtrace"] = value
        elif tag in ("thread", "weight"):
            self._row[tag] = value

    def _finish_row(self) -> None:
        thread, weight, stack = (self._row.get(key) for key in ("thread", "weight", "backtrace"))
        title = thread if isinstance(thread, str) and thread else _NOT_RUNNING
        stacks, weights = self.threads.setdefault(title, ([], []))
        stacks.append(stack[::-1] if isinstance(stack, list) else [])
        weights.append(
            float(weight) if isinstance(weight, str) and _COUNT.fullmatch(weight) else 0.0
        )


def read(data: bytes, name: str) -> list[Profile]:
    """Return a profile of each thread; raises UnreadableError saying where it is no XML."""
    table = _Table(name)
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = table.start
    parser.EndElementHandler = table.end
    parser.CharacterDataHandler = table.text
    parser.StartDoctypeDeclHandler = table.doctype
    cut: tuple[str, ...] = ()
    try:
        parser.Parse(utf8(data, name), True)
    except expat.ExpatError as error:
        if not table.threads:
            refuse(name, "XML of `xctrace export`", str(error))
        cut = (f"the file is cut or damaged ({error}): the rows before were read",)
    frames = tuple(table.ids)
    found = [
        _profile(title, stacks, weights, frames, cut)
        for title, (stacks, weights) in table.threads.items()
        if any(stacks)
    ]
    if not found:
        refuse(name, "rows with backtraces", f"{len(table.threads)} threads without")
    return found


def _profile(
    title: str,
    stacks: list[list[int]],
    weights: list[float],
    frames: tuple[Frame, ...],
    warnings: tuple[str, ...],
) -> Profile:
    known = np.array(weights, dtype=np.float64)
    unit = "nanoseconds" if known.sum() > 0 else "samples"
    known = known if known.sum() > 0 else np.ones(len(stacks))
    tree = tree_of_stacks(stacks, known)
    return Profile(title, unit, frames, tree, len(stacks), None, title, warnings)


READER = Reader("xctrace", matches, read)
