"""What is known of a function's source, in one form for all languages: functions and sites.

A site is one construct that may be costly: a call, a search in a collection, a text that grows.
What makes a site a pattern is data: knowledge/pages/source_patterns.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["call", "search", "append", "handler", "nested", "recursion", "spread", "import"]
LONGEST = 200
"""Characters of a site's text that are kept."""


@dataclass(frozen=True, slots=True)
class Site:
    """One construct. `text` is what it is done with: the callee as written, the collection that
    is searched, the text that grows. `of` is the type of the receiver, as far as the source tells
    (list, set, map, str), `form` of a call's arguments (zero: the first is 0; constant: all are;
    constant first; formatted: the first is put together; one: there is one). `loops` counts the
    loops around it within the function.
    """

    kind: Kind
    text: str
    line: int
    last: int
    loops: int = 0
    of: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """One function: name as the source has it, first and last line, what was found in it."""

    name: str
    line: int
    last: int
    sites: tuple[Site, ...]


@dataclass(frozen=True)
class Language:
    """How one language is read: `suffixes` of its files, `needs` the packages for it.

    `functions` returns those of a file's text, or raises ValueError when it cannot be parsed.
    """

    name: str
    suffixes: tuple[str, ...]
    needs: tuple[str, ...]
    functions: Callable[[str], Sequence[Function]]


def enclosing(functions: Sequence[Function], line: int) -> list[Function]:
    """Return the functions that hold a line, the innermost first."""
    around = [each for each in functions if each.line <= line <= each.last]
    return sorted(around, key=lambda each: each.last - each.line)
