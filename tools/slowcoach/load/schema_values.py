"""Values for JSON schemas: those that a schema states, and numbers and texts within its bounds."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

_LONGEST_TEXT = 2_000
_WORD = "load"
_LONGEST_PATTERN = 300
_MOST_SIGNS = 10_000
_NESTED = re.compile(r"[+*}]\??\)+\s*[+*{]|\|[^()]*\)\s*[+*{]|\\\d")
_COUNTS = re.compile(r"\{\d*,?(\d+)\}")
_TEXTS: Mapping[str, str] = {
    "date-time": "2026-01-15T12:00:00Z",
    "date": "2026-01-15",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "load@example.com",
    "idn-email": "load@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uri-reference": "/",
    "byte": "bG9hZA==",
    "base64": "bG9hZA==",
    "binary": "load",
}


class UnknowableError(Exception):
    """A value that cannot be made up; its text says why."""


def stated(node: Mapping[str, Any]) -> tuple[bool, Any]:
    """Return whether a schema, parameter or body states a value itself, and the value."""
    for key in ("example", "const", "default"):
        if node.get(key) is not None:
            return True, node[key]
    examples = node.get("examples")
    if isinstance(examples, list) and examples:
        return True, examples[0]
    if isinstance(examples, dict):  # named ones, of a parameter or a body
        for example in examples.values():
            if isinstance(example, dict) and "value" in example:
                return True, example["value"]
    options = node.get("enum")
    if isinstance(options, list) and options:
        return True, next((each for each in options if each is not None), None)
    return False, None


def number(schema: Mapping[str, Any], *, whole: bool) -> int | float:
    """Return a number within a schema's bounds, as near to 1 as they allow."""
    low, high = _bound(schema, "minimum", 1), _bound(schema, "maximum", -1)
    value = 1.0
    if low is not None and value < low:
        value = low
    if high is not None and value > high:
        value = high
    step = schema.get("multipleOf")
    if isinstance(step, int | float) and step > 0:
        value = -(-value // step) * step
    return int(value) if whole or float(value).is_integer() else value


def _bound(schema: Mapping[str, Any], name: str, inwards: int) -> float | None:
    plain, exclusive = schema.get(name), schema.get(f"exclusive{name.capitalize()}")
    if isinstance(exclusive, int | float) and not isinstance(exclusive, bool):
        return exclusive + inwards
    if not isinstance(plain, int | float):
        return None
    return plain + inwards if exclusive is True else plain


def text(schema: Mapping[str, Any]) -> str:
    """Return a text of a schema's format, pattern and length; raises UnknowableError."""
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        return _of_pattern(pattern, schema)
    value = _TEXTS.get(str(schema.get("format")), _WORD)
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and len(value) < least <= _LONGEST_TEXT:
        value += "x" * (least - len(value))
    return value[:most] if isinstance(most, int) and most >= 0 else value


def _of_pattern(pattern: str, schema: Mapping[str, Any]) -> str:
    """Return a text that a pattern matches: a usual one, or one that `rstr` makes."""
    tried = [_TEXTS.get(str(schema.get("format")), _WORD), *_TEXTS.values(), "1", "A1", "LOAD", "a"]
    shortest = schema.get("minLength")
    least = shortest if isinstance(shortest, int) else 0
    try:
        compiled = re.compile(pattern)
    except re.error:
        raise UnknowableError("a pattern that Python does not know") from None
    for each in tried:
        if compiled.search(each) and len(each) >= least:
            return each
    try:
        import random

        import rstr
    except ImportError:
        raise UnknowableError("a pattern without an example (the extra `openapi` helps)") from None
    made: str = rstr.Rstr(random.Random(1)).xeger(pattern)  # noqa: S311 - a sample
    return made


def modern(document: Any) -> Any:
    """Return a document in which schemas of OpenAPI 3.0 are those of 3.1: null is a type, bounds
    are numbers. Alternatives need not exclude each other; patterns that may take forever are gone.
    """
    return _modern(document, {})


def _modern(node: Any, known: dict[int, Any]) -> Any:
    if id(node) in known:
        return known[id(node)]  # YAML's anchors: what is written once stays one
    if isinstance(node, list):
        items: list[Any] = []
        known[id(node)] = items
        items += [_modern(each, known) for each in node]
        return items
    if not isinstance(node, dict):
        return node
    new: dict[str, Any] = {}
    known[id(node)] = new
    new.update({str(key): _modern(value, known) for key, value in node.items()})
    if new.get("nullable") is True and isinstance(new.get("type"), str):
        new["type"] = [new["type"], "null"]
    if isinstance(new.get("oneOf"), list) and "anyOf" not in new:
        new["anyOf"] = new.pop("oneOf")
    if isinstance(new.get("pattern"), str) and not is_bounded(new["pattern"]):
        del new["pattern"]
    _bounds_as_numbers(new)
    return new


def _bounds_as_numbers(schema: dict[str, Any]) -> None:
    for name in ("minimum", "maximum"):
        exclusive = f"exclusive{name.capitalize()}"
        if schema.get(exclusive) is True and name in schema:
            schema[exclusive] = schema.pop(name)
        elif isinstance(schema.get(exclusive), bool):
            del schema[exclusive]


def is_bounded(pattern: str) -> bool:
    """Tell whether a pattern is matched, and a text for it made, in little time and memory."""
    if len(pattern) > _LONGEST_PATTERN or _NESTED.search(pattern):
        return False
    return math.prod(int(most) for most in _COUNTS.findall(pattern) if int(most)) <= _MOST_SIGNS


def as_text(value: Any) -> str:
    """Return a value as a path or a query holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, default=str)
