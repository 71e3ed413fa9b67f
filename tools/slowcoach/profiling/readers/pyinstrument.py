"""pyinstrument's JSON (`pyinstrument -r json`: a tree of inclusive times) and its sessions
(`-r session`: every sample's stack, with the line that ran).
"""

import re
from typing import Any

import numpy as np

from slowcoach.profiling.calltree import NodeTree, tree_of_stacks
from slowcoach.profiling.jsontext import holds, items, load, look, number, refuse, whole, words
from slowcoach.profiling.model import Frame, Profile, Reader

_KEYS = ("sample_count", "cpu_time")
_LINE = re.compile(r"[0-9]{1,9}")
_OWN = "[self]"


def matches(data: bytes) -> bool:
    """Tell whether it is a JSON object with pyinstrument's keys."""
    seen = look(data)
    if seen.kind != "{" or not holds(data, *_KEYS):
        return False
    return holds(data, "root_frame") or holds(data, "frame_records")


def read(data: bytes, name: str) -> list[Profile]:
    """Return the one profile, in seconds; raises UnreadableError saying which part is wrong."""
    content = load(data, name, "a session of pyinstrument")
    if not isinstance(content, dict):
        refuse(name, "an object", content)
    if "frame_records" in content:
        return [_session(items(content, "frame_records", name), name)]
    root = content.get("root_frame")
    if not isinstance(root, dict):
        refuse(f"{name}: root_frame", "a frame", root)
    tree, ids = NodeTree(), dict[Frame, int]()
    waiting: list[tuple[int, dict[str, Any]]] = [(0, root)]
    while waiting:
        parent, node = waiting.pop()
        node_id = tree.child(parent, ids.setdefault(_frame(node, name), len(ids)))
        children = node.get("children") or []
        if not isinstance(children, list) or not all(isinstance(each, dict) for each in children):
            refuse(f"{name}: children", "a list of frames", children)
        children = [child for child in children if child.get("function") != _OWN]
        inside = sum(number(child.get("time"), f"{name}: time") for child in children)
        tree.add(node_id, max(number(node.get("time"), f"{name}: time") - inside, 0))
        waiting.extend((node_id, child) for child in reversed(children))
    count = whole(content.get("sample_count"))
    return [Profile(name, "seconds", tuple(ids), tree.finish(), count)]


def _frame(node: dict[str, Any], name: str) -> Frame:
    function = words(node.get("function"))
    if function is None:
        refuse(f"{name}: function", "a name", node.get("function"))
    file = words(node.get("file_path")) or None
    return Frame(function, file, (whole(node.get("line_no")) or None) if file else None)


def _session(records: list[Any], name: str) -> Profile:
    """Return the profile of recorded stacks; frames are `function, file, line`, NUL between."""
    ids, known = dict[Frame, int](), dict[str, int]()
    stacks, weights = [], []
    for index, record in enumerate(records):
        where = f"{name}: frame_records[{index}]"
        stack, weight = record if isinstance(record, list) and len(record) == 2 else (None, None)  # noqa: PLR2004
        weight = number(weight, where)
        if weight < 0:
            refuse(where, "a time of 0 or more", weight)
        found = []
        for text in items({"stack": stack}, "stack", where):
            if not isinstance(text, str):
                refuse(where, "frames", text)
            if text not in known:
                known[text] = ids.setdefault(_identified(text), len(ids))
            found.append(known[text])
        stacks.append(found)
        weights.append(weight)
    tree = tree_of_stacks(stacks, np.array(weights, dtype=np.float64))
    return Profile(name, "seconds", tuple(ids), tree, len(records))


def _identified(text: str) -> Frame:
    identifier, _, attributes = text.partition("\x01")
    function, _, place = identifier.partition("\0")
    file, _, line = place.partition("\0")
    if not file or file == "<thread>":
        return Frame(words(function) or "")
    for attribute in attributes.split("\x01"):
        if attribute.startswith("l") and _LINE.fullmatch(attribute[1:]):
            line = attribute[1:]
    return Frame(
        words(function) or "", words(file), (int(line) or None) if _LINE.fullmatch(line) else None
    )


READER = Reader("pyinstrument", matches, read)
