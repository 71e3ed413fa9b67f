"""A source map in columns: for each mapped piece of the generated text where it comes from.

10 MB of mappings are decoded at once, digit by digit over the whole text (base 64 VLQ).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from slowcoach.profiling.model import Ints

_DIGITS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_COMMA, _SEMICOLON, _NEITHER = 64, 65, 255
_CONTINUES, _BITS, _VALUE = 32, 5, 31
_PIECE: Final = 1 << 18  # bytes
_LONGEST: Final = 12  # digits of one number: 60 bits
_VERSION: Final = 3
_WITH_SOURCE, _WITH_NAME = 4, 5  # fields of a segment; one field alone maps to nothing
_NOTHING: Final = -1
_FROM_WEBPACK: Final = re.compile(r"^webpack(-internal)?:///?([\w@.-]*/)?(\./)?")
_ONE_STATEMENT: Final = 20  # lines of a source that may have become one line
_DEEPEST: Final = 1  # sections hold plain maps


class BadMapError(Exception):
    """It is no source map, or a broken one."""


Codes = NDArray[np.uint8]


def _table() -> Codes:
    table = np.full(256, _NEITHER, dtype=np.uint8)
    table[list(_DIGITS)] = np.arange(64, dtype=np.uint8)
    table[ord(",")], table[ord(";")] = _COMMA, _SEMICOLON
    return table


_TABLE: Final = _table()


@dataclass(frozen=True)
class Original:
    """A place in a source, line and column counted from 0, and the name that stood there."""

    source: int
    line: int
    column: int
    name: str | None


@dataclass(frozen=True, eq=False)
class SourceMap:
    """Segments in the order of the generated text; `starts[i]` is the first of line i.

    `source` is -1 where a segment maps to nothing, `name` is -1 without one.
    """

    starts: Ints
    column: Ints
    source: Ints
    source_line: Ints
    source_column: Ints
    name: Ints
    sources: tuple[str, ...]
    names: tuple[str, ...]
    contents: tuple[str | None, ...]
    ignored: frozenset[int]

    def at(self, line: int, column: int, *, exactly: bool = False) -> Original | None:
        """Return what is at a generated place (from 0), None where nothing is mapped."""
        if not 0 <= line < len(self.starts) - 1:
            return None
        first, last = int(self.starts[line]), int(self.starts[line + 1])
        index = first + int(np.searchsorted(self.column[first:last], column, side="right")) - 1
        if index < first or (exactly and int(self.column[index]) != column):
            return None
        return self._original(index)

    def line_of(self, line: int) -> Original | None:
        """Return the first place that a generated line (from 0) comes from, None when nothing is
        mapped there or it holds many lines of the source (a minified bundle).
        """
        if not 0 <= line < len(self.starts) - 1:
            return None
        here = slice(int(self.starts[line]), int(self.starts[line + 1]))
        mapped = np.flatnonzero(self.source[here] >= 0)
        if not len(mapped):
            return None
        source, lines = self.source[here][mapped], self.source_line[here][mapped]
        if (source != source[0]).any() or int(lines.max() - lines.min()) > _ONE_STATEMENT:
            return None
        return self._original(here.start + int(mapped[0]))

    def _original(self, index: int) -> Original | None:
        source, name = int(self.source[index]), int(self.name[index])
        if not 0 <= source < len(self.sources):
            return None
        known = self.names[name] if 0 <= name < len(self.names) else None
        return Original(source, int(self.source_line[index]), int(self.source_column[index]), known)


def source_map(content: Any, depth: int = 0) -> SourceMap:
    """Return a parsed map; raises BadMapError for anything that is none."""
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        raise BadMapError("not a source map of version 3")
    if "sections" in content:
        if depth >= _DEEPEST:
            raise BadMapError("sections within sections")
        return _joined(content["sections"])
    mappings = content.get("mappings")
    if not isinstance(mappings, str) or not mappings.isascii():
        raise BadMapError("no mappings")
    sources = _sources(content)
    ignored = content.get("ignoreList", content.get("x_google_ignoreList"))
    contents = [
        each if isinstance(each, str) else None for each in _list(content, "sourcesContent")
    ]
    return SourceMap(
        *_columns(mappings.encode("ascii")),
        sources,
        tuple(str(each) for each in _list(content, "names")),
        tuple([*contents, *[None] * len(sources)][: len(sources)]),
        frozenset(
            each for each in (ignored if isinstance(ignored, list) else ()) if isinstance(each, int)
        ),
    )


def _list(content: dict[str, Any], key: str) -> list[Any]:
    found = content.get(key)
    return found if isinstance(found, list) else []


def _sources(content: dict[str, Any]) -> tuple[str, ...]:
    root = content.get("sourceRoot")
    root = root if isinstance(root, str) else ""
    root = f"{root}/" if root and not root.endswith("/") else root
    return tuple(
        _FROM_WEBPACK.sub("", root + str(each or "")) for each in _list(content, "sources")
    )


def _columns(text: bytes) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:
    """Return starts of lines, generated columns, sources, their lines and columns, and names."""
    pieces = [_piece(text[first:last]) for first, last in _cuts(text)]
    values = np.concatenate([values for values, _, _ in pieces])
    fields = np.concatenate([counts for _, counts, _ in pieces])  # of each segment, 0 for none
    breaks = np.concatenate([breaks for _, _, breaks in pieces])  # whether a line begins after it
    lines = np.cumsum(breaks) - breaks
    kept = fields > 0
    first, fields, line = (np.cumsum(fields) - fields)[kept], fields[kept], lines[kept]
    if not np.isin(fields, (1, _WITH_SOURCE, _WITH_NAME)).all():
        raise BadMapError("a segment of neither 1, 4 nor 5 numbers")
    starts = np.searchsorted(line, np.arange(int(lines[-1]) + 2))
    column = _within_lines(values[first], starts, line)
    mapped, named = fields >= _WITH_SOURCE, fields == _WITH_NAME
    source, source_line, source_column = (
        _running(values, first + offset, mapped) for offset in (1, 2, 3)
    )
    return starts, column, source, source_line, source_column, _running(values, first + 4, named)


def _cuts(text: bytes) -> Iterator[tuple[int, int]]:
    """Yield pieces that end after a separator, small enough for a processor's caches."""
    at = 0
    while True:
        end = at + _PIECE
        comma, semicolon = text.find(b",", end), text.find(b";", end)
        found = [place for place in (comma, semicolon) if place >= 0]
        if not found:
            yield at, len(text)
            return
        yield at, min(found) + 1
        at = min(found) + 1


def _piece(text: bytes) -> tuple[Ints, Ints, Ints]:
    """Return the numbers, how many each segment has, and after which of these a line begins."""
    codes = _TABLE[np.frombuffer(text, dtype=np.uint8)]
    if (codes == _NEITHER).any():
        raise BadMapError("a character in the mappings that is none of base 64")
    after = np.flatnonzero(codes >= _COMMA)
    breaks = (codes[after] == _SEMICOLON).astype(np.int64)
    values, ends = _numbers(codes, np.flatnonzero(codes < _COMMA))
    counts = np.diff(np.searchsorted(ends, np.concatenate(([-1], after, [len(codes)]))))
    return values, counts, np.append(breaks, 0)


def _numbers(codes: Codes, places: Ints) -> tuple[Ints, Ints]:
    """Return the numbers, and where each ends in the text, from the places of the digits."""
    digits = codes[places]
    last = np.flatnonzero((digits & _CONTINUES) == 0)
    if not len(last):
        if len(places):
            raise BadMapError("a number that does not end")
        return np.zeros(0, dtype=np.int64), places
    begins = np.concatenate(([0], last[:-1] + 1))
    lengths = last - begins + 1
    ends = places[last]
    apart = ends - places[begins] + 1 != lengths  # a separator within
    if apart.any() or int(lengths.max()) > _LONGEST or int(last[-1]) + 1 != len(places):
        raise BadMapError("a number that does not end")
    shift = (np.arange(len(digits)) - np.repeat(begins, lengths)) * _BITS
    raw = np.add.reduceat((digits & _VALUE).astype(np.int64) << shift, begins)
    return np.where(raw & 1, -(raw >> 1), raw >> 1), ends


def _within_lines(steps: Ints, starts: Ints, line: Ints) -> Ints:
    """Columns count from the segment before, anew in each line; they are sorted then."""
    if not len(steps):
        return steps
    sums = np.cumsum(steps)
    before = np.concatenate(([0], sums))[starts[line]]
    column = sums - before
    back = (np.diff(column) < 0) & (np.diff(line) == 0)
    if back.any() or int(column.min()) < 0:
        raise BadMapError("columns that go back")
    return column


def _running(values: Ints, places: Ints, there: Any) -> Ints:
    """Return the running sums of one field where segments have it, -1 elsewhere."""
    found = np.full(len(places), _NOTHING, dtype=np.int64)
    if there.any():
        found[there] = np.cumsum(values[places[there]])
    return found


def _joined(sections: Any) -> SourceMap:
    """Return an index map's sections as one map."""
    if not isinstance(sections, list) or not sections:
        raise BadMapError("no sections")
    parts = [_section(each) for each in sections]
    lines, pieces = [], []
    sources = names = 0
    for line, column, part in parts:
        owner = np.repeat(np.arange(len(part.starts) - 1), np.diff(part.starts))
        lines.append(owner + line)
        pieces.append(
            np.stack(
                (
                    part.column + np.where(owner == 0, column, 0),
                    np.where(part.source >= 0, part.source + sources, _NOTHING),
                    part.source_line,
                    part.source_column,
                    np.where(part.name >= 0, part.name + names, _NOTHING),
                )
            )
        )
        sources, names = sources + len(part.sources), names + len(part.names)
    every, columns = np.concatenate(lines), np.concatenate(pieces, axis=1)
    order = np.lexsort((columns[0], every))
    every, columns = every[order], columns[:, order]
    offsets = np.cumsum([0, *(len(part.sources) for _, _, part in parts)])
    count = int(every[-1]) + 1 if len(every) else 0
    column, source, source_line, source_column, name = columns
    return SourceMap(
        starts=np.searchsorted(every, np.arange(count + 1)),
        column=column,
        source=source,
        source_line=source_line,
        source_column=source_column,
        name=name,
        sources=tuple(each for _, _, part in parts for each in part.sources),
        names=tuple(each for _, _, part in parts for each in part.names),
        contents=tuple(each for _, _, part in parts for each in part.contents),
        ignored=frozenset(
            int(offsets[at]) + each
            for at, (_, _, part) in enumerate(parts)
            for each in part.ignored
        ),
    )


def _section(section: Any) -> tuple[int, int, SourceMap]:
    offset = section.get("offset") if isinstance(section, dict) else None
    if not isinstance(offset, dict) or "map" not in section:
        raise BadMapError("a section without an offset or a map")
    line, column = offset.get("line"), offset.get("column")
    if not isinstance(line, int) or not isinstance(column, int) or min(line, column) < 0:
        raise BadMapError("a section's offset that is none")
    return line, column, source_map(section["map"], 1)
