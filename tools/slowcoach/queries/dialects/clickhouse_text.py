"""ClickHouse's EXPLAIN PLAN as text: indented (to 26.4 or so) or drawn as a tree (after that)."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from slowcoach.core.errors import UnreadableError, UnsupportedError
from slowcoach.queries.dialects._clickhouse import STEP, described
from slowcoach.queries.dialects._outline import Path, grown
from slowcoach.queries.keys import snake
from slowcoach.queries.model import Dialect, Plan

_HINT = "Give the whole output of EXPLAIN indexes = 1"
_NAMES = (
    r"(?:ReadFrom\w+|ReadNothing|Expression|Aggregating|MergingAggregated|CreatingSets?|Union"
    r"|DelayedCreatingSets|Sorting|Filter|Limit|Distinct|Window|Join|FilledJoin|JoinLogical"
    r"|SettingQuotaAndLimits|Distributed|CommonSubplanBuffer)"
)
_LEAF = re.compile(r"(?m)^[ \t│├└─\d.\"'|]*(?:ReadFrom\w+|ReadNothing|CommonSubplanReference)")
_SIGHT = re.compile(rf"(?m)^[ \t│├└─\d.\"'|]*{_NAMES}(?: \(.*\))?[ \t│|\"']*$")
_PIPELINE = re.compile(r"(?m)^[ \t│├└─\d.]*\((?:Expression|Aggregating|ReadFrom\w+|Sorting)\)")
_TRANSFORMS = re.compile(
    r"(?:Transform|MergeTreeSelect|NumbersRange|Processor)\b.*\d+ → \d+|Transform\b"
)
_WORDS = ("ReadFrom", "ReadNothing", "CommonSubplan", "(Expression)")
_FRAME = re.compile(r"[ \t]*(?:\d+\.[ ])?[ \t]*│ ?(.*?)│?$")
_FRAMED = re.compile(r"(?m)^[ \t]*┌─explain─")
_NUMBERED = re.compile(r"[ \t]*\d+\. (.*)")
_ART = re.compile(r"[ │├└─]*")
_PAIR = re.compile(r"([A-Z][\w ]*?):(?: (.*))?$")
_SHARE = re.compile(r"(\d+)/(\d+)")
_INDEX_TYPES = frozenset(
    {"MinMax", "Min-Max", "Partition", "PrimaryKey", "Skip", "Statistics", "PrimaryKeyExpand"}
)


def _matches(text: str) -> bool:
    if not any(word in text for word in _WORDS):  # much faster than the patterns
        return False
    if "→" in text and _PIPELINE.search(text):
        return True
    if _PIPELINE.search(text) and _TRANSFORMS.search(text):
        return True
    return _LEAF.search(text) is not None and _SIGHT.search(text) is not None


def _read(text: str) -> Plan:
    if _PIPELINE.search(text) and _TRANSFORMS.search(text):
        raise UnsupportedError(
            "plan: this is ClickHouse's EXPLAIN PIPELINE, which has processors, not the plan",
            hint="Give the output of EXPLAIN indexes = 1 (or json = 1) of the statement",
        )
    reader = _Reader()
    for line in _lines(text):
        reader.take(line)
    if not reader.steps:
        raise UnreadableError("plan: no step of a ClickHouse plan in the text", hint=_HINT)
    return Plan(grown(reader.finished(), reader.parents), reader.beside)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines without the frame that the client draws."""
    lines = text.expandtabs(4).replace("\\n", "\n").splitlines()
    framed = _FRAMED.search(text) is not None
    for line in lines:
        if framed:
            match = _FRAME.match(line)
            line = match.group(1) if match else ""
        elif match := _NUMBERED.match(line):
            line = match.group(1)
        line = line.rstrip()
        if line and line.lower() != "explain":
            yield line


class _Reader:
    """Takes the lines: steps by their column, and below a step its details."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []
        self.parents: list[int] = []
        self.beside: dict[str, Any] = {}
        self._path = Path()
        self._column = 0
        self._section: tuple[int, str] | None = None  # where details with lines below begin

    def take(self, line: str) -> None:
        """Take one line."""
        art = _ART.match(line)
        column = art.end() if art else 0
        text = line[column:]
        drawn = "├──" in line[:column] or "└──" in line[:column]
        if self._section is not None and column <= self._section[0]:
            self._section = None
        if STEP.match(text) and (drawn or self._begins(column)):
            self._step(text, column)
        elif self.steps:
            self._detail(text, column)
        elif pair := _PAIR.match(text):
            self.beside[snake(pair.group(1))] = pair.group(2) or ""

    def _begins(self, column: int) -> bool:
        """Tell whether an undrawn line at this column can be a step: the root, or one below it."""
        if not self.steps:
            return True
        return self._section is None and column <= self._column + _INDENT

    def _step(self, text: str, column: int) -> None:
        name, _, description = text.partition(" (")
        self.parents.append(self._path.enter(column, len(self.steps)))
        self.steps.append({"operation": name, "description": description.removesuffix(")")})
        self._column, self._section = column, None

    def _detail(self, text: str, column: int) -> None:
        step = self.steps[-1]
        if self._section is not None and self._section[1] == "indexes":
            _add_to_index(step.setdefault("listed", []), text)
            return
        pair = _PAIR.match(text)
        if self._section is not None:
            step.setdefault(self._section[1], []).append(text)
        elif pair is None:
            step.setdefault("notes", []).append(text)
        elif pair.group(2):
            step[snake(pair.group(1))] = pair.group(2)
        else:
            self._section = (column, snake(pair.group(1)))

    def finished(self) -> Sequence[dict[str, Any]]:
        """Return the steps in the normal form."""
        found: list[dict[str, Any]] = []
        for step in self.steps:
            indexes = step.pop("listed", [])
            operation, description = step.pop("operation"), step.pop("description")
            found.append(step | described(operation, description, indexes, step))
        return found


_INDENT = 2


def _add_to_index(indexes: list[dict[str, Any]], text: str) -> None:
    """`Granules: 1/123` tells what an index left of what came in."""
    if text in _INDEX_TYPES or not indexes:
        indexes.append({"type": text})
        return
    index = indexes[-1]
    pair = _PAIR.match(text)
    if pair is None:
        index.setdefault("keys", []).append(text)
        return
    key, value = snake(pair.group(1)), pair.group(2) or ""
    share = _SHARE.match(value)
    if share is not None:
        index[f"selected_{key}"], index[f"initial_{key}"] = map(int, share.groups())
    elif value:
        index[key] = value


DIALECT = Dialect(name="clickhouse_text", matches=_matches, read=_read, engine="clickhouse")
