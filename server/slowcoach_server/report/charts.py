"""Lines over an axis as the shapes of drawings, one for wide and one for narrow screens."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Point = tuple[float, float | None]
Dot = tuple[str, float, float]
Words = Callable[[float], str]
_SIZES = (("wide", 720.0, 170.0), ("narrow", 340.0, 150.0))
_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 12.0, 12.0, 24.0
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICKS = 4
_LOG_RATIO = 50.0  # what spans more than this is drawn on a logarithmic axis
_EDGE = 1.2  # room below and above on a logarithmic axis
_WIDE_TICKS, _NARROW_TICKS = 8, 4
_LABEL_GAP = 18.0
_ABOVE, _BELOW = -4.0, 13.0
_HALF_LABEL = 26.0


@dataclass(frozen=True, slots=True)
class Line:
    """One series: how it looks, what it is called, and its points (None: a gap)."""

    kind: str
    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """An area between two series over the same places."""

    kind: str
    label: str
    low: tuple[Point, ...]
    high: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line with what it means."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis, in pixels."""

    at: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Limit:
    """A horizontal line in pixels, and where its label stands ("": it would lie on another)."""

    at: float
    text_at: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing in one size, in pixels of its own view box."""

    kind: str
    width: float
    height: float
    left: float
    right: float
    base: float
    xs: tuple[Tick, ...]
    ys: tuple[Tick, ...]
    areas: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]
    dots: tuple[tuple[str, float, float], ...]
    levels: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: its title, the same in words, the keys of its lines, and its drawings."""

    title: str
    words: str
    keys: tuple[tuple[str, str], ...]
    plots: tuple[Plot, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What is drawn: its title, its words, and how figures are worded on the axes."""

    title: str
    words: str
    x: Words
    y: Words
    whole: bool = False  # the places are whole numbers
    decades: bool = False  # values that span much are drawn on a logarithmic axis


def panel(
    axis: Axis,
    lines: Sequence[Line],
    *,
    bands: Sequence[Band] = (),
    levels: Sequence[Level] = (),
) -> Panel:
    """Return the picture of these series; there is at least one point."""
    keys = [(line.kind, line.label) for line in lines] + [(b.kind, b.label) for b in bands]
    return Panel(
        title=axis.title,
        words=axis.words,
        keys=tuple(keys),
        plots=tuple(_plot(axis, lines, bands, levels, size) for size in _SIZES),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """Values to pixels."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        if self.logarithmic:
            part = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return round(self.start + part * (self.end - self.start), 1)


def _plot(
    axis: Axis,
    lines: Sequence[Line],
    bands: Sequence[Band],
    levels: Sequence[Level],
    size: tuple[str, float, float],
) -> Plot:
    kind, width, height = size
    series = [*(line.points for line in lines), *(b.low for b in bands), *(b.high for b in bands)]
    places = [x for points in series for x, _ in points]
    values = [y for points in series for _, y in points if y is not None]
    values += [level.value for level in levels]
    base, right = height - _BOTTOM, width - _RIGHT
    across = _Scale(min(places), max(max(places), min(places) + 1e-9), _LEFT, right)
    up, marks = _upright(values, base, axis.decades)
    return Plot(
        kind=kind,
        width=width,
        height=height,
        left=_LEFT,
        right=right,
        base=base,
        xs=_along(across, axis, _WIDE_TICKS if kind == "wide" else _NARROW_TICKS),
        ys=tuple(Tick(up(mark), axis.y(mark)) for mark in marks),
        areas=tuple((b.kind, _area(b, across, up)) for b in bands),
        lines=tuple((line.kind, _path(line.points, across, up)) for line in lines),
        dots=_dots(lines, across, up),
        levels=_spread([Tick(up(level.value), level.label) for level in levels]),
    )


def _upright(values: Sequence[float], base: float, decades: bool) -> tuple[_Scale, list[float]]:
    """Return the scale of the values and its ticks, from 0 unless they span decades."""
    most, least = max(values), min((v for v in values if v > 0), default=0.0)
    if decades and least > 0 and most / least > _LOG_RATIO:
        low, high = least / _EDGE, most * _EDGE
        powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        marks = [10.0**power for power in powers]
        return _Scale(low, high, base, _TOP, logarithmic=True), marks
    step = _round_step((most or 1.0) / _TICKS)
    count = max(1, math.ceil((most or 1.0) / step - 1e-9))
    return _Scale(0, step * count, base, _TOP), [step * index for index in range(count + 1)]


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def _along(across: _Scale, axis: Axis, most: int) -> tuple[Tick, ...]:
    step = _round_step((across.high - across.low) / most)
    if axis.whole:
        step = max(1.0, math.ceil(step))
    first = math.ceil(across.low / step - 1e-9)
    last = math.floor(across.high / step + 1e-9)
    ticks: list[Tick] = []
    for index in range(first, last + 1):
        at = across(index * step)
        near = at > across.end - _HALF_LABEL
        ticks.append(Tick(at, axis.x(index * step), "end" if near else "middle"))
    return tuple(ticks)


def _spread(lines: Sequence[Tick]) -> tuple[Limit, ...]:
    """Return the levels, each label where no other line crosses it: above, below, or nowhere."""

    def free(line: Tick, above: bool) -> bool:
        gaps = [line.at - other.at if above else other.at - line.at for other in lines]
        return not any(0 < gap < _LABEL_GAP for gap in gaps)

    found: list[Limit] = []
    for line in lines:
        above = free(line, above=True)
        label = line.label if above or free(line, above=False) else ""
        found.append(Limit(line.at, round(line.at + (_ABOVE if above else _BELOW), 1), label))
    return tuple(found)


def _path(points: Sequence[Point], across: _Scale, up: _Scale) -> str:
    """Return a line that is broken where a value is missing."""
    parts: list[str] = []
    pen = "M"
    for x, y in points:
        if y is None:
            pen = "M"
            continue
        parts.append(f"{pen}{across(x)} {up(y)}")
        pen = "L"
    return "".join(parts)


def _area(band: Band, across: _Scale, up: _Scale) -> str:
    there, back = _path(band.high, across, up), _path(band.low[::-1], across, up)
    return f"{there}L{back[1:]}Z" if there and back else ""


def _dots(lines: Sequence[Line], across: _Scale, up: _Scale) -> tuple[Dot, ...]:
    """Return the points of series so short that a line alone would hide them."""
    few = [line for line in lines if len(line.points) <= 2 * _WIDE_TICKS]
    return tuple(
        (line.kind, across(x), up(y)) for line in few for x, y in line.points if y is not None
    )
