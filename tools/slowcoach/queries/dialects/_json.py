"""JSON of any depth: the standard parser stops at about five hundred levels of a plan."""

import json
import re
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.keys import snake

_TOKEN = re.compile(
    r'[ \t\n\r]*(?:([{}\[\],:])|("(?:[^"\\]|\\.)*")'
    r"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))",
    re.DOTALL,
)
_WORDS = {"true": True, "false": False, "null": None}
_CUT = "the JSON ends before the plan does; what was there is read"
_SHOWN = 40


class _Names(dict[str, str]):
    """The normal form of each key, worked out when it is met first."""

    def __missing__(self, key: str) -> str:
        self[key] = name = snake(key)
        return name


def load_named(text: str) -> Any:
    """Return the first JSON value of `text` with all keys in the normal form; None if it cannot.

    That is for text which is whole and does not nest deep: `load` takes the rest.
    """
    names = _Names()

    def named(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {names[key]: value for key, value in pairs}

    decoder = json.JSONDecoder(strict=False, parse_constant=_no_figure, object_pairs_hook=named)
    try:
        return decoder.raw_decode(text)[0]
    except (RecursionError, ValueError):
        return None


def _no_figure(_name: str) -> None:
    """NaN is no figure."""


def load(text: str, *, hint: str) -> tuple[Any, tuple[str, ...]]:
    """Return the first JSON value of `text` and doubts about it.

    Text after the value is ignored. A truncated end is closed where it stops (said in the
    doubts). Raises UnreadableError where the text is no JSON.
    """
    try:
        decoder = json.JSONDecoder(strict=False, parse_constant=_no_figure)
        value, _end = decoder.raw_decode(text)
    except (RecursionError, ValueError):
        return _Parser(text, hint).run()
    return value, ()


class _Parser:
    """A parser with its own stack; also the one that reads truncated text."""

    def __init__(self, text: str, hint: str) -> None:
        self._text = text
        self._hint = hint
        self._stack: list[Any] = []
        self._keys: list[str | None] = []
        self._root: Any = None

    def run(self) -> tuple[Any, tuple[str, ...]]:
        at, text = 0, self._text
        while True:
            match = _TOKEN.match(text, at)
            if match is None:
                return self._at_end(at)
            at = match.end()
            if self._take(match, at):
                return self._root, ()

    def _at_end(self, at: int) -> tuple[Any, tuple[str, ...]]:
        rest = self._text[at:].strip()
        if self._root is None or (rest and not self._partial(rest)):
            line = self._text.count("\n", 0, at) + 1
            raise UnreadableError(
                f"plan: line {line} of the JSON: unexpected {rest[:_SHOWN]!r}", hint=self._hint
            )
        return self._root, (_CUT,)

    @staticmethod
    def _partial(rest: str) -> bool:
        """Tell whether the rest is the beginning of a token that was cut off."""
        return rest[0] == '"' or (len(rest) < len("false") and rest[0] in "-tfn.0123456789")

    def _take(self, match: re.Match[str], at: int) -> bool:
        """Take one token; return True when the outermost value is complete."""
        mark, string, number, word = match.groups()
        if mark in {"{", "["}:
            self._open({} if mark == "{" else [])
        elif mark in {"}", "]"}:
            expected = dict if mark == "}" else list
            if not self._stack or not isinstance(self._stack[-1], expected):
                line = self._text.count("\n", 0, at) + 1
                raise UnreadableError(
                    f"plan: line {line} of the JSON: {mark!r} closes nothing", hint=self._hint
                )
            self._stack.pop()
            self._keys.pop()
        elif mark is None:
            self._scalar(string, number, word)
        return not self._stack and self._root is not None

    def _open(self, value: Any) -> None:
        self._add(value)
        self._stack.append(value)
        self._keys.append(None)

    def _scalar(self, string: str | None, number: str | None, word: str | None) -> None:
        if string is not None:
            value: Any = json.loads(string, strict=False)
            if self._stack and isinstance(self._stack[-1], dict) and self._keys[-1] is None:
                self._keys[-1] = value
                return
        elif number is not None:
            value = json.loads(number)
        else:
            value = _WORDS[word or "null"]
        self._add(value)

    def _add(self, value: Any) -> None:
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        if isinstance(top, list):
            top.append(value)
            return
        key = self._keys[-1]
        if key is None:
            raise UnreadableError("plan: a JSON object without a key", hint=self._hint)
        top[key] = value
        self._keys[-1] = None
