"""What a profile's answer says beyond its frames: categories, what could be saved, one function.

Imports no numpy: the tools' definitions load it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from slowcoach.core.result import Table
from slowcoach.core.units import number, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slowcoach.profiling.focus import Focus
    from slowcoach.profiling.judged import Judged, Share
    from slowcoach.profiling.model import Profile

Interval = tuple[float, float, float]
"""A share with the ends of its 95 % interval."""
_ROWS = 8
_NAME = 160


class Saving(BaseModel):
    """The share of the whole that would be gone if a function and its library code cost nothing."""

    model_config = ConfigDict(frozen=True)

    function: str
    at_most: Interval


class Place(BaseModel):
    """A caller or callee, and its share of the function's total."""

    model_config = ConfigDict(frozen=True)

    function: str
    share: float


class Line(BaseModel):
    """A line of the function: shares of the whole, its own and with what it called."""

    model_config = ConfigDict(frozen=True)

    line: int
    self: float
    total: float


class FunctionReading(BaseModel):
    """The function that was asked for: shares of the whole, who calls it, what it calls, lines."""

    model_config = ConfigDict(frozen=True)

    function: str
    self: Interval
    total: Interval
    callers: tuple[Place, ...]
    callees: tuple[Place, ...]
    lines: tuple[Line, ...]
    others: tuple[str, ...] = ()
    """Further functions that the name fits."""

    def tables(self) -> tuple[Table, ...]:
        """Return callers, callees and lines as tables."""
        title = f"{self.function}: {_told(self.self)} itself, {_told(self.total)} in total"
        note = f"The name fits also: {', '.join(self.others)}" if self.others else ""
        calls = [("called by", place) for place in self.callers]
        calls += [("calls", place) for place in self.callees]
        found = [
            Table(
                title=title,
                columns=("", "function", "of its total"),
                rows=tuple((word, place.function, share(place.share)) for word, place in calls),
                right=("of its total",),
                note=note,
            )
        ]
        if self.lines:
            rows = tuple((str(ln.line), share(ln.self), share(ln.total)) for ln in self.lines)
            columns = ("line", "self", "total")
            found.append(Table(title="Its lines", columns=columns, rows=rows, right=columns))
        return tuple(found)


def parts(recording: Judged, profiles: Sequence[Profile], function: str | None) -> dict[str, Any]:
    """Return these fields of the answer; raises InputError for a function that is not there."""
    from slowcoach.profiling.categories import categories
    from slowcoach.profiling.focus import at_most, focus

    found = None if function is None else focus(recording, profiles, function)
    return {
        "categories": categories(recording),
        "at_most": tuple(
            Saving(function=_short(place), at_most=_interval(value))
            for place, value in at_most(recording)
        ),
        "function": None if found is None else _function(found),
    }


def _function(found: Focus) -> FunctionReading:
    def places(weights: list[tuple[str, float]]) -> tuple[Place, ...]:
        return tuple(
            Place(function=_short(name), share=_rounded(weight)) for name, weight in weights[:_ROWS]
        )

    return FunctionReading.model_validate(
        {
            "function": _short(found.place),
            "self": _interval(found.own),
            "total": _interval(found.total),
            "callers": places(found.callers),
            "callees": places(found.callees),
            "lines": [
                {"line": line, "self": _rounded(own), "total": _rounded(total)}
                for line, own, total in found.lines[:_ROWS]
            ],
            "others": tuple(map(_short, found.others)),
        }
    )


def told(categories: dict[str, Interval], savings: Sequence[Saving]) -> str:
    """Return categories and possible savings as two lines of text."""
    lines: list[str] = []
    if categories:
        ranked = sorted(categories.items(), key=lambda item: -item[1][0])
        lines.append("By category: " + ", ".join(f"{c} {_told(value)}" for c, value in ranked))
    if savings:
        could = "; ".join(f"{saving.function} {_told(saving.at_most)}" for saving in savings)
        lines.append(f"Less of the whole if it cost nothing, at most: {could}")
    return "\n".join(lines)


def _told(value: Interval) -> str:
    middle, low, high = value
    if low == high:
        return share(middle)
    return f"{share(middle)} ({number(low * 100)} to {number(high * 100)})"


def _interval(value: Share) -> Interval:
    return _rounded(value.value), _rounded(value.low), _rounded(value.high)


def _rounded(value: float) -> float:
    return round(value, 4)


def _short(text: str) -> str:
    return text if len(text) <= _NAME else f"{text[: _NAME - 1]}…"
