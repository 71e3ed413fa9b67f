"""Samples of functions that V8 had put into their callers are given back to them.

Code that was compiled before the profiler began has no table of what was inlined in it: V8 names
the caller, with the line of what was inlined or that of the call. The first tells the function: the
innermost one around it. So does the second, where all that the line does is to call one function
of the script, for a call itself costs nanoseconds. (To make V8 compile everything anew cost a
service a third of its throughput for seconds.)
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from slowcoach.profiling.recorders.node_profiles import local

_LARGEST: Final = 8 << 20
_MOST_SCRIPTS: Final = 40
_LONGEST: Final = 300  # characters of a line that is looked at for a call
# `const sum = price(order, 3);` and the like: one call, and nothing else that takes time
_CALL: Final = re.compile(
    r"\s*(?:(?:const|let|var|return|await|void)\s+|[\w$.]+\s*(?:[-+*|&]?=)\s*)*"
    r"([A-Za-z_$][\w$]*)\([^()]*\)\s*;?\s*(?://.*)?$"
)


class _Script(NamedTuple):
    """The functions of a script, and by line the name of the one that is called in it."""

    functions: list["_Function"]
    calls: dict[int, str]


class _Function(NamedTuple):
    """A function of a script by its lines, counted from 1."""

    name: str
    first: int
    last: int
    column: int


_NONE: Final = _Script([], {})


def give_back(content: dict[str, Any], coverage: Sequence[dict[str, Any]]) -> None:
    """Move samples within a profile of V8 to the functions in which their lines are.

    `coverage` is V8's list of scripts and functions (Profiler.getBestEffortCoverage). Scripts
    whose text is not at hand, and lines with several functions on them, stay as they are.
    """
    scripts = {str(each.get("scriptId")): each for each in coverage}
    known: dict[str, _Script] = {}
    ids = max((node["id"] for node in content["nodes"]), default=0)
    moves: dict[int, list[tuple[int, int]]] = {}
    for node in _ticked(content["nodes"]):
        script = str(node["callFrame"].get("scriptId"))
        if script not in known and len(known) < _MOST_SCRIPTS:
            known[script] = _script(scripts.get(script))
        for function, ticks in _elsewhere(node, known.get(script, _NONE)).items():
            ids += 1
            content["nodes"].append(_moved(node, function, ticks, ids))
            moves.setdefault(node["id"], []).append((ids, sum(t["ticks"] for t in ticks)))
    if moves:
        _reassign(content, moves)


def _ticked(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes with lines, those that were seen most first."""
    found = [node for node in nodes if node.get("positionTicks")]
    return sorted(found, key=lambda node: -int(node.get("hitCount") or 0))


def _script(script: dict[str, Any] | None) -> _Script:
    path = Path(local(str((script or {}).get("url", ""))))
    try:
        if script is None or not path.is_absolute() or path.stat().st_size > _LARGEST:
            return _NONE
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError):
        return _NONE
    starts = [0, *(index + 1 for index, letter in enumerate(text) if letter == "\n")]
    calls: dict[int, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        match = _CALL.match(line[:_LONGEST])
        if match:
            calls[number] = match[1]
    return _Script(list(_lines(script["functions"], starts)), calls)


def _lines(functions: Sequence[dict[str, Any]], starts: list[int]) -> Iterator[_Function]:
    for each in functions:
        whole = each["ranges"][0]
        first = bisect_right(starts, whole["startOffset"])
        last = bisect_right(starts, max(whole["endOffset"] - 1, 0))
        column = whole["startOffset"] - starts[first - 1]
        if each["functionName"] == "" and whole["startOffset"] == 0:
            continue  # the script itself
        yield _Function(each["functionName"], first, last, column)


def _elsewhere(node: dict[str, Any], script: _Script) -> dict[_Function, list[dict[str, int]]]:
    """Return the ticks of a node that are of other functions, by function."""
    found: dict[_Function, list[dict[str, int]]] = {}
    called = node["callFrame"]
    own = called.get("functionName", ""), int(called.get("lineNumber", -1)) + 1
    for tick in node["positionTicks"]:
        inner = _around(script.functions, tick["line"])
        if inner is not None and (inner.name, inner.first) == own:
            inner = _called(script, tick["line"])
        if inner is not None and (inner.name, inner.first) != own:
            found.setdefault(inner, []).append(tick)
    return found


def _around(functions: list[_Function], line: int) -> _Function | None:
    """Return the innermost function around a line, None where several begin and end in it."""
    around = [each for each in functions if each.first <= line <= each.last]
    if not around or any(each.first == each.last for each in around):
        return None
    inner = min(around, key=lambda each: each.last - each.first)
    alike = [each for each in around if (each.first, each.last) == (inner.first, inner.last)]
    return inner if len(alike) == 1 else None


def _called(script: _Script, line: int) -> _Function | None:
    """Return the function of the script that a line does nothing but call."""
    name = script.calls.get(line)
    alike = [each for each in script.functions if each.name == name] if name else []
    return alike[0] if len(alike) == 1 else None


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
    within = [tick for tick in ticks if function.first <= tick["line"] <= function.last]
    return {"id": number, "callFrame": called, "hitCount": hits, "positionTicks": within}


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
