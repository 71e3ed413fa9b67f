"""Methods of a recording as functions with their source files, and stacks of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slowcoach.profiling.columns import Stacks
from slowcoach.profiling.jfr.pools import Pools, Traces
from slowcoach.profiling.located import Code
from slowcoach.profiling.model import Ints
from slowcoach.profiling.names import readable

_LAST_LINE = 1 << 30  # -1, where there is none, reads as a larger number
_LINE_BITS = 32
_LIBRARY = re.compile(r"\.so(\.[\d.]+)?$|\.dylib$|\.dll$")
_PRIMITIVES = {
    **{"B": "byte", "C": "char", "D": "double", "F": "float"},
    **{"I": "int", "J": "long", "S": "short", "Z": "boolean"},
}


@dataclass(frozen=True, eq=False)
class Part:
    """Stacks of one chunk, leaf first: `key` of each (ascending), its functions and lines."""

    key: Ints
    stacks: Stacks
    line: Ints
    cut: NDArray[np.bool_]


class Functions:
    """The functions of all chunks, by name and file."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str | None], int] = {}

    def part(self, pools: Pools, wanted: Ints) -> Part:
        """Return the stacks of these keys that a chunk's pools hold."""
        traces = _Joined(pools.traces)
        order = np.argsort(traces.key, kind="stable")
        place = np.searchsorted(traces.key[order], wanted)
        inside = place < len(order)
        row = order[place[inside]]
        known = traces.key[row] == wanted[inside]
        row, key = row[known], wanted[inside][known]
        length = traces.length[row]
        start = (np.cumsum(traces.length) - traces.length)[row]
        step = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
        frame = np.repeat(start, length) + step
        methods, which = np.unique(traces.method[frame], return_inverse=True)
        ids = np.array([self._id(*pools.method(m)) for m in methods.tolist()], dtype=np.int64)
        line = traces.line[frame]
        line = np.where((line < 0) | (line > _LAST_LINE), 0, line)
        functions = ids[which] if len(ids) else which
        return Part(key, Stacks(functions, length), line, traces.cut[row] > 0)

    def _id(self, of_class: str, method: str) -> int:
        if not of_class:
            function: tuple[str, str | None] = readable(method) or "(unknown)", None
        else:
            function = f"{of_class}:{method}", source_file(of_class)
        return self._ids.setdefault(function, len(self._ids))

    def code(self, parts: Sequence[Part]) -> tuple[Code, Stacks]:
        """Return every place (function and line) of the parts, and their stacks of places."""
        functions = np.concatenate([part.stacks.frames for part in parts])
        lines = np.concatenate([part.line for part in parts])
        pairs, which = np.unique(functions << _LINE_BITS | lines, return_inverse=True)
        code = Code(
            first=np.arange(len(pairs) + 1),
            function=pairs >> _LINE_BITS,
            line=pairs & ((1 << _LINE_BITS) - 1),
            functions=list(self._ids),
        )
        lengths = np.concatenate([part.stacks.length for part in parts])
        return code, Stacks(which, lengths)


class _Joined:
    """The traces of all checkpoints of a chunk."""

    def __init__(self, traces: Traces) -> None:
        none = np.zeros(0, dtype=np.int64)
        self.key = np.concatenate([none, *traces.key])
        self.cut = np.concatenate([none, *traces.cut])
        self.length = np.concatenate([none, *traces.length])
        self.method = np.concatenate([none, *traces.method])
        self.line = np.concatenate([none, *traces.line])


def source_file(of_class: str) -> str:
    """Return where Java's compiler would have found a class (other languages differ), or the
    library itself for native code, whose class async-profiler names after it.

    >>> source_file("com.shop.Cart$Line")
    'com/shop/Cart.java'
    """
    if _LIBRARY.search(of_class):
        return of_class
    outer = of_class.split("$", 1)[0] or of_class
    return f"{outer.replace('.', '/')}.java"


def class_name(name: str) -> str:
    """Return a class as Java's source has it: `[B` is `byte[]`."""
    plain = name.lstrip("[")
    arrays = len(name) - len(plain)
    if arrays:
        plain = _PRIMITIVES.get(plain, plain.removeprefix("L").removesuffix(";"))
    return plain.replace("/", ".") + "[]" * arrays
