"""What memray's commands write of its recordings: `memray transform csv` (every stack that
holds memory at the peak, or leaked) and `memray stats --json` (the largest places only).
"""

import csv
import io
import re
from typing import Any

import numpy as np

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.calltree import NodeTree, tree_of_stacks
from slowcoach.profiling.jsontext import holds, items, load, look, number, refuse, words
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.text import opening, utf8

_HEADER = b"allocator,num_allocations,size,tid,thread_name,"
_RECORDING = b"memray\0"
_LZ4 = b"\x04\x22\x4d\x18"
_LOOKED_AT = 64
_COLUMNS = 6
_LONGEST = 1 << 27  # characters of a stack, a field of the table; Python's own limit is 131,072
_COUNT = re.compile(r"[0-9]{1,18}")
_REST = "(smaller places)"


def matches(data: bytes) -> bool:
    """Tell whether it is such a table or such statistics, or a recording itself."""
    start = opening(data)
    if start.startswith(_HEADER) or _is_recording(data):
        return True
    return look(data).kind == "{" and holds(
        data, "total_bytes_allocated", "top_allocations_by_size"
    )


def _is_recording(data: bytes) -> bool:
    head = data[:_LOOKED_AT]
    return head.startswith(_RECORDING) or (head.startswith(_LZ4) and b"emray" in head)


def read(data: bytes, name: str) -> list[Profile]:
    """Return the one profile, in bytes; raises UnreadableError naming the line or the part."""
    if _is_recording(data):
        raise UnreadableError(
            f"{name}: expected what memray wrote of a recording, got the recording itself",
            hint="Run `memray transform csv FILE` (or speedscope) and give what that writes",
        )
    if opening(data).startswith(_HEADER):
        return [_table(utf8(data, name).decode("utf-8", "replace"), name)]
    return [_statistics(load(data, name, "statistics of memray"), name)]


def _table(text: str, name: str) -> Profile:
    ids, known = dict[Frame, int](), dict[str, int]()
    stacks, weights, count = [], [], 0
    csv.field_size_limit(_LONGEST)
    rows = csv.reader(io.StringIO(text))
    try:
        next(rows)
        for row in rows:
            where = f"{name}: line {rows.line_num}"
            if len(row) != _COLUMNS or not (_COUNT.fullmatch(row[1]) and _COUNT.fullmatch(row[2])):
                refuse(where, "allocator, counts, thread and stack", ",".join(row))
            stacks.append([_index(text, ids, known, where) for text in reversed(_split(row[5]))])
            weights.append(int(row[2]))
            count += int(row[1])
    except csv.Error as error:
        refuse(f"{name}: line {rows.line_num}", "comma-separated values", str(error))
    if not stacks:
        refuse(name, "allocations", "none")
    tree = tree_of_stacks(stacks, np.array(weights, dtype=np.float64))
    return Profile(name, "bytes", tuple(ids), tree, None)


def _split(stack: str) -> list[str]:
    return [text for text in stack.split("|") if text]


def _index(text: str, ids: dict[Frame, int], known: dict[str, int], where: str) -> int:
    """Return the index of a frame, `function;file;line`."""
    index = known.get(text)
    if index is None:
        parts = text.rsplit(";", 2)
        if len(parts) != 3 or not _COUNT.fullmatch(parts[2]):  # noqa: PLR2004
            refuse(where, "frames 'function;file;line'", text)
        frame = Frame(parts[0], parts[1], int(parts[2]))
        index = known[text] = ids.setdefault(frame, len(ids))
    return index


def _statistics(content: Any, name: str) -> Profile:
    whole = number(content.get("total_bytes_allocated"), f"{name}: total_bytes_allocated")
    weights: dict[Frame, float] = {}
    for place in items(content, "top_allocations_by_size", name):
        if not isinstance(place, dict):
            refuse(f"{name}: top_allocations_by_size", "objects", place)
        size = number(place.get("size"), f"{name}: size")
        location = words(place.get("location")) or ""
        function, _, rest = location.partition(":")
        file, _, line = rest.rpartition(":")
        frame = Frame(function, file, int(line)) if _COUNT.fullmatch(line) else Frame(location)
        weights[frame] = weights.get(frame, 0.0) + max(size, 0)
    if whole > sum(weights.values()):
        weights[Frame(_REST)] = whole - sum(weights.values())
    tree = NodeTree()
    for index, weight in enumerate(weights.values()):
        tree.add(tree.child(0, index), weight)
    return Profile(name, "bytes", tuple(weights), tree.finish(), None)


READER = Reader("memray", matches, read)
