"""What the profile tools answer with. Imports no numpy: the tools' definitions load it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from slowcoach.core.result import Result, Table
from slowcoach.core.units import number, quantity, share
from slowcoach.profiling.reading import FunctionReading, Interval, Saving, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slowcoach.profiling.model import Profile

ROWS = 15  # the default answer's, over all profiles
LEAST_ROWS = 3
_PROFILES = 5
_NAME = 120
_WARNINGS = 6
_UNITS = {"seconds": "s", "milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}


class FrameRow(BaseModel):
    """One frame's weight: its own, and with what it called (recursion counted once)."""

    model_config = ConfigDict(frozen=True)

    name: str
    file: str | None
    line: int | None
    self: float
    total: float
    caller: str | None = None
    """For library code: the nearest own function above it."""


class ProfileRows(BaseModel):
    """One profile's frames by self weight, in the profile's unit."""

    model_config = ConfigDict(frozen=True)

    name: str
    unit: str
    total: float
    n_frames: int
    samples: int | None = None
    frames: tuple[FrameRow, ...]

    def table(self) -> Table:
        """Return the frames as a table for a reader."""
        whole = self.total or 1.0
        held = sum(row.self for row in self.frames) / whole
        note = ""
        if len(self.frames) < self.n_frames:
            note = (
                f"{len(self.frames)} of {self.n_frames} frames, which hold {share(held)} of the "
                "weight themselves; ask for more with top."
            )
        return Table(
            title=f"{self.name}: {amount(self.total, self.unit)}",
            columns=("self", "total", "frame", "for"),
            rows=tuple(
                (
                    share(row.self / whole),
                    share(row.total / whole),
                    _place(row),
                    row.caller or "",
                )
                for row in self.frames
            ),
            right=("self", "total"),
            note=note,
        )


class ProfileAnswer(Result):
    """The answer of `analyze_profile`; `record_profile` adds to it."""

    format: str
    profiles: tuple[ProfileRows, ...]
    n_profiles: int = 0
    speedscope: str | None = None
    """Where the profile is kept as speedscope JSON."""
    picture: str | None = None
    """Where the flame graph, or the picture asked for, is kept as SVG."""
    image: str | None = None
    """The same as PNG, when it was asked for."""
    exported: str | None = None
    """Where it is kept in the format asked for."""
    categories: dict[str, Interval] = Field(default_factory=dict[str, Interval])
    """Share of the whole, with interval, by what it is spent on."""
    at_most: tuple[Saving, ...] = ()
    function: FunctionReading | None = None

    def body(self) -> str:
        """Return the categories and what could be saved."""
        return told(self.categories, self.at_most)

    def tables(self) -> tuple[Table, ...]:
        """Return the asked function, if any, and one table for each profile."""
        asked = () if self.function is None else self.function.tables()
        return (*asked, *(profile.table() for profile in self.profiles))


def _place(row: FrameRow) -> str:
    if not row.file:
        return row.name
    return f"{row.name} ({row.file}{'' if row.line is None else f':{row.line}'})"


def amount(value: float, unit: str) -> str:
    """Return a weight in words: `1.99 s`, `398 samples`."""
    if unit in _UNITS:
        return quantity(value, _UNITS[unit])
    if unit == "bytes":
        return quantity(value, "bytes")
    return f"{number(value)} samples" if unit == "samples" else number(value)


def rows(profiles: Sequence[Profile], top: int | None) -> tuple[ProfileRows, ...]:
    """Return the profiles' largest frames: `top` of each, or a default that fits an answer."""
    if top is not None:
        return tuple(_rows(profile, top, cut=False) for profile in profiles)
    # what the first profile measures comes first; weights of another kind cannot be compared
    first = (profiles[0].unit, profiles[0].value) if profiles else ("", "")
    alike = [(profile.unit, profile.value) == first for profile in profiles]
    ranked = sorted(
        range(len(profiles)), key=lambda i: (not alike[i], -profiles[i].total * alike[i])
    )
    order = sorted(ranked[:_PROFILES])
    whole = sum(profiles[i].total for i in order if alike[i]) or 1.0
    return tuple(
        _rows(
            profiles[i],
            max(round(ROWS * profiles[i].total / whole), LEAST_ROWS) if alike[i] else LEAST_ROWS,
            cut=True,
        )
        for i in order
    )


def _rows(profile: Profile, top: int, *, cut: bool) -> ProfileRows:
    present = profile.present
    chosen = [int(index) for index in present[:top]]
    callers = _callers(profile, chosen)
    return ProfileRows(
        name=_short(profile.name, cut=cut),
        unit=profile.unit,
        total=_figure(profile.total),
        n_frames=len(present),
        samples=profile.samples,
        frames=tuple(
            FrameRow.model_validate(
                {
                    "name": _short(profile.frames[index].name, cut=cut),
                    "file": _tail(profile.frames[index].file, cut=cut),
                    "line": profile.frames[index].line,
                    "self": _figure(float(profile.self_weights[index])),
                    "total": _figure(float(profile.total_weights[index])),
                    "caller": callers.get(index),
                }
            )
            for index in chosen
        ),
    )


def _callers(profile: Profile, chosen: list[int]) -> dict[int, str]:
    """Return for library frames the own function that they mostly work for."""
    from slowcoach.profiling.judged import nearest_own

    wanted = [index for index in chosen if profile.self_weights[index] > 0]
    return {index: _short(text, cut=True) for index, text in nearest_own(profile, wanted).items()}


def _figure(value: float) -> float:
    return float(f"{value:.9g}")


def _short(text: str, *, cut: bool) -> str:
    return text if not cut or len(text) <= _NAME else f"{text[: _NAME - 1]}…"


def _tail(text: str | None, *, cut: bool) -> str | None:
    if text is None or not cut or len(text) <= _NAME:
        return text
    return f"…{text[1 - _NAME :]}"


def few_warnings(warnings: Sequence[str]) -> tuple[str, ...]:
    """Return the first warnings, and how many more there are."""
    unique = list(dict.fromkeys(warnings))
    if len(unique) <= _WARNINGS:
        return tuple(unique)
    return (*unique[: _WARNINGS - 1], f"{len(unique) - _WARNINGS + 1} more warnings")
