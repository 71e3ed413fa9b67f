"""Large profiles for the benchmarks: a made-up program, whose functions call each other at random,
seen in mostly distinct stacks, written in the formats of real profilers.
"""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

FUNCTIONS = 6000
DEEPEST = 60
_MODULES = [
    *("app/orders", "app/users", "lib/orm/query", "lib/orm/session", "lib/http/router"),
    *("lib/json/encoder", "lib/render", "lib/cache", "lib/auth", "lib/sql/compiler"),
]
_VERBS = [
    *("get", "load", "save", "parse", "encode", "render", "compile"),
    *("fetch", "handle", "flush", "walk", "emit", "match", "join"),
]
_NOUNS = [
    *("row", "order", "user", "item", "token", "query", "node"),
    *("header", "session", "cache", "key", "path", "body", "index"),
]


class Program:
    """A made-up program: its functions (name, file, line), and stacks as a sampler sees them."""

    def __init__(self, seed: int = 7, suffix: str = ".py") -> None:
        rng = self.rng = random.Random(seed)
        self.functions = [
            (
                f"{rng.choice(_VERBS)}_{rng.choice(_NOUNS)}_{index}",
                f"{rng.choice(_MODULES)}_{index % 23}{suffix}",
                rng.randint(1, 900),
            )
            for index in range(FUNCTIONS)
        ]
        self._below = [
            [rng.randrange(FUNCTIONS) for _ in range(rng.randint(2, 6))] for _ in self.functions
        ]
        self._roots = [rng.randrange(FUNCTIONS) for _ in range(6)]

    def stack(self) -> list[int]:
        """Return the numbers of a stack's functions, outermost first."""
        rng = self.rng
        stack = [rng.choice(self._roots)]
        for _ in range(min(DEEPEST, max(6, int(rng.gauss(24, 8)))) - 1):
            below = self._below[stack[-1]]
            stack.append(below[min(int(rng.expovariate(0.8)), len(below) - 1)])
        return stack


def collapsed(size: int) -> Iterator[bytes]:
    """Yield lines of collapsed stacks of so many bytes together."""
    program = Program()
    names = [f"{name} ({file}:{line})" for name, file, line in program.functions]
    while size > 0:
        stack = ";".join(names[index] for index in program.stack())
        text = f"{stack} {program.rng.randint(1, 40)}\n".encode()
        size -= len(text)
        yield text


def speedscope(size: int) -> bytes:
    """Return a sampled profile of speedscope of about so many bytes."""
    program = Program()
    frames = [{"name": name, "file": f, "line": line} for name, f, line in program.functions]
    samples: list[list[int]] = []
    while size > 0:
        samples.append(program.stack())
        size -= 5 * len(samples[-1]) + 7
    profile = {
        **{"type": "sampled", "name": "main", "unit": "seconds", "startValue": 0},
        **{"endValue": len(samples) / 100, "samples": samples, "weights": [0.01] * len(samples)},
    }
    schema = "https://www.speedscope.app/file-format-schema.json"
    whole = {"$schema": schema, "shared": {"frames": frames}, "profiles": [profile]}
    return json.dumps(whole, separators=(",", ":")).encode()


def cpu_profile(samples: int, nodes: int) -> bytes:
    """Return a profile as V8 writes it: a tree of at least so many nodes, and which was seen."""
    program = Program(suffix=".js")
    made: list[dict[str, object]] = []
    ids: dict[tuple[int, int], int] = {}

    def node(parent: int, function: int) -> int:
        if (parent, function) not in ids:
            ids[parent, function] = len(made) + 1
            name, file, line = program.functions[function]
            called: dict[str, object] = {"functionName": name, "url": f"file:///{file}"}
            called |= {"scriptId": "1", "lineNumber": line, "columnNumber": 4}
            made.append({"id": len(made) + 1, "callFrame": called, "hitCount": 0, "children": []})
            if parent:
                children = made[parent - 1]["children"]
                assert isinstance(children, list)
                children.append(len(made))
        return ids[parent, function]

    root, leaves = node(0, 0), list[int]()
    while len(made) < nodes:
        at = root
        for function in program.stack():
            at = node(at, function)
        leaves.append(at)
    seen = [program.rng.choice(leaves) for _ in range(samples)]
    steps = [program.rng.randint(100, 150) for _ in range(samples)]
    whole = {
        **{"nodes": made, "startTime": 0, "endTime": sum(steps)},
        **{"samples": seen, "timeDeltas": steps},
    }
    return json.dumps(whole, separators=(",", ":")).encode()


def trace_events(events: int) -> bytes:
    """Return a trace of about so many begins and ends of calls, as from stack to stack."""
    program, now = Program(), 0
    made: list[dict[str, object]] = []

    def add(kind: str, function: int) -> None:
        name = program.functions[function][0]
        made.append({"ph": kind, "name": name, "cat": "f", "ts": now, "pid": 1, "tid": 1})

    before: list[int] = []
    while before or not made:
        after = program.stack() if len(made) < events else []
        pairs = enumerate(zip(before, after, strict=False))
        common = next((i for i, (a, b) in pairs if a != b), min(len(before), len(after)))
        now += 10
        for function in reversed(before[common:]):
            add("E", function)
        for function in after[common:]:
            add("B", function)
        before = after
    return json.dumps({"traceEvents": made}, separators=(",", ":")).encode()


def write(folder: Path) -> None:
    """Write one file of each format, as large as the benchmark's."""
    with (folder / "large.collapsed").open("wb") as opened:
        opened.writelines(collapsed(100_000_000))
    (folder / "large.speedscope.json").write_bytes(speedscope(43_000_000))
    (folder / "large.cpuprofile").write_bytes(cpu_profile(165_000, 5_000))
    (folder / "large.trace.json").write_bytes(trace_events(500_000))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
