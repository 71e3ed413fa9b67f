"""pstats: what cProfile, profile and the tracing profiler dump. Exact times by function and by
caller, but no stacks: the call tree is an estimate that shares each function's time among its
callers as they were measured (as snakeviz and gprof2dot do), and serves only to be looked at.

The file is a marshalled dictionary {(file, line, name): (cc, nc, tt, ct, callers)}.
"""

from typing import Any

import numpy as np

from slowcoach.core.errors import UnreadableError
from slowcoach.profiling.calltree import NodeTree
from slowcoach.profiling.marshalled import MarshalError, loads
from slowcoach.profiling.model import Flat, Frame, Profile, Reader, Tree

_REF = 0x7F  # the flag bit of marshal's type byte taken away
_BUILTIN = "~"
_PRUNED = 0.0005
_DEPTH = 200
_MOST = 300_000  # nodes of the tree


def matches(data: bytes) -> bool:
    """Tell whether it is a marshalled dictionary whose first key is a tuple."""
    return len(data) > 1 and data[0] & _REF == ord("{") and data[1] & _REF in b"()"


def read(data: bytes, name: str) -> list[Profile]:
    """Return the one profile of a dump; raises UnreadableError saying where it is cut."""
    try:
        raw = loads(data)
        rows = [_row(key, value) for key, value in raw.items()]
    except (MarshalError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise UnreadableError(
            f"{name}: expected a dump of cProfile (pstats), got {error}",
            hint="The file is cut or damaged: write it again with `dump_stats`",
        ) from None
    ids = {key: index for index, (key, _, _, _) in enumerate(rows)}
    own = np.array([row[1] for row in rows], dtype=np.float64)
    total = np.array([row[2] for row in rows], dtype=np.float64)
    if not len(rows) or not np.isfinite(own).all() or not np.isfinite(total).all():
        raise UnreadableError(
            f"{name}: expected times by function, got {len(rows)} functions without",
            hint="Profile something that runs, then `dump_stats` again",
        )
    callers = [
        {ids[caller]: times for caller, times in row[3].items() if caller in ids} for row in rows
    ]
    profile = Profile(
        name=name,
        unit="seconds",
        frames=tuple(_frame(*key) for key in ids),
        tree=_estimated_tree(own, total, callers),
        samples=None,
        flat=Flat(own, total),
    )
    return [profile]


Key = tuple[str, int, str]
Row = tuple[Key, float, float, dict[Key, tuple[float, float]]]


def _row(key: Any, value: Any) -> Row:
    """Return (function, own time, total time, {caller: (own, total) of the calls from it})."""
    _cc, calls, own, total, callers = value
    return (
        _key(key),
        float(own),
        float(total),
        {_key(caller): _times(times, calls, own, total) for caller, times in callers.items()},
    )


def _key(key: Any) -> Key:
    file, line, name = (
        part.decode("utf-8", "replace") if isinstance(part, bytes) else part for part in key
    )
    if not (isinstance(file, str) and isinstance(line, int) and isinstance(name, str)):
        raise TypeError(f"a function {key!r}")
    return file, line, name


def _times(times: Any, calls: Any, own: Any, total: Any) -> tuple[float, float]:
    """cProfile knows the times by caller; `profile` only the calls, which share them."""
    if isinstance(times, tuple):
        return float(times[2]), float(times[3])
    part = times / calls if calls else 0.0
    return float(own * part), float(total * part)


def _frame(file: str, line: int, name: str) -> Frame:
    return Frame(name) if file == _BUILTIN else Frame(name, file, line)


def _estimated_tree(
    own: np.ndarray[Any, Any],
    total: np.ndarray[Any, Any],
    callers: list[dict[int, tuple[float, float]]],
) -> Tree:
    """Walk from the functions nobody called; a cycle ends where it closes."""
    callees: list[list[tuple[int, float]]] = [[] for _ in callers]
    for callee, by in enumerate(callers):
        for caller, (_own, ct) in by.items():
            callees[caller].append((callee, ct))
    least = _PRUNED * float(own.sum())
    tree, made = NodeTree(), 0
    roots = [index for index, by in enumerate(callers) if not by] or [int(total.argmax())]
    waiting = [(0, root, float(total[root]), frozenset[int]()) for root in roots]
    while waiting:
        parent, function, value, path = waiting.pop()
        node = tree.child(parent, function)
        made += 1
        part = value / total[function] if total[function] > 0 else 0.0
        left = value
        for callee, ct in callees[function]:
            given = min(ct * part, left)
            if (
                callee in path
                or callee == function
                or given <= least
                or len(path) > _DEPTH
                or made > _MOST
            ):
                continue
            left -= given
            waiting.append((node, callee, given, path | {function}))
        tree.add(node, left)
    return tree.finish()


READER = Reader("pstats", matches, read)
