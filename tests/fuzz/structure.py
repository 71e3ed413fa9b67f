"""Mutations that keep the form: of the values in JSON, and of the fields in protocol buffers."""

import json
from copy import deepcopy
from random import Random
from typing import Any

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 0.5, -0.5, 1e308, -1e308, 1e-320, 2**31, 2**53, 2**63, 2**64),
    *(-(2**63), 10**30, 10**400, "", "0", "-1", "x", "(root)", "(program)", "\ud800", "\x1b[31m"),
    *(
        "<script>",
        "\u202e",
        "1e999",
        "NaN",
        [],
        {},
        [0],
        [[]],
        [None],
        ["x"],
        {"": None},
        [[0], {}],
    ),
    float("inf"),
)
_INTEGERS = (0, 1, 2, 127, 128, 2**31 - 1, 2**31, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 50)
_DEEPEST = 6
_MOST = 2_000
Path = list[tuple[Any, Any]]


def json_changed(data: bytes, random: Random) -> bytes:
    """Replace, take away, repeat or move a value of a JSON text (or a byte, when it is none)."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        at = random.randrange(len(data) + 1)
        return data[:at] + random.choice((b"", b",", b'"', b"]", b"}", b"1")) + data[at + 1 :]
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        _change(whole, random)
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=random.random() < 0.9).encode(
        "utf-8", "surrogatepass"
    )


def _change(whole: Any, random: Random) -> None:
    parent, key = _somewhere(whole, random)
    if parent is None:
        return
    what = random.random()
    if what < 0.55:
        parent[key] = deepcopy(random.choice(_VALUES))
    elif what < 0.7:
        del parent[key]
    elif what < 0.8 and isinstance(parent, list):
        parent[key:key] = [parent[key]] * random.choice((1, 2, 50))
    elif what < 0.9:
        other, there = _somewhere(whole, random)
        # an item of itself would be a text without end
        if other is not None and not isinstance(other[there], list | dict):
            parent[key] = other[there]
    elif isinstance(parent[key], bool) or not isinstance(parent[key], int | float):
        parent[key] = [parent[key]]
    else:
        parent[key] = -parent[key] if random.random() < 0.5 else parent[key] + 1


def _somewhere(whole: Any, random: Random) -> tuple[Any, Any]:
    """Return a container and a key in it: each level is as likely as the next."""
    parent, key, value = None, None, whole
    while isinstance(value, list | dict) and value:
        if parent is not None and random.random() < 0.12:
            break
        keys: Any = list(value) if isinstance(value, dict) else range(len(value))
        parent, key = value, random.choice(keys)
        value = value[key]
    return parent, key


def protobuf_changed(data: bytes, random: Random) -> bytes:
    """Change one field, at any depth, and write the lengths around it anew, or let them lie."""
    fields = _fields(data)
    if not fields:
        at = random.randrange(len(data) + 1)
        return data[:at] + bytes((random.randrange(256),)) + data[at + 1 :]
    at = random.randrange(len(fields))
    number, wire, value = fields[at]
    if isinstance(value, bytes) and len(value) > 1 and random.random() < 0.6:
        value = protobuf_changed(value, random) if _fields(value) else _changed(value, random)
        fields[at] = (number, wire, value)
    else:
        _change_field(fields, at, random)
    return b"".join(_field(*field, random) for field in fields)


Field = tuple[int, int, int | bytes]


def _change_field(fields: list[Field], at: int, random: Random) -> None:
    number, wire, value = fields[at]
    what = random.randrange(5)
    if what == 0:
        del fields[at]
    elif what == 1:
        fields[at:at] = [fields[at]] * random.choice((1, 2, 20))
    elif what == 2:
        fields[at] = (random.choice((0, 1, 2, 3, 4, 5, 6, 14, 99, number + 1)), wire, value)
    elif what == 3:
        other = random.choice(fields)
        fields[at] = (number, other[1], other[2])
    elif isinstance(value, int):
        fields[at] = (number, wire, random.choice(_INTEGERS))
    else:
        fields[at] = (number, wire, random.choice((b"", value[:1], value * 2, b"\xff" * 9)))


def _changed(value: bytes, random: Random) -> bytes:
    at = random.randrange(len(value))
    return value[:at] + bytes((random.choice((0, 1, 0x7F, 0x80, 0xFF)),)) + value[at + 1 :]


def _fields(data: bytes) -> list[Field]:
    """Return the fields of a message, or nothing when these bytes are none."""
    at, found = 0, list[Field]()
    while at < len(data) and len(found) < _MOST:
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            found.append((number, wire, value))
        elif wire in (1, 2, 5):
            size, at = _varint(data, at) if wire == 2 else (8 if wire == 1 else 4, at)
            if size > len(data) - at:
                return []
            found.append((number, wire, data[at : at + size]))
            at += size
        else:
            return []
        if number < 1 or at > len(data):
            return []
    return found if at == len(data) else []


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            return 0, len(data) + 1
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            break
    return value, at


def _field(number: int, wire: int, value: int | bytes, random: Random) -> bytes:
    key = _encoded(number << 3 | wire)
    if isinstance(value, int):
        return key + _encoded(value)
    if wire != 2:
        return key + value
    size = len(value)
    if random.random() < 0.002:
        size = random.choice((size + 1, max(size - 1, 0), 2**31, 2**62, 2**64 - 1))
    return key + _encoded(size) + value


def _encoded(value: int) -> bytes:
    value &= (1 << 64) - 1
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))
