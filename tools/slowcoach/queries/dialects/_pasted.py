"""Mend what happened to a plan's text between the server and here.

psql draws frames, editors quote and number lines, terminals and mail wrap them. What comes out
is one plan as logical lines: each with its indentation, none broken.
"""

import re
from collections.abc import Callable
from itertools import pairwise

NODE = re.compile(
    r"\(cost=\d[\d.]*\.\.\d[\d.]*\s+rows=\S+\s+width=\d+\)"
    r"|\(actual (?:time=\d[\d.]*\.\.\d[\d.]* )?rows=\S+ loops=\d+\)|\(never executed\)"
)
_NODE_BEGINS = re.compile(r"\((?:cost=\d|actual (?:time|rows)=|never executed)")
ARROW = re.compile(r"->\s+(?=[A-Z])")
SUBPLAN = re.compile(r"(?:(?:InitPlan|SubPlan)\b[^:]*|CTE \S[^:]*)$")
_TRIGGER = re.compile(r"Trigger .*: time=")
_KEY = re.compile(r"([A-Z][A-Za-z0-9/\- ]{1,40}|\"?I/O Timings):(?:\s|$)")
_BORDER = "|│║┃"
_RULER = re.compile(r"[\s\-─━═+┌┐└┘├┤┬┴┼╔╗╚╝╟╢╠╣╦╩╬╪╤╧╞╡╫╥╨|│║┃]+$")
_FOOTER = re.compile(r"(?:\(\d+ [^\W\d]+\)\s*$|(?:Time|Temps|Zeit|Duración)\s*: [\d.,]+ ms)")
_PROMPT = re.compile(r"\S*[=-][#>] |\S+[#$>] ?(?:explain|select)\b", re.IGNORECASE)
_CSV = re.compile(r'"[^"](?:[^"]|"")*"$')
_MARKS = (".", "…")
_INSIDE = "the text ends inside a line"
# what a plan's lines begin with when nothing happened to them
_ROOT = re.compile(r" ?[A-Z][^:]*?  \((?:cost=\d|actual (?:time|rows)=|never executed)")
_CLEAN = re.compile(
    r" *(?:->  [A-Z]|SubPlan \d+|InitPlan \d+|CTE \S|Trigger \S"
    r"|([A-Z][A-Za-z/ -]{1,40}|Worker \d+):(?:\s|$))"
)
_TAIL, _TAIL_PARTS = 200, 20  # characters of a line that tell how the next piece joins it
_FRAME_ENDS = frozenset("+↵|│║┃")
_WORD = re.compile(r"(?:rows|width|loops|time)=|\((?:cost|actual|never)\b")  # a space stands before
# figures of a step that are not closed, perhaps broken in their first word
_FIGURES_OPEN = re.compile(r"(?:  |\) )\([ac][^()]*$")
_MOST = 0.8
_KNOWN = frozenset({
    "Alias", "Async", "Batches", "Buckets", "Buffers", "Cache Key", "Cache Mode",
    "Conflict Arbiter Indexes", "Conflict Filter", "Conflict Resolution", "Conflicting Tuples",
    "Disabled", "Execution Time", "Execution time", "Filter", "Full-sort Groups", "Function Call",
    "Functions", "Group Key", "Hash Cond", "Hash Key", "Heap Blocks", "Heap Fetches", "Hits",
    "I/O Timings", "Index Cond", "Index Searches", "Inner Unique", "JIT", "Join Filter", "Memory",
    "Merge Cond", "One-Time Filter", "Options", "Order By", "Output", "Planned Partitions",
    "Planning", "Planning Time", "Planning time", "Pre-sorted Groups", "Presorted Key",
    "Query Identifier", "Query Text", "Recheck Cond", "Remote SQL", "Rows Removed by Filter",
    "Rows Removed by Index Recheck", "Rows Removed by Join Filter", "Run Condition", "Sampling",
    "Serialization", "Settings", "Single Copy", "Sort Key", "Sort Method", "Sort Methods",
    "Storage", "Subplans Removed", "TID Cond", "Table Function Call", "Timing", "Total runtime",
    "Tuples Inserted", "WAL", "Window", "Workers Launched", "Workers Planned",
})  # fmt: skip


def logical_lines(text: str) -> tuple[list[str], list[str]]:
    """Return the lines of the first plan in `text`, mended, and doubts about them.

    The first line is the root's; an empty list means that no plan was found.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").expandtabs(8)
    text = text.replace("\xa0", " ")
    if (lines := _undamaged(text)) is not None:
        return lines, [] if _balanced(lines[-1]) else [_INSIDE]
    lines = _unwrapped([line for line in map(str.rstrip, text.split("\n")) if not _ruler(line)])
    begin = _first(lines)
    if begin is None:
        return [], []
    return _joined(_body(lines, begin))


def _undamaged(text: str) -> list[str] | None:
    """Return the lines of a plan that nothing happened to, None if any line is in doubt."""
    lines = [line for line in map(str.rstrip, text.split("\n")) if line]
    if len(lines) > 1 and lines[0].strip() == "QUERY PLAN" and _ruler(lines[1]):
        del lines[:2]
    if lines and _FOOTER.match(lines[-1].lstrip()):
        lines.pop()
    if not lines or not _ROOT.match(lines[0]):
        return None
    previous = lines[0]
    for line in lines[1:]:
        match = _CLEAN.match(line)
        if match is None or line[-1] in _FRAME_ENDS or _quoted(line):
            return None
        name = match.group(1)
        if name and name not in _KNOWN and not _balanced(previous):
            return None
        previous = line
    return lines


def _quoted(line: str) -> bool:
    """Tell whether a line ends with a quote that nothing in it began."""
    return line[-1] in "\"'" and line.count(line[-1]) % 2 == 1


def _ruler(line: str) -> bool:
    """Tell whether a line is only drawn: borders, or nothing at all."""
    text = line.lstrip()
    return not text or (not text[0].isalnum() and _RULER.match(text) is not None)


def _first(lines: list[str]) -> int | None:
    """Return the index of the root's line."""
    for index, line in enumerate(lines):
        if _NODE_BEGINS.search(line):
            if (title := _after_title(lines[: index + 1])) is not None and title < index:
                return title if _is_broken("".join(lines[title:index])) else index
            return index - 1 if index and line.lstrip().startswith("(") else index
    for index, line in enumerate(lines):  # EXPLAIN (COSTS OFF): names and arrows only
        if ARROW.match(line.lstrip()):
            above = [item.lstrip() for item in lines[:index]]
            while above and (_KEY.match(above[-1]) or SUBPLAN.match(above[-1])):
                above.pop()
            return len(above) - 1 if above else index
    return _after_title(lines)


def _is_broken(text: str) -> bool:
    """Tell whether lines before the first whole figures are a root that was broken inside them."""
    return _NODE_BEGINS.search(text) is not None


def _after_title(lines: list[str]) -> int | None:
    for index, line in enumerate(lines[:-1]):
        if line.strip().upper() == "QUERY PLAN":
            return index + 1
    return None


def _unwrapped(lines: list[str]) -> list[str]:
    """Take off what stands before or behind most lines, from the outside inwards."""
    changed = True
    while changed:
        changed = False
        for strip in (_border, _csv, _quotes, _continuation, _mail, _numbers, _colon):
            stripped = strip(lines)
            if stripped is not None:
                lines, changed = list(map(str.rstrip, stripped)), True
    return lines


def _most(lines: list[str], fits: Callable[[str], object]) -> bool:
    """Tell whether nearly all lines of the plan (from its first node on) fit."""
    begin = next((i for i, line in enumerate(lines) if _NODE_BEGINS.search(line)), 0)
    body = [line for line in lines[begin:] if line and not _FOOTER.match(line.lstrip())]
    return bool(body) and sum(1 for line in body if fits(line)) >= _MOST * len(body)


def _border(lines: list[str]) -> list[str] | None:
    if _most(lines, lambda line: line.lstrip()[:1] in _BORDER):
        cut = (re.sub(r"^\s*[|│║┃]", "", line) for line in lines)
        return [re.sub(r"\s*[|│║┃]$", "", line) for line in cut]
    if _most(lines, lambda line: line[-1] in _BORDER):
        return [line.rstrip(_BORDER) if line[-1:] in _BORDER else line for line in lines]
    return None


def _csv(lines: list[str]) -> list[str] | None:
    """CSV quotes only the lines that hold a comma or a quote."""
    found = [line[1:-1].replace('""', '"') if _CSV.match(line) else line for line in lines]
    return found if found != lines else None


def _quotes(lines: list[str]) -> list[str] | None:
    for sign in ('"', "'"):
        end = re.compile(rf"{sign}[,;]?$")
        if _most(lines, end.search):
            found = [end.sub("", re.sub(rf"^\s*{sign}", "", line)) for line in lines]
            return [line.replace(sign * 2, sign) for line in found]
    return None


def _continuation(lines: list[str]) -> list[str] | None:
    marked = [line for line in lines if line.endswith(("+", "↵"))]
    if len(marked) > 1 and _most([*lines, "+"], lambda line: line[-1] in "+↵"):
        return [line[:-1] if line.endswith(("+", "↵")) else line for line in lines]
    return None


def _mail(lines: list[str]) -> list[str] | None:
    if _most(lines, lambda line: line.startswith(">")):
        return [re.sub(r"^> ?", "", line) for line in lines]
    return None


def _numbers(lines: list[str]) -> list[str] | None:
    number = re.compile(r"\s*\d+[.:)|]?(?:\s|$)")
    if not _most(lines, number.match):
        return None
    numbered = [line for line in lines if number.match(line)]
    width = max(len(m.group().rstrip()) for line in numbered if (m := number.match(line)))
    return [line[width:] if number.match(line) else line for line in lines]


def _colon(lines: list[str]) -> list[str] | None:
    rest = lines[1:]
    if _most(rest, lambda line: line.startswith(":")):
        return [line.removeprefix(":") for line in lines]
    return None


def _body(lines: list[str], begin: int) -> list[str]:
    """Return the lines of the plan that begins there, up to psql's footer or a prompt."""
    body: list[str] = []
    for line in lines[begin:]:
        if _FOOTER.match(line.lstrip()) or (body and _PROMPT.match(line)):
            break
        if not _ruler(line):
            body.append(line)
    return body


def _joined(body: list[str]) -> tuple[list[str], list[str]]:
    """Join wrapped lines to the line that they belong to."""
    groups: list[list[str]] = []
    doubts: list[str] = []
    for line in body:
        text = line.lstrip()
        if not groups or not _begins(text, groups[-1][-1]):
            groups[-1:] = [[*groups[-1], line]] if groups else [[line]]
        elif NODE.search(line) and not ARROW.match(text):
            doubts.append("the text holds more than one plan; the first one is read")
            break
        else:
            groups.append([line])
    width = _fixed_width(groups)
    indent = len(body[0]) - len(body[0].lstrip())
    lines = [_one_line(group, indent, width) for group in groups]
    if not _balanced(lines[-1]):
        doubts.append(_INSIDE)
    return lines, doubts


def _fixed_width(groups: list[list[str]]) -> int | None:
    """Return the width at which a terminal broke the lines; None if they broke at spaces."""
    broken = [len(part) for group in groups for part in group[:-1]]
    if not broken or max(broken) - min(broken) > 1:
        return None
    return max(broken)


def _one_line(group: list[str], indent: int, width: int | None) -> str:
    found = [group[0]]  # joined at the end: a line may be in thousands of pieces
    for before, part in pairwise(group):
        tail = "".join(found[-_TAIL_PARTS:])[-_TAIL:]
        mark = next((m for m in _MARKS if tail.endswith(m) and part.startswith(m)), None)
        if mark is not None and indent:  # psql's wrapped format marks both ends, in its margins
            found[-1] = found[-1][: -len(mark)]
            found.append(part[len(mark) :])
        elif width is None:
            tight = _FIGURES_OPEN.search(tail) and not _WORD.match(part.lstrip())
            found.append(f"{'' if tight else ' '}{part.strip()}")
        else:
            bare = part if part[:indent].strip() else part[indent:]
            space = len(before) < width or _WORD.match(bare) is not None
            found.append(f" {bare}" if space and not tail.endswith(" ") else bare)
    return "".join(found)


def _begins(text: str, previous: str) -> bool:
    """Tell whether a line (without its indentation) begins something, or goes on with the last."""
    if ARROW.match(text) or SUBPLAN.match(text) or _TRIGGER.match(text):
        return True
    key = _KEY.match(text)
    if key is not None:
        name = key.group(1).strip('"')
        known = name in _KNOWN or name.startswith(("Worker ", "JIT for worker"))
        return known or _balanced(previous)
    if not NODE.search(text) or not text[0].isupper():
        return False
    return _balanced(previous) and bool(NODE.search(previous) or _KEY.match(previous.lstrip()))


def _balanced(line: str) -> bool:
    """Tell whether each bracket outside of string literals is closed."""
    if "(" not in line:
        return True
    bare = re.sub(r"'(?:[^']|'')*'", "", line)
    return bare.count("(") <= bare.count(")")
