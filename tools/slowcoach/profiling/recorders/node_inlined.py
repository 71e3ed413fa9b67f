"""Samples of functions that V8 had put into their callers are given back to them.

Code that was compiled before the profiler began has no table of what was inlined in it: V8 names
the caller, with the right line. The line tells the function: the innermost one around it. (To
make V8 compile everything anew cost a service a third of its throughput for seconds.)
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from slowcoach.profiling.recorders.node_profiles import local

_LARGEST: Final = 8 << 20
_MOST_SCRIPTS: Final = 40


class _Function(NamedTuple):
    """A function of a script by its lines, counted from 1."""

    name: str
    first: int
    last: int
    column: int


def give_back(content: dict[str, Any], coverage: Sequence[dict[str, Any]]) -> None:
    """Move samples within a profile of V8 to the functions in which their lines are.

    `coverage` is V8's list of scripts and functions (Profiler.getBestEffortCoverage). Scripts
    whose text is not at hand, and lines with several functions on them, stay as they are.
    """
    scripts = {str(each.get("scriptId")): each for each in coverage}
    known: dict[str, list[_Function]] = {}
    ids = max((node["id"] for node in content["nodes"]), default=0)
    moves: dict[int, list[tuple[int, int]]] = {}
    for node in _ticked(content["nodes"]):
        script = str(node["callFrame"].get("scriptId"))
        if script not in known and len(known) < _MOST_SCRIPTS:
            known[script] = _functions(scripts.get(script))
        for function, ticks in _elsewhere(node, known.get(script, [])).items():
            ids += 1
            content["nodes"].append(_moved(node, function, ticks, ids))
            moves.setdefault(node["id"], []).append((ids, sum(t["ticks"] for t in ticks)))
    if moves:
        _reassign(content, moves)


def _ticked(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes with lines, those that were seen most first."""
    found = [node for node in nodes if node.get("positionTicks")]
    return sorted(found, key=lambda node: -int(node.get("hitCount") or 0))


def _functions(script: dict[str, Any] | None) -> list[_Function]:
    path = Path(local(str((script or {}).get("url", ""))))
    try:
        if script is None or not path.is_absolute() or path.stat().st_size > _LARGEST:
            return []
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError):
        return []
    starts = [0, *(index + 1 for index, letter in enumerate(text) if letter == "\n")]
    return list(_lines(script["functions"], starts))


def _lines(functions: Sequence[dict[str, Any]], starts: list[int]) -> Iterator[_Function]:
    for each in functions[1:]:  # the first is the script itself
        whole = each["ranges"][0]
        first = bisect_right(starts, whole["startOffset"])
        last = bisect_right(starts, max(whole["endOffset"] - 1, 0))
        column = whole["startOffset"] - starts[first - 1]
        yield _Function(each["functionName"], first, last, column)


def _elsewhere(
    node: dict[str, Any], functions: list[_Function]
) -> dict[_Function, list[dict[str, int]]]:
    """Return the ticks of a node that are at lines of other functions, by function."""
    found: dict[_Function, list[dict[str, int]]] = {}
    called = node["callFrame"]
    name, first = called.get("functionName", ""), int(called.get("lineNumber", -1)) + 1
    for tick in node["positionTicks"]:
        around = [each for each in functions if each.first <= tick["line"] <= each.last]
        if not around or any(each.first == each.last for each in around):
            continue
        inner = min(around, key=lambda each: each.last - each.first)
        alike = [e for e in around if (e.first, e.last) == (inner.first, inner.last)]
        if len(alike) == 1 and (inner.name, inner.first) != (name, first):
            found.setdefault(inner, []).append(tick)
    return found


def _moved(
    node: dict[str, Any], function: _Function, ticks: list[dict[str, int]], number: int
) -> dict[str, Any]:
    """Return the node of a function below the one that it was counted in."""
    node["positionTicks"] = [tick for tick in node["positionTicks"] if tick not in ticks]
    node.setdefault("children", []).append(number)
    hits = sum(tick["ticks"] for tick in ticks)
    node["hitCount"] = max(int(node.get("hitCount") or 0) - hits, 0)
    called = {
        **node["callFrame"],
        "functionName": function.name,
        "lineNumber": function.first - 1,
        "columnNumber": function.column,
    }
    return {"id": number, "callFrame": called, "hitCount": hits, "positionTicks": ticks}


def _reassign(content: dict[str, Any], moves: dict[int, list[tuple[int, int]]]) -> None:
    """Give a node's samples to those that they belong to, evenly over time by their counts."""
    samples: list[int] = content.get("samples") or []
    counts: dict[int, int] = {}
    for sample in samples:
        if sample in moves:
            counts[sample] = counts.get(sample, 0) + 1
    given: dict[int, int] = {}
    seen: dict[int, int] = {}
    for at, sample in enumerate(samples):
        if sample not in moves:
            continue
        seen[sample] = seen.get(sample, 0) + 1
        for target, hits in moves[sample]:
            due = hits * seen[sample] / max(counts[sample], 1)
            if given.get(target, 0) + 0.5 <= due:
                given[target] = given.get(target, 0) + 1
                samples[at] = target
                break
