"""JSON of profiles: a cheap look at which kind it is, and reading it with errors that say where."""

import codecs
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.text import opening, utf8

_MARKS = re.compile(rb'"((?:[^"\\]|\\.)*+)"(\s*:)?|[{}\[\]]', re.DOTALL)
_TOKEN = re.compile(
    r'[ \t\n\r]*(?:([{}\[\],:"])|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)|(true|false|null))'
)
_WORDS = {"true": True, "false": False, "null": None}
_DECODER = json.JSONDecoder()
_DEEPEST = 1_000_000
_SHOWN = 80
_LARGEST = 1e100  # so that sums of a file's numbers stay finite
HINT = "Save it again from the profiler that wrote it; the file may be cut or damaged"


@dataclass(frozen=True)
class Look:
    """The opening of a JSON text: its first character (`{`, `[`, or nothing when it is none) and
    the keys seen in the outermost object, or in the first objects of the outermost list.
    """

    kind: str
    keys: frozenset[str]


def look(data: bytes) -> Look:
    """Return what the first 64 KB show; never raises."""
    return _look(opening(data))


@lru_cache(maxsize=4)
def _look(start: bytes) -> Look:
    start = start.lstrip()
    kind = start[:1].decode("latin-1")
    if kind not in ("{", "["):
        return Look("", frozenset())
    wanted = 1 if kind == "{" else 2
    depth, keys = 0, set[str]()
    for mark in _MARKS.finditer(start):
        token = mark[0]
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
        elif mark[2] and depth == wanted:
            keys.add(mark[1].decode("utf-8", "replace"))
    return Look(kind, frozenset(keys))


def holds(data: bytes, *words: str) -> bool:
    """Tell whether all these words stand somewhere in the data in double quotes; fast."""
    encoding = "utf-8"
    if data.startswith(codecs.BOM_UTF16_LE):
        encoding = "utf-16-le"
    elif data.startswith(codecs.BOM_UTF16_BE):
        encoding = "utf-16-be"
    return all(f'"{word}"'.encode(encoding) in data for word in words)


def load(data: bytes, name: str, what: str) -> Any:
    """Return the parsed JSON, however deeply it is nested; raises UnreadableError saying where
    it is no JSON. `what` names the format expected.
    """
    text = utf8(data, name)
    try:
        try:
            return json.loads(text, parse_constant=_no_constant)
        except RecursionError:
            return _loads_deep(text.decode("utf-8"))
    except ValueError as error:
        raise UnreadableError(f"{name}: expected {what}, got {error}", hint=HINT) from None


def elements(text: str, start: int) -> Iterator[Any]:
    """Yield the whole elements of a JSON list whose `[` stands before `start`, up to its end or
    to where the text is cut.
    """
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    skip = re.compile(r"[\s,]*")
    while True:
        found = skip.match(text, start)
        start = found.end() if found else start
        try:
            item, start = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            return
        yield item


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text}, which is not a JSON number")


def _loads_deep(text: str) -> Any:
    """Parse JSON whose nesting is beyond the interpreter's own stack."""
    state, position = _Deep(), 0
    while not state.done:
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError(f"no JSON at character {position} ({state.depth} levels deep)")
        position = state.take(token, text)
    if text[position:].strip():
        raise ValueError(f"more after the end at character {position}")
    return state.outer[0]


class _Deep:
    """The open containers of a JSON text, and what may come next in the innermost."""

    def __init__(self) -> None:
        self.outer: list[Any] = []
        self._path: list[Any] = [self.outer]
        self._keys: list[str] = [""]
        self._next = "value"

    @property
    def depth(self) -> int:
        return len(self._path) - 1

    @property
    def done(self) -> bool:
        return bool(self.outer) and not self.depth

    def take(self, token: re.Match[str], text: str) -> int:
        """Take one token and return where it ends."""
        mark, end = token[1], token.end()
        if mark in (":", ","):
            self._separate(mark, end)
        elif mark in ("}", "]"):
            self._close(mark, end)
        elif mark == '"' and self._next.startswith("key"):
            self._keys[-1], end = _DECODER.raw_decode(text, end - 1)
            self._next = ":"
        elif self._next.startswith("value"):
            end = self._value(token, text)
        else:
            raise ValueError(f"a value instead of {self._next!r} at character {end}")
        return end

    def _value(self, token: re.Match[str], text: str) -> int:
        item, end, follows = _value(token, text)
        here = self._path[-1]
        if isinstance(here, dict):
            here[self._keys[-1]] = item
        else:
            here.append(item)
        if follows != ",":
            self._path.append(item)
            self._keys.append("")
            if self.depth > _DEEPEST:
                raise ValueError(f"more than {_DEEPEST:,} levels")
        self._next = follows
        return end

    def _separate(self, mark: str, end: int) -> None:
        if mark != self._next:
            raise ValueError(f"{mark!r} instead of {self._next!r} at character {end}")
        in_object = mark == "," and isinstance(self._path[-1], dict)
        self._next = "key" if in_object else "value"

    def _close(self, mark: str, end: int) -> None:
        kind = dict if mark == "}" else list
        complete = self._next == "," or self._next.endswith("end")
        if not self.depth or not complete or not isinstance(self._path[-1], kind):
            raise ValueError(f"{mark!r} instead of {self._next!r} at character {end}")
        self._path.pop()
        self._keys.pop()
        self._next = ","


def _value(token: re.Match[str], text: str) -> tuple[Any, int, str]:
    """Return a value (a container still empty), where it ends, and what may follow."""
    end = token.end()
    if token[1] == "{":
        return {}, end, "key or end"
    if token[1] == "[":
        return [], end, "value or end"
    if token[1] == '"':
        item, end = _DECODER.raw_decode(text, end - 1)
        return item, end, ","
    return (json.loads(token[2]) if token[2] else _WORDS[token[3]]), end, ","


def refuse(where: str, expected: str, got: object) -> NoReturn:
    """Raise UnreadableError: `where: expected ..., got ...`."""
    if isinstance(got, list | dict):
        shown = f"{'a list' if isinstance(got, list) else 'an object'} of {len(got)}"
    else:
        shown = got if isinstance(got, str) else repr(got)
    raise UnreadableError(f"{where}: expected {expected}, got {shown[:_SHOWN]}", hint=HINT)


def table(parent: object, key: str, where: str) -> dict[str, Any]:
    """Return the object under a key of an object; raises UnreadableError when there is none."""
    value = parent.get(key) if isinstance(parent, dict) else parent
    if not isinstance(value, dict):
        refuse(f"{where}: {key}", "an object", value)
    return value


def items(parent: object, key: str, where: str) -> list[Any]:
    """Return the list under a key of an object; raises UnreadableError when there is none."""
    value = parent.get(key) if isinstance(parent, dict) else parent
    if not isinstance(value, list):
        refuse(f"{where}: {key}", "a list", value)
    return value


def number(value: object, where: str) -> float:
    """Return a finite number, as it is; raises UnreadableError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(where, "a number", value)
    if not -_LARGEST < value < _LARGEST:  # not a number is in no range
        refuse(where, "a finite number", "one beyond all bounds")
    return value


def numbers(values: list[Any], where: str) -> list[float]:
    """Return a list after seeing that all in it are finite numbers."""
    if set(map(type, values)) <= {int, float}:
        good = min(values, default=0) > -_LARGEST and max(values, default=0) < _LARGEST
        if good and not any(map(math.isnan, values)):
            return values
    return [number(value, f"{where}[{index}]") for index, value in enumerate(values)]


def words(value: object) -> str | None:
    """Return text that UTF-8 can hold (JSON knows lone surrogates), or None for no text."""
    if not isinstance(value, str):
        return None
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def whole(value: object) -> int | None:
    """Return a line or column number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) < 2**53 else None
