"""Read the part of Python's marshal format that pstats files use.

`marshal.loads` trusts its input (a damaged file can crash the interpreter) and says nothing of
where it fails; this reader knows only data types, and names the byte.
"""

import struct
from collections.abc import Callable
from typing import Any, Final

_FLAG_REF: Final = 0x80
_DIGIT_BITS: Final = 15
_MOST_DIGITS: Final = 60  # 900 bits; counts and times have 64
_NULL = object()


class MarshalError(ValueError):
    """The data is cut or holds what is no plain data."""


def loads(data: bytes) -> Any:
    """Return the value that was marshalled; raises MarshalError naming the byte."""
    reader = _Reader(data)
    try:
        return reader.value()
    except struct.error:
        raise MarshalError(f"a file that ends early, at byte {len(data):,}") from None
    except RecursionError:
        raise MarshalError(f"data nested too deep, at byte {reader.at:,}") from None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._refs: list[Any] = []
        self._texts: list[str] = []  # Python 2 refers to its interned texts apart
        self._kinds: dict[str, Callable[[], Any]] = {
            "0": lambda: _NULL,
            "N": lambda: None,
            "T": lambda: True,
            "F": lambda: False,
            "i": lambda: self._number("<i"),
            "I": lambda: self._number("<q"),
            "g": lambda: self._number("<d"),
            "l": self._long,
            "(": lambda: self._tuple(self._size()),
            ")": lambda: self._tuple(self._number("<B")),
            "[": lambda: list(self._tuple(self._size())),
            "{": self._dict,
            "r": self._ref,
            "R": self._interned,
            "s": lambda: self._bytes(self._size()),
            "t": self._intern,
            **dict.fromkeys("ua", lambda: self._text(self._size())),
            "A": lambda: self._text(self._size()),
            **dict.fromkeys("zZ", lambda: self._text(self._number("<B"))),
        }

    def value(self) -> Any:
        code = self._number("<B")
        kind = self._kinds.get(chr(code & ~_FLAG_REF))
        if kind is None:
            raise MarshalError(f"byte {code:#04x} at {self.at - 1:,}, which begins no plain data")
        if not code & _FLAG_REF:
            return kind()
        # a container's number is taken before its items are read
        slot = len(self._refs)
        self._refs.append(_NULL)
        self._refs[slot] = found = kind()
        return found

    def _number(self, form: str) -> Any:
        (number,) = struct.unpack_from(form, self._data, self.at)
        self.at += struct.calcsize(form)
        return number

    def _size(self) -> int:
        size: int = self._number("<i")
        if size < 0 or size > len(self._data) - self.at:
            raise MarshalError(f"a file that ends early, at byte {len(self._data):,}")
        return size

    def _bytes(self, size: int) -> bytes:
        taken = self._data[self.at : self.at + size]
        if len(taken) < size:
            raise MarshalError(f"a file that ends early, at byte {len(self._data):,}")
        self.at += size
        return taken

    def _text(self, size: int) -> str:
        return self._bytes(size).decode("utf-8", "replace")

    def _intern(self) -> str:
        self._texts.append(self._text(self._size()))
        return self._texts[-1]

    def _interned(self) -> str:
        index: int = self._number("<i")
        if not 0 <= index < len(self._texts):
            raise MarshalError(f"a reference to no text at byte {self.at:,}")
        return self._texts[index]

    def _long(self) -> int:
        digits: int = self._number("<i")
        if abs(digits) > _MOST_DIGITS:
            raise MarshalError(f"a number of {abs(digits):,} digits at byte {self.at:,}")
        value = 0
        for position in range(abs(digits)):
            value |= self._number("<H") << (_DIGIT_BITS * position)
        return -value if digits < 0 else value

    def _tuple(self, size: int) -> tuple[Any, ...]:
        return tuple(self.value() for _ in range(size))

    def _dict(self) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        while (key := self.value()) is not _NULL:
            found[key] = self.value()
        return found

    def _ref(self) -> Any:
        index: int = self._number("<i")
        if not 0 <= index < len(self._refs) or self._refs[index] is _NULL:
            raise MarshalError(f"a reference to nothing at byte {self.at:,}")
        return self._refs[index]
