"""Pyroscope's flame graph as JSON (its `/render?format=json`, and "Export to JSON").

Each level is a row of bars, four numbers each: the gap to the bar before, the total, the self
weight and the index of the name; in a comparison seven: three for the left side, three for the
right and the name. What Pyroscope exports as pprof is read as pprof.
"""

import json
import math
from typing import Any, NoReturn

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.text import opening, utf8

_KEYS = (b'"flamebearer"', b'"levels"', b'"names"')
_SINGLE, _DOUBLE = 4, 7  # numbers to a bar
_SIDE = 3
_NANOSECONDS = 1_000_000_000  # a rate at which ticks are nanoseconds
_UNITS = {"bytes": "bytes", "lock_nanoseconds": "nanoseconds"}
_LARGEST = 1 << 62


def matches(data: bytes) -> bool:
    """Tell whether it is a JSON object with a flamebearer in it."""
    start = opening(data)
    if not start.lstrip().startswith(b"{"):
        return False
    text = data if start[:1] == data[:1] else start  # UTF-16: only the opening is decoded
    return all(key in text for key in _KEYS)


def read(data: bytes, name: str) -> list[Profile]:
    """Return the profile, or both sides of a comparison; raises UnreadableError saying where."""
    try:
        file = json.loads(utf8(data, name))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(
            f"{name}: expected Pyroscope's JSON, got {error}",
            hint="The file is cut or damaged: save it again",
        ) from None
    if not isinstance(file, dict):
        _refuse(name, "an object", file)
    bars = file.get("flamebearer")
    if not isinstance(bars, dict):
        _refuse(f"{name}: flamebearer", "an object", bars)
    about = file.get("metadata")
    about = about if isinstance(about, dict) else {}
    double = about.get("format", bars.get("format")) == "double"
    names = _list(bars, "names", name)
    levels = _list(bars, "levels", name)
    sides = ("left", "right") if double else ("",)
    return [
        _profile(names, levels, side, index, {**bars, **about}, name)
        for index, side in enumerate(sides)
    ]


def _refuse(where: str, expected: str, got: object) -> NoReturn:
    raise UnreadableError(
        f"{where}: expected {expected}, got {repr(got)[:80]}",
        hint="Save it again from Pyroscope, or export it as pprof",
    )


def _list(parent: dict[str, Any], key: str, name: str) -> list[Any]:
    value = parent.get(key)
    if not isinstance(value, list) or not value:
        _refuse(f"{name}: flamebearer.{key}", "a list", value)
    return value


def _profile(
    names: list[Any], levels: list[Any], side: str, index: int, about: dict[str, Any], name: str
) -> Profile:
    width, offset = (_DOUBLE, _SIDE * index) if side else (_SINGLE, 0)
    tree = NodeTree()
    above = [(0, _LARGEST, 0)]  # begin, end and node of each bar of the level above
    selfs: list[int] = []
    for depth, row in enumerate(levels):
        where = f"{name}: flamebearer.levels[{depth}]"
        if not isinstance(row, list) or len(row) % width:
            _refuse(where, f"a list of {width} numbers to a bar", row)
        here: list[tuple[int, int, int]] = []
        parent = end = 0
        for at in range(0, len(row), width):
            gap, total, own = (_whole(row[at + offset + i], where) for i in range(_SIDE))
            begin = end + gap
            end = begin + total
            if not total:
                continue
            while parent < len(above) and above[parent][1] <= begin:
                parent += 1
            if parent == len(above) or begin < above[parent][0] or end > above[parent][1]:
                _refuse(where, "bars below those of the level above", row[at : at + width])
            frame = _index(row[at + width - 1], len(names), where)
            node = above[parent][2] if not depth else tree.child(above[parent][2], frame)
            tree.add(node, own)
            selfs.append(own)
            here.append((begin, end, node))
        above = here
    unit = _unit(about)
    return Profile(
        name=" ".join(filter(None, (str(about.get("name") or name)[:200], side))),
        unit=unit,
        frames=tuple(Frame(_text(text)) for text in names),
        tree=tree.finish(),
        samples=_looks(selfs),
        value=side,
    )


def _text(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _whole(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
        _refuse(where, "whole numbers of 0 or more", value)
    return value


def _index(value: object, count: int, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
        _refuse(where, f"an index of the {count} names", value)
    return value


def _unit(about: dict[str, Any]) -> str:
    unit = about.get("units")
    if unit == "samples":
        return "nanoseconds" if about.get("sampleRate") == _NANOSECONDS else "samples"
    return _UNITS.get(str(unit), "none")


def _looks(selfs: list[int]) -> int | None:
    """Return the number of looks: all weights are multiples of what one look stands for."""
    one = math.gcd(*selfs)
    return sum(selfs) // one if one else None


READER = Reader("pyroscope", matches, read)
