"""What kind of frame it is: library, waiting, garbage collection, or of a family of costs.

The patterns are data: knowledge/pages/frame_families.md.
"""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import repeat
from typing import Any, Final

from slowcoach.core.knowledge import page
from slowcoach.profiling.model import Frame

PAGE = "frame_families"
_STANDARD: Final = frozenset(sys.stdlib_module_names) | {"re", "json", "sre_parse", "sre_compile"}
_REMEMBERED: Final = 20_000
_NO_FAMILY: Final = -1
_ADDRESSES: Final = ("node:", "file://")
_NONE: Final = re.compile(r"(?!)")
_PACKAGE_ROOT: Final = re.compile(
    r"^.*/((site|dist)-packages|node_modules|lib(64)?/python\d?[\d.]*|go/pkg/mod)/"
)


@dataclass(frozen=True)
class Family:
    """A kind of cost that shows as many leaves, and what to do about it, by runtime.

    `waste` is work that need not be done at all. A `weak` one gives way to a family above it on
    the stack, one that `holds` keeps what is below it. With `waits`, what waits in it counts too;
    `statements` are what a loop of queries shows as; below own functions that `not_for` fits it
    is harmless.
    """

    id: str
    what: str
    act: dict[str, str]
    waste: bool = False
    weak: bool = False
    holds: bool = False
    waits: bool = False
    statements: bool = False
    cause: str | None = None
    not_for: re.Pattern[str] = _NONE

    def act_in(self, runtime: str) -> str:
        """Return what to do, in a runtime's idiom."""
        return self.act.get(runtime) or self.act["any"]


@dataclass(frozen=True)
class Kind:
    """What is known of one frame. `family` is an index into `families()`, or -1."""

    library: bool
    waiting: bool
    collector: bool
    family: int


class Pattern:
    """Patterns of files and of names; either suffices."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._file = _remembered(data["files"])
        self._name = _remembered(data["names"])

    def fits(self, name: str, file: str) -> bool:
        """Tell whether the file or the name is one of these."""
        return bool(file and self._file(file)) or self._name(name)


def _remembered(patterns: list[str]) -> Callable[[str], bool]:
    """Return a test of a text; many functions share a file, many frames a name."""
    pattern = _any(patterns)
    return lru_cache(_REMEMBERED)(lambda text: pattern.search(text) is not None)


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns)) if patterns else _NONE


@cache
def _data() -> dict[str, Any]:
    return page(PAGE).data


@cache
def families() -> tuple[Family, ...]:
    """Return the families of costs."""
    return tuple(map(_family, _data()["families"]))


def _family(row: dict[str, Any]) -> Family:
    act = row["act"]
    return Family(
        id=row["id"],
        what=row["what"],
        act=act if isinstance(act, dict) else {"any": act},
        waste=row.get("waste", False),
        weak=row.get("weak", False),
        holds=row.get("holds", False),
        waits=row.get("waits", False),
        statements=row.get("statements", False),
        cause=row.get("cause"),
        not_for=re.compile(row["not_for"]) if "not_for" in row else _NONE,
    )


def runtime_of(frame: Frame) -> str | None:
    """Return which runtime's code a frame is by its file: python, node, go, java or native."""
    file = (frame.file or "").lower()
    found = (runtime for runtime, ends in _data()["runtimes"].items() if file.endswith(tuple(ends)))
    return "node" if file.startswith("node:") else next(found, None)


@cache
def _patterns() -> tuple[Pattern, Pattern, Pattern, tuple[Pattern, ...]]:
    data = _data()
    return (
        Pattern(data["library"]),
        Pattern(data["waiting"]),
        Pattern(data["collector"]),
        tuple(Pattern(item) for item in data["families"]),
    )


@cache
def _python_waits() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    rows = _data()["waiting"]["python"]
    return tuple((re.compile(row["file"]), re.compile(row["name"])) for row in rows)


def kind(frame: Frame) -> Kind:
    """Return what kind of frame this is."""
    return _kind(frame.name, (frame.file or "").replace("\\", "/"), families_too=True)


@lru_cache(_REMEMBERED)
def _kind(name: str, file: str, *, families_too: bool) -> Kind:
    library, waiting, collector, _ = _patterns()
    waits = waiting.fits(name, file) or any(
        f.search(file) and n.search(name) for f, n in _python_waits()
    )
    collects = collector.fits(name, file)
    known = library.fits(name, file) or _shortened_library(file)
    family = _family_of(name, file, own=not known) if families_too else _NO_FAMILY
    return Kind(known or collects or (waits and not file), waits, collects, family)


def _family_of(name: str, file: str, *, own: bool) -> int:
    """Return the first family that fits; a function of own source is of none, whatever its name."""
    if own and runtime_of(Frame(name, file)) not in {None, "native"}:
        return _NO_FAMILY
    by_family = _patterns()[-1]
    return next((i for i, each in enumerate(by_family) if each.fits(name, file)), _NO_FAMILY)


def kinds(frames: Sequence[Frame], worth: Sequence[bool] | None = None) -> tuple[Kind, ...]:
    """Return what kinds the frames of a profile are; families, which are costly to tell, only of
    those that are worth it. Where V8 gives every script's address, code without one is its own.
    """
    told = repeat(False) if worth is None else worth
    found = tuple(
        _kind(frame.name, (frame.file or "").replace("\\", "/"), families_too=bool(wanted))
        for frame, wanted in zip(frames, told, strict=False)
    )
    if not any(frame.file and frame.file.startswith(_ADDRESSES) for frame in frames):
        return found
    return tuple(
        what if frame.file else replace(what, library=True)
        for frame, what in zip(frames, found, strict=True)
    )


def shortened(frame: Frame) -> Frame:
    """Return the frame with its path as its package writes it: `json/encoder.py`."""
    file = (frame.file or "").replace("\\", "/")
    short = _PACKAGE_ROOT.sub("", file)
    return frame if short == file else frame._replace(file=short)


def _shortened_library(file: str) -> bool:
    """py-spy shortens `.../lib/python3.11/json/encoder.py` to `json/encoder.py`; a Java file's
    folder is its package, which may be called `code` or `calendar`.
    """
    if not file or file.startswith(("/", ".", "<")) or ":" in file:
        return False
    if file.endswith(tuple(_data()["runtimes"]["java"])):
        return False
    first = file.split("/", 1)[0].removesuffix(".py")
    return first in _STANDARD or ("/" in file and first in _data()["library"]["packages"])
