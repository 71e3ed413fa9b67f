"""DuckDB's EXPLAIN and EXPLAIN ANALYZE as boxes with lines between them, 1.x and 2.x."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from slowcoach.core.errors import UnreadableError
from slowcoach.queries.dialects._duckdb_operators import fields_of, measured, unwrapped
from slowcoach.queries.model import Dialect, Plan, PlanNode

_HINT = "Paste the whole output of EXPLAIN or EXPLAIN ANALYZE, with the lines of its boxes"
_LINES = "─━"
_TOP = re.compile(r"[┌╭][─━][^┐╮│]*?[┐╮]")
_SIGHT = re.compile(
    r"╭─ [A-Z]|[│|]\s+─{10,}\s+[│|├]|││ +(?:Physical Plan|Query Profiling|Total Time)"
    r"|│ +(?:[A-Z]+_)*[A-Z]+ +│\s*\n\s*└"
)
_BEFORE = re.compile(r"^[^┌╭\n]*(?=[┌╭])")
_IN_TITLE = re.compile(r"[╭╮┌┐─━┴-┻┖-┛╨╧]")
_JOINS_TOP = frozenset("┴┵┶┷┸┹┺┻┚┖╨╧")
_LEFT = frozenset("├┝┞┟┠┡┢┣╟╞")
_UP = frozenset("│┃║╿╽")
_TURNS = frozenset("┐┑┒┓╮┬┭┮┯┰┱┲┳╥╤")
_KEY = re.compile(r"([A-Z][A-Za-z]*(?: [A-Z][A-Za-z]*){0,3}):(?:\s+(.*))?$")
_ROWS = re.compile(r"(~?)([\d,]+) rows?\b")
_TIME = re.compile(r"\(?(\d+(?:\.\d+)?)\s?(s|ms|µs|us|ns|min)\)?$")
_TOTAL = re.compile(r"Total Time:\s*([\d.]+)\s*(s|ms|µs|us|min)")
_SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9, "min": 60.0}
_UNNAMED = {"PROJECTION": "Projections", "FILTER": "Expression"}  # 1.x names only the operator
_NAMELESS = frozenset({"Summary", ""})
_MS = 1000.0


def _matches(text: str) -> bool:
    return bool(_SIGHT.search(text if "\\n" not in text else text.replace("\\n", "\n")))


@dataclass(slots=True)
class _Box:
    top: int
    left: int
    right: int
    bottom: int
    title: str
    body: list[str]
    separate: bool  # 1.x writes one item a line, 2.x a list with commas
    below: list["_Box"] = field(default_factory=list["_Box"])
    node: PlanNode | None = None


def _read(text: str) -> Plan:
    lines = _clean(text)
    boxes = [box for box in _boxes(lines) if box.title not in _NAMELESS]
    if not boxes:
        raise UnreadableError("plan: no operator of a DuckDB plan in the text", hint=_HINT)
    roots = _linked(lines, boxes)
    for box in reversed(boxes):  # children stand below their parents
        box.below.sort(key=lambda child: child.left)
        box.node = _step(box, [child.node for child in box.below if child.node is not None])
        box.below = []
    beside: dict[str, Any] = {}
    if total := _TOTAL.search(text):
        beside["execution_time"] = float(total.group(1)) * _SECONDS[total.group(2)] * _MS
    root = roots[0].node
    if root is None:
        raise UnreadableError("plan: no operator of a DuckDB plan in the text", hint=_HINT)
    doubts = ("the boxes do not hang together: the text was cut or wrapped",)
    return Plan(unwrapped(root), beside, doubts if len(roots) > 1 else ())


def _clean(text: str) -> list[str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")
    if "\\n" in text:  # a tuple as Python prints it
        text = _BEFORE.sub("", text.replace("\\n", "\n"))
    return [line.rstrip() for line in text.expandtabs(8).split("\n")]


def _boxes(lines: list[str]) -> Iterator[_Box]:
    for number, line in enumerate(lines):
        for match in _TOP.finditer(line):
            if (
                line[match.start() - 1 : match.start()]
                == line[match.end() : match.end() + 1]
                == "│"
            ):
                continue  # a heading in a frame of its own
            box = _box(lines, number, match)
            if box is not None:
                yield box


def _box(lines: list[str], top: int, match: re.Match[str]) -> _Box | None:
    left, right = match.start(), match.end() - 1
    title = _IN_TITLE.sub(" ", match.group()).strip()
    body: list[str] = []
    bottom = top
    for number in range(top + 1, len(lines)):
        line = lines[number]
        sign = line[left : left + 1]
        if sign in {"└", "╰"}:
            bottom = number
            break
        if sign != "│":
            break
        body.append(line[left + 1 : right].strip())
    if not bottom or any("┌" in text or "╭" in text for text in body):
        return None  # a frame around a heading
    separate = not title
    if separate:
        title, body = (body[0] if body else ""), body[1:]
    return _Box(top, left, right, bottom, title, body, separate)


def _linked(lines: list[str], boxes: list[_Box]) -> list[_Box]:
    """Hang each box below the one that its line leads to; return those that stand alone."""
    bottoms: dict[int, list[_Box]] = {}
    for box in boxes:
        for number in range(box.top, box.bottom + 1):
            bottoms.setdefault(number, []).append(box)
    roots: list[_Box] = []
    for box in boxes:
        above = _above(lines, box, bottoms)
        (roots if above is None else above.below).append(box)
    return roots


def _above(lines: list[str], box: _Box, at: dict[int, list[_Box]]) -> _Box | None:
    column = _column(lines, box, at)
    if column is None:
        return None
    row = box.top - 1
    while row >= 0:
        found = _box_at(at, row, column)
        if found is not None:
            return found
        sign = lines[row][column : column + 1]
        if sign in _TURNS and sign:
            while column > 0 and lines[row][column] not in _LEFT:
                column -= 1
            found = _box_at(at, row, column)
            if found is not None:  # the line leaves from the box's side
                return found
        elif sign not in _UP and sign not in _LEFT:
            return None
        row -= 1
    return None


def _column(lines: list[str], box: _Box, at: dict[int, list[_Box]]) -> int | None:
    """Return where a line from above reaches the box; a long title may hide the mark."""
    border = lines[box.top]
    for column in range(box.left, box.right):
        if border[column] in _JOINS_TOP:
            return column
    above = lines[box.top - 1] if box.top else ""
    for column in range(box.left, min(box.right, len(above))):
        touching = _box_at(at, box.top - 1, column)
        leads = above[column] in _TURNS or (above[column] in _UP | _LEFT and touching is None)
        if leads and (touching is None or touching.bottom == box.top - 1):
            return column
    return None


def _box_at(at: dict[int, list[_Box]], row: int, column: int) -> _Box | None:
    return next((box for box in at.get(row, ()) if box.left <= column <= box.right), None)


def _step(box: _Box, plans: list[PlanNode]) -> PlanNode:
    extra: dict[str, Any] = {}
    loose = not box.separate
    rows: float | None = None
    seconds: float | None = None
    key = _UNNAMED.get(box.title.upper(), "")
    width = box.right - box.left - 1
    for line in box.body:
        if not line.strip(_LINES):
            key = key if line else ""
            continue
        time = _TIME.search(line)
        count = _ROWS.match(line)
        if count and (time or count.end() == len(line)):
            value = float(count.group(2).replace(",", ""))
            if count.group(1):
                extra["Estimated Cardinality"] = str(int(value))
            else:
                rows = value
        if time and (count or time.start() == 0) and (seconds is None or line[0] != "("):
            seconds = float(time.group(1)) * _SECONDS[time.group(2)]
        if not count and not (time and time.start() == 0):
            key = _told(extra, key, line, 0 if loose else width)
    fields = fields_of(box.title, extra)
    return measured(fields, rows, seconds, plans)


def _told(extra: dict[str, Any], key: str, line: str, width: int) -> str:
    """Take a line of what a box tells: `Key: value`, or more of the key before.

    `width` is that of the box where each item stands in a line of its own, else 0.
    """
    if match := _KEY.match(line):
        extra[match.group(1)] = match.group(2) or ([] if width else "")
        return match.group(1)
    before = extra.setdefault(key, []) if key else None
    if isinstance(before, list):
        last = before[-1] if before else ""
        full = len(last) >= width or last.count("(") > last.count(")")
        extra[key] = [*before[:-1], before[-1] + line] if full else [*before, line]
    elif isinstance(before, str):
        extra[key] = f"{before} {line}".strip()
    return key


DIALECT = Dialect(name="duckdb_text", matches=_matches, read=_read, engine="duckdb")
