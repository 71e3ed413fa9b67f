"""One lane for each thread: its share of the whole, and its calls (callers above). Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from slowcoach.core.units import share
from slowcoach.profiling.answer import amount
from slowcoach.profiling.model import Moments, Profile, Tree
from slowcoach.profiling.pictures import svg
from slowcoach.profiling.pictures.flame import frame_of, kinds, subtitle
from slowcoach.profiling.pictures.stacks import MOST, Block, blocks, called, trunk, weight_of

LANES = 12
_ROWS = 12
_NAME = 236  # pixels of the column of names
_GAP = 16
_BAR = 200
_MOSTLY = 0.9
_TALL = 3
_PROCESS = re.compile(r"process \d+\b.*", re.DOTALL)
_THREAD = re.compile(
    r"(process \d+: )?(thread \S.*|Thread[ -]\S.*|MainThread( .*)?|asyncio task)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread of a recording, and what it did."""

    name: str
    profile: Profile


@dataclass(frozen=True, slots=True)
class _Lane:
    name: str
    weight: float
    found: list[Block]
    rows: int
    part: float
    note: str


def threads(profiles: Sequence[Profile]) -> list[Thread]:
    """Return the threads of one view, the heaviest first: its profiles, or (when it is one) the
    frames at the root of its stacks, where a recorder puts the names of threads there.
    """
    found = [Thread(profile.thread or profile.name, profile) for profile in profiles]
    if len(found) == 1:
        inner = list(_roots(profiles[0], 0, ""))
        held = sum(weight_of(thread.profile) for thread in inner)
        found = inner if held >= _MOSTLY * weight_of(profiles[0]) > 0 else found
    return sorted(found, key=lambda thread: (-weight_of(thread.profile), thread.name))


def _roots(profile: Profile, above: int, process: str) -> Iterator[Thread]:
    """Yield a thread for each frame below a node that is named as one, also within processes."""
    tree = profile.tree
    node, last = above + 1, int(tree.end[above])
    while node < last:
        name, file, _ = profile.frames[int(tree.frame[node])]
        if file is None and _THREAD.fullmatch(name):
            yield Thread(f"{process}{name}", _below(profile, node, name))
        elif file is None and _PROCESS.fullmatch(name):
            yield from _roots(profile, node, f"{name}, ")
        node = int(tree.end[node])


def _below(profile: Profile, node: int, name: str) -> Profile:
    """Return what is below a node as a profile of its own."""
    tree = profile.tree
    part = slice(node, int(tree.end[node]))
    inner = Tree(
        parent=tree.parent[part] - node,
        end=tree.end[part] - node,
        frame=np.concatenate(([-1], tree.frame[part][1:])),
        weight=tree.weight[part].copy(),
    )
    inner.parent[0] = -1
    whole = float(profile.inclusive[node]) / weight_of(profile)
    samples = None if profile.samples is None else round(profile.samples * whole)
    return replace(
        profile,
        name=name,
        thread=name,
        tree=inner,
        samples=samples,
        labels=(),
        moments=_moments(profile.moments, node, int(tree.end[node])),
    )


def _moments(moments: Moments | None, node: int, end: int) -> Moments | None:
    """Return what happened below a node."""
    if moments is None:
        return None
    held = (moments.node > node) & (moments.node < end)
    if not held.any():
        return None
    nodes = moments.node[held] - node
    return Moments(moments.at[held], nodes, moments.weight[held], moments.gapless)


def lanes(profiles: Sequence[Profile], name: str) -> str:
    """Return the SVG of the threads of one view, a lane each, as wide as their weight."""
    found = threads(profiles)
    sums = [weight_of(thread.profile) for thread in found]
    whole, unit = sum(sums), profiles[0].unit
    shown = [_lane(thread, max(sums, default=0.0), len(found)) for thread in found[:LANES]]
    hidden = len(found) - len(shown)
    notes = ["A lane is as wide as the thread's weight; callers stand above."]
    if hidden:
        notes.append(f"{hidden} more threads hold {share(sum(sums[LANES:]) / whole)}.")
    y, elements = float(svg.HEAD), list[str]()
    for lane in shown:
        elements += _drawn(lane, whole, unit, y)
        y += svg.ROW * max(lane.rows, _TALL) + _GAP
    told = "; ".join(f"{lane.name} {share(lane.weight / whole)}" for lane in shown if whole)
    return svg.document(
        svg.Drawing(
            title=f"Threads of {name}",
            subtitle=subtitle(profiles, whole),
            description=f"{len(found)} threads by their share: {told}.",
            legend=kinds([block for lane in shown for block in lane.found]),
            elements=elements,
            height=y - svg.HEAD,
            notes=notes,
        )
    )


def _lane(thread: Thread, widest: float, count: int) -> _Lane:
    """Lay out one thread; what all its stacks begin with is left out when it is deep."""
    weight = weight_of(thread.profile)
    root = called([thread.profile], weight)
    most = MOST // min(count, LANES)
    if weight <= 0:
        return _Lane(thread.name, 0.0, [], 0, 0.0, "no stacks")
    found, cut = blocks(root, most, _ROWS)
    notes: list[str] = []
    top = root
    if cut:
        top, passed = trunk(root)
        if passed:
            found, cut = blocks(top, most, _ROWS)
            notes.append(f"{len(passed)} frames above")
    if cut:
        notes.append(f"{cut} rows below")
    rows = max((block.depth + 1 for block in found), default=0)
    part = top.value / widest
    return _Lane(thread.name, weight, found, rows, part, ", ".join(notes))


def _drawn(lane: _Lane, whole: float, unit: str, y: float) -> Iterator[str]:
    value = lane.weight / whole if whole else 0.0
    yield svg.line(svg.MARGIN, y + 12, svg.fitting(lane.name, _NAME), "n")
    for kind, part in (("heat0", 1.0), ("heat3", value)):
        yield svg.bar(kind, svg.MARGIN, y + 18, _BAR * part)
    yield svg.line(svg.MARGIN, y + 38, f"{share(value)}, {amount(lane.weight, unit)}")
    if lane.note:
        yield svg.line(svg.MARGIN, y + 52, f"not drawn: {lane.note}")
    left = svg.MARGIN + _NAME
    width = (svg.WIDTH - svg.MARGIN - left) * lane.part
    for block in lane.found:
        yield frame_of(block, unit, lane.weight, (left, width), y + svg.ROW * block.depth)
