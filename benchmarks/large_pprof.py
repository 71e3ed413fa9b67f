"""A large pprof profile for the benchmarks: made-up functions, mostly distinct stacks."""

import gzip

from large_profiles import Program


def large_pprof(stacks: int) -> bytes:
    """Return a CPU profile with so many samples, as gzip."""
    program = Program(suffix=".go")
    strings: dict[str, int] = {"": 0}
    tables = [_tables(index, *row, strings) for index, row in enumerate(program.functions, 1)]
    types = [_value_type("samples", "count", strings), _value_type("cpu", "nanoseconds", strings)]
    ids = [varint(index) for index in range(1, len(tables) + 1)]
    values = field(2, varint(1) + varint(10_000_000))
    samples = [
        field(2, field(1, b"".join(ids[f] for f in reversed(program.stack()))) + values)
        for _ in range(stacks)
    ]
    texts = [field(6, text.encode()) for text in strings]
    period = field(11, types[1]) + number(12, 10_000_000)
    parts = [*(field(1, kind) for kind in types), *samples, *tables, *texts, period]
    return gzip.compress(b"".join(parts), 6)


def _tables(index: int, name: str, file: str, line: int, strings: dict[str, int]) -> bytes:
    known = [strings.setdefault(text, len(strings)) for text in (name, file)]
    function = number(1, index) + number(2, known[0]) + number(4, known[1])
    place = field(4, number(1, index) + number(2, line))
    location = number(1, index) + number(3, 0x400000 + 64 * index) + place
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
