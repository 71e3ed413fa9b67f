"""A call tree copied from Apple's Instruments (Edit, Deep Copy) and pasted into a file: a table
with tabs, whose symbol names are indented by depth, with inclusive weights, and perhaps own ones.
"""

import re
from dataclasses import dataclass, field

from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.jsontext import refuse
from slowcoach.profiling.model import Frame, Profile, Reader
from slowcoach.profiling.text import opening, utf8

_HEADER = re.compile(rb"[\w \t().%]*\tSymbol Names?")
_WEIGHT = re.compile(r"\s*([0-9][0-9,]{0,18}(?:\.\d+)?) ?(\w+)\s")
_WEIGHTS = ("Bytes Used", "Weight", "Running Time")
_OWN = "Self Weight"
_NAMES = ("Symbol Name", "Symbol Names")
_UNITS = {  # the profile's unit, and how many of it
    "Bytes": ("bytes", 1.0),
    "KB": ("bytes", 1024.0),
    "MB": ("bytes", 1024.0**2),
    "GB": ("bytes", 1024.0**3),
    "us": ("milliseconds", 1e-3),
    "µs": ("milliseconds", 1e-3),
    "ms": ("milliseconds", 1.0),
    "s": ("milliseconds", 1e3),
    "min": ("milliseconds", 6e4),
    "h": ("milliseconds", 3.6e6),
    "cycles": ("none", 1.0),
    "Kc": ("none", 1e3),
    "Mc": ("none", 1e6),
    "Gc": ("none", 1e9),
}


def matches(data: bytes) -> bool:
    """Tell whether the first line is the header of such a table."""
    return _HEADER.match(opening(data)) is not None


def read(data: bytes, name: str) -> list[Profile]:
    """Return the one profile; raises UnreadableError naming the line."""
    lines = utf8(data, name).decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    columns = [column.strip() for column in lines[0].split("\t")]
    table = _Table(
        weight_at=_column(columns, _WEIGHTS, name),
        own_at=columns.index(_OWN) if _OWN in columns else len(columns),
        name_at=_column(columns, _NAMES, name),
        file_at=columns.index("Source Path") if "Source Path" in columns else len(columns),
    )
    for number, line in enumerate(lines[1:], start=2):
        table.take(line.split("\t"), f"{name}: line {number}")
    return [table.profile(name)]


@dataclass
class _Table:
    """The rows so far: the path to the last one, and what each node weighs itself."""

    weight_at: int
    own_at: int
    name_at: int
    file_at: int
    _tree: NodeTree = field(default_factory=NodeTree)
    _ids: dict[Frame, int] = field(default_factory=dict)
    _path: list[int] = field(default_factory=list)
    _own: dict[int, float] = field(default_factory=dict)
    _said: dict[int, float] = field(default_factory=dict)
    _units: set[str] = field(default_factory=set)
    _margin: int = -1

    def take(self, cells: list[str], where: str) -> None:
        """Take one row; its symbol's spaces, less those of the first row, are its depth."""
        symbol = cells[self.name_at] if self.name_at < len(cells) else ""
        if not symbol.strip():
            return
        spaces = len(symbol) - len(symbol.lstrip())
        self._margin = spaces if self._margin < 0 else self._margin
        depth, path = spaces - self._margin, self._path
        if not 0 <= depth <= len(path):
            refuse(where, f"up to {len(path) + self._margin} spaces before the name", symbol)
        del path[depth:]
        weight, unit = _weight(cells[self.weight_at], where)
        self._units.add(unit)
        file = cells[self.file_at].strip() if self.file_at < len(cells) else ""
        frame = Frame(symbol.strip(), file or None)
        known = self._ids.setdefault(frame, len(self._ids))
        node = self._tree.child(path[-1] if path else 0, known)
        self._own[node] = self._own.get(node, 0.0) + weight
        if path:
            self._own[path[-1]] -= weight
        if self.own_at < len(cells) and _WEIGHT.match(cells[self.own_at] + " "):
            own, _ = _weight(cells[self.own_at], where)
            self._said[node] = self._said.get(node, 0.0) + own
        path.append(node)

    def profile(self, name: str) -> Profile:
        """Return the profile of all rows."""
        if len(self._units) != 1:
            got = ", ".join(sorted(self._units)) or "no rows"
            refuse(name, "rows with weights of one kind", got)
        for node, weight in self._own.items():
            # rounded: children may seem to exceed it
            self._tree.add(node, self._said.get(node, max(weight, 0.0)))
        return Profile(name, self._units.pop(), tuple(self._ids), self._tree.finish(), None)


def _column(columns: list[str], names: tuple[str, ...], name: str) -> int:
    found = [columns.index(wanted) for wanted in names if wanted in columns]
    if not found:
        refuse(f"{name}: line 1", f"a column {' or '.join(names)}", ", ".join(columns))
    return found[0]


def _weight(text: str, where: str) -> tuple[float, str]:
    """Return the inclusive weight and its unit: `1.20 s   48.1%`."""
    found = _WEIGHT.match(text + " ")
    if found is None or found[2] not in _UNITS:
        refuse(where, "a weight with its unit", text)
    unit, size = _UNITS[found[2]]
    return float(found[1].replace(",", "")) * size, unit


READER = Reader("instruments", matches, read)
