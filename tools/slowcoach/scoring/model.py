"""What counts as evidence for an item of the checklist, and what was found."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ANY, _SOME = "{0,40}", "{1,40}"


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that shows an item in a file.

    `path` and `content` are regular expressions over the lower-case path and data (a scan that
    ignores case is several times slower); without `content` the file's being there is enough.
    `also` and one of `words` must be somewhere in the same file; words are found so much faster
    than `content` that those of a long expression are given as well. `part` names the half of an
    item that this shows; empty: the whole item.
    """

    what: str
    path: re.Pattern[str]
    content: re.Pattern[bytes] | None = None
    also: re.Pattern[bytes] | None = None
    part: str = ""
    words: tuple[bytes, ...] = ()

    def finds(self, lowered: bytes) -> Iterator[re.Match[bytes]]:
        """Yield where `content` is in lower-case data, if what must go with it is there."""
        if self.content is None or (self.words and not any(w in lowered for w in self.words)):
            return
        if self.also is None or self.also.search(lowered):
            yield from self.content.finditer(lowered)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How one item of the checklist is looked for.

    `parts` are the halves that must both be shown; those without a signal can only be answered.
    `tool` helps to get what is missing.
    """

    item: str
    signals: tuple[Signal, ...]
    parts: tuple[str, ...] = ()
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A signal that was found: where (`file:line`), what stands there, which part it shows."""

    where: str
    text: str
    part: str


def signal(
    what: str, path: str, content: str = "", *, also: str = "", part: str = "", words: str = ""
) -> Signal:
    """Return a signal, its expressions lower-cased (so no \\S or \\W in them) and compiled.

    ^ and $ are a line's in `content` and `also`.
    """
    some = tuple(word.encode() for word in words.split())
    return Signal(what, re.compile(path.lower()), _searched(content), _searched(also), part, some)


def _searched(expression: str) -> re.Pattern[bytes] | None:
    """Compile with runs of blanks bounded: unbounded ones take quadratic time on hostile files."""
    for blank in (r"\s", r"[ \t]"):
        expression = expression.replace(f"{blank}*", blank + _ANY).replace(
            f"{blank}+", blank + _SOME
        )
    return re.compile(expression.lower().encode(), re.MULTILINE) if expression else None
