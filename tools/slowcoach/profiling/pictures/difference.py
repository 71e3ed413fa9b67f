"""The difference of two profiles as a flame graph: red costs more, blue costs less. Pure."""

from collections.abc import Mapping
from typing import Any

from slowcoach.core.units import number, share
from slowcoach.profiling.model import Frame
from slowcoach.profiling.pictures import svg
from slowcoach.profiling.pictures.flame import ROWS
from slowcoach.profiling.pictures.stacks import MOST

_LEAST = 0.01  # of the whole before: a change below is about the same
_MUCH = 0.33  # of the frame
_NAMED = 5
_KINDS = ("more2", "more1", "same", "less1", "less2")
_LARGEST = 390_000  # characters


def difference(tree: Mapping[str, Any], name: str = "before and after") -> str:
    """Return the SVG of a `difference_tree`: widths are the mean of before and after, as shares
    of the whole before.
    """
    most = MOST
    text = _drawn(tree, name, most)
    while len(text) > _LARGEST:
        most = most * 2 // 3
        text = _drawn(tree, name, most)
    return text


def _drawn(tree: Mapping[str, Any], name: str, most: int) -> str:
    values = sorted(_values(tree), reverse=True)
    least = values[most] if len(values) > most else 0.0
    placed, cut = _placed(tree, least)
    deepest = max((depth + 1 for _, _, depth in placed), default=0)
    width = svg.WIDTH - 2 * svg.MARGIN
    whole = tree["value"] or 1.0
    notes = ["A frame is as wide as the mean of its shares before and after."]
    if cut:
        notes.append("Deeper calls are not drawn.")
    before, after = tree["before"], tree["after"]
    changed = f"for the same work {share(after / before)} of before" if before > 0 else ""
    return svg.document(
        svg.Drawing(
            title=f"Difference of {name}",
            subtitle=changed,
            description=_described(placed),
            legend=[kind for kind in _KINDS if kind in {_kind(node) for node, _, _ in placed}],
            elements=[
                svg.box(
                    svg.MARGIN + width * x / whole,
                    svg.HEAD + svg.ROW * (deepest - 1 - depth),
                    width * node["value"] / whole,
                    _kind(node),
                    f"{node['name']} {_signed(node['delta'])}" if _grew(node) else node["name"],
                    _title(node),
                )
                for node, x, depth in placed
            ],
            height=svg.ROW * deepest,
            notes=notes,
        )
    )


def _values(tree: Mapping[str, Any]) -> list[float]:
    found: list[float] = []
    waiting = list(tree["children"])
    while waiting:
        node = waiting.pop()
        found.append(node["value"])
        waiting += node["children"]
    return found


def _placed(
    tree: Mapping[str, Any], least: float
) -> tuple[list[tuple[Mapping[str, Any], float, int]], bool]:
    """Return (node, where it begins, depth), and whether deeper ones are cut off."""
    found: list[tuple[Mapping[str, Any], float, int]] = []
    cut = False
    waiting: list[tuple[Mapping[str, Any], float, int]] = [(tree, 0.0, -1)]
    while waiting:
        node, x, depth = waiting.pop()
        if depth >= 0:
            found.append((node, x, depth))
        children = [child for child in node["children"] if child["value"] > least]
        if depth + 1 >= ROWS:
            cut = cut or bool(children)
            continue
        placed = []
        for child in children:
            placed.append((child, x, depth + 1))
            x += child["value"]
        waiting += reversed(placed)
    return found, cut


def _grew(node: Mapping[str, Any]) -> bool:
    return bool(abs(node["delta"]) >= _LEAST)


def _kind(node: Mapping[str, Any]) -> str:
    delta = node["delta"]
    if not _grew(node):
        return "same"
    much = abs(delta) / max(node["before"], node["after"]) >= _MUCH
    return f"{'more' if delta > 0 else 'less'}{2 if much else 1}"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−'}{number(abs(value) * 100)}"


def _title(node: Mapping[str, Any]) -> str:
    place = svg.shortened(Frame(node["name"], node["file"], node["line"]).place)
    pair = f"{number(node['before'] * 100)} → {share(node['after'])}"
    return f"{place}: {pair} of the whole before ({_signed(node['delta'])} points)"


def _described(placed: list[tuple[Mapping[str, Any], float, int]]) -> str:
    """Return in words what changed most, each function with what it calls, once."""
    best: dict[str, float] = {}
    for node, _, _ in placed:
        if _grew(node) and abs(node["delta"]) > abs(best.get(node["name"], 0.0)):
            best[node["name"]] = node["delta"]
    top = sorted(best.items(), key=lambda item: (-abs(item[1]), item[0]))[:_NAMED]
    told = "; ".join(f"{svg.shortened(name)} {_signed(delta)} points" for name, delta in top)
    return f"Changes with what is called: {told}." if told else "No frame changed by a hundredth."
