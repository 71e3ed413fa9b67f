"""The difference of two profiles as data for a flame graph, and as a table of what changed."""

import json
from collections.abc import Mapping
from typing import Any

from slowcoach.core.units import share
from slowcoach_server.present import cleaned
from slowcoach_server.report.flame import Flame, Flames, flames

DIFFERENCE = "difference.json"
_ROWS = 12
_COLUMNS = ("parent", "name", "place", "kind", "value", "before", "after")
_LEAST = 0.001  # a change of less than this part of the whole is no row


def drawings(artefacts: Mapping[str, tuple[bytes, str]]) -> Flames | None:
    """Return the difference of two profiles when the run left one, else its profiles."""
    compared = _difference(artefacts)
    return flames(artefacts) if compared is None else Flames((compared,), "")


def _difference(artefacts: Mapping[str, tuple[bytes, str]]) -> Flame | None:
    """Return the drawing of a comparison; None when there is none, or one of another version."""
    if DIFFERENCE not in artefacts:
        return None
    try:
        columns = _columns(json.loads(artefacts[DIFFERENCE][0]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    before, after = columns["before"][0], columns["after"][0]
    return Flame(
        title="What costs more or less",
        total=f"for the same work {share(after / before)} of before" if before > 0 else "",
        note="A frame is as wide as the mean of before and after, as shares of the whole before.",
        data={**columns, "unit": "none", "title": "difference"},
        top=_top(columns),
        differs=True,
    )


def _columns(tree: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the tree as columns, a parent before its children."""
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    stack: list[tuple[dict[str, Any], int]] = [(tree, -1)]
    while stack:
        node, parent = stack.pop()
        here = len(columns["parent"])
        file, line = node["file"], node["line"]
        place = f"{file}:{line}" if file and line is not None else file or ""
        figures = (float(node["value"]), float(node["before"]), float(node["after"]))
        row = (parent, cleaned(str(node["name"])), cleaned(str(place)), 0, *figures)
        for name, value in zip(_COLUMNS, row, strict=True):
            columns[name].append(value)
        stack += [(child, here) for child in reversed(node["children"])]
    return columns


def _top(columns: dict[str, list[Any]]) -> tuple[tuple[str, str, str, str], ...]:
    """Return name, place, own share before and after of the functions that changed most."""
    own = {side: list(columns[side]) for side in ("before", "after")}
    for node, parent in enumerate(columns["parent"]):
        for side, values in own.items():
            if parent >= 0:
                values[parent] -= columns[side][node]
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for node in range(1, len(columns["parent"])):
        function = (columns["name"][node], columns["place"][node])
        old, new = sums.get(function, (0.0, 0.0))
        sums[function] = (old + own["before"][node], new + own["after"][node])
    changed = sorted(sums, key=lambda f: (-abs(sums[f][1] - sums[f][0]), f))[:_ROWS]
    return tuple(
        (name, place, share(max(sums[name, place][0], 0.0)), share(max(sums[name, place][1], 0.0)))
        for name, place in changed
        if abs(sums[name, place][1] - sums[name, place][0]) >= _LEAST
    )
