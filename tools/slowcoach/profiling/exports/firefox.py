"""The Firefox Profiler's processed format, for https://profiler.firefox.com (its file is opened
there from disk; nothing is uploaded).

Version 57 of the format, which every later one upgrades:
github.com/firefox-devtools/profiler, docs-developer/CHANGELOG-formats.md.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from slowcoach.profiling.categories import CATEGORIES
from slowcoach.profiling.exports import Export
from slowcoach.profiling.model import SECONDS_IN, Floats, Frame, Ints, Profile
from slowcoach.profiling.pictures.stacks import categories_of

_VERSION = 57
_GECKO_VERSION = 33
_IN_A_MILLISECOND = 1e3
_NONE = -1
_COLOURS = {
    "user": "orange",
    "library": "blue",
    "runtime": "grey",
    "gc": "purple",
    "lock": "red",
    "io_wait": "green",
    "waiting": "yellow",
    "idle": "transparent",
}
Table = dict[str, Any]


class _Texts:
    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        clean = text.encode("utf-8", "replace").decode()
        return self.numbers.setdefault(clean, len(self.numbers))


def write(profiles: Sequence[Profile], name: str = "profile") -> bytes:
    """Return one file with a thread for each profile. Where times are unknown, samples stand one
    after another, as long as their weight.
    """
    texts = _Texts()
    threads = [_thread(profile, number, texts) for number, profile in enumerate(profiles, 1)]
    file = {
        "meta": _meta(profiles, name),
        "libs": [],
        "pages": [],
        "counters": [],
        "shared": {"stringArray": list(texts.numbers)},
        "threads": threads,
    }
    return json.dumps(file, ensure_ascii=True, separators=(",", ":")).encode()


def _meta(profiles: Sequence[Profile], name: str) -> Table:
    times = [p for p in profiles if p.unit in SECONDS_IN and p.samples]
    interval = 1.0
    if times and times[0].samples:
        interval = times[0].total * _scale(times[0])[0] / times[0].samples
    return {
        "interval": interval or 1.0,
        "startTime": 0,
        "processType": 0,
        "product": name,
        "stackwalk": 0,
        "debug": False,
        "version": _GECKO_VERSION,
        "preprocessedProfileVersion": _VERSION,
        "symbolicationNotSupported": True,
        "usesOnlyOneStackType": True,
        "importedFrom": "slowcoach",
        "categories": [
            {"name": kind, "color": _COLOURS[kind], "subcategories": ["Other"]}
            for kind in CATEGORIES
        ],
        "markerSchema": [],
    }


def _scale(profile: Profile) -> tuple[float, str]:
    """Return what makes weights the format's, and what it calls them."""
    if profile.unit in SECONDS_IN:
        return SECONDS_IN[profile.unit] * _IN_A_MILLISECOND, "tracing-ms"
    return 1.0, "bytes" if profile.unit == "bytes" else "samples"


def _thread(profile: Profile, number: int, texts: _Texts) -> Table:
    functions: dict[tuple[str, str | None], int] = {}
    of_frame = [functions.setdefault((f.name, f.file), len(functions)) for f in profile.frames]
    samples = _samples(profile)
    return {
        "processType": "default",
        "processStartupTime": 0,
        "processShutdownTime": None,
        "registerTime": 0,
        "unregisterTime": None,
        "pausedRanges": [],
        "name": profile.thread or profile.name,
        "processName": profile.name,
        "isMainThread": number == 1,
        "pid": "0",
        "tid": number,
        "samples": samples,
        "markers": _empty("data", "name", "startTime", "endTime", "phase", "category"),
        "stackTable": _stack_table(profile),
        "frameTable": _frame_table(profile.frames, of_frame),
        "funcTable": _function_table(functions, texts),
        "resourceTable": _empty("lib", "name", "host", "type"),
        "nativeSymbols": _empty("libIndex", "address", "name", "functionSize"),
    }


def _empty(*columns: str) -> Table:
    return {"length": 0, **{column: [] for column in columns}}


def _samples(profile: Profile) -> Table:
    scale, kind = _scale(profile)
    at, nodes, weights = _when(profile)
    return {
        "length": len(nodes),
        "stack": (nodes - 1).tolist(),
        "time": np.round(at * _IN_A_MILLISECOND, 3).tolist(),
        "weight": (weights * scale).tolist(),
        "weightType": kind,
    }


def _when(profile: Profile) -> tuple[Floats, Ints, Floats]:
    """Return time in seconds, node and weight of each sample."""
    moments, tree = profile.moments, profile.tree
    if moments is not None:
        sums = np.bincount(moments.node, weights=moments.weight, minlength=len(tree.weight))
        if np.allclose(sums[1:], tree.weight[1:]):
            return moments.at, moments.node, moments.weight
    nodes = np.flatnonzero(tree.weight[1:] > 0) + 1
    weights = tree.weight[nodes]
    size = SECONDS_IN.get(profile.unit, 1 / _IN_A_MILLISECOND)
    steps = weights * size if profile.unit in SECONDS_IN else np.full(len(nodes), size)
    return np.cumsum(steps) - steps, nodes, weights


def _stack_table(profile: Profile) -> Table:
    above = (profile.tree.parent[1:] - 1).tolist()
    return {
        "length": len(above),
        "frame": profile.tree.frame[1:].tolist(),
        "prefix": [None if parent == _NONE else parent for parent in above],
    }


def _frame_table(frames: Sequence[Frame], of_frame: Sequence[int]) -> Table:
    count = len(frames)
    kinds = [CATEGORIES.index(kind) for kind in categories_of(frames)]
    return {
        "length": count,
        "address": [_NONE] * count,
        "inlineDepth": [0] * count,
        "category": kinds,
        "subcategory": [0] * count,
        "func": list(of_frame),
        "nativeSymbol": [None] * count,
        "innerWindowID": [0] * count,
        "line": [frame.line for frame in frames],
        "column": [None] * count,
    }


def _function_table(functions: dict[tuple[str, str | None], int], texts: _Texts) -> Table:
    count = len(functions)
    return {
        "length": count,
        "isJS": [False] * count,
        "relevantForJS": [False] * count,
        "name": [texts.number(name) for name, _ in functions],
        "resource": [_NONE] * count,
        "fileName": [None if not file else texts.number(file) for _, file in functions],
        "lineNumber": [None] * count,
        "columnNumber": [None] * count,
    }


EXPORT = Export("firefox", "profile.firefox.json", "application/json", write)
