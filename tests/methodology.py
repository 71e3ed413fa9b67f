"""The user's methodology taken apart into its statements, and the search for each in the pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_WORD = re.compile(r"[a-z][a-z_]{2,}")
_NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s?([A-Za-z%μ]*)")
_UNITS = {"s": 1000, "gb": 1000, "k": 1000, "m": 1_000_000, "min": 60, "%": 0.01, "x": 1}
_STOP = re.findall(
    r"\w+",
    "the and for with from not but are this that per its into than then only has have can use "
    "you your don was were will would over under set very all any out also above below",
)
_TABLE_RULE = re.compile(r"^[|\s:─┼│├┤┌┐└┘-]+$")
_STEM = 5
_TABLE_BARS = 5
_HEADING_WORDS = 4
WORDS_NEEDED = 0.5


@dataclass(frozen=True)
class Statement:
    """One row, line, leaf or template key of the methodology."""

    kind: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line} ({self.kind}): {self.text}"


def statements(text: str) -> list[Statement]:
    """Return every table row, checklist line, numbered fix, tree leaf, bullet and template key."""
    found: list[Statement] = []
    language: str | None = None
    lines = text.splitlines()
    for at, line in enumerate(lines, start=1):
        if fence := re.match(r"```(\w*)", line):
            language = None if language is not None else fence[1]
            continue
        following = lines[at] if at < len(lines) else ""
        if _TABLE_RULE.match(following) and "---" in following:
            continue  # the heading of a table
        kind = _kind(line, language)
        if kind == "box row" and line.startswith("│") and line.count("│") < _TABLE_BARS:
            kind, line = "annotation", line.partition("←")[2]  # a picture with a note beside it
        if kind and line.strip():
            found.append(Statement(kind, at, line.strip()))
    return found


def _kind(line: str, language: str | None) -> str | None:
    stripped = line.strip()
    if not stripped or _TABLE_RULE.match(stripped):
        return None
    if language is None:
        return "table row" if stripped.startswith("|") else None
    return _kind_in_block(stripped, language)


_IN_BLOCK = (
    ("check", r"^[□✓✗]"),
    ("leaf", r"^[│\s]*[├└]──"),
    ("box row", r"^│.*│|^[A-Z/]{3,7}\s+│"),
    ("numbered", r"^(--\s)?\d\.\s"),
    ("bullet", r"^(#\s)?-\s"),
    ("command", r'^".*"\s+→'),
    ("formula", r"^(ROI =|Problem:|Fix:|SYMPTOM|DETECTION)"),
)


def _kind_in_block(stripped: str, language: str) -> str | None:
    for kind, pattern in _IN_BLOCK:
        if re.match(pattern, stripped):
            return kind
    if language == "yaml" and re.match(r"^[\w-]+:", stripped):
        return "template key"
    if language or re.match(r"(#|SELECT|LEFT|users|orders|user_ids)", stripped):
        return None if _is_scaffold(stripped) else "program line"
    return None


def _is_scaffold(line: str) -> bool:
    """Tell whether a line only holds an example together: an import, a heading, a bracket."""
    if re.match(r"(import|const \w+ = require|function|console\.log|for |print\(|check\()", line):
        return True
    heading = re.match(r"(#|//|--) ", line) and not re.search(r"\d", line)
    return len(words(line)) <= (_HEADING_WORDS if heading else 1)


def words(text: str) -> set[str]:
    """Return the stems of the words that carry meaning."""
    found = _WORD.findall(re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower().replace("_", " "))
    return {word[:_STEM] for word in found if word not in _STOP}


def numbers(text: str) -> list[set[float]]:
    """Return each number as the set of values it may be written as: 1s is 1 or 1000."""
    found: list[set[float]] = []
    for digits, unit in _NUMBER.findall(text):
        value = float(digits.replace(",", ""))
        values = {value}
        for name, factor in _UNITS.items():
            if unit.lower().startswith(name) and not unit.lower().startswith("ms"):
                values.add(round(value * factor, 9))
        found.append(values)
    return found


@dataclass(frozen=True)
class Datum:
    """One node of a page's data: the page, the words and the numbers in it."""

    page: str
    words: frozenset[str]
    numbers: frozenset[float]

    def holds(self, statement: Statement) -> bool:
        """Tell whether all numbers and most words of the statement are here."""
        wanted = words(statement.text)
        for values in numbers(_without_list_number(statement)):
            if not values & self.numbers:
                return False
        return len(wanted & self.words) >= WORDS_NEEDED * len(wanted)


def _without_list_number(statement: Statement) -> str:
    return re.sub(r"^(--\s)?\d\.\s|^# Fix \d:", "", statement.text)


def data(page: str, node: Any, parents: str = "") -> Iterator[Datum]:
    """Yield every node of a page's data that is small enough to be one statement."""
    text = f"{parents} {_flat(node)}"
    if parents and len(_flat(node)) <= _LONGEST:
        yield Datum(
            page,
            frozenset(words(text)),
            frozenset(value for values in numbers(text) for value in values),
        )
    if isinstance(node, dict):
        for key, value in node.items():
            yield from data(page, value, f"{parents} {key}")
    elif isinstance(node, list):
        for value in node:
            yield from data(page, value, parents)


_LONGEST = 700


def _flat(node: Any) -> str:
    if isinstance(node, dict):
        return " ".join(f"{key} {_flat(value)}" for key, value in node.items())
    if isinstance(node, list):
        return " ".join(map(_flat, node))
    return str(node)
