"""V8's profiles with their frames, and the lines in them, brought back to the sources."""

import re
from typing import Any, Final

from slowcoach.profiling.source_maps.finding import Found, Maps
from slowcoach.profiling.source_maps.mapping import Original

_IGNORED: Final = "[ignore-listed] "  # so that it counts as library code
_NAME: Final = r"[A-Za-z_$][\w$]*"
_BEFORE: Final = re.compile(
    rf"({_NAME})\s*(?:[=:]\s*)?(?:async\s*)?(?:function\b\s*\*?\s*)?(?:<[^<>]*>)?$"
)
_HERE: Final = re.compile(
    rf"(?:(?:export|default|async|static|public|private|protected|get|set|const|let|var)\s+)*"
    rf"(?:function\b\s*\*?\s*)?({_NAME})"
)
_NO_NAMES: Final = re.compile(
    "function|async|return|if|for|while|new|await|yield|typeof|export|default|const|let|var|static"
    "|public|private|protected|get|set|in|of|case|throw"
)
_ASSIGNED: Final = 1  # between a name and the function that is assigned to it: `f=(a)=>`


def apply(content: dict[str, Any], maps: Maps) -> None:
    """Rewrite the frames of a V8 CPU profile (nodes, lines of its samples) to their sources."""
    nodes = content.get("nodes")
    by_id: dict[Any, Found] = {}
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, dict):
            continue
        found = move(node.get("callFrame"), maps)
        if found is None:
            continue
        if isinstance(node.get("id"), int | str):
            by_id[node["id"]] = found
        ticks = node.get("positionTicks")
        if isinstance(ticks, list):
            node["positionTicks"] = [
                {**tick, "line": line}
                for tick in ticks
                if isinstance(tick, dict) and (line := _line(tick.get("line"), found))
            ]
    samples, lines = content.get("samples"), content.get("lines")
    if by_id and isinstance(samples, list) and isinstance(lines, list):
        content["lines"] = [
            _line(line, by_id[each]) if isinstance(each, int | str) and each in by_id else line
            for each, line in zip(samples, lines, strict=False)
        ]


def apply_to_heap(content: dict[str, Any], maps: Maps) -> None:
    """Rewrite the frames of a V8 heap profile to their sources."""
    waiting: list[Any] = [content.get("head")]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            move(node.get("callFrame"), maps)
            children = node.get("children")
            waiting.extend(children if isinstance(children, list) else ())


def move(called: Any, maps: Maps, *, renamed: bool = True) -> Found | None:
    """Rewrite one call frame; return the map that was used, None when there is none.

    Only where a frame says the function's begin, and not a place in it, can it be `renamed`.
    """
    if not isinstance(called, dict) or not isinstance(called.get("url"), str):
        return None
    line, column = called.get("lineNumber"), called.get("columnNumber")
    if not isinstance(line, int) or line < 0 or called["url"].startswith("node:"):
        return None
    found = maps.of(called["url"])
    column = column if isinstance(column, int) and column >= 0 else None
    original = None
    if found is not None:
        original = found.map.line_of(line) if column is None else found.map.at(line, column)
    if found is None or original is None:
        return None
    name = called.get("functionName")
    if renamed and isinstance(name, str) and name and column is not None:
        called["functionName"] = _name(name, line, column, original, found)
    mark = _IGNORED if original.source in found.map.ignored else ""
    called.update(
        url=mark + found.file(original.source),
        lineNumber=original.line,
        columnNumber=original.column,
    )
    return found


def _line(line: Any, found: Found) -> int:
    """Return the line of the source, counted from 1; 0 where it cannot be told."""
    original = found.map.line_of(line - 1) if isinstance(line, int) else None
    return 0 if original is None else original.line + 1


def _name(name: str, line: int, column: int, original: Original, found: Found) -> str:
    """Return what a function is called in its source.

    V8 says where its parameters begin; the map has the name where the identifier stood, just
    before. Without that, the source's own text has it.
    """
    owner, dot, last = name.rpartition(".")
    for gap in (0, _ASSIGNED):
        at = column - len(last) - gap
        known = found.map.at(line, at, exactly=True) if at >= 0 else None
        if known is not None and known.name and known.source == original.source:
            return known.name
    if original.name:
        return original.name
    return _in_text(last, original, found) or owner + dot + last


def _in_text(name: str, original: Original, found: Found) -> str | None:
    """Return the name that the source's line has at a place; None when `name` is in it as it is."""
    text = found.map.contents[original.source]
    if text is None:
        return None
    lines = text.splitlines() if original.line < len(text) else []
    if original.line >= len(lines):
        return None
    line = lines[original.line]
    if re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", line):
        return None
    for match in (_BEFORE.search(line[: original.column]), _HERE.match(line[original.column :])):
        if match and not _NO_NAMES.fullmatch(match[1]):
            return match[1]
    return None
