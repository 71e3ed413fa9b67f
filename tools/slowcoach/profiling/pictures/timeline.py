"""What happened when: a heat map (columns are moments, rows parts of them, after FlameScope), and
the heaviest thread's calls in order of time. Pure.

Needs profiles with `moments`; `times` tells whether there are any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from slowcoach.core.units import duration, share
from slowcoach.profiling.frames import shortened
from slowcoach.profiling.model import SECONDS_IN, Floats, Ints, Profile
from slowcoach.profiling.pictures import svg
from slowcoach.profiling.pictures.flame import kinds, subtitle
from slowcoach.profiling.pictures.stacks import Block, Node, categories_of
from slowcoach.profiling.pictures.threads import threads

NONE = (
    "no timeline: this format keeps sums and not when they were; a .cpuprofile, a trace, "
    "Firefox's, perf script or JFR has times; flame.svg is kept"
)
_COLUMNS = 120  # at most
_PARTS = (40, 25, 20, 10, 5)  # rows of a column: the most that are no finer than the sampling
_HIGH = 160  # pixels of a column
_STEPS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_WHOLE_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 86_400, 864_000)
_HEATS = 5
_BINS = 300  # moments of the ordered calls
_ROWS = 24
_BLOCKS = 1_400
_LEAST_COLUMNS = 10
_AXIS = 22
_TICKS = 8
_LABEL = 40  # pixels of a tick's text
_POINT = 1e-3  # of a cell: how long what lasts no time is drawn
_SHORTEST = 1e-9


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Weight by moment: `cells[row, column]`, a column is `column_s` long, its rows parts of it
    from below; `seconds` is how long the recording was.
    """

    cells: Floats
    column_s: float
    seconds: float


def times(profiles: Sequence[Profile]) -> list[Profile]:
    """Return the profiles that know when their weight happened."""
    return [p for p in profiles if p.moments is not None and len(p.moments.at)]


def heat_map(profiles: Sequence[Profile]) -> HeatMap | None:
    """Return when these threads spent their weight; None without times, or when pauses are lost."""
    known = [p for p in times(profiles) if p.moments and not p.moments.gapless]
    seconds = max(map(_end, known), default=0.0)
    if seconds <= 0:
        return None
    between = min(map(_interval, known))
    least = max(seconds / _COLUMNS, between * _PARTS[-1])
    column = next((step for step in (*_STEPS_S, *_WHOLE_S) if step >= least), seconds)
    parts = next((n for n in _PARTS if column / n >= between), _PARTS[-1])
    columns = max(int(np.ceil(seconds / column)), 1)
    edges: Floats = np.arange(columns * parts + 1, dtype=np.float64) * (column / parts)
    cells = np.zeros(columns * parts)
    for profile in known:
        cells += np.diff(_until(profile, edges))
    return HeatMap(cells.reshape(columns, parts).T, column, seconds)


def _interval(profile: Profile) -> float:
    """Return the usual time between two samples in seconds; 0 for a traced profile."""
    if profile.samples is None or profile.moments is None:
        return 0.0
    steps = np.diff(profile.moments.at)
    steps = steps[steps > 0]
    return float(np.median(steps)) if len(steps) else 0.0


def _until(profile: Profile, edges: Floats) -> Floats:
    """Return how much weight happened before each of these moments."""
    begin, lasts, weight = _spans(profile)
    lasts = np.maximum(lasts, (edges[1] - edges[0]) * _POINT)
    rate = weight / lasts
    found = np.zeros(len(edges))
    for at, sign in ((begin, 1.0), (begin + lasts, -1.0)):
        order = np.argsort(at, kind="stable")
        before = np.searchsorted(at[order], edges)
        rates = np.concatenate(([0.0], np.cumsum(rate[order])))
        starts = np.concatenate(([0.0], np.cumsum((rate * at)[order])))
        found += sign * (rates[before] * edges - starts[before])
    return found


def _spans(profile: Profile) -> tuple[Floats, Floats, Floats]:
    """Return when each item began, how many seconds it lasted, and its weight."""
    moments = profile.moments
    if moments is None:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    size = SECONDS_IN.get(profile.unit)
    if size is not None:
        return moments.at, moments.weight * size, moments.weight
    later = np.append(np.diff(moments.at), 0.0)
    usual = float(np.median(later)) if len(later) > 1 else 0.0
    return moments.at, np.minimum(later, usual), moments.weight


def _end(profile: Profile) -> float:
    begin, lasts, _ = _spans(profile)
    return float((begin + lasts).max())


def timeline(profiles: Sequence[Profile], name: str) -> str:
    """Return the SVG of what happened when. Raises ValueError for profiles without times."""
    if not times(profiles):
        raise ValueError(NONE)
    several = [thread.profile for thread in threads(profiles)]
    heaviest = (times(several) or times(profiles))[0]
    map_ = heat_map(profiles)
    elements, y, span = list[str](), float(svg.HEAD), _span(heaviest)
    notes = []
    if map_ is not None and map_.cells.shape[1] >= _LEAST_COLUMNS:
        elements += heat_cells(map_, svg.HEAD)
        y += _HIGH + _AXIS
        span = map_.column_s * map_.cells.shape[1]
        notes.append(
            f"Above: a column is {duration(map_.column_s)}, a row "
            f"{duration(map_.column_s / map_.cells.shape[0])} of it, from below; the stronger the "
            "colour, the more weight of all threads."
        )
    found = calls_in_time(heaviest, span)
    deepest = max((block.depth + 1 for block in found), default=0)
    if not elements:
        elements += _axis(span, y)
        y += _AXIS
    for block in found:
        elements.append(_call(block, span, y + svg.ROW * block.depth))
    thread = "" if len(several) == 1 else f" of {heaviest.thread or heaviest.name}"
    pauses = ", pauses left out" if heaviest.moments and heaviest.moments.gapless else ""
    notes.append(f"Calls{thread} in order of time{pauses}: at each moment what held most of it.")
    return svg.document(
        svg.Drawing(
            title=f"Timeline of {name}",
            subtitle=f"{subtitle(profiles, sum(p.total for p in profiles))}, over {duration(span)}",
            description=_described(map_, span),
            legend=kinds(found),
            elements=elements,
            height=y + svg.ROW * deepest - svg.HEAD,
            notes=notes,
        )
    )


def _span(profile: Profile) -> float:
    return max(_end(profile), _SHORTEST)


def heat_cells(map_: HeatMap, top: float) -> Iterator[str]:
    """Yield the cells that hold weight, and the axis below them."""
    most = float(map_.cells.max()) or 1.0
    columns = map_.cells.shape[1]
    width = (svg.WIDTH - 2 * svg.MARGIN) / columns
    for column in range(columns):
        x = svg.MARGIN + width * column
        yield f"<g><title>{svg.safe(_column_title(map_, column))}</title>"
        yield svg.bar("heat0", x, top, width - 1, _HIGH)
        yield from _column(map_.cells[:, column] / most, x, top, width - 1)
        yield "</g>"
    yield from _axis(map_.column_s * columns, top + _HIGH)


def _column(parts: Floats, x: float, top: float, width: float) -> Iterator[str]:
    """Yield a column's cells; neighbours of one heat are one rectangle."""
    heats = np.ceil(np.round(parts, 9) * _HEATS).astype(np.int64)
    cell = _HIGH / len(heats)
    first = 0
    for row in range(1, len(heats) + 1):
        if row < len(heats) and heats[row] == heats[first]:
            continue
        if heats[first] > 0:
            y = top + cell * (len(heats) - row)
            yield svg.bar(f"heat{heats[first]}", x, y, width, cell * (row - first))
        first = row


def _column_title(map_: HeatMap, column: int) -> str:
    held = float(map_.cells[:, column].sum() / (map_.cells.sum() or 1.0))
    return f"from {duration(map_.column_s * column)}: {share(held)} of the weight"


def _axis(seconds: float, y: float) -> Iterator[str]:
    step = next((s for s in (*_STEPS_S, *_WHOLE_S) if seconds / s <= _TICKS), seconds)
    width = (svg.WIDTH - 2 * svg.MARGIN) / seconds
    for tick in range(int(seconds / step + 1e-9) + 1):
        x = svg.MARGIN + width * step * tick
        if x + _LABEL < svg.WIDTH:
            yield svg.bar("ink", x, y, 1, 4)
            yield svg.line(x + 3, y + 13, duration(step * tick))


def calls_in_time(profile: Profile, span: float) -> list[Block]:
    """Return the calls in order of time: these seconds are cut into equal parts, of each the node
    that holds most of it counts, and neighbours of one node are one block.
    """
    bins = _BINS
    found = _in_bins(profile, span, bins)
    while len(found) > _BLOCKS:
        bins = bins * 2 // 3
        found = _in_bins(profile, span, bins)
    return found


def _in_bins(profile: Profile, span: float, bins: int) -> list[Block]:
    moments = profile.moments
    if moments is None:
        return []
    paths = [
        _path(profile, node)
        for node in _dominant(profile, moments.node, span / bins, bins).tolist()
    ]
    kinds_of = categories_of(profile.frames)
    found: list[Block] = []
    opened: list[tuple[int, int]] = []  # (node, bin where it began) by depth
    for number, path in enumerate([*paths, []]):
        kept = 0
        while kept < min(len(path), len(opened)) and path[kept] == opened[kept][0]:
            kept += 1
        for depth in range(len(opened) - 1, kept - 1, -1):
            node, began = opened[depth]
            frame = int(profile.tree.frame[node])
            shown = Node(shortened(profile.frames[frame]), kinds_of[frame])
            found.append(Block(began / bins, (number - began) / bins, depth, shown))
        del opened[kept:]
        opened += [(node, number) for node in path[kept:]]
    return sorted(found, key=lambda block: (block.depth, block.x))


def _dominant(profile: Profile, nodes: Ints, size: float, bins: int) -> Ints:
    """Return for each part of the time the node that held most of it; 0 where there was none."""
    begin, lasts, _ = _spans(profile)
    held: list[dict[int, float]] = [{} for _ in range(bins)]
    found = np.zeros(bins, dtype=np.int64)
    ends = np.minimum(begin + lasts, size * bins)
    first = np.minimum((begin / size).astype(np.int64), bins - 1)
    last = np.minimum((ends / size).astype(np.int64), bins - 1)
    rows = zip(
        first.tolist(), last.tolist(), begin.tolist(), ends.tolist(), nodes.tolist(), strict=True
    )
    for start, stop, at, end, node in rows:
        for part in range(start, stop + 1):
            seconds = min(end, (part + 1) * size) - max(at, part * size)
            held[part][node] = held[part].get(node, 0.0) + max(seconds, _SHORTEST)
    for part, sums in enumerate(held):
        if sums:
            found[part] = max(sums, key=sums.__getitem__)
    return found


def _path(profile: Profile, node: int) -> list[int]:
    path: list[int] = []
    parent = profile.tree.parent
    while node > 0:
        path.append(node)
        node = int(parent[node])
    path.reverse()
    return path[:_ROWS]


def _call(block: Block, span: float, y: float) -> str:
    width = svg.WIDTH - 2 * svg.MARGIN
    node = block.node
    title = (
        f"{svg.shortened(node.frame.place)}: from {duration(block.x * span)}, "
        f"{duration(block.width * span)}"
    )
    x = svg.MARGIN + width * block.x
    return svg.box(x, y, width * block.width, node.category, node.frame.name, title)


def _described(map_: HeatMap | None, span: float) -> str:
    said = f"Calls in order of time over {duration(span)}."
    if map_ is None:
        return said
    sums = map_.cells.sum(axis=0)
    busiest = int(sums.argmax())
    part = share(float(sums[busiest] / (sums.sum() or 1.0)))
    return (
        f"{said} The column with most weight begins at {duration(map_.column_s * busiest)}: {part}."
    )
