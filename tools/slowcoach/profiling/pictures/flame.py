"""The flame graph (callers below) and the icicle (callers above) of profiles. Pure."""

import re
from collections.abc import Sequence

from slowcoach.core.units import share
from slowcoach.profiling.answer import amount
from slowcoach.profiling.categories import CATEGORIES
from slowcoach.profiling.model import Profile
from slowcoach.profiling.pictures import svg
from slowcoach.profiling.pictures.stacks import (
    LEAST_SHARE,
    MOST,
    Block,
    Node,
    blocks,
    called,
    trunk,
    walk,
    weight_of,
)

ROWS = 60
_DEEP = 40  # rows; deeper pictures leave out what all stacks begin with
_NAMED = 5
_WIDE = 48  # pixels; in less the end of a name says no more than its beginning
_QUALIFIER = re.compile(
    r"^\S+?\.(?:so[.\d]*|dylib|dll):|(?<=[\w$])(?:[./]|::)(?=[A-Za-z_$~][\w$~]*(?:[.:/(]|$))"
)
_LARGEST = 390_000  # characters


def flame(profiles: Sequence[Profile], name: str, *, icicle: bool = False) -> str:
    """Return the SVG of what these profiles (the threads of one view) spend their weight on."""
    whole = sum(weight_of(profile) for profile in profiles)
    root = called(profiles, whole)
    most = MOST
    text = _drawn(root, profiles, name, most, icicle=icicle)
    while len(text) > _LARGEST:
        most = most * 2 // 3
        text = _drawn(root, profiles, name, most, icicle=icicle)
    return text


def _drawn(root: Node, profiles: Sequence[Profile], name: str, most: int, *, icicle: bool) -> str:
    unit = profiles[0].unit
    found, cut = blocks(root, most, ROWS)
    notes: list[str] = []
    shown = root
    if _depth(found) >= _DEEP or cut:
        shown, passed = trunk(root)
        if passed:
            found, cut = blocks(shown, most, ROWS)
            notes.append(_told(passed))
    if cut:
        notes.append(f"{cut} more rows of calls below these are not drawn.")
    deepest = _depth(found)
    width = svg.WIDTH - 2 * svg.MARGIN
    return svg.document(
        svg.Drawing(
            title=f"{'Icicle' if icicle else 'Flame graph'} of {name}",
            subtitle=subtitle(profiles, root.value),
            description=described(root, unit, len(found)),
            legend=kinds(found),
            elements=(
                frame_of(
                    block,
                    unit,
                    root.value,
                    (svg.MARGIN, width * shown.value / root.value),
                    svg.HEAD + svg.ROW * (block.depth if icicle else deepest - 1 - block.depth),
                )
                for block in found
            ),
            height=svg.ROW * deepest,
            notes=[*notes, _small(found, root)],
        )
    )


def _depth(found: Sequence[Block]) -> int:
    return max((block.depth + 1 for block in found), default=0)


def _told(passed: Sequence[Node]) -> str:
    names = [node.frame.name for node in passed]
    if len(names) > _NAMED:
        names = [*names[:2], "…", *names[-2:]]
    return f"All stacks begin with {len(passed)} frames, not drawn: {' → '.join(names)}"


def _small(found: Sequence[Block], root: Node) -> str:
    least = min((block.width for block in found if not block.node.merged), default=LEAST_SHARE)
    hidden = max(LEAST_SHARE, least) if len(found) > MOST // 2 else LEAST_SHARE
    if not root.children:
        return "The profile holds no stacks."
    return (
        f"Frames below {share(float(f'{hidden:.1g}'))} of the whole are put together or left out."
    )


def subtitle(profiles: Sequence[Profile], value: float) -> str:
    """Return the whole in words: amount, samples, threads."""
    unit = profiles[0].unit
    parts = [amount(value, unit)]
    counts = [profile.samples for profile in profiles]
    if None not in counts and unit != "samples":
        parts.append(f"{sum(count or 0 for count in counts):,} samples")
    if len(profiles) > 1:
        parts.append(f"{len(profiles)} threads")
    if any(profile.flat is not None for profile in profiles):
        parts.append("the format keeps no stacks: each function stands alone")
    return ", ".join(parts)


def described(root: Node, unit: str, count: int) -> str:
    """Return the picture in words, for those who do not see it."""
    sums: dict[str, float] = {}
    for node in walk(root):
        sums[node.frame.place] = sums.get(node.frame.place, 0.0) + node.own
    top = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:_NAMED]
    told = "; ".join(
        f"{svg.shortened(place)} {share(own / root.value)}"
        for place, own in top
        if own > 0 and root.value > 0
    )
    said = f"{count} frames as wide as their share of {amount(root.value, unit)}."
    return f"{said} Largest by themselves: {told}." if told else said


def kinds(found: Sequence[Block]) -> list[str]:
    """Return the categories that are drawn, in the usual order."""
    seen = {block.node.category for block in found}
    return [kind for kind in (*CATEGORIES, "rest") if kind in seen]


def frame_of(block: Block, unit: str, whole: float, span: tuple[float, float], y: float) -> str:
    """Return a block as an element: `span` is where its tree begins and how wide that is."""
    node = block.node
    x, width = span[0] + block.x * span[1], block.width * span[1]
    value = f"{share(node.value / whole)} ({amount(node.value, unit)})"
    if node.merged:
        return svg.box(x, y, width, node.category, node.frame.name, f"{node.frame.name}: {value}")
    own = f", itself {share(node.own / whole)}" if node.own > 0 else ""
    title = f"{svg.shortened(node.frame.place)}: {value}{own}"
    return svg.box(x, y, width, node.category, _label(node, whole, width), title)


def _label(node: Node, whole: float, width: float) -> str:
    """Return the name, with the share where both have room, without packages where it has none."""
    name = node.frame.name
    both = f"{name} {share(node.value / whole)}"
    tails = (both, name, *(name[match.end() :] for match in _QUALIFIER.finditer(name)))
    fits = (text for text in tails if svg.fitting(text, width) == text)
    return next(fits, tails[-1] if width > _WIDE else name)
