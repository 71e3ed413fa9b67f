"""Rust symbols: the older mangling, which looks like C++'s, and the newer one (`_R`).

The grammar of the newer: https://doc.rust-lang.org/rustc/symbol-mangling/v0.html. Hashes of crates
are left out, as `rustfilt` does.
"""

import re
from collections.abc import Callable
from typing import Final

_HASH: Final = re.compile(r"h[0-9a-f]{16}")
_ESCAPES: Final = {
    **{"$SP$": "@", "$BP$": "*", "$RF$": "&", "$LT$": "<", "$GT$": ">"},
    **{"$LP$": "(", "$RP$": ")", "$C$": ",", "..": "::"},
}
_ESCAPE: Final = re.compile("|".join(map(re.escape, _ESCAPES)))
_UNICODE: Final = re.compile(r"\$u([0-9a-f]{1,6})\$")
_LENGTH: Final = re.compile(r"0|[1-9]\d{0,5}")
_LLVM: Final = re.compile(r"\.(llvm\.[0-9A-F]+|cold|constprop\.\d+|isra\.\d+)(\.\d+)?$")
_SURROGATES: Final = 0xD800
_BASIC: Final = {
    **{"a": "i8", "b": "bool", "c": "char", "d": "f64", "e": "str", "f": "f32", "h": "u8"},
    **{"i": "isize", "j": "usize", "l": "i32", "m": "u32", "n": "i128", "o": "u128", "s": "i16"},
    **{"t": "u16", "u": "()", "v": "...", "x": "i64", "y": "u64", "z": "!", "p": "_"},
}
_POINTERS: Final = {"R": "&", "Q": "&mut ", "P": "*const ", "O": "*mut "}
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST: Final = 20_000
_DEEPEST: Final = 200


class _UnreadableError(Exception):
    """A part of the grammar that is not known here, or no symbol at all."""


def demangled(symbol: str) -> str | None:
    """Return the path of a Rust symbol, None for one of another language."""
    name = symbol.lstrip("_")
    core = _LLVM.sub("", name)
    try:
        if core.startswith("R") and len(symbol) - len(name) in {1, 2}:
            return _Reader(core[1:]).whole()
        if core.startswith("ZN"):
            return _older(core[2:])
    except (_UnreadableError, IndexError, RecursionError, ValueError):
        return None
    return None


def _older(text: str) -> str | None:
    """Return `core::ptr::drop` of parts with lengths, the last of which is a hash."""
    parts: list[str] = []
    at = 0
    while match := _LENGTH.match(text, at):
        size = int(match[0])
        at = match.end() + size
        parts.append(text[match.end() : at])
    if text[at:] != "E" or not parts or not _HASH.fullmatch(parts[-1]):
        return None
    return "::".join(map(_unescaped, parts[:-1]))


def _unescaped(part: str) -> str:
    part = part.removeprefix("_") if part.startswith("_$") else part
    part = _UNICODE.sub(_character, part)
    return _ESCAPE.sub(lambda match: _ESCAPES[match[0]], part)


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code < _SURROGATES else match[0]


class _Reader:
    """Reads one symbol of the newer mangling from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth, self.size = text, 0, 0, 0

    def whole(self) -> str:
        """Return the path; what follows (the crate that it was made for) is left out."""
        if self.text[:1].isdigit():
            raise _UnreadableError  # a version of the mangling that is not known
        found = self.path(value=True)
        if self.at < len(self.text) and self.text[self.at] not in ".$":
            self.path(value=False)
        return found

    def take(self, letter: str) -> bool:
        """Go on behind a letter if it comes next."""
        there = self.text[self.at : self.at + 1] == letter
        self.at += there
        return there

    def letter(self) -> str:
        """Return the next letter."""
        self.at += 1
        return self.text[self.at - 1]

    def number(self) -> int:
        """A number of base 62: `_` is 0, `0_` is 1."""
        if self.take("_"):
            return 0
        end = self.text.index("_", self.at)
        value = 0
        for digit in self.text[self.at : end]:
            value = value * len(_DIGITS) + _DIGITS.index(digit)
        self.at = end + 1
        return value + 1

    def optional(self, letter: str) -> int:
        """A number that a letter announces, else 0."""
        return self.number() + 1 if self.take(letter) else 0

    def identifier(self) -> tuple[str, int]:
        """A word, and which of several alike it is."""
        which = self.optional("s")
        coded = self.take("u")
        match = _LENGTH.match(self.text, self.at)
        if not match:
            raise _UnreadableError
        size = int(match[0])
        self.at = match.end()
        self.take("_")
        word = self.text[self.at : self.at + size]
        if len(word) < size:
            raise _UnreadableError
        self.at += size
        if coded:
            head, _, tail = word.rpartition("_")
            word = f"{head}-{tail}".lstrip("-").encode("ascii").decode("punycode")
        return word, which

    def again(self, what: str, *, value: bool = False) -> str:
        """Read once more what stood at an earlier place."""
        place, kept = self.number(), self.at
        if place >= kept:
            raise _UnreadableError
        self.at = place
        found = self.path(value=value) if what == "path" else self.type()
        self.at = kept
        return found

    def guarded(self, found: str) -> str:
        """Names that are named again can grow without end."""
        self.size += len(found)
        if self.size > _LONGEST:
            raise _UnreadableError
        return found

    def path(self, *, value: bool) -> str:
        """A path; in values, arguments stand behind `::`."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _UnreadableError
        try:
            return self.guarded(self._path(self.letter(), value=value))
        finally:
            self.depth -= 1

    def _path(self, kind: str, *, value: bool) -> str:
        if kind == "C":
            return self.identifier()[0]
        if kind == "N":
            return self._within(value=value)
        if kind in "MX":
            self.optional("s")
            self.path(value=False)  # where the implementation stands
            of_type = self.type()
            return f"<{of_type}>" if kind == "M" else f"<{of_type} as {self.path(value=False)}>"
        if kind == "Y":
            return f"<{self.type()} as {self.path(value=False)}>"
        if kind == "I":
            outer = self.path(value=value)
            arguments = ", ".join(self._listed(self._argument))
            return f"{outer}{'::' if value else ''}<{arguments}>"
        if kind == "B":
            return self.again("path", value=value)
        raise _UnreadableError

    def _within(self, *, value: bool) -> str:
        space = self.letter()
        outer = self.path(value=value)
        word, which = self.identifier()
        if space == "C":
            return f"{outer}::{{closure{':' + word if word else ''}#{which}}}"
        if space == "S":
            return f"{outer}::{{shim{':' + word if word else ''}#{which}}}"
        if space.isupper():
            return f"{outer}::{{{space}{':' + word if word else ''}#{which}}}"
        return f"{outer}::{word}" if word else outer

    def _listed(self, read: Callable[[], str]) -> list[str]:
        found: list[str] = []
        while not self.take("E"):
            found.append(read())
        return found

    def _argument(self) -> str:
        if self.take("L"):
            self.number()
            return "'_"
        return self.constant() if self.take("K") else self.type()

    def type(self) -> str:
        """A type."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _UnreadableError
        try:
            return self.guarded(self._type(self.letter()))
        finally:
            self.depth -= 1

    def _type(self, kind: str) -> str:
        if kind in _BASIC:
            return _BASIC[kind]
        if kind in _POINTERS:
            if kind in "RQ" and self.take("L"):
                self.number()
            return _POINTERS[kind] + self.type()
        if kind in "AS":
            inner = self.type()
            return f"[{inner}; {self.constant()}]" if kind == "A" else f"[{inner}]"
        if kind == "T":
            parts = self._listed(self.type)
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        if kind == "B":
            return self.again("type")
        return self._other(kind)

    def _other(self, kind: str) -> str:
        if kind == "F":
            return self._function()
        if kind == "D":
            return self._dynamic()
        self.at -= 1
        return self.path(value=False)

    def _function(self) -> str:
        self.optional("G")
        unsafe = "unsafe " if self.take("U") else ""
        abi = ""
        if self.take("K"):
            name = "C" if self.take("C") else self.identifier()[0].replace("_", "-")
            abi = f'extern "{name}" '
        parameters = ", ".join(self._listed(self.type))
        result = self.type()
        return f"{unsafe}{abi}fn({parameters})" + ("" if result == "()" else f" -> {result}")

    def _dynamic(self) -> str:
        self.optional("G")
        bounds = " + ".join(self._listed(self._bound))
        if not self.take("L"):
            raise _UnreadableError
        lifetime = self.number()
        return f"dyn {bounds}" + (" + '_" if lifetime else "")

    def _bound(self) -> str:
        found = self.path(value=False)
        while self.take("p"):
            name = self.identifier()[0]
            more = f"{name} = {self.type()}"
            found = f"{found[:-1]}, {more}>" if found.endswith(">") else f"{found}<{more}>"
        return found

    def constant(self) -> str:
        """A constant: a number, a truth value or a letter."""
        if self.take("p"):
            return "_"
        if self.take("B"):
            place, kept = self.number(), self.at
            if place >= kept:
                raise _UnreadableError
            self.at = place
            found = self.constant()
            self.at = kept
            return found
        kind = self.letter()
        negative = self.take("n")
        end = self.text.index("_", self.at)
        value = int(self.text[self.at : end] or "0", 16)
        self.at = end + 1
        if kind == "b":
            return {0: "false", 1: "true"}[value]
        if kind == "c":
            return repr(chr(value))
        if kind not in _BASIC:
            raise _UnreadableError
        return f"-{value}" if negative else str(value)
