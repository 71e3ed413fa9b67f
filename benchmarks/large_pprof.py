"""A large pprof profile for the benchmarks: made-up functions, mostly distinct stacks."""

import gzip
import random

FUNCTIONS = 6000
DEEPEST = 60
_MODULES = [
    *("app/orders", "app/users", "lib/orm/query", "lib/orm/session", "lib/http/router"),
    *("lib/json/encoder", "lib/render", "lib/cache", "lib/auth", "lib/sql/compiler"),
]
_VERBS = [
    "get",
    "load",
    "save",
    "parse",
    "encode",
    "render",
    "compile",
    "fetch",
    "handle",
    "flush",
    "walk",
    "emit",
    "match",
    "join",
]
_NOUNS = [
    "row",
    "order",
    "user",
    "item",
    "token",
    "query",
    "node",
    "header",
    "session",
    "cache",
    "key",
    "path",
    "body",
    "index",
]


def large_pprof(stacks: int, seed: int = 7) -> bytes:
    """Return a CPU profile with so many samples, as gzip."""
    rng = random.Random(seed)
    strings: dict[str, int] = {"": 0}
    tables = [_tables(index, strings, rng) for index in range(1, FUNCTIONS + 1)]
    types = [_value_type("samples", "count", strings), _value_type("cpu", "nanoseconds", strings)]
    children = [
        [rng.randrange(FUNCTIONS) for _ in range(rng.randint(2, 6))] for _ in range(FUNCTIONS)
    ]
    roots = [rng.randrange(FUNCTIONS) for _ in range(6)]
    ids = [varint(index + 1) for index in range(FUNCTIONS)]
    values = field(2, varint(1) + varint(10_000_000))
    samples = [
        field(2, field(1, b"".join(ids[f] for f in _stack(children, roots, rng))) + values)
        for _ in range(stacks)
    ]
    texts = [field(6, text.encode()) for text in strings]
    period = field(11, types[1]) + number(12, 10_000_000)
    parts = [*(field(1, kind) for kind in types), *samples, *tables, *texts, period]
    return gzip.compress(b"".join(parts), 6)


def _stack(children: list[list[int]], roots: list[int], rng: random.Random) -> list[int]:
    """Return a stack of functions, leaf first."""
    depth = min(DEEPEST, max(6, int(rng.gauss(24, 8))))
    stack = [rng.choice(roots)]
    for _ in range(depth - 1):
        below = children[stack[-1]]
        stack.append(below[min(int(rng.expovariate(0.8)), len(below) - 1)])
    return stack[::-1]


def _tables(index: int, strings: dict[str, int], rng: random.Random) -> bytes:
    name = f"{rng.choice(_VERBS)}_{rng.choice(_NOUNS)}_{index}"
    file = f"{rng.choice(_MODULES)}_{index % 23}.go"
    known = [strings.setdefault(text, len(strings)) for text in (name, file)]
    function = number(1, index) + number(2, known[0]) + number(4, known[1])
    line = field(4, number(1, index) + number(2, rng.randint(1, 900)))
    location = number(1, index) + number(3, 0x400000 + 64 * index) + line
    return field(4, location) + field(5, function)


def _value_type(kind: str, unit: str, strings: dict[str, int]) -> bytes:
    known = [strings.setdefault(text, len(strings)) for text in (kind, unit)]
    return number(1, known[0]) + number(2, known[1])


def varint(value: int) -> bytes:
    """Return a number as protocol buffers write it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(which: int, value: int) -> bytes:
    """Return a field that holds a number."""
    return varint(which << 3) + varint(value)


def field(which: int, data: bytes) -> bytes:
    """Return a field that holds bytes."""
    return varint(which << 3 | 2) + varint(len(data)) + data
